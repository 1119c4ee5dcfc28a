"""The lines that pass between two walls, as far as their corners are known, from left to right.

Lines y = a x + b are points (a, b), and those that pass a corner above it, or below it, a half-plane whose edge has the
direction (1, -x). So the lines that pass some corners are a convex polygon. At an x to the right of all corners the
value a x + b grows with the slope a along each of its edges, as it changes there by (x - x_corner) da. So the least
value is at the line of least slope, the largest at that of the largest, and a further corner cuts the polygon at these
two ends alone: it is held as two chains of lines from the one to the other, and every line is dropped once.

Whether a line is above a corner is asked far more often than lines are made, and nearly always float64 knows: beside
each number stands the one next to it, and fractions are worked out where rounding leaves the answer open.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple, TypeAlias

Point: TypeAlias = tuple[Fraction, Fraction]

_ROUNDING: Final = 16 * 2.0**-53
"""Of the sizes of a x, b and y, more than what is rounded in a x + b - y: each number, the product and two sums."""

_SMALLEST: Final = 1e-280
"""Sizes below it have fewer digits in float64, or none."""


class Pair(NamedTuple):
    """Two numbers, exactly and next to them in float64: x and y of a corner, or a and b of the line y = a x + b."""

    one: Fraction
    two: Fraction
    near_one: float
    near_two: float


def pair(one: Fraction, two: Fraction) -> Pair:
    """Return two numbers with those next to them."""
    return Pair(one, two, _near(one), _near(two))


def _near(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf


def value(line: Pair, x: Fraction) -> Fraction:
    """Return the line's value."""
    return line.one * x + line.two


def side(line: Pair, corner: Pair) -> int:
    """Return 1 where a line is above a corner, -1 where it is below, 0 where it goes through it."""
    product = line.near_one * corner.near_one
    apart = product + line.near_two - corner.near_two
    size = abs(product) + abs(line.near_two) + abs(corner.near_two)
    if _SMALLEST < _ROUNDING * size < abs(apart) < inf:
        return 1 if apart > 0 else -1
    exact = value(line, corner.one) - corner.two
    return (exact > 0) - (exact < 0)


class Lines:
    """A convex polygon of lines, which shrinks. Corners come with rising x."""

    def __init__(self, one: Iterable[Pair], other: Iterable[Pair]) -> None:
        """Take two chains with the same ends, slopes rising."""
        self._chains = (deque(one), deque(other))

    @classmethod
    def between(cls, low: Pair, high: Pair, next_low: Pair, next_high: Pair) -> "Lines":
        """Return the lines that pass between two points at one x, and between two at a larger one."""
        steepest_down, steepest_up = _line(high, next_low), _line(low, next_high)
        one, other = _line(low, next_low), _line(high, next_high)
        return cls([steepest_down, one, steepest_up], [steepest_down, other, steepest_up])

    @classmethod
    def level(cls, lowest: Fraction, highest: Fraction) -> "Lines":
        """Return the level lines between two heights."""
        zero = Fraction(0)
        both = [pair(zero, lowest), pair(zero, highest)]
        return cls(both, both)

    @classmethod
    def onward(cls, wall: Sequence[Pair], exit_: Pair, beyond: Pair, *, above: bool) -> "Lines":
        """Return the lines that may follow a window: they pass all corners of one wall, which begins with the contact,
        on its inner side (`above` it or below), the window's end on the other, and the wall's next corner, `beyond`.
        """
        if not above:  # upside down
            flipped = cls.onward([_down(point) for point in wall], _down(exit_), _down(beyond), above=True)
            one, other = ([pair(-line.one, -line.two) for line in reversed(chain)] for chain in flipped._chains)
            return cls(one, other)
        hull: list[Pair] = []
        for corner in [*wall, beyond]:
            while len(hull) > 1 and not _turns_down(hull[-2], hull[-1], corner):
                hull.pop()
            hull.append(corner)
        least, most = _line(exit_, beyond), _line(wall[0], exit_)
        sides = [_line(p, q) for p, q in pairwise(hull)]
        return cls([least, most], [least, *reversed(sides), most])

    def all_above(self, corner: Pair) -> bool:
        """Return whether all lines are above a corner that is to the right of those known."""
        return all(side(chain[0], corner) > 0 for chain in self._chains)

    def all_below(self, corner: Pair) -> bool:
        """Return whether all lines are below a corner that is to the right of those known."""
        return all(side(chain[-1], corner) < 0 for chain in self._chains)

    def keep_above(self, corner: Pair) -> None:
        """Keep the lines on or above a corner, of which there are some."""
        self._keep(corner, 1)

    def keep_below(self, corner: Pair) -> None:
        """Keep the lines on or below a corner, of which there are some."""
        if all(side(chain[-1], corner) <= 0 for chain in self._chains):
            return
        for chain in self._chains:
            chain.reverse()
        self._keep(corner, -1)
        for chain in self._chains:
            chain.reverse()

    def _keep(self, corner: Pair, sign: int) -> None:
        """Keep the lines on one side of a corner; the chains begin at the end that is cut."""
        x, y = corner.one, corner.two
        cut = False
        for chain in self._chains:
            dropped: Pair | None = None
            while len(chain) > 1 and sign * side(chain[0], corner) < 0:
                dropped = chain.popleft()
            if dropped is not None:
                cut = True
                here, there = value(dropped, x) - y, value(chain[0], x) - y
                if there:
                    t = here / (here - there)
                    a, b = dropped.one, dropped.two
                    chain.appendleft(pair(a + t * (chain[0].one - a), b + t * (chain[0].two - b)))
        if not cut:
            return
        one, other = self._chains
        first = min(one[0], other[0]) if sign > 0 else max(one[0], other[0])
        for chain in self._chains:
            if chain[0] != first:
                chain.appendleft(first)

    def furthest(self, start: Pair, end: Pair, *, upper: bool) -> tuple[Pair, Pair]:
        """Return the line that meets the upper (or lower) wall's edge from start to end furthest right, and where.

        All lines meet it. Of several through one point it is the one that is lowest left of it (for the lower wall the
        highest), since none of the lines reaches what is beyond that one.
        """
        best: tuple[Fraction, Fraction] | None = None
        for chain in self._chains:
            for line in chain if upper else reversed(chain):
                before, after = value(line, start.one) - start.two, value(line, end.one) - end.two
                key = (before / (before - after), line.one if upper else -line.one)
                if best is not None and key[0] < best[0]:
                    break
                if best is None or key > best:
                    best, chosen = key, line
        if best is None:
            raise RuntimeError("no line is left")
        x = start.one + best[0] * (end.one - start.one)
        return chosen, pair(x, value(chosen, x))

    def middle(self) -> Pair:
        """Return a line in the middle."""
        one, other = self._chains
        ends = (one[0], one[-1], one[len(one) // 2], other[len(other) // 2])
        return pair(
            sum((line.one for line in ends), Fraction(0)) / 4, sum((line.two for line in ends), Fraction(0)) / 4
        )


def _line(p: Pair, q: Pair) -> Pair:
    slope = (q.two - p.two) / (q.one - p.one)
    return pair(slope, p.two - slope * p.one)


def _down(point: Pair) -> Pair:
    return pair(point.one, -point.two)


def _turns_down(p: Pair, q: Pair, r: Pair) -> bool:
    """Whether the way from p over q to r turns to the right."""
    return (q.two - p.two) * (r.one - q.one) > (r.two - q.two) * (q.one - p.one)
