"""The fewest pieces within a tunnel, by trying: joints on a fine grid, and everything that lines reach, exactly."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

Point = tuple[Fraction, Fraction]


def fewest_on_grid(points: Sequence[Point], within: Fraction, parts: int) -> int:
    """Return the fewest pieces of a function within ε of the polyline whose joints lie at parts of its edges.

    No fewer than the fewest of all; as a rule as few, where the grid is fine. From the heights that k pieces reach at a
    place, an interval, one more piece reaches at every later place an interval again, whose ends lines through two
    corners of the tunnel or an end of the first interval attain.
    """
    grid: list[Point] = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        grid += [
            (x0 + (x1 - x0) * Fraction(i, parts), y0 + (y1 - y0) * Fraction(i, parts)) for i in range(1, parts + 1)
        ]
    corners = {x for x, _ in points}
    reached: dict[int, tuple[Fraction, Fraction]] = {0: (grid[0][1] - within, grid[0][1] + within)}
    for pieces in range(1, len(points) + 1):
        following: dict[int, tuple[Fraction, Fraction]] = {}
        for start, (low, high) in reached.items():
            walls = [(grid[start][0], low, high)]
            for end in range(start + 1, len(grid)):
                x, y = grid[end]
                walls.append((x, y - within, y + within))
                span = heights(walls)
                if span is None:
                    break
                if end in following:
                    before = following[end]
                    span = (min(before[0], span[0]), max(before[1], span[1]))
                following[end] = span
                if x not in corners:
                    walls.pop()
        if len(grid) - 1 in following:
            return pieces
        reached = following
    raise AssertionError("the polyline itself is within ε")


def heights(walls: Sequence[tuple[Fraction, Fraction, Fraction]]) -> tuple[Fraction, Fraction] | None:
    """Return the least and the largest height at the last wall of lines that pass all walls, each between two heights.

    None where no line does. The extreme lines pass through two corners, of different walls.
    """
    corners = [(x, y) for x, low, high in walls for y in (low, high)]
    last = walls[-1][0]
    found = []
    for i, (x0, y0) in enumerate(corners):
        for x1, y1 in corners[i + 1 :]:
            if x0 != x1:
                slope = (y1 - y0) / (x1 - x0)
                if all(low <= y0 + slope * (x - x0) <= high for x, low, high in walls):
                    found.append(y0 + slope * (last - x0))
    return (min(found), max(found)) if found else None
