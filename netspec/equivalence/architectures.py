"""Two architectures, without parameters: equal graphs, or in what they differ."""

from itertools import zip_longest
from typing import Final

from netspec.equivalence.verdict import Verdict
from netspec.graph import Facts
from netspec.graph.walk import Visit, unrolled, visits
from netspec.operations import Affine, Graph, written

_OPERATIONS: Final = 100_000
_FACTS: Final = ("parameters", "capacity", "depth")


def compare_architectures(f: Graph, g: Graph) -> Verdict:
    """Return whether two graphs are equal, by their fingerprints, or in which facts and layer they differ."""
    one, other = Facts(f, "float32"), Facts(g, "float32")
    if one.fingerprint == other.fingerprint:
        return Verdict("equal", f"as architectures: their graphs are equal, {one.fingerprint}")
    told: list[str] = []
    for noun, ours, theirs in (("input", one.inputs, other.inputs), ("output", one.outputs, other.outputs)):
        pair = [", ".join(map(written, shapes.values())) for shapes in (ours, theirs)]
        if pair[0] != pair[1]:
            told.append(f"{noun} {pair[0]} and {pair[1]}")
    for fact in _FACTS:
        values = [
            {"parameters": each.parameters, "capacity": each.capacity, "depth": each.depth}[fact]
            for each in (one, other)
        ]
        if values[0] != values[1]:
            told.append(f"{fact} {_number(values[0])} and {_number(values[1])}")
    first = _first_layer(f, g)
    if first:
        told.append(first)
    return Verdict("different", f"as architectures: {'; '.join(told) or 'values are led in other ways'}")


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _first_layer(f: Graph, g: Graph) -> str:
    """Return the first operation in which they differ, in words; empty where there is none, or too much to look at."""
    if max(unrolled(f), unrolled(g)) > _OPERATIONS:
        return ""
    for number, (one, other) in enumerate(zip_longest(visits(f), visits(g)), 1):
        for whole in (False, True):
            ours, theirs = _said(one, whole), _said(other, whole)
            if ours != theirs:
                return f"operation {number} is {ours} in one and {theirs} in the other"
    return ""


def _said(visit: Visit | None, whole: bool) -> str:
    """Return an operation by its kind, or `whole`, with its numbers."""
    if visit is None:
        return "none"
    shapes = [tensor.shape for _, tensor in visit.tensors if tensor.role == "Omega"]
    if isinstance(visit.operation, Affine) and shapes:
        bias = "" if visit.operation.bias else " without β"
        return f"an affine map {shapes[0][1]} → {shapes[0][0]}{bias}"
    return visit.operation.record() if whole else visit.operation.keyword
