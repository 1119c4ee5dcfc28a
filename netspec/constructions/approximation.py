"""The fewest pieces of a continuous piecewise linear function within ε of a polyline, on its whole interval.

Between the polyline moved up by ε and moved down by ε lies a tunnel, and a function within ε is a path of line segments
through it from its left end to its right. A path of fewest segments is found greedily (Imai & Iri 1986; Suri 1986): the
first segment goes as far as any line does. Say the line that goes furthest is stopped by the upper wall, at B. It then
touches the lower wall before, last at q, for else it could be moved down and go further. Whatever lies beyond needs a
second segment, and a path that goes on crosses the line's stretch from q to B, the *window*: it is above the lower wall
at q and below the upper wall at B. So the second segment may begin on the window, wherever suits it, and its lines are
those that are above q and below B, above the lower wall from q on and below the upper wall from B on, as far as they
go. And so on; a window of the lower wall is the same upside down. Consecutive windows' lines meet within the windows,
in order, which gives the joints.

All numbers are rational, and so is the result; nothing is rounded.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from netspec.constructions.lines import Lines, Pair, Point, pair, side
from netspec.constructions.lines import value as _value


class Piecewise(NamedTuple):
    """A continuous piecewise linear function between its first and last knot, straight from knot to knot."""

    knots: tuple[Point, ...]

    @property
    def pieces(self) -> int:
        """The number of pieces."""
        return len(self.knots) - 1

    @property
    def slopes(self) -> list[Fraction]:
        """The slope of each piece."""
        return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(self.knots)]

    def at(self, x: Fraction) -> Fraction:
        """Return the value at a point of the interval."""
        low, high = 0, len(self.knots) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.knots[middle][0] <= x else (low, middle)
        (x0, y0), (x1, y1) = self.knots[low], self.knots[high]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def interpolant(points: Sequence[Point]) -> Piecewise:
    """Return the polyline through the points, x rising, in as few pieces as it has."""
    kept = list(points[:1])
    for i, point in enumerate(points[1:], 1):
        last = i + 1 == len(points)
        if last or not _straight(kept[-1], point, points[i + 1]):
            kept.append(point)
    return Piecewise(tuple(kept))


def fewest_pieces(points: Sequence[Point], within: Fraction, *, flat: bool = False) -> Piecewise:
    """Return a function of fewest pieces that is within ε ≥ 0 of the polyline through the points, everywhere between.

    The points are two or more, x rising. With `flat` the first piece is level, and the pieces are fewest among such
    functions; where that piece shrinks to a point, it is left out. Raises ValueError for ε below 0, and for a level
    piece where ε is 0 and there is none.
    """
    if within < 0:
        raise ValueError(f"a distance is at least 0, got {within}")
    if not within:
        found = interpolant(points)
        if flat and found.slopes[0]:
            raise ValueError("the first piece is not level")
        return found
    return _Tunnel(points, within).path(flat)


def largest_error(points: Sequence[Point], function: Piecewise) -> Fraction:
    """Return the largest distance from the polyline on the interval: it is at a point or at a knot."""
    polyline = Piecewise(tuple(points))
    at_points = max(abs(function.at(x) - y) for x, y in points)
    return max([at_points, *(abs(polyline.at(x) - y) for x, y in function.knots)])


class _Tunnel:
    """The path through the tunnel around a polyline."""

    def __init__(self, points: Sequence[Point], within: Fraction) -> None:
        self.x = [x for x, _ in points]
        self.low = [pair(x, y - within) for x, y in points]
        self.high = [pair(x, y + within) for x, y in points]

    def path(self, flat: bool) -> Piecewise:
        """Return the path, its first segment level where asked for."""
        chosen: list[Pair] = []
        low, high = [self.low[0]], [self.high[0]]  # the corners of the walls that the segment has to pass
        lines = Lines.between(low[0], high[0], self.low[1], self.high[1])
        i = 1
        if flat:
            i, lines = self._level()
            low, high = self.low[:i], self.high[:i]
        while i < len(self.x):
            if lines.all_above(self.high[i]):
                line, exit_ = lines.furthest(high[-1], self.high[i], upper=True)
                low, high = low[_last_contact(line, low) :], [exit_]
                lines = Lines.onward(low, exit_, self.low[i], above=True)
            elif lines.all_below(self.low[i]):
                line, exit_ = lines.furthest(low[-1], self.low[i], upper=False)
                low, high = [exit_], high[_last_contact(line, high) :]
                lines = Lines.onward(high, exit_, self.high[i], above=False)
            else:
                lines.keep_above(self.low[i])
                lines.keep_below(self.high[i])
                low.append(self.low[i])
                high.append(self.high[i])
                i += 1
                continue
            chosen.append(line)
        return self._joined([*chosen, lines.middle()])

    def _level(self) -> "tuple[int, Lines]":
        """Return the first corner that no level line passes, and the lines that pass all before."""
        lowest, highest = self.low[0][1], self.high[0][1]
        for i in range(1, len(self.x)):
            if self.low[i][1] > highest or self.high[i][1] < lowest:
                break
            lowest, highest = max(lowest, self.low[i][1]), min(highest, self.high[i][1])
        else:
            i = len(self.x)
        return i, Lines.level(lowest, highest)

    def _joined(self, lines: Sequence[Pair]) -> Piecewise:
        """Return the function that goes from line to line where they meet."""
        knots = [(self.x[0], _value(lines[0], self.x[0]))]
        for one, other in pairwise(lines):
            x = (other.two - one.two) / (one.one - other.one)
            if x > knots[-1][0]:  # a level first line may be left where it begins
                knots.append((x, _value(one, x)))
        knots.append((self.x[-1], _value(lines[-1], self.x[-1])))
        return Piecewise(tuple(knots))


def _straight(a: Point, b: Point, c: Point) -> bool:
    return (b[1] - a[1]) * (c[0] - b[0]) == (c[1] - b[1]) * (b[0] - a[0])


def _last_contact(line: Pair, corners: Sequence[Pair]) -> int:
    """Return the last corner that a line passes through."""
    for i in range(len(corners) - 1, -1, -1):
        if not side(line, corners[i]):
            return i
    raise RuntimeError("a line that goes furthest touches the other wall")
