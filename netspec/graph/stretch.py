"""What is one layer to a reader: the operations that an item of a list stands for, or a map and its activation."""

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

from netspec.graph.values import Values
from netspec.graph.walk import Frames, Rounds, called, full_name
from netspec.operations import Affine, Call, Elementwise, Graph, Repeat, Round, Shape, spell
from netspec.sizes import Polynomial


class Reading(NamedTuple):
    """A tensor that a layer reads, and the most activations on a way from it through the layer."""

    tensor: int
    depth: int


class Holding(NamedTuple):
    """What a layer holds: names and shapes of its tensors in the first round of what repeats in it, the names in the
    last, how many numbers are learned in all, and how many of them were not met before.
    """

    tensors: dict[str, tuple[int, ...]]
    last: tuple[str, ...]
    learned: int
    fresh: int


def readers(graph: Graph) -> Counter[int]:
    """Return how many read each tensor, the graph's outputs among them."""
    found = Counter(tensor for operands in graph.operands for tensor in operands)
    found.update(graph.outputs)
    return found


def takes_the_next(graph: Graph, index: int, read: Counter[int]) -> bool:
    """Whether an affine map and the operation behind it are one layer: an activation, and nobody else reads the map."""
    after = index + 1
    return (
        isinstance(graph.operations[index], Affine)
        and after < len(graph)
        and isinstance(graph.operations[after], Elementwise)
        and graph.operands[after] == (graph.result(index),)
        and read[graph.result(index)] == 1
    )


def ends(graph: Graph, start: int, read: Counter[int]) -> int:
    """Return the last operation of the layer that begins with operation `start`, which is no part and no rounds."""
    name = graph.layers[start]
    if not name:
        return start + takes_the_next(graph, start, read)
    last = start
    while (
        last + 1 < len(graph)
        and graph.layers[last + 1] == name
        and not isinstance(graph.operations[last + 1], Call)
        and not is_written(graph, last + 1)
    ):
        last += 1
    return last


def is_written(graph: Graph, index: int) -> bool:
    """Whether an operation is a `repeat` of a list, and no stretch of equal layers within one layer."""
    node = graph.operations[index]
    if not isinstance(node, Repeat) or not graph.layers[index]:
        return False
    return any(name != graph.layers[index] for name in node.body.layers) or not len(node.body)


def layer_count(graph: Graph) -> int:
    """Return how many layers a graph is: an affine map and its activation are one, rounds within it multiply."""
    read = readers(graph)
    count = index = 0
    while index < len(graph):
        node = graph.operations[index]
        if isinstance(node, Repeat):
            count, index = count + node.times * layer_count(node.body), index + 1
        elif isinstance(node, Call):
            count, index = count + layer_count(node.body), index + 1
        else:
            count, index = count + 1, ends(graph, index, read) + 1
    return count


def readings(graph: Graph, stretch: range, lengths: Any) -> list[Reading]:
    """Return what a layer reads, in order: a tensor as often as one of its operations does.

    `lengths` gives, for a graph, the most activations between each input and each output of it.
    """
    own = {tensor for index in stretch for tensor in graph.results[index]}
    order: dict[int, int] = {}
    for index in stretch:
        for tensor, times in Counter(t for t in graph.operands[index] if t not in own).items():
            order[tensor] = max(order.get(tensor, 0), times)
    if len(stretch) == 1:
        listed = list(graph.operands[stretch[0]])
    else:
        listed = [tensor for tensor, times in order.items() for _ in range(times)]
    return [Reading(tensor, _depth(graph, stretch, tensor, lengths)) for tensor in listed]


def _depth(graph: Graph, stretch: range, source: int, lengths: Any) -> int:
    """Return the most activations on a way from a tensor through a layer."""
    depth = {source: 0}
    most = 0
    for index in stretch:
        node = graph.operations[index]
        steps = rounds_depth(node, lengths(node.body)) if isinstance(node, Repeat) else {}
        ways = [
            depth[tensor] + (steps.get(place, 0) if isinstance(node, Repeat) else isinstance(node, Elementwise))
            for place, tensor in enumerate(graph.operands[index])
            if tensor in depth
        ]
        if ways:
            for tensor in graph.results[index]:
                depth[tensor] = max(ways)
            most = max(most, *ways)
    return most


def rounds_depth(node: Repeat, within: dict[tuple[int, int], int]) -> dict[int, int]:
    """Return the most activations on a way from each operand of a repeat through its rounds; -1 is from nowhere."""
    each = {start: length for (start, _), length in within.items()}
    again = each.get(0, 0)
    return {
        start: length * node.times if start == 0 else length + again * (node.times - 1)
        for start, length in each.items()
    }


def holding(graph: Graph, stretch: range, frames: Frames, rounds: Rounds, times: int, met: set[str]) -> Holding:
    """Return what a layer holds; `times` are the rounds around it, `met` the prefixes of networks counted before."""
    first = dict(pair for index in stretch for pair in _tensors(graph, index, frames, rounds, final=False))
    last = dict.fromkeys(name for index in stretch for name, _ in _tensors(graph, index, frames, rounds, final=True))
    learned = fresh = 0
    for index in stretch:
        one, each, once = _count(graph, index, frames, rounds, met)
        learned, fresh = learned + one * times, fresh + each * times + once
    return Holding(first, tuple(last), learned, fresh)


def _tensors(
    graph: Graph, index: int, frames: Frames, rounds: Rounds, *, final: bool
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and shape of each tensor of an operation, in the first or the final round of what repeats in it."""
    node = graph.operations[index]
    if isinstance(node, Repeat):
        within: tuple[Frames, Rounds] = (frames, (*rounds, node.times - 1 if final else 0))
    elif isinstance(node, Call):
        within = (called(frames, node, rounds), ())
    else:
        for parameter in graph.parameters[index]:
            yield full_name(parameter, frames, rounds), parameter.shape
        return
    for inner in range(len(node.body)):
        yield from _tensors(node.body, inner, *within, final=final)


def _count(graph: Graph, index: int, frames: Frames, rounds: Rounds, met: set[str]) -> tuple[int, int, int]:
    """Return how many numbers an operation learns, how many of them are new in every round around it, and how many are
    new and the same in every round: those of a network.
    """
    node = graph.operations[index]
    if isinstance(node, Repeat | Call):
        within = called(frames, node, rounds) if isinstance(node, Call) else frames
        inside = () if isinstance(node, Call) else (*rounds, 0)
        again = isinstance(node, Call) and node.shared and within[-1] in met
        if isinstance(node, Call) and node.shared:
            met.add(within[-1])
        learned = each = once = 0
        for inner in range(len(node.body)):
            found = _count(node.body, inner, within, inside, met)
            learned, each, once = learned + found[0], each + found[1], once + found[2]
        if isinstance(node, Repeat):
            return node.times * learned, node.times * each, once
        return (learned, 0, 0) if again else (learned, 0, each + once) if node.shared else (learned, each, once)
    sizes = [(prod(each.shape), each.tied) for each in graph.parameters[index] if each.learned]
    return sum(size for size, _ in sizes), sum(size for size, tied in sizes if not tied), 0


def numbered(name: str, count: int) -> tuple[str, ...]:
    """Return names for so many values: the first is `name` alone, then `name_2`, `name_3` …"""
    return tuple(f"{name}_{number + 1}" if number else name for number in range(count))


def sizes_as_data(shape: Shape) -> tuple[int | str, ...]:
    """Return a shape as data: a free size is its text."""
    return tuple(str(size) if isinstance(size, Polynomial) else size for size in shape)


def continues(graph: Graph, index: int, after: int) -> bool:
    """Whether an operation is further rounds of the `repeat` that another one begins."""
    return is_written(graph, after) and graph.paths[after] == graph.paths[index]


def first_round(body: Graph, level: int) -> int:
    """Return the number of the round that a body is first, among all rounds of its `repeat`."""
    return next(
        (part.offset for name in body.layers for part in name if isinstance(part, Round) and part.level == level), 0
    )


def tensors_at_each_use(graph: Graph) -> int:
    """Return how many tensors the graph reads, those of a shared network at each use."""
    known: dict[int, int] = {}

    def count(graph: Graph) -> int:
        if id(graph) not in known:
            known[id(graph)] = sum(map(len, graph.parameters)) + sum(
                node.times * count(node.body) if isinstance(node, Repeat) else count(node.body)
                for node in graph.operations
                if isinstance(node, Repeat | Call)
            )
        return known[id(graph)]

    return count(graph)


def ending(graph: Graph, index: int) -> object:
    """Return the operation that an operation's result comes out of, within a repeat its last."""
    node = graph.operations[index]
    return Values().giver(node.body, node.body.outputs[0]) if isinstance(node, Repeat | Call) else node


class Names:
    """The names within one use of a part: its layers are numbered as they come, parts are told apart by a number."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._layers = 0
        self._taken: set[str] = set()
        self._declared = {spell(node.name, ()) for node in graph.operations if isinstance(node, Call) and node.shared}

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
