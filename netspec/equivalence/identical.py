"""Whether two models do the same operations on the same numbers, step by step."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

import numpy as np

from netspec.graph.walk import outputs_of, unrolled, visits
from netspec.model import Model
from netspec.operations import Graph, Operation

_OPERATIONS: Final = 200_000


def identical(f: Model, g: Model) -> bool:
    """Return whether both compute the same steps in the same order, with tensors that are the same numbers.

    Names, texts and parts do not count, nor does the dtype in which the numbers are held. Equal fingerprints would not
    do: they do not say which tensor of one graph is which of the other.
    """
    paired = pairing(f.graph, g.graph)
    if paired is None:
        return False
    ours, theirs = f.parameters, g.parameters
    return all(np.array_equal(ours[name], theirs[other]) for name, other in paired.items())


def pairing(f: Graph, g: Graph) -> dict[str, str] | None:
    """Return the name in `g` of each tensor of `f`, where both are the same operations in the same order."""
    if max(unrolled(f), unrolled(g)) > _OPERATIONS or f.inputs != g.inputs:
        return None
    names: dict[str, str] = {}
    back: dict[str, str] = {}
    for one, other in zip_longest(_steps(f), _steps(g)):
        if one is None or other is None or one[:3] != other[:3] or len(one[3]) != len(other[3]):
            return None
        for ours, theirs in zip(one[3], other[3], strict=True):
            if names.setdefault(ours, theirs) != theirs or back.setdefault(theirs, ours) != ours:
                return None  # tied in one and not in the other
    return names if outputs_of(f) == outputs_of(g) else None


def _steps(graph: Graph) -> "Iterator[tuple[tuple[type, Operation], object, object, tuple[str, ...]]]":
    for visit in visits(graph):
        names = tuple(name for name, _ in visit.tensors)
        yield (type(visit.operation), visit.operation), visit.operands, visit.results, names
