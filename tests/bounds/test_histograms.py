"""Hinz's histograms against their recursion, and against small arrangements with every hyperplane turned both ways."""

import random
from itertools import product
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


def test_rows_hold_the_cells_by_dimensions_left() -> None:
    """Three lines: one cell has three active units, three have two, three have one."""
    assert serra_rows(3, 1, 0, 0, 2) == [[1], [0, 4], [0, 3, 4]]
    assert hinz_rows(4, 0, 0, 2) == [[1], [0, 5], [0, 2, 9]]
    assert serra_rows(4, 1, 0, 0, 2) == [[1], [0, 5], [0, 0, 11]]
    assert serra_rows(2, 2, 0, 0, 2) == [[1], [0, 5], [4, 4, 1]]
