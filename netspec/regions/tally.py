"""Counts of stretches that follow one another on a line, which add up at their seams."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.crossings import SLACK
from netspec.regions.line import Line, Value
from netspec.regions.overflow import finite
from netspec.regions.steps import Array, Forms

_AGREEING: Final = 0.25
"""What share of their errors outputs may differ by and be one map for sure: the same sums, taken in another order."""


class Edge(NamedTuple):
    """The outputs on the outermost stretch of a tally: forms (2, outputs), their errors, and a signature or 0."""

    forms: Forms
    errors: Forms | None
    signature: int


class Tally(NamedTuple):
    """What was counted on some stretches: cells, pieces, and what float64 could not tell."""

    cells: int
    pieces: int
    unsure: int
    first: Edge
    last: Edge


def same(
    before: Forms, after: Forms, errors: Forms | None, knots: Array, jumps: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether outputs are one map on both sides of knots, and where float64 is not sure of it.

    before, after: (2, outputs, knots). `errors` are those of both together. Where nothing jumps the slopes tell.
    """
    change = after - before
    if errors is None:
        equal = (change == 0).all((0, 1))
        return equal.astype(np.bool_), np.zeros(len(equal), np.bool_)
    slope = np.abs(change[1])
    near, exact = slope <= errors[1] * SLACK, slope <= errors[1] * _AGREEING
    if jumps:
        at = np.abs(change[1] * knots + change[0])
        reach = errors[1] * np.abs(knots) + errors[0]
        near &= at <= reach * SLACK
        exact &= at <= reach * _AGREEING
    alike = near.all(0)
    return alike, alike & ~exact.all(0)


def tallied(line: Line, y: Value, jumps: bool) -> Tally:
    """Return the tally of stretches whose outputs are given."""
    forms = finite(y.forms.reshape(2, -1, len(line)))
    errors = None if y.errors is None else y.errors.reshape(forms.shape)
    both = None if errors is None else errors[..., :-1] + errors[..., 1:]
    alike, unsure = same(forms[..., :-1], forms[..., 1:], both, line.knots[1:-1], jumps)
    signatures = line.signatures
    cells = len(line) if signatures is None else 1 + int((signatures[1:] != signatures[:-1]).sum())
    return Tally(
        cells,
        len(line) - int(alike.sum()),
        int(unsure.sum()),
        edge(forms, errors, signatures, 0),
        edge(forms, errors, signatures, -1),
    )


def edge(forms: Forms, errors: Forms | None, signatures: NDArray[np.uint64] | None, index: int) -> Edge:
    """Return the outputs on one of some stretches."""
    return Edge(
        forms[..., index].copy(),
        None if errors is None else errors[..., index].copy(),
        0 if signatures is None else int(signatures[index]),
    )


def joined(left: Tally | None, right: Tally, knot: object, *, jumps: bool, signed: bool) -> Tally:
    """Return the tally of stretches and of those that follow them, which meet at a knot."""
    if left is None:
        return right
    before, after = left.last, right.first
    both = None if before.errors is None or after.errors is None else (before.errors + after.errors)[..., None]
    at = np.array([knot], before.forms.dtype)
    alike, unsure = same(before.forms[..., None], after.forms[..., None], both, at, jumps)
    one_cell = signed and before.signature == after.signature
    return Tally(
        left.cells + right.cells - int(one_cell),
        left.pieces + right.pieces - int(alike[0]),
        left.unsure + right.unsure + int(unsure[0]),
        left.first,
        right.last,
    )
