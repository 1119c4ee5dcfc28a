"""The layers of a graph, as the list that a reader of the spec sees, whichever body says them.

A list of layers has its items; a fully connected network its hidden layers and y, equal neighbours as one with a count;
a composition the networks that it applies. What is within a part, a repeat or an `mlp` is a list of its own, made when
it is needed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from netspec.graph.records import renamed
from netspec.layers.layer import Strict
from netspec.operations import FUNCTIONS, Affine, Call, Elementwise, Graph, Node, Parameter, Path, Repeat, Shape
from netspec.review.matching import Key
from netspec.review.spelling import span, value
from netspec.sizes import Size
from netspec.spec import REPEAT, Composition, FullyConnected, Item, Part

HIDDEN: Final = "hidden layer"
"""The word of a hidden layer of a fully connected network; no name of a spec has a space."""

OUTPUT: Final = "output layer"
"""The word of the map out of the last hidden layer."""

ACTIVATION: Final = "an activation"
"""The word of a layer that is an activation, so that another one in its place is a change of it."""

_MOST_UNITS: Final = 512
"""Hidden layers that are matched one by one; in deeper networks equal neighbours are matched together."""


class Segment(NamedTuple):
    """Rounds of a `repeat` that are alike: the number of the first, how many, their graph, and the operation."""

    first: int
    times: int
    body: Graph
    operation: int


class Layer:
    """One layer of a list.

    `name` is what its tensors begin with, or what a reader calls it; `given` whether the spec gives the name; `word`
    what it is; `fields` its arguments, evaluated, as text, and `said` those that the spec writes; `stretch` its
    operations in `graph`, `path` where its text stands. `kin` is the word by which it is matched: that of the other
    list where a block is called otherwise. `items` are those of a repeat. A layer of a fully connected network stands
    for `times` of them, those from `offset` on of what the graph has as equal ones.
    """

    def __init__(
        self,
        graph: Graph,
        name: str,
        word: str,
        fields: Mapping[str, str],
        stretch: Sequence[int],
        path: Path,
        *,
        given: bool = False,
        items: tuple[Item, ...] = (),
        times: int = 1,
        offset: int = 0,
        said: Collection[str] | None = None,
    ) -> None:
        self.graph, self.name, self.word, self.fields = graph, name, word, fields
        self.kin = word
        self.stretch, self.path, self.given, self.items = stretch, path, given, items
        self.times, self.offset = times, offset
        self.said = fields if said is None else said
        # A layer of a fully connected network, which is a chain and all said by its fields.
        self.connected = word in (HIDDEN, OUTPUT)

    @property
    def number(self) -> int:
        """Which hidden layer it is, the first of several: 2 of `h_2` and of `h_{2…5}`."""
        return int(self.name.removeprefix("h_").strip("{}").partition("…")[0])

    @property
    def call(self) -> Call | None:
        """The part that it applies."""
        node = self.graph.operations[self.stretch[0]] if self.stretch else None
        return node if isinstance(node, Call) else None

    @property
    def segments(self) -> list[Segment]:
        """The rounds of a `repeat` of a list, those alike together; empty for any other layer."""
        if self.word != REPEAT:
            return []
        found: list[Segment] = []
        first = 0
        for index in self.stretch:
            node = self.graph.operations[index]
            if isinstance(node, Repeat):
                found.append(Segment(first, node.times, node.body, index))
                first += node.times
        return found

    @property
    def nested(self) -> bool:
        """Whether it is made of layers: a part, the rounds of a repeat, an `mlp`."""
        return not self.connected and (self.word in (REPEAT, "mlp") or self.call is not None)

    @cached_property
    def record(self) -> str:
        """What it computes, and of which of the values that come in; layers within it are left out."""
        return self.recorded({})

    def recorded(self, names: Mapping[str, Size]) -> str:
        """Return the record with the free sizes called otherwise."""
        if self.connected or self.nested:
            return ""
        own: dict[int, str] = {}
        coming: dict[int, str] = {}
        parts = []
        for place, index in enumerate(self.stretch):
            node = self.graph.operations[index]
            for tensor in self.graph.operands[index]:
                if tensor not in own:
                    coming.setdefault(tensor, f"x{len(coming)}")
            read = ",".join(own.get(tensor) or coming[tensor] for tensor in self.graph.operands[index])
            own |= {tensor: f"{place}.{i}" for i, tensor in enumerate(self.graph.results[index])}
            parts.append(f"{_record(node, names)}<{read}")
        return ";".join(parts)

    @property
    def key(self) -> Key:
        """What it is matched by."""
        shapes = self.graph.shapes
        reads = self.graph.operands[self.stretch[0]] if self.connected else self.reads
        shape = ",".join([str(size) for tensor in reads for size in shapes[tensor]])
        return Key(
            self.name if self.given else None,
            self.name,
            self.kin,
            tuple(sorted(self.fields.items())),
            f"{'' if self.connected else self.record}:{shape}:{self.times}",
            self.nested,
        )

    @cached_property
    def reads(self) -> list[int]:
        """The tensors that come in, in the order in which its operations read them, each once."""
        own = {tensor for index in self.stretch for tensor in self.graph.results[index]}
        return list(dict.fromkeys(t for index in self.stretch for t in self.graph.operands[index] if t not in own))

    @property
    def parameters(self) -> Iterator[Parameter]:
        """The tensors of its own operations, tied ones too; of one among equal layers."""
        for index in self.stretch:
            node = self.graph.operations[index]
            if isinstance(node, Repeat) and not self.nested:
                for own in node.body.parameters:
                    yield from own
            else:
                yield from self.graph.parameters[index]

    @property
    def shape(self) -> Shape | None:
        """The shape of its result; None where it has no operation."""
        return self.graph.shapes[self.graph.result(self.stretch[-1])] if self.stretch else None


def outline(graph: Graph, items: Sequence[Item | None] | None = None) -> list[Layer]:
    """Return the layers of a part's graph, or of the rounds whose `items` are given."""
    part = graph.part
    if items is None and isinstance(part, Part):
        if isinstance(part.body, FullyConnected):
            return hidden(graph, range(len(graph)))
        if isinstance(part.body, Composition):
            return list(_composed(graph, part))
        items = part.items
    return list(_listed(graph, [item for item in items or () if item is not None]))


def hidden(graph: Graph, stretch: Sequence[int], item: Path = ()) -> list[Layer]:
    """Return the layers of a fully connected stretch: h_1 … h_K and y, what the graph has as equal ones as one.

    `item` leads to the `mlp` that it is, where it is one.
    """
    found: list[Layer] = []
    k = 0
    last = len(stretch)
    place = 0
    while place < last:
        start, index = place, stretch[place]
        place += 1
        node = graph.operations[index]
        if isinstance(node, Repeat):
            affine, *rest = node.body.operations
            times = node.times
        else:
            affine, times = node, 1
            rest = []
            if place < last and isinstance(graph.operations[stretch[place]], Elementwise):
                rest = [graph.operations[stretch[place]]]
                place += 1
        if not isinstance(affine, Affine):
            raise TypeError("a fully connected network is of affine maps and activations")
        activation = next((str(each) for each in rest if isinstance(each, Elementwise)), "none")
        word = OUTPUT if place >= last else HIDDEN
        name = "y" if word == OUTPUT else f"h_{span(k + 1, k + times)}"
        fields = {"width": str(affine.width), "activation": activation}
        path = graph.paths[index]
        if item:
            path = (*item, "mlp", *path[len(item) :])
        found.append(Layer(graph, name, word, fields, stretch[start:place], path, times=times))
        k += times
    return found


def few(layers: Sequence[Layer]) -> bool:
    """Whether the layers of a fully connected network are few enough to be matched one by one."""
    return sum(layer.times for layer in layers) <= _MOST_UNITS


def one_by_one(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers of a fully connected network each for itself."""
    found: list[Layer] = []
    for layer in layers:
        if layer.times == 1 and (layer.path[-2:-1] != ("widths",) or layer.path[-1] == len(found)):
            found.append(layer)
            continue
        for offset in range(layer.times):
            name = layer.name if layer.word != HIDDEN else f"h_{len(found) + 1}"
            path = layer.path
            if path[-2:-1] == ("widths",) and isinstance(path[-1], int):
                path = (*path[:-1], len(found))
            found.append(Layer(layer.graph, name, layer.word, layer.fields, layer.stretch, path, offset=offset))
    return found


def part_of(layer: Layer, start: int, stop: int) -> Layer:
    """Return the hidden layers from `start` up to `stop` of those that a layer stands for."""
    name = f"h_{span(layer.number + start, layer.number + stop - 1)}"
    return Layer(
        layer.graph, name, layer.word, layer.fields, layer.stretch, layer.path, times=stop - start,
        offset=layer.offset + start,
    )  # fmt: skip


def together(layers: Sequence[Layer], breaks: Sequence[bool]) -> tuple[list[Layer], list[int]]:
    """Return the layers with those of one stretch together, but where a break stands before one; and for each layer the
    number of the one that it is in.
    """
    found: list[Layer] = []
    places: list[int] = []
    for layer, breaks_here in zip(layers, breaks, strict=True):
        if not breaks_here and found:
            first = found.pop()
            found.append(part_of(first, 0, first.times + layer.times))
        else:
            found.append(layer)
        places.append(len(found) - 1)
    return found, places


def _composed(graph: Graph, part: Part) -> Iterator[Layer]:
    """Yield the networks of a composition."""
    for index, entry in enumerate(part.entries):
        yield Layer(graph, entry.name, "network", {}, (index,), entry.path, given=True)


def _listed(graph: Graph, items: Sequence[Item]) -> Iterator[Layer]:
    """Yield the items of a list with their operations."""
    start = 0
    for item in items:
        end = start
        while end < len(graph) and graph.paths[end][: len(item.path)] == item.path:
            end += 1
        stretch = range(start, end)
        start = end
        word = ACTIVATION if item.word in FUNCTIONS and not item.part else item.word
        if item.word == REPEAT and not item.part:
            inner = tuple(each for each in item.inner if each is not None)
            fields = {} if stretch else {"times": "0"}
            yield Layer(graph, item.name, word, fields, stretch, item.path, given=item.named, items=inner)
            continue
        fields = _fields(graph, item, stretch)
        if word == ACTIVATION:
            fields = {"function": item.word, **fields}
        yield Layer(
            graph, item.name, word, fields, stretch, item.path, given=item.named, said=(*item.fields, "function")
        )


def _fields(graph: Graph, item: Item, stretch: Sequence[int]) -> dict[str, str]:
    """Return what is written of an item with defaults, its sizes evaluated; of an `mlp` its layers say it."""
    part = graph.part
    if not isinstance(part, Part):
        return {}
    if item.part:
        node = graph.operations[stretch[0]] if stretch else None
        inner = node.body.part if isinstance(node, Call) else None
        given = inner.settings if isinstance(inner, Part) and not (isinstance(node, Call) and node.shared) else {}
        return {name: value(each) for name, each in given.items()}
    model = part.models.get(item.path)
    if not isinstance(model, Strict) or item.word == "mlp":
        return {}
    return {name: value(each) for name, each in model if each is not None}


def _record(node: Node, names: Mapping[str, Size]) -> str:
    if isinstance(node, Repeat):
        return f"{node.times}({';'.join(_record(each, names) for each in node.body.operations)})"
    if isinstance(node, Call):
        return "call"
    return (renamed(node, dict(names)) if names else node).record()


__all__ = [
    "ACTIVATION",
    "HIDDEN",
    "OUTPUT",
    "Layer",
    "Segment",
    "few",
    "hidden",
    "one_by_one",
    "outline",
    "part_of",
    "together",
]
