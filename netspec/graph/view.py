"""The graph as networkx sees it: layers as nodes, the values between them as edges.

A graph of columns is what inference and the compiler want; the view is what people and graph algorithms want. It is
made when asked for, and costs as much as what is written unless repeats are unrolled.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from netspec.diagnostics import SystemFault
from netspec.graph.facts import lengths
from netspec.graph.origin import arguments_text, input_said, item_path, output_said, said, written_item
from netspec.graph.stretch import (
    Holding,
    Names,
    continues,
    ending,
    ends,
    first_round,
    holding,
    is_written,
    layer_count,
    numbered,
    readers,
    readings,
    rounds_depth,
    sizes_as_data,
    tensors_at_each_use,
)
from netspec.graph.walk import Frames, Rounds, called
from netspec.graph.walk import unrolled as count_unrolled
from netspec.limits import TENSORS
from netspec.operations import Call, Elementwise, Graph, Repeat, Shape, spell
from netspec.spec import Part

if TYPE_CHECKING:
    import networkx

    View: TypeAlias = networkx.MultiDiGraph

Repeats = Literal["node", "body", "rounds", "unrolled"]
"""How the rounds of a list are seen: as one node, as their layers once, as the first two and the last, or as all."""

_SHOWN_ROUNDS = 4  # rounds that are all seen one by one


def view(graph: Graph, *, unrolled: bool = False, repeats: Repeats = "node") -> "View":
    """Return the network as a directed graph without cycles: a node for each layer, an edge for each value it reads.

    In a list of layers a node is an item, named as its tensors are: `stem`, within a block `res.branch`. Elsewhere an
    affine map and the activation on its result are one layer, as the lecture counts them, named as the field writes
    values: `h_1` … `h_K`, `y` (what gives a part's only output), within a part after its name and a dot (`fold.h_1`),
    the second use of a shared network after `tower_2.`. Values come in at `in` and leave at `out`, or at the names of
    inputs, `tokens`, and of outputs, `out.logits`. Nodes are in topological order.

    Equal layers in a row that the spec says as a count are one node, named by the first of them. So are the rounds of
    a `repeat`, unless `repeats` says otherwise: with `body` its layers stand once within a part that has a `count`,
    named as in the first round (`res.0.branch`); with `rounds` the first two rounds and the last stand one by one; with
    `unrolled`, which `unrolled=True` says too, everything does. Rounds of another shape each stand for themselves. A
    node has

    - `kind`: `input`, `output`, `repeat` for several layers together, the word that an item of a list begins with;
      elsewhere `affine`, or the name of an activation that stands alone;
    - `label`: its name within its part as people read it (`h_2 … h_9`), and `activation`, as a spec writes it, or "";
    - `shape`: of its result, without the batch axis, a free size as its text; `count`: how many layers it stands for;
    - `tensors`: name to shape, in the first round of a repeat, and `last`: the names in its last round;
    - `parameters`: how many numbers they hold, all rounds; where `shared` is true, they were counted at a node before,
      so that those of the nodes that are not shared add up to the network's;
    - `parts`: the parts around it, the outermost first, each a key of `view.graph["parts"]`;
    - `path`, `file`, `line`, `column`: where the spec says it; None where there is no spec;
    - `generation`: edges on the longest way from the input, for `networkx.multipartite_layout(view, "generation")`;
    - `arguments`, of an item of a list: what else the spec says of it, as text; `rounds`, of a layer in a body that
      stands once: how many rounds its `parameters` are of.

    The key of an edge and its `operand` are which operand of its head it is, from 0; `shape` is that of the value, and
    `depth` how many hidden layers its head adds, with those of rounds that are not seen where it leaves them:
    `networkx.dag_longest_path_length(view, "depth")` is the network's.

    `view.graph` has the network's `name`, and `parts`: each part within it, by its dotted name, with its own `name`,
    the `network` that it is, `shared`, `path`, `file`, `line` and `column`, and of a repeat its `count`.

    Raises SystemFault `too-many-tensors` where unrolling would give more than a network may have that is built.

    Example:
        >>> from netspec.validation import check_text
        >>> graph = check_text("netspec: 1\\ninput: 1\\nK: 9\\nwidths: 3\\noutput: 1\\n").graph
        >>> [(name, node["count"]) for name, node in view(graph).nodes.items()]
        [('in', 1), ('h_1', 1), ('h_2', 8), ('y', 1), ('out', 1)]
    """
    if unrolled:
        repeats = "unrolled"
    if repeats == "unrolled":
        tensors, operations = tensors_at_each_use(graph), count_unrolled(graph) // 2
        if max(tensors, operations) > TENSORS.value:
            many = f"{tensors:,} tensors" if tensors > TENSORS.value else f"{2 * operations:,} operations"
            most = TENSORS.value if tensors > TENSORS.value else 2 * TENSORS.value
            raise SystemFault(
                TENSORS.code,
                f"unrolled, the graph has {many}; the limit is {most:,}",
                "without unrolling, equal layers are one node with a count",
            )
    return _View(repeats).make(graph)


class _Frame(NamedTuple):
    """The part that is being walked: what the names of its nodes begin with, the parts around them, its tensors'
    frames, how many rounds its layers stand for, and whether its tensors are met first here.
    """

    prefix: str = ""
    parts: tuple[str, ...] = ()
    frames: Frames = ("",)
    first: bool = True
    times: int = 1
    bare: bool = False


class _Value(NamedTuple):
    """The node that gives a value, and the hidden layers of the rounds behind it that are not seen."""

    node: str
    depth: int = 0


class _Edge(NamedTuple):
    tail: _Value
    head: str
    operand: int
    shape: tuple[int | str, ...]
    depth: int


class _View:
    """Builds the view: nodes in the order of the graph, edges when all of them are known."""

    def __init__(self, repeats: Repeats) -> None:
        import networkx

        self.networkx = networkx
        self.view = networkx.MultiDiGraph()
        self.repeats = repeats
        self.edges: list[_Edge] = []
        self.depth: dict[str, int] = {}
        self.activated: set[str] = set()
        self.met: set[str] = set()
        self.lengths: dict[int, dict[tuple[int, int], int]] = {}

    def make(self, graph: Graph) -> "View":
        """Return the finished view."""
        self.view.graph.update(name=graph.part.name if isinstance(graph.part, Part) else "", parts={})
        inputs = [
            _Value(self._end(name, "input", graph.inputs[number], input_said(graph, name)))
            for number, name in enumerate(graph.input_names or numbered("in", len(graph.inputs)))
        ]
        results = self._enter(graph, inputs, _Frame(), Names(graph), ())
        read = {edge.tail.node for edge in self.edges}
        # What leaves the network is no hidden layer.
        leaving = {result.node for result in results} & self.activated - read
        self.edges = [edge._replace(depth=edge.depth - 1) if edge.head in leaving else edge for edge in self.edges]
        for number, name in enumerate(graph.output_names or numbered("out", len(graph.outputs))):
            origin = output_said(graph, name)
            left = graph.output_shapes[number]
            end = self._end(f"out.{name}" if graph.output_names else name, "output", left, origin, name)
            self.edges.append(_Edge(results[number], end, 0, sizes_as_data(left), 0))
        for tail, head, operand, shape, depth in self.edges:
            self.view.add_edge(tail.node, head, operand, operand=operand, shape=shape, depth=tail.depth + depth)
        for generation, names in enumerate(self.networkx.topological_generations(self.view)):
            for name in names:
                self.view.nodes[name]["generation"] = generation
        return self.view

    def _end(self, name: str, kind: str, shape: Shape, origin: dict[str, object], label: str = "") -> str:
        """Add the node where a value comes in or leaves, and return its name."""
        self.view.add_node(
            name, kind=kind, label=label or name, activation="", shape=sizes_as_data(shape), count=1,
            tensors={}, last=(), parameters=0, shared=False, parts=(), **origin,
        )  # fmt: skip
        self.depth[name] = 0
        return name

    def _enter(self, graph: Graph, inputs: list[_Value], frame: _Frame, names: Names, rounds: Rounds) -> list[_Value]:
        """Add the nodes of a graph that reads what the nodes `inputs` give, and return those that its outputs are."""
        values = list(inputs)
        read_by = readers(graph)
        index = 0
        while index < len(graph):
            node = graph.operations[index]
            read = [values[tensor] for tensor in graph.operands[index]]
            last = index
            if isinstance(node, Call):
                within = self._part(graph, index, node, frame, names, rounds)
                values += self._enter(node.body, read, within, Names(node.body), ())
            elif is_written(graph, index):
                while last + 1 < len(graph) and continues(graph, index, last + 1):
                    last += 1
                for each in self._repeat(graph, range(index, last + 1), read, values, frame, names, rounds):
                    values.append(each)
            elif isinstance(node, Repeat) and self.repeats == "unrolled" and not graph.layers[index]:
                for number in range(node.times):
                    read = self._enter(node.body, read, frame, names, (*rounds, number))
                values += read
            else:
                last = ends(graph, index, read_by)
                stretch = range(index, last + 1)
                given = _Value(self._layer(graph, stretch, values, frame, names, rounds))
                values += [given for place in stretch for _ in graph.results[place]]
            index = last + 1
        return [values[tensor] for tensor in graph.outputs]

    # -- rounds of a list -------------------------------------------------------------------------------------------

    def _repeat(
        self,
        graph: Graph,
        stretch: range,
        read: list[_Value],
        values: list[_Value],
        frame: _Frame,
        names: Names,
        rounds: Rounds,
    ) -> list[_Value]:
        """Add the rounds of a `repeat`, whose operations are those of the stretch; return what each operation gives."""
        nodes = [node for index in stretch if isinstance(node := graph.operations[index], Repeat)]
        if self.repeats == "node" and len(nodes) == 1 and nodes[0].times > 1 and len(nodes[0].body):
            return [_Value(self._layer(graph, stretch, values, frame, names, rounds))]
        total = sum(node.times for node in nodes)
        key = frame.prefix + names.part(spell(graph.layers[stretch[0]], rounds))
        self.view.graph["parts"][key] = {
            "name": key.removeprefix(frame.prefix),
            "network": "repeat",
            "shared": False,
            **said(graph, item_path(graph, stretch[0])),
            "count": total,
        }
        inside = frame._replace(parts=(*frame.parts, key))
        given: list[_Value] = []
        x, *around = read
        for index, node in zip(stretch, nodes, strict=True):
            around = [(values + given)[tensor] for tensor in graph.operands[index][1:]]
            within = inside
            if self.repeats == "body" and node.times > 1 and len(nodes) > 1:  # the rounds that are alike, among others
                within = self._alike(graph, index, node, inside, names, rounds)
            x = self._rounds(node, (x, around), within, names, rounds)
            given.append(x)
        return given

    def _alike(self, graph: Graph, index: int, node: Repeat, frame: _Frame, names: Names, rounds: Rounds) -> _Frame:
        """Record the rounds of one body, which stands once, among those of a repeat; return the frame within them."""
        start = first_round(node.body, len(rounds))
        key = frame.prefix + names.part(f"{frame.parts[-1].removeprefix(frame.prefix)}.{start}")
        self.view.graph["parts"][key] = {
            "name": f"rounds {start:,} … {start + node.times - 1:,}",
            "network": "repeat",
            "shared": False,
            **said(graph, item_path(graph, index)),
            "count": node.times,
        }
        return frame._replace(parts=(*frame.parts, key))

    def _rounds(
        self, node: Repeat, read: tuple[_Value, list[_Value]], frame: _Frame, names: Names, rounds: Rounds
    ) -> _Value:
        """Add equal rounds one by one, or once for all of them, and return what the last one gives."""
        x, around = read
        if not len(node.body):
            return x
        whole = node.times <= _SHOWN_ROUNDS or self.repeats == "unrolled"
        if node.times == 1 or (self.repeats not in ("node", "body") and whole):
            for number in range(node.times):
                (x,) = self._enter(node.body, [x, *around], frame, names, (*rounds, number))
            return x
        if self.repeats == "rounds":
            for number in (0, 1):
                (x,) = self._enter(node.body, [x, *around], frame, names, (*rounds, number))
            x = self._skipped(node._replace(times=node.times - 3), (x, around), frame, names, (*rounds, 2))
            (x,) = self._enter(node.body, [x, *around], frame, names, (*rounds, node.times - 1))
            return x
        if self.repeats == "node":
            return self._skipped(node, (x, around), frame, names, (*rounds, 0))
        within = frame._replace(times=frame.times * node.times, bare=True)
        (y,) = self._enter(node.body, [x, *around], within, names, (*rounds, 0))
        whole_depth = self._after(node, [x, *around])
        return _Value(y.node, max(0, whole_depth - self.depth[y.node]))

    def _skipped(
        self, node: Repeat, read: tuple[_Value, list[_Value]], frame: _Frame, names: Names, rounds: Rounds
    ) -> _Value:
        """Add one node for equal rounds, the first of which is the last number in `rounds`; return what they give."""
        body, whole, end = node.body, range(len(node.body)), (*rounds[:-1], rounds[-1] + node.times - 1)
        start = rounds[-1] + first_round(body, len(rounds) - 1)
        x, around = read
        name = self._unique(frame.prefix + names.part(f"{frame.parts[-1].removeprefix(frame.prefix)}.{start}"))
        last = holding(body, whole, frame.frames, end, 1, set(self.met)).last
        held = holding(body, whole, frame.frames, rounds, frame.times * node.times, self.met)._replace(last=last)
        label = f"round {start}" if node.times == 1 else f"rounds {start:,} … {start + node.times - 1:,}"
        around_it = self.view.graph["parts"][frame.parts[-1]]
        place: dict[str, object] = {"arguments": ""} | {
            key: around_it[key] for key in ("path", "file", "line", "column")
        }
        self._add(name, "repeat", label, frame, body.output_shapes[0], held, node.times, place)
        steps = rounds_depth(node, lengths(body, self.lengths))
        for operand, tail in enumerate((x, *around)):
            self.edges.append(_Edge(tail, name, operand, sizes_as_data(body.inputs[operand]), steps.get(operand, 0)))
        self.depth[name] = self._after(node, [x, *around])
        return _Value(name)

    def _after(self, node: Repeat, read: list[_Value]) -> int:
        """Return the depth of what all rounds together give."""
        steps = rounds_depth(node, lengths(node.body, self.lengths))
        before = [self.depth[value.node] + value.depth for value in read]
        return max((before[start] if start >= 0 else 0) + steps[start] for start in steps)

    # -- parts and layers -------------------------------------------------------------------------------------------

    def _part(self, graph: Graph, index: int, call: Call, frame: _Frame, names: Names, rounds: Rounds) -> _Frame:
        """Record the part that is called, and return the frame within it."""
        frames = called(frame.frames, call, rounds)
        first = frames[-1] not in self.met if call.shared else frame.first
        if call.shared:
            self.met.add(frames[-1])
        name = names.part(spell(graph.layers[index] or call.name, rounds))
        key = frame.prefix + name
        inner = call.body.part
        network = inner.name if isinstance(inner, Part) else name
        if graph.layers[index] and graph.layers[index] != call.name:
            network = spell(call.name, rounds)
        word, _ = written_item(graph, index)
        self.view.graph["parts"][key] = {
            "name": str(graph.layers[index][0]) if frame.bare and graph.layers[index] else name,
            "network": word or network,
            "shared": not first,
            **said(graph, item_path(graph, index)),
        }
        return _Frame(f"{key}.", (*frame.parts, key), frames, first, 1 if call.shared else frame.times)

    def _layer(
        self, graph: Graph, stretch: range, values: list[_Value], frame: _Frame, names: Names, rounds: Rounds
    ) -> str:
        """Add the node that the operations of a stretch are, and return its name."""
        start, last = stretch[0], stretch[-1]
        node, end = graph.operations[start], graph.operations[last]
        layer = graph.layers[start]
        times = node.times if isinstance(node, Repeat) and len(stretch) == 1 else 1
        more: dict[str, object] = {}
        if layer:
            local = spell(layer, rounds)
            local = names.part(local) if is_written(graph, start) else local
            label = str(layer[0]) if frame.bare else local
            word, arguments = written_item(graph, start)
            what = word or getattr(node, "keyword", "repeat")
            more = {"arguments": arguments_text(graph, start, word, arguments)}
        else:
            layers = 1
            if isinstance(node, Repeat):
                body = node.body
                layers, node, end = layer_count(body), body.operations[0], body.operations[-1]
            what = "repeat" if layers > 1 or isinstance(node, Repeat | Call) else node.keyword
            local, label = names.layer(None if rounds or times > 1 else graph.result(last), layers * times)
        name = self._unique(frame.prefix + local)
        if frame.times > 1:
            more["rounds"] = frame.times
        acts = isinstance(end, Elementwise) and (what == "affine" or len(stretch) > 1)
        held = holding(graph, stretch, frame.frames, rounds, frame.times, self.met)
        if not frame.first:
            held = held._replace(fresh=0)
        told = {"activation": str(end) if acts else "", **said(graph, item_path(graph, start)), **more}
        self._add(name, what, label, frame, graph.shapes[graph.result(last)], held, times, told)
        depth = 0
        for operand, (tensor, own) in enumerate(readings(graph, stretch, self._between)):
            tail = values[tensor]
            self.edges.append(_Edge(tail, name, operand, sizes_as_data(graph.shapes[tensor]), own))
            depth = max(depth, self.depth[tail.node] + tail.depth + own)
        self.depth[name] = depth
        if isinstance(ending(graph, last), Elementwise):
            self.activated.add(name)
        return name

    def _between(self, graph: Graph) -> dict[tuple[int, int], int]:
        return lengths(graph, self.lengths)

    def _add(
        self,
        name: str,
        kind: str,
        label: str,
        frame: _Frame,
        shape: Shape,
        held: Holding,
        count: int,
        more: dict[str, object],
    ) -> None:
        shared = held.learned > 0 and held.fresh == 0
        attributes = {
            "kind": kind,
            "label": label,
            "activation": "",
            "shape": sizes_as_data(shape),
            "count": count,
            "tensors": held.tensors,
            "last": held.last,
            "parameters": held.learned if shared else held.fresh,
            "shared": shared,
            "parts": frame.parts,
        }
        self.view.add_node(name, **{**attributes, **more})

    def _unique(self, name: str) -> str:
        """Return a name that no node has: the first of `name`, `name_2`, …"""
        free, number = name, 1
        while free in self.depth:
            number += 1
            free = f"{name}_{number}"
        return free


def generations(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the nodes of a graph without cycles in generations: each after all that have an edge to it.

    Nodes of one generation are in the order in which they are given.
    """
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    return [list(generation) for generation in networkx.topological_generations(graph)]
