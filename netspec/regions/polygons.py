"""Cells in two dimensions: convex polygons, bounded or not, that are cut along lines in rounds of all at once.

Corners are homogeneous, (x_0, x_1, x_2) with x_0 = 1, or 0 for a corner at infinity: a line's form has the value
constant · x_0 + slopes · (x_1, x_2) at both kinds, and the plane is three polygons like any others. Polygons share no
corners. Their edges have labels instead, by which neighbours are found: both sides of one cut have the same, but for
its lowest bit. Each corner knows in float64 how far from its true place it may be, so that a line through it is one.
"""

from fractions import Fraction
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.cuts import Cuts
from netspec.regions.domains import Domain
from netspec.regions.ragged import Indices, following, offsets_of, picked
from netspec.regions.refining import Parents
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Forms

SIDES: Final = (-1, -2, -3, -4)
"""The labels of edges that no cut has made: the domain's own. All are negative."""

_PAIRS_AT_ONCE: Final = 1 << 17


class Corners(NamedTuple):
    """Polygons as rows of corners, in the order of a walk around: `places` is (3, corners).

    `labels` are those of the edges from each corner to the next. `slack` is how far each corner may be from its place,
    and `aside` how far the edge may be from its line, which is far less where two lines meet at a small angle.
    """

    offsets: Indices
    places: NDArray[Any]
    labels: Indices
    slack: NDArray[Any]
    aside: NDArray[Any]

    def rows(self, chosen: Indices) -> "Corners":
        """Return some of the polygons, in any order."""
        where, offsets = picked(self.offsets, chosen)
        return Corners(offsets, self.places[:, where], self.labels[where], self.slack[where], self.aside[where])


def joined(parts: list[Corners]) -> Corners:
    """Return polygons one after the other."""
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    places, labels, slack, aside = (
        np.concatenate([part[field] for part in parts], -1) for field in range(1, len(Corners._fields))
    )
    return Corners(offsets_of(counts), places, labels, slack, aside)


class Polygons:
    """Convex polygons in the plane, and what those of one domain share.

    `pending` are the pairs of polygon and form that a cut has left, when it stopped early: the next is by the same.
    """

    def __init__(self, corners: Corners, cuts: Cuts, pending: tuple[Indices, Indices] | None = None) -> None:
        self.corners = corners
        self.cuts = cuts
        self.pending = pending

    def __len__(self) -> int:
        return len(self.corners.offsets) - 1

    def part(self, start: int, stop: int) -> Self:
        """Return some of the polygons."""
        pending = None
        if self.pending is not None:
            rows, units = self.pending
            here = (rows >= start) & (rows < stop)
            pending = rows[here] - start, units[here]
        return type(self)(self.corners.rows(np.arange(start, min(stop, len(self)))), self.cuts, pending)

    def middles(self) -> NDArray[Any]:
        """Return a point inside each polygon, (polygons, 2)."""
        sums = np.add.reduceat(self.corners.places, self.corners.offsets[:-1], axis=1)
        found: NDArray[Any] = (sums[1:] / sums[0]).T
        return found

    def cut(self, forms: Forms) -> tuple[Self, Parents]:
        """Return the polygons cut where forms (3, polygons, m) are zero, and the parents."""
        cells, parents, _ = self.cut_within(forms, None, None)
        return cells, parents

    def cut_within(self, forms: Forms, errors: Errors | None, most: int | None) -> tuple[Self, Parents, bool]:
        """Return the same with forms that have errors, (3, m); stop where there are more than `most` polygons."""
        parents = np.arange(len(self))
        if self.pending is None:
            whole = _Pending(self.corners, parents, *_near(self.corners, forms, errors))
            whole = whole.kept(whole.crossed(forms, errors, self.cuts))
        else:
            whole = _Pending(self.corners, parents, *self.pending)
        ready, pending = whole.apart()
        done = [ready]
        total = len(self)
        while len(pending.parents) and (most is None or total <= most):
            split, stuck = pending.split(forms, errors, self.cuts)
            total += len(split.parents) - len(pending.parents) + len(stuck.parents)
            done.append(stuck)
            ready, pending = split.kept(split.crossed(forms, errors, self.cuts)).apart()
            done.append(ready)
        finished = not len(pending.parents)
        done.append(pending)
        if len(done) == 2 and finished:
            return type(self)(self.corners, self.cuts), parents, True
        parents = np.concatenate([each.parents for each in done])
        order = np.argsort(parents, kind="stable")
        corners = joined([each.corners for each in done]).rows(order)
        left = None
        if not finished:
            places = np.empty(len(order), np.int64)
            places[order] = np.arange(len(order))
            rows = places[len(order) - len(pending.parents) + pending.rows]
            turn = np.argsort(rows, kind="stable")
            left = rows[turn], pending.units[turn]
        return type(self)(corners, self.cuts, left), parents[order], finished


class _Pending(NamedTuple):
    """Polygons, of which parent each is a part, and by which forms it is yet to be cut: pairs in order of `rows`."""

    corners: Corners
    parents: Parents
    rows: Indices
    units: Indices

    def kept(self, pairs: NDArray[np.bool_]) -> "_Pending":
        """Return the polygons with some of the pairs."""
        return self._replace(rows=self.rows[pairs], units=self.units[pairs])

    def apart(self) -> "tuple[_Pending, _Pending]":
        """Return the polygons that nothing cuts any more, and the others."""
        waits = np.zeros(len(self.parents), bool)
        waits[self.rows] = True
        numbers = np.cumsum(waits) - 1
        nothing = np.zeros(0, np.int64)
        free, bound = np.flatnonzero(~waits), np.flatnonzero(waits)
        ready = _Pending(self.corners.rows(free), self.parents[free], nothing, nothing)
        return ready, _Pending(self.corners.rows(bound), self.parents[bound], numbers[self.rows], self.units)

    def crossed(self, forms: Forms, errors: Errors | None, cuts: Cuts) -> NDArray[np.bool_]:
        """Return which pairs are true: the form has corners clearly above and clearly below."""
        found = np.zeros(len(self.rows), bool)
        for begin in range(0, len(found), _PAIRS_AT_ONCE):
            rows, units = (each[begin : begin + _PAIRS_AT_ONCE] for each in (self.rows, self.units))
            where, offsets = picked(self.corners.offsets, rows)
            repeated = np.repeat(np.arange(len(rows)), np.diff(offsets))
            chosen = forms[:, self.parents[rows], units]
            heights = _heights(self.corners, where, chosen[:, repeated], errors, units[repeated])
            value, doubt = heights.value, heights.doubt(self.corners.slack[where])
            above = np.logical_or.reduceat(value > doubt, offsets[:-1])
            crosses = above & np.logical_or.reduceat(value < -doubt, offsets[:-1])
            if errors is not None:
                may = np.logical_or.reduceat(value < doubt, offsets[:-1])
                may &= np.logical_or.reduceat(value > -doubt, offsets[:-1]) & chosen.any(0)
                cuts.unsure += int((may & ~crosses).sum())
            found[begin : begin + _PAIRS_AT_ONCE] = crosses
        return found

    def split(self, forms: Forms, errors: Errors | None, cuts: Cuts) -> "tuple[_Pending, _Pending]":
        """Return the polygons cut by the first form of each, with what is left to cut; and those that it cannot cut."""
        first = np.searchsorted(self.rows, np.arange(len(self.parents)))
        units = self.units[first]
        of = np.repeat(np.arange(len(self.parents)), np.diff(self.corners.offsets))
        chosen = forms[:, self.parents, units][:, of]
        heights = _heights(self.corners, np.arange(len(of)), chosen, errors, units[of])
        value, doubt = heights.value, heights.doubt(self.corners.slack)
        side = _sides((value > doubt).astype(np.int8) - (value < -doubt), self.corners.offsets)
        fair = (
            np.add.reduceat((side > 0) & (side[following(self.corners.offsets)] <= 0), self.corners.offsets[:-1]) == 1
        )
        left = np.ones(len(self.rows), bool)
        left[first] = False
        rest = self.kept(left)
        if not fair.all():
            # Corners that rounding has put out of order: no cut through this polygon is better than a wrong one.
            cuts.unsure += int((~fair).sum())
            apart, stuck = rest._of(np.flatnonzero(fair)), rest._of(np.flatnonzero(~fair))
            side, heights = side[fair[of]], _Heights(*(each[fair[of]] for each in heights))
            nothing = np.zeros(0, np.int64)
            stuck = stuck._replace(rows=nothing, units=nothing)
        else:
            apart, stuck = rest, rest._of(np.zeros(0, np.int64))
        labels = cuts.labels(len(apart.parents))
        cut = _cut(apart.corners, side, heights)
        halves = [_half(apart.corners, side * sign, cut, labels + (sign < 0)) for sign in (1, -1)]
        parents = np.concatenate([apart.parents] * 2)
        rows = np.concatenate([apart.rows, apart.rows + len(apart.parents)])
        return _Pending(joined(halves), parents, rows, np.concatenate([apart.units] * 2)), stuck

    def _of(self, chosen: Indices) -> "_Pending":
        """Return some of the polygons, in order."""
        numbers = np.full(len(self.parents), -1)
        numbers[chosen] = np.arange(len(chosen))
        rows = numbers[self.rows]
        there = rows >= 0
        return _Pending(self.corners.rows(chosen), self.parents[chosen], rows[there], self.units[there])


def _near(corners: Corners, forms: Forms, errors: Errors | None) -> tuple[Indices, Indices]:
    """Return the pairs of polygon and form that may cross: all whose bounding box does, in order of polygons."""
    far = np.logical_or.reduceat(corners.places[0] == 0, corners.offsets[:-1])
    low, high = (each.reduceat(corners.places[1:], corners.offsets[:-1], axis=1) for each in (np.minimum, np.maximum))
    middle, reach = (low + high) / 2, (high - low) / 2
    if corners.places.dtype != object:
        reach = reach * (1 + 16 * EPSILON) + 16 * EPSILON * np.abs(middle)
    value = forms[0] + forms[1] * middle[0][:, None] + forms[2] * middle[1][:, None]
    bound = np.abs(forms[1]) * reach[0][:, None] + np.abs(forms[2]) * reach[1][:, None]
    if errors is not None:
        bound += TOLERANCE * (errors[0] + (errors[1] + errors[2]) * np.abs(corners.places[1:]).max())
    rows, units = np.nonzero((np.abs(value) <= bound) | far[:, None])
    return rows, units


class _Heights(NamedTuple):
    """What a form is at corners, how far that may be from the truth, and how much it changes along a coordinate."""

    value: NDArray[Any]
    error: NDArray[Any]
    steepness: NDArray[Any]

    def doubt(self, slack: NDArray[Any]) -> NDArray[Any]:
        """Return how far from zero a value must be, given how far the corners may be from their places."""
        found: NDArray[Any] = TOLERANCE * (self.error + self.steepness * slack)
        return found


def _heights(corners: Corners, where: Indices, forms: NDArray[Any], errors: Errors | None, units: Indices) -> _Heights:
    """Return the heights of corners for the form of each. forms: (3, corners asked for)."""
    places = corners.places[:, where]
    value = forms[0] * places[0] + forms[1] * places[1] + forms[2] * places[2]
    if errors is None:
        nothing = np.zeros(value.shape, np.int64)
        return _Heights(value, nothing, nothing)
    sizes = np.abs(places)
    products = np.abs(forms[0]) * sizes[0] + np.abs(forms[1]) * sizes[1] + np.abs(forms[2]) * sizes[2]
    error = errors[0][units] * sizes[0] + errors[1][units] * sizes[1] + errors[2][units] * sizes[2]
    return _Heights(value, error + EPSILON * products, np.abs(forms[1]) + np.abs(forms[2]))


def _sides(sign: NDArray[np.int8], offsets: Indices) -> NDArray[np.int8]:
    """Return the signs with at most one corner of zero at each change; zeros between equals are like these."""
    if sign.all():
        return sign
    after = following(offsets)
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    last, next_ = sign[before], sign[after]
    for _ in range(int(np.diff(offsets).max())):
        open_last, open_next = (sign == 0) & (last == 0), (sign == 0) & (next_ == 0)
        if not (open_last.any() or open_next.any()):
            break
        last, next_ = np.where(open_last, last[before], last), np.where(open_next, next_[after], next_)
    side = np.where((sign == 0) & ((last == next_) | (sign[after] == 0)), last, sign)
    return side.astype(np.int8)


class _Cut(NamedTuple):
    """The new corners of polygons that are cut, in the order of the edges that they are on; and how far the cut of each
    polygon may be from its line.
    """

    places: NDArray[Any]
    slack: NDArray[Any]
    aside: NDArray[Any]


def _cut(corners: Corners, side: NDArray[np.int8], heights: _Heights) -> _Cut:
    """Return the corners at which forms are zero on the edges between corners above and below."""
    after = following(corners.offsets)
    a = np.flatnonzero(side * side[after] < 0)
    b = after[a]
    at_a, at_b = np.abs(heights.value[a]), np.abs(heights.value[b])
    near_b = at_a / (at_a + at_b)
    near_a = 1 - near_b
    from_, to = corners.places[:, a], corners.places[:, b]
    place = from_ * near_a + to * near_b
    scale = np.where(place[0] != 0, place[0], np.abs(place[1]) + np.abs(place[2]))
    place = place / scale
    polygons = len(corners.offsets) - 1
    if place.dtype == object:
        return _Cut(place, corners.slack[a], np.zeros(polygons, object))
    error = near_a * heights.error[a] + near_b * heights.error[b]
    off = error + heights.steepness[a] * corners.aside[a]
    slack = slack_between(place, scale, (from_, to), off / (at_a + at_b), corners.aside[a])
    of = np.repeat(np.arange(polygons), np.diff(corners.offsets))
    level = np.flatnonzero(side == 0)
    aside = np.zeros(polygons)
    np.maximum.at(aside, of[a], error / scale / heights.steepness[a])
    np.maximum.at(aside, of[level], (np.abs(heights.value[level]) + heights.error[level]) / heights.steepness[level])
    return _Cut(place, slack, aside)


def slack_between(
    place: NDArray[Any], scale: NDArray[Any], ends: tuple[NDArray[Any], NDArray[Any]], along: Any, aside: Any
) -> NDArray[np.float64]:
    """Return how far points between two ends may be from their places; these are (n + 1, points).

    `scale` is what the points were divided by, `along` which part of the way from one end to the other, and `aside` how
    far across it, they may be off.
    """
    begin, end = ends
    length = np.abs(end - begin - place * (end[0] - begin[0])).max(0)
    found: NDArray[np.float64] = (along * length + aside) / scale + EPSILON * np.abs(place).max(0)
    return found


def _half(corners: Corners, side: NDArray[np.int8], cut: _Cut, labels: Indices) -> Corners:
    """Return the part of each polygon where the side is not below, with the label of the cut on its new edge."""
    after = following(corners.offsets)
    of = np.repeat(np.arange(len(labels)), np.diff(corners.offsets))
    kept, crosses = side >= 0, side * side[after] < 0
    ends = np.cumsum(kept.astype(np.int64) + crosses)
    offsets = np.zeros(len(labels) + 1, np.int64)
    offsets[1:] = ends[corners.offsets[1:] - 1]
    own, new = np.flatnonzero(kept), np.flatnonzero(crosses)
    to_own, to_new = ends[own] - 1 - crosses[own], ends[new] - 1
    places = np.empty((3, offsets[-1]), corners.places.dtype)
    places[:, to_own], places[:, to_new] = corners.places[:, own], cut.places
    slack, aside = np.empty(offsets[-1], corners.slack.dtype), np.empty(offsets[-1], corners.slack.dtype)
    slack[to_own], slack[to_new] = corners.slack[own], cut.slack
    found = np.empty(offsets[-1], np.int64)
    for to, from_, leaves in (
        (to_own, own, (side[own] == 0) & (side[after[own]] < 0)),
        (to_new, new, side[new] > 0),
    ):
        found[to] = np.where(leaves, labels[of[from_]], corners.labels[from_])
        aside[to] = np.where(leaves, cut.aside[of[from_]], corners.aside[from_])
    return Corners(offsets, places, found, slack, aside)


def polygons_of(domain: Domain) -> Polygons:
    """Return the polygons of a domain of two dimensions: one, or three of the whole plane."""
    number = domain.start.reshape(-1)[0]
    exact = domain.start.dtype == object
    one, zero = (number - number + 1), number - number
    if domain.bounded:
        (left, right), (low, high) = domain.spans
        places = [[one] * 4, [left, right, right, left], [low, low, high, high]]
        return Polygons(_first([4], places, [*SIDES], exact), Cuts())
    origin = (_number(Fraction(137, 1009), exact), _number(Fraction(-211, 1013), exact))
    rays = [(_number(Fraction(a, 997), exact), _number(Fraction(b, 997), exact)) for a, b in _RAYS]
    cuts = Cuts()
    labels = cuts.labels(len(rays)).tolist()
    rows: list[tuple[Any, Any, Any]] = []
    edges: list[int] = []
    for i, ray in enumerate(rays):
        after = (i + 1) % 3
        rows += [(one, *origin), (zero, *ray), (zero, *rays[after])]
        edges += [labels[i], SIDES[0], labels[after] + 1]
    return Polygons(_first([3] * 3, [list(row) for row in zip(*rows, strict=True)], edges, exact), cuts)


_RAYS: Final = ((991, 107), (-499, 863), (-503, -859))
"""Directions in which the plane is cut at first, nearly of length 1 and none along an axis, in the order of a walk."""


def _number(value: Fraction, exact: bool) -> Any:
    return value if exact else float(value)


def _first(counts: list[int], places: list[list[Any]], labels: list[int], exact: bool) -> Corners:
    dtype = object if exact else np.float64
    whole = np.array(places, dtype)
    slack = np.zeros(whole.shape[1], dtype)
    return Corners(offsets_of(np.array(counts)), whole, np.array(labels), slack, slack)


def start_of(domain: Domain, cells: int) -> Forms:
    """Return the forms of x on so many cells of the domain: (n + 1, cells, inputs)."""
    return np.repeat(domain.start, cells, 1)
