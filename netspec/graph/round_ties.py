"""Whether a tie may be to a tensor of one round of a repeat, so that this round is not like the others."""

import re
from collections.abc import Iterator

from netspec.graph.walk import graphs_within
from netspec.operations import Call, Graph, Name, Parameter, Repeat


class RoundTies:
    """The ties of a network: whether one may be to a tensor of one round of a repeat, called by the round's number."""

    def __init__(self, tied: Iterator[Parameter]) -> None:
        self._ends: set[str] = set()
        for parameter in tied:
            name = "".join(re.sub(r"\d+", "#", part) if isinstance(part, str) else "@" for part in parameter.name)
            while "#" in name:
                self._ends.add(name)
                name = name.partition(".")[2]
        self._known: dict[int, frozenset[str]] = {}

    def reach(self, body: Graph) -> bool:
        """Whether a tie may be to a tensor of one round of a repeat of the body."""
        return bool(self._ends) and not self._ends.isdisjoint(self._names(body))

    def _names(self, graph: Graph) -> frozenset[str]:
        """Return what the tensors of a graph are called, each number as `#`."""
        if id(graph) not in self._known:
            found: set[str] = set()
            for node, own in zip(graph.operations, graph.parameters, strict=True):
                found.update(_numberless(each.name) for each in own)
                if isinstance(node, Repeat):
                    found |= self._names(node.body)
                elif isinstance(node, Call):
                    before = f"{_numberless(node.name)}."
                    found.update(before + name for name in self._names(node.body))
            self._known[id(graph)] = frozenset(found)
        return self._known[id(graph)]


def _numberless(name: Name) -> str:
    return "".join(re.sub(r"\d+", "#", part) if isinstance(part, str) else "#" for part in name)


def round_ties(graph: Graph) -> RoundTies | None:
    """Return the ties of the network, None where there are none."""
    tied = [each for one in graphs_within(graph) for own in one.parameters for each in own if each.tied]
    return RoundTies(iter(tied)) if tied else None
