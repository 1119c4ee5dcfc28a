"""The most elements that are alive at once, in the order in which a network is written.

An input lives from the beginning and a result from its making, both to their last reading, and what leaves to the end;
what nobody reads is gone as soon as it is made. Parts count as if they were written in place, and repeats as if their
rounds were: a part is looked through once for each way in which its inputs and results live on around it.
"""

from collections.abc import Callable, Iterable
from operator import add
from typing import NamedTuple

from netspec.graph.values import Values
from netspec.graph.walk import is_line
from netspec.operations import Call, Graph, Repeat, volume
from netspec.sizes import Size


class _Use(NamedTuple):
    """How a graph is used: `same` has for each input the first one of the same value; `carried` are those that die
    within; `needed` says which results live on.
    """

    same: tuple[int, ...]
    carried: frozenset[int]
    needed: tuple[bool, ...]


class Peak:
    """Works out the peaks of the graphs of one network; `more` gives the larger of two amounts."""

    def __init__(self, values: Values, more: Callable[[Size, Size], Size]) -> None:
        self._values, self._more = values, more
        self._known: dict[tuple[int, _Use], Size] = {}

    def of(self, graph: Graph) -> Size:
        """Return the peak of a whole network, whose inputs all die within."""
        if is_line(graph):  # nothing lives but what an operation reads and what it gives
            sizes = [volume(shape) for shape in graph.shapes]
            if all(type(size) is int for size in sizes):
                return max([sizes[0], *map(add, sizes, sizes[1:])])  # type: ignore[no-any-return]
        every = tuple(range(len(graph.inputs)))
        return self._within(graph, _Use(every, frozenset(every), (True,) * len(graph.outputs)))

    def _within(self, graph: Graph, use: _Use) -> Size:
        """Return the most elements alive of the inputs that die within and of what is made within."""
        if (id(graph), use) not in self._known:
            self._known[id(graph), use] = self._peak(graph, use)
        return self._known[id(graph), use]

    def _peak(self, graph: Graph, use: _Use) -> Size:
        value = [use.same[root] if root < len(use.same) else root for root in self._values.roots(graph)]
        read = [[value[tensor] for tensor in self._values.read_at(graph, index)] for index in range(len(graph))]
        last = {each: index for index, values in enumerate(read) for each in values}
        kept = {value[tensor] for tensor, needed in zip(graph.outputs, use.needed, strict=True) if needed}
        last.update(dict.fromkeys(kept, len(graph)))
        sizes = [volume(shape) for shape in graph.shapes]
        held = set(use.carried)
        alive = peak = _total(sizes, held)
        for each in [each for each in held if each not in last]:
            held.remove(each)
            alive = alive - sizes[each]
        for index, node in enumerate(graph.operations):
            made = {tensor for tensor in graph.results[index] if value[tensor] == tensor}
            ending = {each for each in read[index] if last[each] == index and each in held}
            rest = alive - _total(sizes, ending)
            if isinstance(node, Call | Repeat):
                operands = [value[tensor] for tensor in graph.operands[index]]
                needed = tuple([last.get(value[tensor], -1) > index for tensor in graph.results[index]])
                uses = [(set[int](), _use(operands, ending, needed))]
                if isinstance(node, Repeat):
                    uses = self._rounds(node, operands, ending, needed)
                for around, inner in uses:
                    peak = self._more(peak, rest + _total(sizes, around) + self._within(node.body, inner))
            else:
                peak = self._more(peak, alive + _total(sizes, made))
            living = {each for each in made if last.get(each, -1) > index}
            held -= ending
            held |= living
            alive = rest + _total(sizes, living)
        return peak

    def _rounds(
        self, node: Repeat, operands: list[int], ending: set[int], needed: tuple[bool, ...]
    ) -> list[tuple[set[int], _Use]]:
        """Return how the first round, one between, and the last are used, each with what lives on around it."""
        reads = self._values.read(node.body)
        root = self._values.roots(node.body)[node.body.outputs[0]]
        fresh = root >= len(operands)
        again = [-1 if fresh else operands[root], *operands[1:]]  # what later rounds read
        rounds = [operands, *[again] * min(node.times - 1, 2)]
        found: list[tuple[set[int], _Use]] = []
        for number, read in enumerate(rounds):
            later = {each for other in rounds[number + 1 :] for i, each in enumerate(other) if i in reads}
            around = ending & later
            dying = {each for i, each in enumerate(read) if i in reads and (each in ending or each == -1)} - around
            if -1 in read and 0 in reads:
                dying.add(-1)
            handed = fresh and 0 in reads
            found.append((around, _use(read, dying, needed if number == len(rounds) - 1 else (handed,))))
        return found


def _use(operands: list[int], ending: set[int], needed: tuple[bool, ...]) -> _Use:
    same = tuple([operands.index(each) for each in operands])
    return _Use(same, frozenset(i for i, each in zip(same, operands, strict=True) if each in ending), needed)


def _total(sizes: list[Size], tensors: Iterable[int]) -> Size:
    total: Size = 0
    for tensor in sorted(tensors):
        total = total + sizes[tensor]
    return total
