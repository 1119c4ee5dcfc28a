"""The lines that pass between two walls, as far as their corners are known, from left to right.

Lines y = a x + b are points (a, b), and those that pass a corner above it, or below it, a half-plane whose edge has the
direction (1, -x). So the lines that pass some corners are a convex polygon. At an x to the right of all corners the
value a x + b grows with the slope a along each of its edges, as it changes there by (x - x_corner) da. So the least
value is at the line of least slope, the largest at that of the largest, and a further corner cuts the polygon at these
two ends alone: it is held as two chains of lines from the one to the other, and every line is dropped once.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[Fraction, Fraction]
Line: TypeAlias = tuple[Fraction, Fraction]
"""Slope a and constant b of y = a x + b."""


def value(line: Line, x: Fraction) -> Fraction:
    """Return the line's value."""
    return line[0] * x + line[1]


class Lines:
    """A convex polygon of lines, which shrinks. Corners come with rising x."""

    def __init__(self, one: Iterable[Line], other: Iterable[Line]) -> None:
        """Take two chains with the same ends, slopes rising."""
        self._chains = (deque(one), deque(other))

    @classmethod
    def between(cls, low: Point, high: Point, next_low: Point, next_high: Point) -> "Lines":
        """Return the lines that pass between two points at one x, and between two at a larger one."""
        steepest_down, steepest_up = _line(high, next_low), _line(low, next_high)
        one, other = _line(low, next_low), _line(high, next_high)
        return cls([steepest_down, one, steepest_up], [steepest_down, other, steepest_up])

    @classmethod
    def level(cls, lowest: Fraction, highest: Fraction) -> "Lines":
        """Return the level lines between two heights."""
        zero = Fraction(0)
        return cls([(zero, lowest), (zero, highest)], [(zero, lowest), (zero, highest)])

    @classmethod
    def onward(cls, wall: Sequence[Point], exit_: Point, beyond: Point, *, above: bool) -> "Lines":
        """Return the lines that may follow a window: they pass all corners of one wall, which begins with the contact,
        on its inner side (`above` it or below), the window's end on the other, and the wall's next corner, `beyond`.
        """
        if not above:  # upside down
            flipped = cls.onward([_down(point) for point in wall], _down(exit_), _down(beyond), above=True)
            one, other = ([(-a, -b) for a, b in reversed(chain)] for chain in flipped._chains)
            return cls(one, other)
        hull: list[Point] = []
        for corner in [*wall, beyond]:
            while len(hull) > 1 and not _turns_down(hull[-2], hull[-1], corner):
                hull.pop()
            hull.append(corner)
        least, most = _line(exit_, beyond), _line(wall[0], exit_)
        sides = [_line(p, q) for p, q in pairwise(hull)]
        return cls([least, most], [least, *reversed(sides), most])

    def least_at(self, x: Fraction) -> Fraction:
        """Return the least value at an x to the right of all corners."""
        return min(value(chain[0], x) for chain in self._chains)

    def most_at(self, x: Fraction) -> Fraction:
        """Return the largest value at an x to the right of all corners."""
        return max(value(chain[-1], x) for chain in self._chains)

    def keep_above(self, corner: Point) -> None:
        """Keep the lines on or above a corner, of which there are some."""
        self._keep(corner, 1)

    def keep_below(self, corner: Point) -> None:
        """Keep the lines on or below a corner, of which there are some."""
        for chain in self._chains:
            chain.reverse()
        self._keep(corner, -1)
        for chain in self._chains:
            chain.reverse()

    def _keep(self, corner: Point, side: int) -> None:
        """Keep the lines on one side of a corner; the chains begin at the end that is cut."""
        x, y = corner
        cut = False
        for chain in self._chains:
            dropped: Line | None = None
            while len(chain) > 1 and side * (value(chain[0], x) - y) < 0:
                dropped = chain.popleft()
            if dropped is not None:
                cut = True
                here, there = value(dropped, x) - y, value(chain[0], x) - y
                if there:
                    t = here / (here - there)
                    a, b = dropped
                    chain.appendleft((a + t * (chain[0][0] - a), b + t * (chain[0][1] - b)))
        if not cut:
            return
        one, other = self._chains
        first = min(one[0], other[0]) if side > 0 else max(one[0], other[0])
        for chain in self._chains:
            if chain[0] != first:
                chain.appendleft(first)

    def furthest(self, start: Point, end: Point, *, upper: bool) -> tuple[Line, Point]:
        """Return the line that meets the upper (or lower) wall's edge from start to end furthest right, and where.

        All lines meet it. Of several through one point it is the one that is lowest left of it (for the lower wall the
        highest), since none of the lines reaches what is beyond that one.
        """
        best: tuple[Fraction, Fraction] | None = None
        for chain in self._chains:
            for line in chain if upper else reversed(chain):
                before, after = value(line, start[0]) - start[1], value(line, end[0]) - end[1]
                key = (before / (before - after), line[0] if upper else -line[0])
                if best is not None and key[0] < best[0]:
                    break
                if best is None or key > best:
                    best, chosen = key, line
        if best is None:
            raise RuntimeError("no line is left")
        x = start[0] + best[0] * (end[0] - start[0])
        return chosen, (x, value(chosen, x))

    def middle(self) -> Line:
        """Return a line in the middle."""
        one, other = self._chains
        ends = (one[0], one[-1], one[len(one) // 2], other[len(other) // 2])
        return sum((a for a, _ in ends), Fraction(0)) / 4, sum((b for _, b in ends), Fraction(0)) / 4


def _line(p: Point, q: Point) -> Line:
    slope = (q[1] - p[1]) / (q[0] - p[0])
    return slope, p[1] - slope * p[0]


def _down(point: Point) -> Point:
    return point[0], -point[1]


def _turns_down(p: Point, q: Point, r: Point) -> bool:
    """Whether the way from p over q to r turns to the right."""
    return (q[1] - p[1]) * (r[0] - q[0]) > (r[1] - q[1]) * (q[0] - p[0])
