"""A search for an input on which two functions differ: corners, random points, lines, and steps uphill from the best.

It can show a difference, and never that there is none.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Rows], Rows]

POINTS: Final = 4_096
LINES: Final = 64
_ON_A_LINE: Final = 65
_CLIMBERS: Final = 16
_CLIMBS: Final = 40
_CORNERS: Final = 10  # inputs whose 2^n corners are all visited


class Found(NamedTuple):
    """What a search saw: how many points besides those on lines, how many lines, and the inputs with the largest
    |f - g|, the largest first.

    Differences that rounding explains count as they are: whoever asks knows how exact f and g are.
    """

    points: int
    lines: int
    best: Rows
    differences: NDArray[np.float64]
    scale: float


class _Search:
    """Evaluates both functions batch by batch, and keeps the inputs that tell them apart best."""

    def __init__(self, f: Function, g: Function, inputs: int, batch: int) -> None:
        self.f, self.g, self.batch = f, g, batch
        self.points = 0
        self.scale = 0.0
        self.best: Rows = np.zeros((0, inputs))
        self.differences: NDArray[np.float64] = np.zeros(0)

    def look(self, x: Rows) -> NDArray[np.float64]:
        """Return |f - g| at each row, the largest over the outputs."""
        found = np.concatenate([self._batch(x[i : i + self.batch]) for i in range(0, len(x), self.batch)])
        self.points += len(x)
        rows = np.concatenate([self.best, x])
        heights = np.concatenate([self.differences, found])
        order = np.argsort(-heights, kind="stable")[:_CLIMBERS]
        self.best, self.differences = rows[order], heights[order]
        return found

    def _batch(self, x: Rows) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            first, second = self.f(x), self.g(x)
            apart = np.abs(first - second)
            alike = (first == second) | (np.isnan(first) & np.isnan(second))
            apart = np.where(alike, 0.0, np.where(np.isnan(apart), np.inf, apart))
            finite = np.isfinite(first)
            if finite.any():
                self.scale = max(self.scale, float(np.abs(first[finite]).max()))
        return np.asarray(apart.reshape(len(x), -1).max(axis=1, initial=0.0))


def search(
    f: Function,
    g: Function,
    low: Rows,
    high: Rows,
    *,
    seed: int = 0,
    batch: int = POINTS,
    effort: float = 1.0,
    narrow: bool = False,
) -> Found:
    """Return what was seen of f - g on the box from `low` to `high`.

    `batch` rows are evaluated at a time; `effort` below 1 looks at fewer points and lines. `narrow` keeps to inputs
    that float32 holds.
    """
    random = np.random.default_rng(seed)
    seen = _Search(f, g, len(low), max(1, batch))
    lines = 0

    def held(x: Rows) -> Rows:
        x = np.clip(x, low, high)
        return np.clip(x.astype(np.float32).astype(np.float64), low, high) if narrow else x

    seen.look(held(np.concatenate(list(_landmarks(low, high, random, effort)))))
    many = max(16, int(POINTS * effort))
    seen.look(held(low + (high - low) * random.random((many, len(low)))))
    for _ in range(max(2, int(LINES * effort))):
        ends = low + (high - low) * random.random((2, len(low)))
        steps = np.linspace(0.0, 1.0, max(9, int(_ON_A_LINE * min(1.0, effort * 4))))[:, None]
        seen.look(held(ends[0] + steps * (ends[1] - ends[0])))
        seen.points -= len(steps)
        lines += 1
    reach = 0.25
    for _ in range(max(4, int(_CLIMBS * effort))):
        tries = seen.best + reach * (high - low) * random.standard_normal(seen.best.shape)
        seen.look(held(tries))
        reach *= 0.8
    return Found(seen.points, lines, seen.best, seen.differences, seen.scale)


def _landmarks(low: Rows, high: Rows, random: np.random.Generator, effort: float) -> Iterator[Rows]:
    """Yield the middle, 0, corners (all of them in few dimensions), and single steps from the middle."""
    count = len(low)
    middle = (low + high) / 2
    yield middle[None]
    yield np.clip(np.zeros(count), low, high)[None]
    corners: NDArray[Any] = (
        (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
        if count <= _CORNERS
        else random.integers(0, 2, (max(8, int(256 * effort)), count))
    )
    yield np.where(corners, high, low)
    for axis in range(min(count, max(4, int(64 * effort)))):
        ends = np.stack([middle, middle])
        ends[:, axis] = low[axis], high[axis]
        yield ends
