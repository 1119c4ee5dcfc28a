"""Where forms are zero on stretches of a line, and the knots that are made there.

In float64 a form that is zero at an end of a stretch, to within its error and that of the end, does not cross: it is
taken to touch there. Crossings that are as near to one another make one knot. What was so decided is counted as
unsure, unless the numbers agree in every bit, as they do for units that are copies of one another: such are taken to be
the same in truth.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.line import ROUNDING, Value
from netspec.regions.numbers import quotients, signs_at
from netspec.regions.overflow import bounded, too_large
from netspec.regions.steps import Array

SLACK: Final = 4.0
"""How many times its error a form has to be away from zero. Errors are estimates: they grow as the slopes do."""


class Crossing(NamedTuple):
    """Which forms cross zero within each stretch: `crosses`, (forms, stretches). `low` and `high` are at its ends.

    `blur` is how far the crossings of a stretch may be off, at most; `touches` is whether any form is zero at an end to
    within its error, `unsure` how many of these are so by more than bits that agree. `level` is whether any is 0 there.
    """

    forms: Array
    crosses: NDArray[np.bool_]
    low: Array
    high: Array
    blur: Array | None
    touches: bool
    unsure: int
    level: bool


class Cut(NamedTuple):
    """Stretches that are to be cut: their new `knots`, of which those at `old` stay; `counts` is what each becomes.

    `blur` is of the new stretches; `touches` and `unsure` are as those of `Crossing`, with the crossings that made one
    knot; `merged` whether there are such.
    """

    knots: Array
    counts: NDArray[np.int64]
    blur: Array
    touches: bool
    unsure: int
    merged: bool

    def parents(self, begin: int, end: int) -> NDArray[np.int64]:
        """Return of some of the new stretches which of the old ones each is a part of."""
        if begin == 0 and end == len(self.knots) - 1:
            return np.repeat(np.arange(len(self.counts)), self.counts)
        return np.searchsorted(np.cumsum(self.counts), np.arange(begin, end), "right")


def shifted(z: Value, point: object) -> Value:
    """Return forms less a number, flat: (2, forms, stretches). It rounds to within what the errors get."""
    forms = z.forms.reshape(2, -1, z.forms.shape[-1])
    errors = None if z.errors is None else z.errors.reshape(forms.shape)
    if point == 0:
        return Value(forms, errors)
    forms = forms.copy()
    forms[0] -= point
    if errors is not None:
        errors = errors.copy()
        errors[0] += np.abs(forms[0]) * ROUNDING
    return Value(forms, errors)


def crossing(z: Value, knots: Array, blur: Array) -> Crossing:
    """Return where forms (2, m, stretches) cross zero."""
    if z.errors is None:
        return _exact_crossing(z.forms, knots)
    constant, slope = z.forms
    first, last = knots[0], knots[-1]
    begin, end = knots[:-1], knots[1:]
    if np.isinf(first) or np.isinf(last):
        begin, end = begin.copy(), end.copy()
        begin[0] = (0.0 if np.isinf(end[0]) else end[0]) if np.isinf(first) else first
        end[-1] = (0.0 if np.isinf(knots[-2]) else begin[-1]) if np.isinf(last) else last
    far = np.maximum(np.abs(begin), np.abs(end))
    low, high = slope * begin, slope * end
    low += constant
    high += constant
    steep = np.abs(slope)
    reach = z.errors[1] * far
    reach += z.errors[0]
    reach *= SLACK
    reach += steep * (blur + far * (8 * ROUNDING))
    if not bounded(reach):
        raise too_large()
    rays = [index for index, there in ((0, first), (-1, last)) if np.isinf(there)]
    unsure = 0
    for ray in rays:
        known = steep[:, ray] > z.errors[1][:, ray]
        unsure += int((~known & (steep[:, ray] > 0)).sum())
        away = np.where(known, np.copysign(np.inf, slope[:, ray]), 0.0)
        if ray == 0:
            low[:, 0] = np.where(known, -away, high[:, 0] if np.isfinite(knots[1]) else constant[:, 0])
        else:
            high[:, -1] = np.where(known, away, low[:, -1] if np.isfinite(knots[-2]) else constant[:, -1])
    nearest = np.minimum(np.abs(low), np.abs(high))
    clear = nearest > reach
    crosses = (low > 0) != (high > 0)
    crosses &= clear
    touches = False
    if not clear.all():
        touches, more = _touching(z.forms, knots, reach, clear)
        unsure += more
    with np.errstate(divide="ignore", invalid="ignore"):
        off = reach / steep
        for ray in rays:
            there = np.abs(constant[:, ray] / steep[:, ray])
            off[:, ray] += (z.errors[1][:, ray] * there + z.errors[0][:, ray]) / steep[:, ray] + there * 4 * ROUNDING
        off *= crosses
    found = np.fmax.reduce(off, 0, initial=0.0)
    return Crossing(z.forms, crosses, low, high, found, touches, unsure, not clear.all())


def _touching(forms: Array, knots: Array, reach: Array, clear: NDArray[np.bool_]) -> tuple[bool, int]:
    """Return whether any form is zero at an end of a stretch to within an error, and how many are not so bit by bit."""
    rows, columns = np.nonzero(~clear)
    inexact = reach[rows, columns] > 0
    rows, columns = rows[inexact], columns[inexact]
    if not len(rows):
        return False, 0
    with np.errstate(divide="ignore", invalid="ignore"):
        at = -forms[0][rows, columns] / forms[1][rows, columns]
    same = (at == knots[columns]) | (at == knots[columns + 1])
    same |= (forms[0][rows, columns] == 0) & (forms[1][rows, columns] == 0)
    return True, int((~same).sum())


def _exact_crossing(forms: Array, knots: Array) -> Crossing:
    slope = forms[1]
    begin, end = knots[:-1].copy(), knots[1:].copy()
    first, last = knots[0] == -np.inf, knots[-1] == np.inf
    if first:
        begin[0] = end[0] if end[0] != np.inf else 0
    if last:
        end[-1] = begin[-1] if not (first and len(begin) == 1) else 0
    low, high = signs_at(forms, begin), signs_at(forms, end)
    if first:
        low[:, 0] = np.where(slope[:, 0] == 0, high[:, 0], -slope[:, 0])
    if last:
        high[:, -1] = np.where(slope[:, -1] == 0, low[:, -1], slope[:, -1])
    crosses = ((low > 0) & (high < 0)) | ((low < 0) & (high > 0))
    return Crossing(forms, crosses.astype(np.bool_), low, high, None, False, 0, True)


def cut(found: Sequence[Crossing], knots: Array, blur: Array) -> Cut:
    """Return how the crossings cut the stretches; where several are one, and how many of these are unsure."""
    pieces, counts = [knots], np.zeros(len(knots) - 1, np.int64)
    new = blur
    for each in found:
        number = np.add.reduce(each.crosses, 0, dtype=_counter(len(each.crosses)))
        if number.any():
            places = np.flatnonzero(each.crosses.reshape(-1))
            slope = each.forms[1].reshape(-1).take(places)
            constant = each.forms[0].reshape(-1).take(places)
            pieces.append(-constant / slope if slope.dtype != object else quotients(-constant, slope))
            counts += number
        if each.blur is not None:
            new = np.maximum(new, each.blur)
    touches = any(each.touches for each in found)
    unsure = sum(each.unsure for each in found)
    counts += 1
    if len(pieces) == 1:
        return Cut(knots, counts, blur, touches, unsure, False)
    whole = np.concatenate(pieces)
    whole.sort()
    after = new.repeat(counts)
    gaps = np.diff(whole)
    close = gaps <= 2 * after
    if not close.any():
        return Cut(whole, counts, after, touches, unsure, False)
    return _merged(whole, counts, after, close, gaps, touches, unsure)


def _merged(
    knots: Array,
    counts: NDArray[np.int64],
    blur: Array,
    close: NDArray[np.bool_],
    gaps: Array,
    touches: bool,
    unsure: int,
) -> Cut:
    """Leave out knots that are one with that before them, or, where that after them is an old one, with that."""
    stops = np.cumsum(counts)
    old = np.zeros(len(knots), np.bool_)
    old[0] = True
    old[stops] = True
    gone = np.zeros(len(knots), np.bool_)
    gone[1:] = close & ~old[1:]
    gone[:-1] |= close & old[1:] & ~old[:-1]
    made = close & ~(old[1:] & old[:-1])
    unsure += int((made & (gaps > 0)).sum())
    kept = ~gone
    within = np.add.reduceat((~gone[1:]).astype(np.int64), np.concatenate([[0], stops[:-1]]))
    # A stretch's last knot is the old one, which stays; so that each becomes one stretch at least.
    where = np.flatnonzero(kept)
    wider = np.maximum.reduceat(blur, where[:-1]) if blur.dtype != object else blur[where[:-1]]
    return Cut(knots[kept], within, wider, touches, unsure, bool(made.any()))


def _counter(rows: int) -> type[np.unsignedinteger]:
    """Return the smallest integers that count so many rows."""
    return np.uint8 if rows < 2**8 else np.uint32
