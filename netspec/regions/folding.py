"""How a function of one coordinate folds it: how often each value is hit, and what is laid onto one another."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.regions.domains import Domain
from netspec.regions.intervals import Intervals
from netspec.regions.refining import refined
from netspec.regions.steps import Chain

Array = NDArray[Any]

MOST_PIECES: Final = 1_000_000
"""Cells of a line that are folded."""

_TOLERANCE: Final = 1e-11
"""How near, relative to the largest, two values of y count as one in float64."""


class Lap(NamedTuple):
    """A longest interval low < x < high on which y rises, falls or stays, and y at its ends; ends may be infinite."""

    low: Any
    high: Any
    start: Any
    end: Any


class Hits(NamedTuple):
    """Values low < y < high, each of which is hit `times`: that many inputs are mapped to it."""

    low: Any
    high: Any
    times: int


class Level(NamedTuple):
    """A value of y where hits begin or end, and how often it is hit; None where it is by an interval."""

    y: Any
    times: int | None


class Folding:
    """A continuous piecewise linear function of one coordinate t as it folds it.

    `knots` are the ends of its cells, in order; on cell i it is constants[i] + slopes[i] t. `laps` are its longest
    monotone stretches. `hits` are the intervals of y between the values at the laps' ends, `levels` those values: no
    other value is hit. `words` name the domain.
    """

    def __init__(self, knots: Array, constants: Array, slopes: Array, words: str) -> None:
        self.knots = knots if knots.dtype == object else knots + 0.0  # -0.0 is 0
        self.constants, self.slopes, self.words = constants, slopes, words
        self._begins, self._ends = _values(knots, constants, slopes)
        self._first, self.laps = self._monotone()
        low = np.array([min(lap.start, lap.end) for lap in self.laps], knots.dtype)
        high = np.array([max(lap.start, lap.end) for lap in self.laps], knots.dtype)
        self._low, self._high = low, high
        at = np.unique(np.concatenate([low, high]))
        moving = low < high
        begun, over = np.sort(low[moving]), np.sort(high[moving])
        above = np.searchsorted(begun, at, "right") - np.searchsorted(over, at, "right")
        self.hits = tuple(map(Hits, at[:-1], at[1:], above[:-1].tolist()))
        through = np.searchsorted(begun, at, "left") - np.searchsorted(over, at, "right")
        self.levels = tuple(self._levels(at, through, low[~moving]))

    def _monotone(self) -> tuple[list[int], tuple[Lap, ...]]:
        """Return the first cell of each lap, with one more for the end, and the laps."""
        turn = np.sign(_compared(self._ends, self._begins))
        first = [0, *(np.nonzero(turn[1:] != turn[:-1])[0] + 1).tolist()]
        stops = [*first[1:], len(turn)]
        laps = [
            Lap(self.knots[begin], self.knots[stop], self._begins[begin], self._ends[stop - 1])
            for begin, stop in zip(first, stops, strict=True)
        ]
        return [*first, len(turn)], tuple(laps)

    def _levels(self, at: Array, through: Array, still: Array) -> Iterator[Level]:
        ends = [(lap.low, lap.start) for lap in self.laps] + [(self.laps[-1].high, self.laps[-1].end)]
        values = np.sort(np.array([y for x, y in ends if _finite(x)], at.dtype))
        touching = np.searchsorted(values, at, "right") - np.searchsorted(values, at, "left")
        flat = set(still.tolist())
        for y, passing, ending in zip(at, through.tolist(), touching.tolist(), strict=True):
            if _finite(y):
                yield Level(y, None if y in flat else passing + ending)

    @property
    def most(self) -> int:
        """How many inputs the values that are hit most often have, an interval of them left aside."""
        return max([0, *(each.times for each in self.hits), *(each.times or 0 for each in self.levels)])

    def sources(self, hits: Hits) -> list[tuple[Any, Any]]:
        """Return the intervals of t that are laid onto one another: each is mapped onto the whole of the hits."""
        covering = np.nonzero((self._low <= hits.low) & (self._high >= hits.high) & (self._low < self._high))[0]
        found = []
        for lap in covering.tolist():
            ends = self.reach(lap, hits.low), self.reach(lap, hits.high)
            found.append(ends if ends[0] < ends[1] else ends[::-1])
        return found

    def inputs(self, y: Any) -> list[Any]:
        """Return every t that is mapped to y, in order; of an interval of them its finite ends."""
        found = []
        for lap in np.nonzero((self._low <= y) & (self._high >= y))[0].tolist():
            each = self.laps[lap]
            ends = (each.low, each.high) if each.start == each.end else (self.reach(lap, y),)
            found += [t for t in ends if _finite(t)]
        return list(dict.fromkeys(found))

    def reach(self, lap: int, y: Any) -> Any:
        """Return where a lap that rises or falls reaches y."""
        begin, stop = self._first[lap], self._first[lap + 1]
        begins, ends = self._begins[begin:stop], self._ends[begin:stop]
        rises = begins[0] < ends[-1]
        reached = ends >= y if rises else ends <= y
        cell = begin + int(np.argmax(reached))
        if y == self._begins[cell]:
            return self.knots[cell]
        if y == self._ends[cell]:
            return self.knots[cell + 1]
        return (y - self.constants[cell]) / self.slopes[cell]


def fold(chain: Chain, domain: Domain, most: int = MOST_PIECES) -> Folding:
    """Return how a network of one output folds a domain of one coordinate.

    Raises SystemFault `usage` for another number of outputs or coordinates, for more than `most` cells, and for a
    function that jumps.
    """
    if chain.outputs != 1 or domain.dimension != 1:
        words = f"folds are told of one input and one output, and not of {domain.dimension} and {chain.outputs}"
        raise SystemFault("usage", words)
    cells = Intervals(np.array(domain.spans[0], object if chain.exact else np.float64))
    knots, forms, count = [], [], 0
    for block in refined(chain, cells, domain.start):
        count += len(block.cells)
        if count > most:
            raise SystemFault("usage", f"there are more than {most:,} regions to fold", "take a smaller domain")
        knots.append(block.cells.knots[:-1])
        forms.append(block.forms[:, :, 0])
        last = block.cells.knots[-1:]
    constants, slopes = np.concatenate(forms, 1)
    return Folding(np.concatenate([*knots, last]), constants, slopes, domain.words)


def _values(knots: Array, constants: Array, slopes: Array) -> tuple[Array, Array]:
    """Return y at the beginning and at the end of each cell.

    In float64, values that are nearly the same are made the one with the fewest digits. Raises SystemFault
    `usage` where the two cells beside a knot differ in it.
    """
    begins, ends = _reached(knots[:-1], constants, slopes, -1), _reached(knots[1:], constants, slopes, 1)
    if knots.dtype != object:
        both = np.concatenate([begins, ends])
        finite = np.isfinite(both)
        order = np.argsort(both[finite])
        ranked = both[finite][order]
        size = _TOLERANCE * np.max(np.abs(ranked), initial=1.0)
        group = np.concatenate([[0], np.cumsum(np.diff(ranked) > size)]) if len(ranked) else np.zeros(0, int)
        for begin, stop in _runs(group):
            ranked[begin:stop] = min(set(ranked[begin:stop].tolist()), key=lambda y: (len(repr(y)), y))
        joined = np.empty(len(ranked))
        joined[order] = ranked
        both[finite] = joined
        begins, ends = both[: len(begins)], both[len(begins) :]
    torn = np.nonzero(ends[:-1] != begins[1:])[0]
    if len(torn):
        words = f"y jumps at {float(knots[torn[0] + 1]):.6g}, and what jumps does not fold"
        raise SystemFault("usage", words)
    return begins, ends


def _runs(group: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield where each group of more than one begins and ends."""
    ends = [0, *(np.nonzero(np.diff(group))[0] + 1).tolist(), len(group)]
    yield from ((begin, stop) for begin, stop in pairwise(ends) if stop - begin > 1)


def _reached(knots: Array, constants: Array, slopes: Array, side: int) -> Array:
    """Return constants + slopes · knots; only the last one on a side may be infinite."""
    outer = -1 if side > 0 else 0
    if _finite(knots[outer]):
        whole: Array = constants + slopes * knots
        return whole
    inner = knots.copy()
    inner[outer] = 0
    y: Array = constants + slopes * inner
    slope = slopes[outer]
    if knots.dtype != object and abs(slope) <= _TOLERANCE * np.max(np.abs(slopes)):
        slope = 0
    if slope != 0:
        y[outer] = np.inf if (slope > 0) == (side > 0) else -np.inf
    return y


def _compared(one: Array, other: Array) -> NDArray[np.int64]:
    """Return 1, 0 or -1 where one is above, at or below the other; numbers of objects and infinities among them."""
    return (one > other).astype(np.int64) - (one < other).astype(np.int64)


def _finite(number: Any) -> bool:
    return bool(-np.inf < number < np.inf)
