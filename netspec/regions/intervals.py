"""Cells in one dimension: the intervals between knots on a line."""

from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.refining import Parents
from netspec.regions.steps import Forms

_TOLERANCE: Final = 1e-12
"""How near to a knot, relative to its size and that of the interval, a cut counts as the knot, in float64."""


class Intervals:
    """Intervals that follow one another: `knots` are their ends, one more than they are; the outer two may be ±∞."""

    def __init__(self, knots: NDArray[Any]) -> None:
        self.knots = knots

    def __len__(self) -> int:
        return len(self.knots) - 1

    def part(self, start: int, stop: int) -> Self:
        """Return some of the intervals."""
        return type(self)(self.knots[start : min(stop, len(self)) + 1])

    def middles(self) -> NDArray[Any]:
        """Return a point in each interval, (intervals, 1)."""
        low, high = self.knots[:-1], self.knots[1:]
        inside = np.where(low == -np.inf, np.where(high == np.inf, 0, high - 1), np.where(high == np.inf, low + 1, low))
        bounded = (low != -np.inf) & (high != np.inf)
        inside[bounded] = (low[bounded] + high[bounded]) / 2
        return inside[:, None]

    def cut(self, forms: Forms) -> tuple[Self, Parents]:
        """Return the intervals cut where forms (2, intervals, m) are zero strictly inside, and the parents."""
        constant, slope = forms
        rows, columns = np.nonzero(slope)
        cuts = -constant[rows, columns] / slope[rows, columns]
        low, high = self.knots[:-1][rows], self.knots[1:][rows]
        inside = (cuts > low) & (cuts < high)
        cuts = cuts[inside]
        knots = np.concatenate([self.knots, cuts])
        order = np.argsort(knots, kind="stable")
        knots, old = knots[order], order < len(self.knots)
        kept = np.ones(len(knots), bool)
        apart = np.diff(knots)
        size = np.maximum(1, np.minimum(np.abs(knots[1:]), np.abs(knots[:-1])))
        near = apart <= (0 if knots.dtype == object else _TOLERANCE * size)
        kept[1:] = ~near
        kept[old] = True
        kept[:-1] &= ~(near & old[1:] & ~old[:-1])
        parents = np.cumsum(old) - 1
        return type(self)(knots[kept]), parents[kept][:-1]
