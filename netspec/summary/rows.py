"""The layers of a network as rows, equal neighbours as one, and the parts of a composition as sections."""

from collections.abc import Iterator
from itertools import groupby
from math import prod
from typing import NamedTuple

from netspec.graph.walk import Frames, called
from netspec.operations import Affine, Call, Elementwise, Graph, Repeat, Shape
from netspec.summary.owned import Held, bare


class Row(NamedTuple):
    """Layers that are equal and follow one another, the first of them number k: h_{k+1} = a[β_k + Ω_k h_k].

    `output` is the shape of h_{k+1}; `tensors` are the shapes of one layer's tensors by their roles, `parameters` how
    many numbers those of one layer hold. `last` marks the layer that gives the part's output, y; `held` are the tensors
    once more, with those that are tied.
    """

    k: int
    layers: int
    affine: Affine
    activation: Elementwise | None
    output: Shape
    tensors: tuple[tuple[str, Shape], ...]
    parameters: int
    last: bool = False
    held: tuple[Held, ...] = ()

    @property
    def operation(self) -> str:
        """What a layer computes: `affine, relu`."""
        return self.affine.keyword if self.activation is None else f"{self.affine.keyword}, {self.activation}"

    @property
    def total(self) -> int:
        """The parameters of all the layers of the row."""
        return self.layers * self.parameters


class Section(NamedTuple):
    """A part of a composition, or the network itself (level 0, no name).

    `name` is what its tensors' names begin with, without the dot. `rows` is empty for a part that is composed of
    others, which follow one level deeper, and where a shared network was met before (`first` is false).
    """

    level: int
    name: str
    first: bool
    rows: tuple[Row, ...]


def sections(graph: Graph) -> Iterator[Section]:
    """Yield the network and the parts within it in the order in which they are applied.

    A shared network is entered once. The cost grows with what is written: a stretch of equal layers is one row, and
    a file that is used again is not read again.
    """
    met: set[str] = set()
    known: dict[int, tuple[Row, ...]] = {}

    def enter(graph: Graph, frames: Frames, level: int, first: bool) -> Iterator[Section]:
        calls = [node for node in graph.operations if isinstance(node, Call)]
        if not calls and id(graph) not in known:
            known[id(graph)] = rows(graph)
        yield Section(level, frames[-1].removesuffix("."), first, known[id(graph)] if first and not calls else ())
        for call in calls if first else ():
            within = called(frames, call)
            fresh = not call.shared or within[-1] not in met
            met.add(within[-1])
            yield from enter(call.body, within, level + 1, fresh)

    return enter(graph, ("",), 0, True)


def rows(graph: Graph) -> tuple[Row, ...]:
    """Return the layers of a part that calls no others, numbered from k = 0; the last one stands alone."""
    *hidden, last = layers(graph, range(len(graph)))
    found: list[Row] = []
    for _, group in groupby(hidden, lambda row: row[2:]):
        equal = list(group)
        found.append(equal[0]._replace(layers=sum(row.layers for row in equal)))
    return (*found, last._replace(last=True))


def layers(graph: Graph, stretch: range) -> list[Row]:
    """Return the affine maps of a stretch of operations, each with the activation on it; one row for each repeat."""
    found: list[Row] = []
    k = 0
    for index in stretch:
        node = graph.operations[index]
        if isinstance(node, Elementwise):
            found[-1] = found[-1]._replace(activation=node)
            continue
        if isinstance(node, Repeat):
            (layer,) = layers(node.body, range(len(node.body)))
            row = layer._replace(k=k, layers=node.times)
        elif isinstance(node, Affine):
            own = graph.parameters[index]
            tensors = tuple((parameter.role, parameter.shape) for parameter in own)
            size = sum(prod(shape) for _, shape in tensors)
            ours = tuple(Held(each.role, each.shape, tied=bare(each.name) if each.tied else "") for each in own)
            row = Row(k, 1, node, None, graph.shapes[graph.result(index)], tensors, size, held=ours)
        else:
            raise TypeError("a part that calls others has no layers of its own")
        found.append(row)
        k += row.layers
    return found
