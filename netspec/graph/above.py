"""The tensors above a place in a list of layers that may be tied to, found by name."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.graph.origin import item_path
from netspec.graph.stretch import is_written
from netspec.graph.walk import Tensor, owned, tensors
from netspec.layers.faults import Path
from netspec.limits import TENSORS
from netspec.operations import Call, Graph, Name, Parameter, Repeat, Round, Tie

_NUMBERED: Final = re.compile(r"(.*?)(0|[1-9][0-9]*)")


class Above(NamedTuple):
    """A tensor of a list of layers as it is called from there, and where the item stands that it belongs to."""

    name: str
    tie: Tie
    path: Path


class Parts:
    """The tensors of the parts that are called somewhere, by their names within: found once for each part."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Graph, dict[str, Tensor]]] = {}

    def tensors(self, body: Graph) -> dict[str, Tensor]:
        """Return the tensors that a part owns; none where it is too large to be built.

        Those of a network that it only uses are called by the network's name, in the part that declares it.
        """
        if id(body) not in self._known:
            few = owned(body).tensors <= TENSORS.value
            self._known[id(body)] = (body, {each.name: each for each in tensors(body, own=True)} if few else {})
        return self._known[id(body)][1]


class Names:
    """The tensors of a graph that is being made, by what they are called in its list; it is looked through once."""

    def __init__(self, graph: Graph, parts: Parts) -> None:
        self.graph, self._parts = graph, parts
        self._read = 0
        self._own: dict[str, tuple[int, Parameter]] = {}
        self._equal: dict[str, list[tuple[int, int, Parameter, Round]]] = {}
        self._calls: dict[str, dict[Name, int]] = {}

    def find(self, target: str) -> Above | None:
        """Return the first tensor that is called so."""
        self._read_on()
        own = self._own.get(target)
        if own is not None:
            return _above(self.graph, own[0], own[1].name, own[1])
        numbered = _NUMBERED.fullmatch(target)
        for index, times, parameter, last in self._equal.get(numbered[1], ()) if numbered else ():
            if numbered and last.offset <= int(numbered[2]) < last.offset + times:
                return _above(self.graph, index, (*parameter.name[:-1], numbered[2]), parameter)
        first, _, within = target.partition(".")
        for name, index in self._calls.get(first, {}).items():
            node = self.graph.operations[index]
            tensor = self._parts.tensors(node.body).get(within) if isinstance(node, Call) else None
            if tensor is not None and isinstance(node, Call):
                return _called(self.graph, index, node, (*name, ".", tensor.name), tensor)
        return None

    def _read_on(self) -> None:
        """Look through what was appended to the graph."""
        graph = self.graph
        for index in range(self._read, len(graph)):
            node = graph.operations[index]
            if isinstance(node, Call):
                self._calls.setdefault(str(node.name[0]), {}).setdefault(node.name, index)
            elif isinstance(node, Repeat) and not is_written(graph, index):
                for parameter, last in _of_equal_layers(node):
                    self._equal.setdefault(bare(parameter.name[:-1]), []).append((index, node.times, parameter, last))
            else:
                for each in graph.parameters[index]:
                    if not each.tied:
                        self._own.setdefault(bare(each.name), (index, each))
        self._read = len(graph)


def listed_tensors(graph: Graph, parts: Parts) -> Iterator[Above]:
    """Yield the tensors of a graph that may be tied to, those of its rounds left out."""
    for index, node in enumerate(graph.operations):
        if isinstance(node, Call):
            for tensor in parts.tensors(node.body).values():
                yield _called(graph, index, node, (*node.name, ".", tensor.name), tensor)
        elif isinstance(node, Repeat) and not is_written(graph, index):
            for parameter, last in _of_equal_layers(node):
                for number in range(last.offset, last.offset + node.times):
                    yield _above(graph, index, (*parameter.name[:-1], str(number)), parameter)
        else:
            for each in graph.parameters[index]:
                if not each.tied:
                    yield _above(graph, index, each.name, each)


def bare(name: Name) -> str:
    """Return a name without the rounds in it, as it is called from the list that it stands in."""
    return re.sub(r"\.\.+", ".", "".join(part for part in name if isinstance(part, str)))


def _above(graph: Graph, index: int, name: Name, own: Parameter) -> Above:
    return Above(bare(name), Tie(name, 0, own.shape, own.learned), item_path(graph, index))


def _called(graph: Graph, index: int, node: Call, name: Name, tensor: Tensor) -> Above:
    tie = Tie(name, node.up if node.shared else 0, tensor.shape, tensor.parameter.learned)
    return Above(bare(name), tie, item_path(graph, index))


def _of_equal_layers(node: Repeat) -> Iterator[tuple[Parameter, Round]]:
    """Yield the tensors of the body of a stretch of equal layers within one layer, each with the number it ends in."""
    for own in node.body.parameters:
        for each in own:
            last = each.name[-1]
            if isinstance(last, Round) and not each.tied and node.times <= TENSORS.value:
                yield each, last
