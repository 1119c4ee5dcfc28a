"""How often each part of a network is used in all, and what it owns: from its graphs, each of them read once."""

from math import prod
from typing import NamedTuple

from netspec.operations import Call, Graph, Repeat


class _Use(NamedTuple):
    """A place where a part is applied: within which graph, and how often there."""

    graph: Graph
    times: int
    own: bool


class Multiples:
    """The multiples of a network's parts. A network that is shared is counted where it is used, not what it owns."""

    def __init__(self, graph: Graph) -> None:
        self._uses: dict[int, list[_Use]] = {}
        self._counts: dict[int, int] = {id(graph): 1}
        self._parameters: dict[int, int] = {}
        waiting, met = [graph], {id(graph)}
        while waiting:
            within = waiting.pop()
            for call, times in _calls(within, 1):
                own = call.shared and call.up == 0
                self._uses.setdefault(id(call.body), []).append(_Use(within, times, own))
                if id(call.body) not in met:
                    met.add(id(call.body))
                    waiting.append(call.body)

    def uses(self, graph: Graph) -> int:
        """Return how often a part is used, all rounds of repeats counted.

        A network counts within the part that declares it: another use of that has a network of its own.
        """
        if id(graph) not in self._counts:
            self._counts[id(graph)] = sum(
                use.times * (1 if use.own else self.uses(use.graph)) for use in self._uses.get(id(graph), ())
            )
        return self._counts[id(graph)]

    def parameters(self, graph: Graph) -> int:
        """Return how many numbers a graph learns, without those of networks that are shared and of tied tensors."""
        if id(graph) not in self._parameters:
            total = 0
            for node, own in zip(graph.operations, graph.parameters, strict=True):
                if isinstance(node, Repeat):
                    total += node.times * self.parameters(node.body)
                elif isinstance(node, Call) and not node.shared:
                    total += self.parameters(node.body)
                total += sum(prod(each.shape) for each in own if each.learned and not each.tied)
            self._parameters[id(graph)] = total
        return self._parameters[id(graph)]


def _calls(graph: Graph, times: int) -> list[tuple[Call, int]]:
    """Return the parts that a graph applies, and how often."""
    found: list[tuple[Call, int]] = []
    for node in graph.operations:
        if isinstance(node, Call):
            found.append((node, times))
        elif isinstance(node, Repeat):
            found.extend(_calls(node.body, times * node.times))
    return found
