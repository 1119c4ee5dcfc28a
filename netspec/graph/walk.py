"""Walks over a graph that go into the parts it calls, and over the tensors it owns, each with its full name."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.operations import Call, Graph, Name, Node, Parameter, Repeat, Shape, spell

NO_CALL: Final = "a call within a repeat has no tensors of its own in each round yet"

Frames = tuple[str, ...]
"""The prefixes of the names in each part around a place, the outermost (an empty text) first."""


class Step(NamedTuple):
    """One operation that is not a call: where it stands, and the prefix of its tensors' names."""

    graph: Graph
    position: int
    node: Node
    prefix: str
    first: bool


class Tensor(NamedTuple):
    """A tensor by its full name, with what it is drawn by; `graph` belongs to the part that it stands in."""

    name: str
    parameter: Parameter
    graph: Graph
    prefix: str

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return self.parameter.shape


def called(frames: Frames, call: Call) -> Frames:
    """Return the frames within a part that is called: a shared network belongs to the part that declares it.

    A part that is walked alone may call networks of parts around it, which then count as its own.
    """
    frames = frames[: max(1, len(frames) - call.up)]
    return (*frames, f"{frames[-1]}{spell(call.name, ())}.")


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


def tensors(graph: Graph) -> Iterator[Tensor]:
    """Yield every tensor once, in the order of the graph; what repeats is unrolled, so bound the count before."""
    for step in steps(graph):
        if step.first:
            yield from owned(step.graph, step.position, step.prefix, ())


def owned(graph: Graph, index: int, prefix: str, rounds: tuple[int, ...]) -> Iterator[Tensor]:
    """Yield the tensors of one operation, those of every round of a repeat.

    Raises TypeError for a call: what it holds is the walk's to enter, and a repeat has no names for it in each round.
    """
    node = graph.operations[index]
    if isinstance(node, Call):
        raise TypeError(NO_CALL)
    if isinstance(node, Repeat):
        for number in range(node.times):
            for inner in range(len(node.body)):
                yield from owned(node.body, inner, prefix, (*rounds, number))
    for parameter in graph.parameters[index]:
        yield Tensor(prefix + spell(parameter.name, rounds), parameter, graph, prefix)


def tensor_count(graph: Graph) -> int:
    """Return how many tensors the graph owns, shared ones once, without listing them."""
    return sum(_count(step.graph, step.position) for step in steps(graph) if step.first)


def _count(graph: Graph, index: int) -> int:
    node = graph.operations[index]
    if isinstance(node, Call):
        raise TypeError(NO_CALL)
    if isinstance(node, Repeat):
        return node.times * sum(_count(node.body, inner) for inner in range(len(node.body)))
    return len(graph.parameters[index])


__all__ = [
    "NO_CALL",
    "Frames",
    "Name",
    "Step",
    "Tensor",
    "called",
    "is_chain",
    "owned",
    "steps",
    "tensor_count",
    "tensors",
]
