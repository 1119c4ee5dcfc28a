"""The graph as networkx sees it: layers as nodes, the values between them as edges.

A graph of columns is what inference and the compiler want; the view is what people and graph algorithms want. It is
made when asked for, and costs as much as what is written unless repeats are unrolled.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from netspec.diagnostics import SystemFault
from netspec.graph.walk import NO_CALL, Frames, called
from netspec.limits import TENSORS
from netspec.operations import Affine, Call, Elementwise, Graph, Path, Repeat, Shape, spell
from netspec.spec import Part
from netspec.spec.document import spell as spell_path

if TYPE_CHECKING:
    import networkx

    View: TypeAlias = networkx.MultiDiGraph

Rounds = tuple[int, ...]


def view(graph: Graph, *, unrolled: bool = False) -> "View":
    """Return the network as a directed graph without cycles: a node for each layer, an edge for each value it reads.

    An affine map and the activation on its result are one layer, as the lecture counts them. Nodes are in topological
    order and named as the field writes values: `in`, `h_1` … `h_K`, `y` (what gives a part's only output), `out`;
    within a part after its name and a dot (`fold.h_1`), the second use of a shared network after `tower_2.`. Equal
    layers in a row that the spec says as a count are one node, named by the first of them, unless `unrolled`. A node
    has

    - `kind`: `input`, `output`, `affine`, the name of an activation that stands alone, or `repeat` for a count of
      several layers together;
    - `label`: its name within its part as people read it (`h_2 … h_9`), and `activation`, as a spec writes it, or "";
    - `shape`: of its result, without the batch axis; `count`: how many layers it stands for;
    - `tensors`: name to shape, in the first round of a repeat, and `last`: the names in its last round;
    - `parameters`: how many numbers they hold, all rounds; where `shared` is true, they were counted at a node before,
      so that those of the nodes that are not shared add up to the network's;
    - `parts`: the parts around it, the outermost first, each a key of `view.graph["parts"]`;
    - `path`, `file`, `line`, `column`: where the spec says it; None where there is no spec;
    - `generation`: edges on the longest way from the input, for `networkx.multipartite_layout(view, "generation")`.

    The key of an edge and its `operand` are which operand of its head it is, from 0; `shape` is that of the value, and
    `depth` how many hidden layers its head adds: `networkx.dag_longest_path_length(view, "depth")` is the network's.

    `view.graph` has the network's `name`, and `parts`: each part within it, by its dotted name, with its own `name`,
    the `network` that it is, `shared`, `path`, `file`, `line` and `column`.

    Raises SystemFault `too-many-tensors` where unrolling would give more than a network may have that is built.

    Example:
        >>> from netspec.validation import check_text
        >>> graph = check_text("netspec: 1\\ninput: 1\\nK: 9\\nwidths: 3\\noutput: 1\\n").graph
        >>> [(name, node["count"]) for name, node in view(graph).nodes.items()]
        [('in', 1), ('h_1', 1), ('h_2', 8), ('y', 1), ('out', 1)]
    """
    if unrolled:
        tensors = _tensors_at_each_use(graph)
        if tensors > TENSORS.value:
            raise SystemFault(
                TENSORS.code,
                f"unrolled, the graph has {tensors:,} tensors; the limit is {TENSORS.value:,}",
                "without unrolling, equal layers are one node with a count",
            )
    return _View(unrolled).make(graph)


class _Frame(NamedTuple):
    """The part that is being walked: its name, those around it first, and whether its tensors are met first here."""

    parts: tuple[str, ...] = ()
    frames: Frames = ("",)
    first: bool = True

    @property
    def prefix(self) -> str:
        """What the names of its nodes begin with."""
        return f"{self.parts[-1]}." if self.parts else ""


class _Names:
    """The names within one use of a part: its layers are numbered as they come, parts are told apart by a number."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._layers = 0
        self._taken: set[str] = set()
        self._declared = {spell(node.name, ()) for node in graph.operations if isinstance(node, Call)}

    def layer(self, result: int | None, layers: int) -> tuple[str, str]:
        """Return name and label of a node for so many layers; `result` is its tensor, None within a repeat."""
        if layers == 1 and self._graph.outputs == (result,):
            return "y", "y"
        first, self._layers = self._layers + 1, self._layers + layers
        return f"h_{first}", f"h_{first}" if layers == 1 else f"h_{first} … h_{self._layers}"

    def part(self, name: str) -> str:
        """Return the name of a part that is used: its own, and for a further use the first `name_2` that is free."""
        free, number = name, 1
        while free in self._taken or (number > 1 and free in self._declared):
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        return free


class _View:
    """Builds the view: nodes in the order of the graph, edges when all of them are known."""

    def __init__(self, unrolled: bool) -> None:
        import networkx

        self.networkx = networkx
        self.view = networkx.MultiDiGraph()
        self.unrolled = unrolled
        self.edges: list[tuple[str, str, int, Shape]] = []
        self.hidden: dict[str, int] = {}
        self.activated: set[str] = set()
        self.met: set[str] = set()

    def make(self, graph: Graph) -> "View":
        """Return the finished view."""
        self.view.graph.update(name=graph.part.name if isinstance(graph.part, Part) else "", parts={})
        inputs = [self._end("in", number, "input", shape, _input(graph)) for number, shape in enumerate(graph.inputs)]
        results = self._enter(graph, inputs, _Frame(), _Names(graph), ())
        for number, (result, shape) in enumerate(zip(results, graph.output_shapes, strict=True)):
            self.hidden[result] -= result in self.activated  # what leaves the network is no hidden layer
            self.edges.append((result, self._end("out", number, "output", shape, _output(graph)), 0, shape))
        for tail, head, operand, shape in self.edges:
            self.view.add_edge(tail, head, operand, operand=operand, shape=shape, depth=self.hidden[head])
        for generation, names in enumerate(self.networkx.topological_generations(self.view)):
            for name in names:
                self.view.nodes[name]["generation"] = generation
        return self.view

    def _end(self, name: str, number: int, kind: str, shape: Shape, said: dict[str, object]) -> str:
        """Add the node where a value comes in or leaves, and return its name."""
        name = f"{name}_{number + 1}" if number else name
        self.view.add_node(
            name, kind=kind, label=name, activation="", shape=shape, count=1, tensors={}, last=(), parameters=0,
            shared=False, parts=(), **said,
        )  # fmt: skip
        self.hidden[name] = 0
        return name

    def _enter(self, graph: Graph, inputs: list[str], frame: _Frame, names: _Names, rounds: Rounds) -> list[str]:
        """Add the nodes of a graph that reads what the nodes `inputs` give, and return those that its outputs are."""
        values = list(inputs)
        readers = Counter(tensor for operands in graph.operands for tensor in operands)
        readers.update(graph.outputs)
        index = 0
        while index < len(graph):
            node = graph.operations[index]
            read = [values[tensor] for tensor in graph.operands[index]]
            last = index
            if isinstance(node, Call):
                if rounds:
                    raise TypeError(NO_CALL)
                within = self._part(graph, index, node, frame, names)
                values += self._enter(node.body, read, within, _Names(node.body), ())
            elif isinstance(node, Repeat) and self.unrolled:
                for number in range(node.times):
                    read = self._enter(node.body, read, frame, names, (*rounds, number))
                values += read
            else:
                last += _takes_the_next(graph, index, readers)
                name = self._layer(graph, index, last, frame, names, rounds)
                for operand, (tail, shape) in enumerate(zip(read, graph.operand_shapes(index), strict=True)):
                    self.edges.append((tail, name, operand, shape))
                values += [name] * (last + 1 - index)
            index = last + 1
        return [values[tensor] for tensor in graph.outputs]

    def _part(self, graph: Graph, index: int, call: Call, frame: _Frame, names: _Names) -> _Frame:
        """Record the part that is called, and return the frame within it."""
        frames = called(frame.frames, call)
        first = frames[-1] not in self.met if call.shared else frame.first
        self.met.add(frames[-1])
        name = names.part(spell(call.name, ()))
        key = frame.prefix + name
        inner = call.body.part
        self.view.graph["parts"][key] = {
            "name": name,
            "network": inner.name if isinstance(inner, Part) else name,
            "shared": not first,
            **_said(graph, graph.paths[index]),
        }
        return _Frame((*frame.parts, key), frames, first)

    def _layer(self, graph: Graph, start: int, last: int, frame: _Frame, names: _Names, rounds: Rounds) -> str:
        """Add the node that the operations `start` to `last` are, and return its name."""
        stretch = range(start, last + 1)
        node, end = graph.operations[start], graph.operations[last]
        layers, times = 1, 1
        if isinstance(node, Repeat):
            body, times = node.body, node.times
            layers, node, end = _layers(body), body.operations[0], body.operations[-1]
        kind = "repeat" if layers > 1 or isinstance(node, Repeat | Call) else node.keyword
        local, label = names.layer(None if rounds or times > 1 else graph.result(last), layers * times)
        name, tensors = frame.prefix + local, frame.frames[-1]
        owned = [item for index in stretch for item in _owned(graph, index, rounds, final=False)]
        final = [item for index in stretch for item in _owned(graph, index, rounds, final=True)]
        self.view.add_node(
            name,
            kind=kind,
            label=label,
            activation=str(end) if kind == "affine" and isinstance(end, Elementwise) else "",
            shape=graph.shapes[graph.result(last)],
            count=times,
            tensors={tensors + spelled: shape for spelled, shape in owned},
            last=tuple(tensors + spelled for spelled, _ in final),
            parameters=sum(_parameters(graph, index) for index in stretch),
            shared=bool(owned) and not frame.first,
            parts=frame.parts,
            **_said(graph, graph.paths[start]),
        )
        self.hidden[name] = sum(_hidden(graph, index) for index in stretch)
        if isinstance(_ending(graph, last), Elementwise):
            self.activated.add(name)
        return name


def _takes_the_next(graph: Graph, index: int, readers: Counter[int]) -> bool:
    """Whether an affine map and the operation behind it are one layer: an activation, and nobody else reads the map."""
    after = index + 1
    return (
        isinstance(graph.operations[index], Affine)
        and after < len(graph)
        and isinstance(graph.operations[after], Elementwise)
        and graph.operands[after] == (graph.result(index),)
        and readers[graph.result(index)] == 1
    )


def _layers(graph: Graph) -> int:
    """Return how many layers a repeat's body is: an affine map and its activation are one, inner repeats multiply."""
    readers = Counter(tensor for operands in graph.operands for tensor in operands)
    readers.update(graph.outputs)
    count = 0
    for index, node in enumerate(graph.operations):
        if isinstance(node, Repeat):
            count += node.times * _layers(node.body)
        elif isinstance(node, Call):
            raise TypeError(NO_CALL)
        else:
            count += 1 - _takes_the_next(graph, index, readers)
    return count


def _owned(graph: Graph, index: int, rounds: Rounds, *, final: bool) -> Iterator[tuple[str, Shape]]:
    """Yield name and shape of each tensor of an operation, in the first or the final round of the repeats within it."""
    node = graph.operations[index]
    if isinstance(node, Repeat):
        for inner in range(len(node.body)):
            yield from _owned(node.body, inner, (*rounds, node.times - 1 if final else 0), final=final)
    for parameter in graph.parameters[index]:
        yield spell(parameter.name, rounds), parameter.shape


def _parameters(graph: Graph, index: int) -> int:
    """Return how many numbers an operation learns, all rounds of a repeat together."""
    node = graph.operations[index]
    if isinstance(node, Repeat):
        return node.times * sum(_parameters(node.body, inner) for inner in range(len(node.body)))
    return sum(prod(parameter.shape) for parameter in graph.parameters[index])


def _tensors_at_each_use(graph: Graph) -> int:
    """Return how many tensors the graph reads, those of a shared network at each use."""
    count = sum(map(len, graph.parameters))
    for node in graph.operations:
        if isinstance(node, Repeat):
            count += node.times * _tensors_at_each_use(node.body)
        elif isinstance(node, Call):
            count += _tensors_at_each_use(node.body)
    return count


def _hidden(graph: Graph, index: int) -> int:
    """Return the most activations on a way through an operation, all rounds of a repeat together."""
    node = graph.operations[index]
    if not isinstance(node, Repeat):
        return int(isinstance(node, Elementwise))
    body = node.body
    depth = [0] * len(body.shapes)
    for inner, operands in enumerate(body.operands):
        depth[body.result(inner)] = max(depth[tensor] for tensor in operands) + _hidden(body, inner)
    return node.times * max(depth[tensor] for tensor in body.outputs)


def _ending(graph: Graph, index: int) -> object:
    """Return the operation that an operation's result comes out of, within a repeat its last."""
    node = graph.operations[index]
    return _ending(node.body, node.body.outputs[0] - len(node.body.inputs)) if isinstance(node, Repeat) else node


def _said(graph: Graph, path: Path) -> dict[str, object]:
    """Return where the spec says what stands at a path of the graph's part, as attributes of a node."""
    part = graph.part
    if not isinstance(part, Part):
        return {"path": None, "file": None, "line": None, "column": None}
    document = part.document
    span = document.source.place(path).span
    return {
        "path": spell_path(path),
        "file": document.relative,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
    }


def _input(graph: Graph) -> dict[str, object]:
    """Return where the width of x is said: by the part itself, or by the network that reads it."""
    return _end(graph, "input", 0)


def _output(graph: Graph) -> dict[str, object]:
    """Return where the width of y is said: by the part itself, or by the network that gives it."""
    return _end(graph, "output", -1)


def _end(graph: Graph, key: str, index: int) -> dict[str, object]:
    part = graph.part
    while isinstance(part, Part) and part.document.source.node((*part.path, key)) is None:
        node = graph.operations[index]
        if not isinstance(node, Call):
            break
        graph, part = node.body, node.body.part
    return _said(graph, (*part.path, key) if isinstance(part, Part) else ())


def generations(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the nodes of a graph without cycles in generations: each after all that have an edge to it.

    Nodes of one generation are in the order in which they are given.
    """
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    return [list(generation) for generation in networkx.topological_generations(graph)]
