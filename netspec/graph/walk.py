"""Walks over a graph that go into the parts it calls, and over the tensors it owns, each with its full name."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import NamedTuple

from netspec.operations import Affine, Call, Elementwise, Graph, Name, Node, Operation, Parameter, Repeat, spell
from netspec.operations.graph import Round

Frames = tuple[str, ...]
"""The prefixes of the names in each part around a place, the outermost (an empty text) first."""

Rounds = tuple[int, ...]
"""The numbers of the rounds around a place within its part, the outermost first."""


class Step(NamedTuple):
    """One operation that is not a call: where it stands, and the prefix of its tensors' names."""

    graph: Graph
    position: int
    node: Node
    prefix: str
    first: bool


class Tensor(NamedTuple):
    """A tensor by its full name, with what it is drawn by; `graph` belongs to the part that it stands in, and the names
    of that part's tensors begin with `prefix`.
    """

    name: str
    parameter: Parameter
    graph: Graph
    prefix: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.parameter.shape


class Visit(NamedTuple):
    """One operation as it is computed once: what it reads and gives, as values numbered through the whole network, and
    its tensors by their full names; `place` is the name of its layer below the whole network.
    """

    operation: Operation
    operands: tuple[int, ...]
    results: tuple[int, ...]
    tensors: tuple[tuple[str, Parameter], ...]
    graph: Graph
    position: int
    place: str


def called(frames: Frames, call: Call, rounds: Rounds = ()) -> Frames:
    """Return the frames within a part that is called: a shared network belongs to the part that declares it.

    A part that is walked alone may call networks of parts around it, which then count as its own.
    """
    frames = frames[: max(1, len(frames) - call.up)]
    return (*frames, f"{frames[-1]}{spell(call.name, rounds)}.")


def full_name(parameter: Parameter, frames: Frames, rounds: Rounds) -> str:
    """Return a tensor's name below the whole network; that of the other one where it is tied."""
    up = parameter.up or 0
    return frames[max(0, len(frames) - 1 - up)] + spell(parameter.name, rounds)


def steps(graph: Graph) -> Iterator[Step]:
    """Yield the operations in order, calls entered and repeats in one piece.

    `first` is false where the tensors of a shared network have been met before. The limits on written layers and on
    parts within parts bound the walk's length and depth.
    """
    met: set[str] = set()

    def enter(graph: Graph, frames: Frames, first: bool) -> Iterator[Step]:
        for index, node in enumerate(graph.operations):
            if isinstance(node, Call):
                within = called(frames, node)
                fresh = within[-1] not in met if node.shared else first
                met.add(within[-1])
                yield from enter(node.body, within, fresh)
            else:
                yield Step(graph, index, node, frames[-1], first)

    return enter(graph, ("",), True)


def graphs_within(graph: Graph) -> Iterator[Graph]:
    """Yield a graph and all that it holds, each once."""
    met = {id(graph)}
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        for node in one.operations:
            if isinstance(node, Call | Repeat) and id(node.body) not in met:
                met.add(id(node.body))
                waiting.append(node.body)


def is_chain(graph: Graph) -> bool:
    """Whether every operation reads the result before it alone, in all bodies: one input, one way, one output."""
    known: set[int] = set()

    def check(graph: Graph) -> bool:
        if id(graph) in known:
            return True
        known.add(id(graph))
        return (
            len(graph.inputs) == 1
            and all(operands == (index,) for index, operands in enumerate(graph.operands))
            and graph.outputs == (len(graph),)
            and all(check(node.body) for node in graph.operations if isinstance(node, Call | Repeat))
        )

    return check(graph)


def is_line(graph: Graph) -> bool:
    """Whether every operation reads the result before it alone, and none is a part or a repeat."""
    return (
        len(graph.inputs) == 1
        and graph.outputs == (len(graph),)
        and not any(isinstance(node, Call | Repeat) for node in graph.operations)
        and all(operands == (index,) for index, operands in enumerate(graph.operands))
    )


def is_plain(graph: Graph) -> bool:
    """Whether the network is fully connected and nothing else: a chain of affine maps and activations on one axis, with
    no part called within a repeat, and no tensor tied.
    """
    known: set[int] = set()

    def check(graph: Graph, repeated: bool) -> bool:
        if id(graph) in known and not repeated:
            return True
        known.add(id(graph))
        return all(len(shape) == 1 for shape in graph.shapes) and all(
            (not repeated and check(node.body, repeated))
            if isinstance(node, Call)
            else check(node.body, True)
            if isinstance(node, Repeat)
            else isinstance(node, Affine | Elementwise) and not any(each.tied for each in own)
            for node, own in zip(graph.operations, graph.parameters, strict=True)
        )

    return is_chain(graph) and not graph.integers and check(graph, False)


def visits(graph: Graph) -> Iterator[Visit]:
    """Yield every operation that is computed, in order, all that repeats unrolled; bound the count before.

    Values 0, 1, … are the network's inputs; `outputs_of` gives those that leave.
    """
    return _Unrolling().enter(graph, tuple(range(len(graph.inputs))), ("",), ())


def outputs_of(graph: Graph) -> tuple[int, ...]:
    """Return the values that leave a network, as `visits` numbers them."""
    unrolling = _Unrolling()
    for _ in unrolling.enter(graph, tuple(range(len(graph.inputs))), ("",), ()):
        pass
    return unrolling.left


class _Unrolling:
    """Numbers values through the whole network. `left` are the results of the graph that was entered last."""

    def __init__(self) -> None:
        self._next = 0
        self.left: tuple[int, ...] = ()

    def enter(self, graph: Graph, inputs: tuple[int, ...], frames: Frames, rounds: Rounds) -> Iterator[Visit]:
        self._next = max(self._next, *(value + 1 for value in inputs), 0)
        values = [*inputs]
        for index, node in enumerate(graph.operations):
            operands = tuple([values[tensor] for tensor in graph.operands[index]])
            if isinstance(node, Repeat):
                x, *around = operands
                for number in range(node.times):
                    yield from self.enter(node.body, (x, *around), frames, (*rounds, number))
                    (x,) = self.left
                values.append(x)
            elif isinstance(node, Call):
                yield from self.enter(node.body, operands, called(frames, node, rounds), ())
                values.extend(self.left)
            else:
                own = tuple([(full_name(each, frames, rounds), each) for each in graph.parameters[index]])
                results = tuple(range(self._next, self._next + len(graph.results[index])))
                self._next += len(results)
                place = frames[-1] + spell(graph.layers[index], rounds)
                yield Visit(node, operands, results, own, graph, index, place)
                values.extend(results)
        self.left = tuple([values[tensor] for tensor in graph.outputs])


def unrolled(graph: Graph) -> int:
    """Return how many operations a graph has with all that repeats unrolled; each of its bodies is counted once."""
    known: dict[int, int] = {}

    def count(graph: Graph) -> int:
        if id(graph) not in known:
            known[id(graph)] = sum(
                node.times * count(node.body)
                if isinstance(node, Repeat)
                else count(node.body)
                if isinstance(node, Call)
                else 1
                for node in graph.operations
            )
        return known[id(graph)]

    return count(graph)


def tensors(graph: Graph, *, own: bool = False) -> Iterator[Tensor]:
    """Yield every tensor once, in the order of the graph; what repeats is unrolled, so bound the count before.

    A network called from a part that is walked alone counts as its own, unless only its `own` are asked for.
    """
    met: set[str] = set()

    def enter(graph: Graph, frames: Frames, rounds: Rounds, first: bool) -> Iterator[Tensor]:
        for index, node in enumerate(graph.operations):
            if isinstance(node, Repeat):
                for number in range(node.times):
                    yield from enter(node.body, frames, (*rounds, number), first)
            elif isinstance(node, Call):
                if own and node.shared and node.up >= len(frames):
                    continue
                within = called(frames, node, rounds)
                fresh = within[-1] not in met if node.shared else first
                met.add(within[-1])
                yield from enter(node.body, within, (), fresh)
            elif first:
                for each in graph.parameters[index]:
                    if not each.tied:
                        yield Tensor(full_name(each, frames, rounds), each, graph, frames[-1])

    return enter(graph, ("",), (), True)


class Owned(NamedTuple):
    """What a graph owns: learned tensors, and state, each as a count of tensors and of their elements."""

    tensors: int = 0
    parameters: int = 0
    state_tensors: int = 0
    state: int = 0

    def plus(self, other: "Owned", times: int = 1) -> "Owned":
        """Return the sum of one and `times` the other."""
        return Owned(
            self.tensors + times * other.tensors,
            self.parameters + times * other.parameters,
            self.state_tensors + times * other.state_tensors,
            self.state + times * other.state,
        )


class _Within(NamedTuple):
    """What a graph owns, each of its own networks once, and the networks of parts around it that it uses."""

    owned: Owned
    uses: tuple[tuple[int, Name, Graph], ...]


def owned(graph: Graph) -> Owned:
    """Return what the network owns, shared and tied tensors once; the cost grows with what is written.

    A network called from a part that is walked alone counts as its own.
    """
    known: dict[int, _Within] = {}

    def body(graph: Graph) -> _Within:
        """Sum over a graph, a shared network that it calls left to the part that declares it."""
        total = _own(graph.parameters)
        uses: dict[tuple[int, Name], Graph] = {}
        for node in graph.operations:
            if isinstance(node, Repeat):
                found = repeats(node.body)
                total = total.plus(found.owned, node.times)
                uses.update({(up, name): network for up, name, network in found.uses})
            elif isinstance(node, Call) and node.shared:
                uses.setdefault((node.up, node.name), node.body)
            elif isinstance(node, Call):
                found = part(node.body)
                total = total.plus(found.owned)
                uses.update({(max(up - 1, 0), name): network for up, name, network in found.uses})
        return _Within(total, tuple((up, name, network) for (up, name), network in uses.items()))

    def repeats(graph: Graph) -> _Within:
        if id(graph) not in known:
            known[id(graph)] = body(graph)
        return known[id(graph)]

    def part(graph: Graph, outermost: bool = False) -> _Within:
        """Sum over a part: the networks that it declares are counted here, once, with those that they use in turn."""
        if not outermost and id(graph) in parts:
            return parts[id(graph)]
        total, uses = body(graph)
        waiting = {(up, name): network for up, name, network in uses}
        counted: set[Name] = set()
        around: dict[tuple[int, Name], Graph] = {}
        while waiting:
            (up, name), network = waiting.popitem()
            if up and not outermost:
                around[up, name] = network
            elif name not in counted:
                counted.add(name)
                within = part(network)
                total = total.plus(within.owned)
                waiting.update({(max(above - 1, 0), other): body for above, other, body in within.uses})
        found = _Within(total, tuple((up, name, network) for (up, name), network in around.items()))
        if not outermost:
            parts[id(graph)] = found
        return found

    parts: dict[int, _Within] = {}
    return part(graph, outermost=True).owned


def _own(columns: Iterable[tuple[Parameter, ...]]) -> Owned:
    """Return what a graph's operations own themselves."""
    tensors = elements = state_tensors = state = 0
    for parameters in columns:
        for _, _, shape, _, _, _, learned, up in parameters:
            if up is None:
                size = prod(shape)
                if learned:
                    tensors, elements = tensors + 1, elements + size
                else:
                    state_tensors, state = state_tensors + 1, state + size
    return Owned(tensors, elements, state_tensors, state)


def tensor_count(graph: Graph) -> int:
    """Return how many tensors the graph owns, state included and shared ones once, without listing them."""
    found = owned(graph)
    return found.tensors + found.state_tensors


__all__ = [
    "Frames",
    "Name",
    "Owned",
    "Round",
    "Rounds",
    "Step",
    "Tensor",
    "Visit",
    "called",
    "full_name",
    "graphs_within",
    "is_chain",
    "is_line",
    "is_plain",
    "outputs_of",
    "owned",
    "steps",
    "tensor_count",
    "tensors",
    "unrolled",
    "visits",
]
