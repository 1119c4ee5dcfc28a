"""The layers of a network that is a list of them: one row for each item as it is written, and each part once.

What repeats is one row with a count, and a block or a network is a row where it is applied and a section of its own, so
that a listing grows with what is written.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from netspec.operations import FUNCTIONS, Call, Elementwise, Graph, Repeat, Shape
from netspec.operations.attend import Attend
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.pool import Pool
from netspec.spec import REPEAT, Item, Layered, Part, Vocabulary, read_items
from netspec.summary.multiples import Multiples
from netspec.summary.numbers import dimensions
from netspec.summary.owned import Held, bare, held
from netspec.summary.rows import layers

_NAMED_READS: Final = 3  # values that a row names as read; a count beyond


class Outcome(NamedTuple):
    """A value that a layer gives: its name, where it is one of several that have names, and its shape."""

    name: str
    shape: Shape


class Line(NamedTuple):
    """One row: an item of the list, or what is within it, `level` deep.

    `layer` is its name, `word` what it is in the list, `detail` what is to be said of that, `activation` what acts on
    its result, `reads` the values that it names; `times` counts rounds. `parameters` are those of all rounds, a shared
    network's at its first use alone. `part` is the key of the section of the part that is applied.
    """

    level: int
    layer: str
    word: str
    outcomes: tuple[Outcome, ...]
    detail: str = ""
    activation: str = ""
    reads: tuple[str, ...] = ()
    times: int = 1
    tensors: tuple[Held, ...] = ()
    parameters: int = 0
    part: int | None = None
    shared: bool = False
    again: bool = False

    @property
    def read(self) -> str:
        """The values that it names as read, the first few of them: `(branch, in)`; nothing where it names none."""
        more = len(self.reads) - _NAMED_READS
        names = [*self.reads[:_NAMED_READS], f"… {more} more"] if more > 1 else list(self.reads)
        return f"({', '.join(names)})" if names else ""


class Listed(NamedTuple):
    """The network, or a part that it applies: its key, its name, the graph, and how often it is used in all."""

    key: int
    name: str
    graph: Graph
    lines: tuple[Line, ...]
    uses: int = 1
    shared: bool = False

    @property
    def settings(self) -> dict[str, object]:
        """The hyperparameters that are given where it is used."""
        part = self.graph.part
        return dict(part.settings) if isinstance(part, Part) and self.key else {}


def is_listed(graph: Graph) -> bool:
    """Whether the network, or a part within it, is a list of layers."""
    known: set[int] = set()

    def check(graph: Graph) -> bool:
        if id(graph) in known:
            return False
        known.add(id(graph))
        return (isinstance(graph.part, Part) and isinstance(graph.part.body, Layered)) or any(
            check(node.body) for node in graph.operations if isinstance(node, Call | Repeat)
        )

    return check(graph)


def listing(graph: Graph) -> tuple[Listed, ...]:
    """Return the network and the parts that it applies, each once, in the order in which they are met."""
    return _Listing(graph).found()


class _Listing:
    """Keeps the parts that were met: the network has the key 0, and a part the number in which it was met."""

    def __init__(self, graph: Graph) -> None:
        self.graphs = [graph]
        self.names = [""]
        self.keys = {id(graph): 0}
        self.shared = [False]
        self.numbers: dict[str, int] = {}
        self.multiples = Multiples(graph)
        self.met: set[int] = set()

    def found(self) -> tuple[Listed, ...]:
        found = []
        for key, graph in enumerate(self.graphs):  # which grows while it is read
            lines = tuple(self._lines(graph))
            uses = self.multiples.uses(graph)
            found.append(Listed(key, self.names[key], graph, lines, uses, self.shared[key] and uses > 1))
        return tuple(found)

    def _lines(self, graph: Graph) -> Iterator[Line]:
        part = graph.part
        if isinstance(part, Part) and isinstance(part.body, Layered):
            around = (part.networks, *part.around)
            vocabulary = Vocabulary(
                frozenset(name for networks in around for name in networks.blocks),
                frozenset(name for networks in around for name in networks.parts),
            )
            items, _ = read_items(part.document, (*part.path, "layers"), part.body.layers, vocabulary)
            names = graph.input_names or ("in",)
            shapes = dict(zip(names, graph.inputs, strict=True))
            above = graph.inputs[0]
            yield from self._items(_whole(items), graph, shapes, above, 0)
        elif any(isinstance(node, Call) for node in graph.operations):
            for index, node in enumerate(graph.operations):
                if isinstance(node, Call):
                    name = "".join(each for each in graph.layers[index] if isinstance(each, str))
                    yield self._applied(Line(0, name, name, _outcomes(graph, index)), node)
        else:
            yield from _connected(graph, range(len(graph)), 0)

    # -- a list of layers -------------------------------------------------------------------------------------------

    def _items(
        self, items: Sequence[Item], graph: Graph, shapes: dict[str, Shape], above: Shape, level: int, rounds: str = ""
    ) -> Iterator[Line]:
        """Yield the rows of items, whose operations are those of a graph; `rounds` tells which are in their names.

        An item without operations gives what it reads.
        """
        start = 0
        for item in items:
            end = start
            while end < len(graph) and graph.paths[end][: len(item.path)] == item.path:
                end += 1
            stretch = range(start, end)
            start = end
            if isinstance(item.reads, str):
                above = shapes.get(item.reads, above)
            for line in self._item(item, graph, stretch, shapes, above, level):
                yield line._replace(layer=line.layer + rounds) if line.level == level else line
            if stretch:
                above = graph.shapes[graph.result(stretch[-1])]
            shapes[item.name] = above

    def _item(
        self, item: Item, graph: Graph, stretch: range, shapes: dict[str, Shape], above: Shape, level: int
    ) -> Iterator[Line]:
        line = Line(level, item.name, item.word, (Outcome("", above),), reads=_reads(item))
        if item.word == REPEAT and not item.part:
            yield from self._repeated(line, item, graph, stretch, shapes)
        elif not stretch:
            yield line
        elif item.part:
            node = graph.operations[stretch[0]]
            if isinstance(node, Call):
                yield self._applied(line._replace(outcomes=_outcomes(graph, stretch[0])), node)
        elif item.word == "mlp":
            within = list(_connected(graph, stretch, level + 1))
            outcomes = (Outcome("", graph.shapes[graph.result(stretch[-1])]),)
            yield line._replace(outcomes=outcomes, parameters=sum(each.parameters for each in within))
            yield from within
        else:
            yield _layer(line, graph, stretch)

    def _applied(self, line: Line, call: Call) -> Line:
        """Return the row of a part that is applied; a network's parameters are told where it is met first."""
        body = call.body
        key = self._key(body, line.word, call.shared)
        again = call.shared and key in self.met
        self.met.add(key)
        return line._replace(
            part=key,
            shared=call.shared and self.multiples.uses(body) > 1,
            again=again,
            parameters=0 if again else self.multiples.parameters(body),
        )

    def _key(self, body: Graph, word: str, shared: bool) -> int:
        """Return the key of a part; further ones of the same name are told apart by a number."""
        if id(body) not in self.keys:
            self.keys[id(body)] = len(self.graphs)
            self.graphs.append(body)
            number = self.numbers[word] = self.numbers.get(word, 0) + 1
            self.names.append(word if number == 1 else f"{word} ({number})")
            self.shared.append(shared)
        return self.keys[id(body)]

    def _repeated(
        self, line: Line, item: Item, graph: Graph, stretch: range, shapes: dict[str, Shape]
    ) -> Iterator[Line]:
        """Yield the rows of a repeat: of rounds that are equal together, a list of one item without a row around it."""
        inner = _whole(item.inner)
        first = 0
        if not stretch:
            yield line._replace(times=0)
        for index in stretch:
            node = graph.operations[index]
            if not isinstance(node, Repeat):
                continue
            last = first + node.times - 1
            whole = len(stretch) == 1
            numbers = f".{first}" if first == last else f".{first} … {last:,}"
            known = {**shapes, "in": node.body.inputs[0]}
            single = len(inner) == 1 and not item.named and inner[0].word not in (REPEAT, "mlp")
            level = line.level if single else line.level + 1
            lines = list(self._items(inner, node.body, known, node.body.inputs[0], level, numbers if single else ""))
            if single:
                (row,) = lines
                parameters = row.parameters if row.shared else node.times * row.parameters
                yield row._replace(times=node.times, parameters=parameters)
            else:
                outcomes = (Outcome("", graph.shapes[graph.result(index)]),)
                detail = "" if whole else f"rounds {first:,} … {last:,}" if first < last else f"round {first:,}"
                parameters = node.times * self.multiples.parameters(node.body)
                yield line._replace(outcomes=outcomes, times=node.times, detail=detail, parameters=parameters)
                yield from lines
            first = last + 1


def _whole(items: Sequence[Item | None]) -> list[Item]:
    return [item for item in items if item is not None]


def _reads(item: Item) -> tuple[str, ...]:
    """Return the values that an item names as what it reads."""
    if isinstance(item.reads, str):
        return (item.reads,)
    if isinstance(item.reads, list):
        return tuple(str(each) for each in item.reads)
    if isinstance(item.reads, dict):
        return tuple(f"{name}: {value}" for name, value in item.reads.items())
    return ()


def _outcomes(graph: Graph, index: int) -> tuple[Outcome, ...]:
    """Return what a part that is applied gives."""
    node = graph.operations[index]
    names = node.body.output_names if isinstance(node, Call) else ()
    shapes = [graph.shapes[tensor] for tensor in graph.results[index]]
    return tuple(Outcome(name, shape) for name, shape in zip(names or ("",), shapes, strict=True))


def _layer(line: Line, graph: Graph, stretch: range) -> Line:
    """Return the row of a layer with what its operations own, and what of theirs it gives."""
    read = {tensor for index in stretch for tensor in graph.operands[index]}
    shapes = [graph.shapes[tensor] for index in stretch for tensor in graph.results[index] if tensor not in read]
    tensors = held(each for index in stretch for each in graph.parameters[index])
    operations = [graph.operations[index] for index in stretch]
    activations = [str(node) for node in operations if isinstance(node, Elementwise)]
    word, activation = line.word, activations[-1] if activations else ""
    if word in FUNCTIONS and activation:
        word, activation = activation, ""
    return line._replace(
        word=word,
        detail=next((detail for node in operations if (detail := _detail(node))), ""),
        activation=activation,
        outcomes=tuple(Outcome("", shape) for shape in shapes),
        tensors=tensors,
        parameters=sum(each.counted for each in tensors),
    )


def _detail(node: object) -> str:
    """Return what a layer's tensors do not tell: the window and how far it moves, 3×3/2; the heads of attention."""
    if isinstance(node, Convolve | ConvolveTransposed | Pool):
        kernel, stride = node.kernel, node.stride
        resting = kernel if isinstance(node, Pool) else (1,) * len(kernel)
        moves = dimensions(stride) if len(set(stride)) > 1 else str(stride[0])
        return dimensions(kernel) + (f"/{moves}" if stride != resting else "")
    if isinstance(node, Attend):
        heads = f"{node.heads} head{'' if node.heads == 1 else 's'}"
        return f"{heads}, causal" if node.causal else heads
    return ""


def _connected(graph: Graph, stretch: range, level: int) -> Iterator[Line]:
    """Yield the layers of a fully connected stretch, numbered from k = 0, equal neighbours as one."""
    for _, group in groupby(layers(graph, stretch), lambda row: row[2:]):
        rows = list(group)
        first, count = rows[0], sum(row.layers for row in rows)
        last = first.k + count - 1
        mark = f"_{first.k}" if count == 1 else "_k"
        yield Line(
            level,
            f"{first.k:,}" if count == 1 else f"{first.k:,} … {last:,}",
            first.affine.keyword,
            (Outcome("", first.output),),
            activation="" if first.activation is None else str(first.activation),
            times=count,
            tensors=tuple(
                each._replace(name=each.name if each.tied else each.name.partition("_")[0] + mark)
                for each in first.held
            ),
            parameters=count * sum(each.counted for each in first.held),
        )


__all__ = ["Held", "Line", "Listed", "Outcome", "bare", "is_listed", "listing"]
