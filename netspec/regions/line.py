"""Stretches of a line between knots, on each of which every value of a network is one affine form.

All arrays have the stretches as their last axis: forms are (2, *shape, stretches), the constant before the slope. In
float64 each form has an error beside it, of the same shape: how far, at most, the constant and the slope may be from
those that exact arithmetic had found. It follows the steps by the rules of rounding (Higham 2002, §3: a sum of n
products is within n u of the sum of their magnitudes), u being half of the distance from 1 to the next number.
Rationals have no errors: None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.numbers import signs_at
from netspec.regions.steps import Array, Bend, Chain, Forms, Linear, Step

ROUNDING: Final = 2.0**-53
"""u: the most that one operation in float64 is off, relative to its result."""


class Value(NamedTuple):
    """A value of the network on some stretches: its forms, and their errors."""

    forms: Forms
    errors: Forms | None

    def take(self, parents: NDArray[np.int64]) -> "Value":
        """Return it on the stretches that others were cut into."""
        errors = None if self.errors is None else self.errors.take(parents, -1)
        return Value(self.forms.take(parents, -1), errors)

    def part(self, begin: int, end: int) -> "Value":
        """Return it on some of the stretches, without a copy."""
        return Value(self.forms[..., begin:end], None if self.errors is None else self.errors[..., begin:end])


@dataclass(slots=True)
class Line:
    """Stretches that follow one another, and what is known of each.

    `knots` are their ends, one more than they are, of which the outer two may be infinite. `blur` is how far the ends
    of each may be off. `best` is of the step that takes the largest, while it compares: which element leads.
    """

    knots: Array
    blur: Array
    values: dict[int, Value]
    signatures: NDArray[np.uint64] | None = None
    best: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.knots) - 1

    def part(self, begin: int, end: int) -> "Line":
        """Return some of the stretches."""
        return Line(
            self.knots[begin : end + 1],
            self.blur[begin:end],
            {number: value.part(begin, end) for number, value in self.values.items()},
            None if self.signatures is None else self.signatures[begin:end],
            None if self.best is None else self.best[..., begin:end],
        )


def middles(knots: Array) -> Array:
    """Return a point within each stretch: where an end is infinite, beyond the other by its distance from 0 and 1."""
    if knots.dtype != object:
        with np.errstate(invalid="ignore"):
            within = knots[:-1] * 0.5 + knots[1:] * 0.5
    else:
        within = np.empty(len(knots) - 1, object)
        within[1:-1] = (knots[1:-2] + knots[2:-1]) / 2
    for index in (0, len(within) - 1):
        within[index] = _middle(knots[index], knots[index + 1])
    return within


def _middle(low: Any, high: Any) -> Any:
    if low == -np.inf:
        return 0 if high == np.inf else high - abs(high) - 1
    return low + abs(low) + 1 if high == np.inf else low / 2 + high / 2


def linear(step: Linear, operands: Sequence[Value]) -> Value:
    """Return what a linear step makes of its operands."""
    forms = _acted([each.forms for each in operands], step.matrix, step.act)
    before = [each.errors for each in operands if each.errors is not None]
    errors = None
    if before:
        matrix, size = None if step.matrix is None else np.abs(step.matrix), step.size or step.act
        errors = _acted(before, matrix, size)
        if step.terms:
            np.minimum(errors, _grown(operands, before, forms), out=errors)
            errors += _acted([np.abs(each.forms) * (step.terms * ROUNDING) for each in operands], matrix, size)
    if step.constant is not None:
        forms[0] += step.constant[..., None]
        if errors is not None:
            errors[0] += np.abs(step.constant)[..., None] * (2 * ROUNDING)
    return Value(forms, errors)


def _grown(operands: Sequence[Value], errors: Sequence[Forms], forms: Forms) -> Array:
    """Return the largest errors of the operands, grown as the steepest slope grows: (2, 1, …, stretches).

    Errors and slopes go through the same matrices. Magnitudes of weights would forget that they cancel one another in
    both alike, so that a zig-zag of ten layers could not be told from noise.
    """
    before = np.max([_largest(each.forms[1]) for each in operands], 0)
    off = np.stack([np.max([_largest(each[row]) for each in errors], 0) for row in (0, 1)])
    found: Array = off * (_largest(forms[1]) / before)
    found[:, before == 0] = np.inf
    return found.reshape(2, *(1,) * (forms.ndim - 2), -1)


def _largest(slopes: Array) -> Array:
    """Return the largest magnitude on each stretch."""
    whole: Array = np.abs(slopes).max(tuple(range(slopes.ndim - 1)))
    return whole


def _acted(operands: Sequence[Forms], matrix: Array | None, act: Any) -> Forms:
    if matrix is not None:
        product: Forms = np.matmul(matrix, operands[0])
        return product
    count = operands[0].shape[-1]
    rows = [np.moveaxis(each, -1, 1).reshape(2 * count, *each.shape[1:-1]) for each in operands]
    acted = act(rows)
    return np.ascontiguousarray(np.moveaxis(acted.reshape(2, count, *acted.shape[1:]), 1, -1))


def bent(step: Bend, z: Value, middle: Array, doubtful: bool) -> tuple[Value, NDArray[Any]]:
    """Return what a bend makes of forms that cross none of its points, and in which piece each lies.

    Where the piece is `doubtful`, because forms are zero to within their errors, the error covers each piece.
    """
    if middle.dtype == object:
        return _bent_exactly(step, z, middle)
    at = z.forms[1] * middle
    at += z.forms[0]
    slopes, offsets = step.slopes[..., None], step.offsets[..., None]
    piece: NDArray[Any] = at > step.points[0] if step.points else np.zeros(at.shape, np.bool_)
    if len(step.points) == 1 and _plain(step.slopes, 0) and _plain(step.slopes, 1) and not step.offsets.any():
        forms = z.forms * piece  # relu
        errors = None if z.errors is None else z.errors * piece
    else:
        piece = piece.astype(np.int64)
        for point in step.points[1:]:
            piece += at > point
        slope, offset = _picked(slopes, piece), _picked(offsets, piece)
        forms = z.forms * slope
        forms[0] += offset
        errors = None
        if z.errors is not None:
            errors = z.errors * np.abs(slope)
            if not np.isin(step.slopes, (0.0, 1.0, -1.0)).all() or step.offsets.any():
                errors += np.abs(forms) * (2 * ROUNDING)
                errors[0] += np.abs(offset) * (2 * ROUNDING)
    if doubtful and z.errors is not None and errors is not None:
        most = np.max(np.abs(slopes), 0)
        reach = z.errors[1] * np.abs(middle) + z.errors[0]
        unknown = np.zeros(at.shape, np.bool_)
        for point in step.points:
            unknown |= (np.abs(at - point) <= reach) & (reach > 0)
        errors = np.where(unknown, most * (np.abs(z.forms) + z.errors), errors)
    return Value(forms, errors), piece


def _bent_exactly(step: Bend, z: Value, middle: Array) -> tuple[Value, NDArray[Any]]:
    piece = np.zeros(z.forms.shape[1:], np.int64)
    for point in step.points:
        piece += (signs_at(z.forms, middle, point) > 0).astype(np.int64)
    forms = z.forms * _picked(step.slopes[..., None], piece)
    forms[0] += _picked(step.offsets[..., None], piece)
    return Value(forms, None), piece


def _plain(slopes: Array, index: int) -> bool:
    return len(slopes) == 2 and bool((slopes[index] == index).all())


def _picked(table: Array, piece: NDArray[np.int64]) -> Array:
    """Return table[piece] elementwise. table: (pieces, *shape or ones, 1), piece: (*shape, stretches)."""
    if table[0].size == 1:
        flat: Array = table.reshape(-1)[piece]
        return flat
    whole = np.broadcast_to(table, (len(table), *piece.shape))
    found: Array = np.take_along_axis(whole, piece[None], 0)[0]
    return found


def widest(chain: Chain, start: Forms) -> int:
    """Return how many forms live at a time on one stretch at most, found by following one stretch."""
    values: dict[int, Value] = {0: Value(start, None)}
    most = int(start[0].size)
    for step, done in zip(chain.steps, chain.last_read, strict=True):
        values[step.result] = _shaped(step, values)
        most = max(most, sum(int(value.forms[0].size) for value in values.values()))
        for number in done:
            del values[number]
    return most


def _shaped(step: Step, values: dict[int, Value]) -> Value:
    """Return forms of the shape of a step's result on one stretch."""
    if isinstance(step, Linear):
        return linear(step, [values[operand] for operand in step.operands])
    if isinstance(step, Bend):
        return values[step.operands[0]]
    return Value(np.zeros((2, *step.shape, 1), values[step.operands[0]].forms.dtype), None)
