"""The tensors of a network by name and shape, those of rounds that are alike in one line: `res.{0…3}.conv.Omega`."""

from collections.abc import Iterator
from typing import NamedTuple

from netspec.graph.walk import Frames
from netspec.operations import Call, Graph, Repeat
from netspec.review.spelling import spelled

Ranges = tuple[tuple[int, int], ...]


class Folded(NamedTuple):
    """A tensor, or all those whose names differ in the numbers of rounds only; `learned` is false for state."""

    name: str
    shape: tuple[int, ...]
    learned: bool


def folded_tensors(graph: Graph) -> Iterator[Folded]:
    """Yield the tensors that the network owns, tied and shared ones once, in the order of the graph.

    What repeats is entered once, so that the cost grows with what is written: two million tensors may be four lines.
    """
    met: set[str] = set()

    def enter(graph: Graph, frames: Frames, ranges: Ranges) -> Iterator[Folded]:
        for index, node in enumerate(graph.operations):
            if isinstance(node, Repeat):
                yield from enter(node.body, frames, (*ranges, (0, node.times - 1)))
            elif isinstance(node, Call):
                around = frames[: max(1, len(frames) - node.up)]
                prefix = f"{around[-1]}{spelled(node.name, ranges)}."
                if prefix not in met:  # of a network that is shared, which has its tensors once
                    met.add(prefix)
                    yield from enter(node.body, (*around, prefix), ())
            else:
                for each in graph.parameters[index]:
                    if not each.tied:
                        yield Folded(frames[-1] + spelled(each.name, ranges), each.shape, each.learned)

    return enter(graph, ("",), ())
