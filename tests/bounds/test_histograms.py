"""Hinz's histograms against their recursion, and against small arrangements with every hyperplane turned both ways."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, combinations, combinations_with_replacement, product
from math import comb

import pytest

from netspec.bounds.histograms import hinz_rows, inactive_cells, serra_rows
from tests.bounds.exhaustive import sides


def recursive(units: int, dimension: int) -> list[int]:
    """Return the histogram over the inactive units by the recursion that the closed form solves."""
    if dimension >= units:
        return [comb(units, k) for k in range(units + 1)]
    if dimension <= 2:
        each = {0: 0, 1: 2, 2: units}[dimension]
        left = sum(comb(units, j) for j in range(dimension + 1)) - 1
        found = [1]
        while len(found) <= units:
            found.append(min(each, left))
            left -= found[-1]
        return found
    kept, cut = recursive(units - 1, dimension), recursive(units - 1, dimension - 1)
    return [a + b for a, b in zip([*kept, 0], [0, *cut], strict=True)]


@pytest.mark.parametrize("units", range(13))
def test_the_closed_form_solves_the_recursion(units: int) -> None:
    for dimension in range(units + 2):
        found = [inactive_cells(units, dimension, k) for k in range(units + 1)]
        assert found == recursive(units, dimension)
        assert sum(found) == sum(comb(units, j) for j in range(dimension + 1))
        assert inactive_cells(units, dimension, units + 1) == 0


@pytest.mark.parametrize(("dimension", "most"), [(1, 7), (2, 7), (3, 6), (4, 6)])
def test_no_arrangement_has_more_cells_of_few_inactive_units(dimension: int, most: int) -> None:
    """Random hyperplanes in general position, each turned both ways: partial sums stay at or below the histogram's."""
    drawn = random.Random(dimension)
    tight = 0
    for _ in range(25):
        units = drawn.randint(dimension, most)
        planes = [([drawn.randint(-30, 30) for _ in range(dimension)], drawn.randint(-30, 30)) for _ in range(units)]
        try:
            cells = sides(planes)
        except ValueError:
            continue
        assert len(cells) == sum(comb(units, j) for j in range(dimension + 1))
        allowed = [sum(inactive_cells(units, dimension, j) for j in range(k + 1)) for k in range(units + 1)]
        for active in product((False, True), repeat=units):
            histogram = [0] * (units + 1)
            for cell in cells:
                histogram[sum(a != b for a, b in zip(cell, active, strict=True))] += 1
            sums = [sum(histogram[: k + 1]) for k in range(units + 1)]
            assert all(a <= b for a, b in zip(sums, allowed, strict=True))
            tight += sums == allowed
    assert tight or dimension > 2  # in a plane and on a line some arrangement has them all


def test_no_points_of_a_line_have_more_cells_of_few_inactive_units() -> None:
    """Every arrangement of up to six points, coincident ones too, each turned both ways: all of d = 1."""
    for units in range(1, 7):
        allowed = list(accumulate(inactive_cells(units, 1, k) for k in range(units + 1)))
        attained = [0] * (units + 1)
        for points in combinations_with_replacement(range(units), units):
            for facing in product((1, -1), repeat=units):
                seen = {
                    tuple(side * (x - 2 * point) > 0 for point, side in zip(points, facing, strict=True))
                    for x in range(-1, 2 * units, 2)
                }
                sums = few_inactive(seen, units)
                assert all(a <= b for a, b in zip(sums, allowed, strict=True))
                attained = [max(pair) for pair in zip(attained, sums, strict=True)]
        assert attained == allowed


def test_no_lines_of_a_plane_have_more_cells_of_few_inactive_units() -> None:
    """Choices of three to five of sixteen lines, parallel and concurrent ones among them, turned all ways."""
    slopes = [(1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, -2)]
    lines = [(a, b, c) for a, b in slopes for c in (-2, 0, 3)][:16]
    for units in (3, 4, 5):
        allowed = list(accumulate(inactive_cells(units, 2, k) for k in range(units + 1)))
        attained = [0] * (units + 1)
        for number, chosen in enumerate(combinations(lines, units)):
            if number % (1, 13, 97)[units - 3]:
                continue
            patterns = plane_patterns(chosen)
            for facing in product((False, True), repeat=units):
                seen = {tuple(a == b for a, b in zip(pattern, facing, strict=True)) for pattern in patterns}
                sums = few_inactive(seen, units)
                assert all(a <= b for a, b in zip(sums, allowed, strict=True)), (chosen, facing)
                attained = [max(pair) for pair in zip(attained, sums, strict=True)]
        assert attained == allowed


def few_inactive(patterns: set[tuple[bool, ...]], units: int) -> list[int]:
    """Return how many of the patterns have at most 0, 1, … inactive units."""
    return [sum(pattern.count(False) <= k for pattern in patterns) for k in range(units + 1)]


def plane_patterns(lines: Sequence[tuple[int, int, int]]) -> set[tuple[bool, ...]]:
    """Return the side of every line, for every cell: near each crossing, and near a point of each line, all around."""
    seen: set[tuple[bool, ...]] = set()
    points = []
    for (a, b, c), (p, q, r) in combinations(lines, 2):
        if determinant := a * q - b * p:
            points.append((Fraction(b * r - c * q, determinant), Fraction(c * p - a * r, determinant)))
    points += [(Fraction(-a * c, a * a + b * b), Fraction(-b * c, a * a + b * b)) for a, b, c in lines]
    step = Fraction(1, 10_000)
    around = [(i * step, j * step) for i in range(-7, 8) for j in range(-7, 8) if max(abs(i), abs(j)) == 7]
    for x, y in points:
        for dx, dy in around:
            values = [a * (x + dx) + b * (y + dy) + c for a, b, c in lines]
            if all(values):
                seen.add(tuple(value > 0 for value in values))
    return seen


def test_rows_hold_the_cells_by_dimensions_left() -> None:
    """Three lines: one cell has three active units, three have two, three have one."""
    assert serra_rows(3, 1, 0, 0, 2) == [[1], [0, 4], [0, 3, 4]]
    assert hinz_rows(4, 0, 0, 2) == [[1], [0, 5], [0, 2, 9]]
    assert serra_rows(4, 1, 0, 0, 2) == [[1], [0, 5], [0, 0, 11]]
    assert serra_rows(2, 2, 0, 0, 2) == [[1], [0, 5], [4, 4, 1]]
