"""Cells in two dimensions: counts that are known, degenerate networks in plenty, and the plane as data."""

import itertools
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.regions.adjacency import neighbours
from netspec.regions.areas import Areas, areas, count_areas
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain, box, everywhere, plane
from netspec.regions.intervals import Intervals
from netspec.regions.polygons import polygons_of, start_of
from netspec.regions.refining import refined
from netspec.regions.steps import Chain
from tests.regions.chains import Layer, chain_of, he, whole_numbers

FIGURE_4_2: list[Layer] = [
    ([[0.5, 0.5], [-0.1, 0.9], [-0.7, 0.2]], [0.2, -0.3, 0.2]),
    ([[-1, 1.8, -0.5]], [0.4]),
]
NOTEBOOK_3_2: list[Layer] = [
    ([[0.9, 0], [-0.9, -0.5], [0.5, 0.9]], [-4, 5, -7]),
    ([[-2, 2, 1.5], [-1, -2, 0.8]], [0, -2]),
]


def count(chain: Chain, domain: Domain, some: int = 8192) -> int:
    """Return the number of distinct signatures."""
    begin = polygons_of(domain)
    blocks = refined(chain, begin, start_of(domain, len(begin)), some)
    return len(np.unique(np.concatenate([block.signatures for block in blocks])))


@pytest.mark.parametrize("exact", [False, True])
def test_figure_4_2_has_seven_regions(exact: bool) -> None:
    chain = chain_of(FIGURE_4_2, exact=exact)
    found = areas(chain, box(chain, [(-1, 1)]))
    assert (found.cells, found.pieces) == (7, 7)
    assert sum(not cell.any() for cell in found.Omega) == 1  # one is flat


@pytest.mark.parametrize("exact", [False, True])
def test_figure_4_2_followed_by_two_units_has_thirteen(exact: bool) -> None:
    twice = ([FIGURE_4_2[1][0][0]] * 2, [Fraction(12, 5), Fraction(1, 5)] if exact else [2.4, 0.2])
    chain = chain_of([FIGURE_4_2[0], twice, ([[1, 1]], [0])], exact=exact)
    assert areas(chain, box(chain, [(-1, 1)])).cells == 13


def test_notebook_3_2_has_seven_regions() -> None:
    chain = chain_of(NOTEBOOK_3_2)
    assert areas(chain, box(chain, [(0, 10)])).cells == 7


def generic(units: int, seed: int) -> list[Layer]:
    """Return a layer of units in general position, and an output."""
    generator = np.random.default_rng(seed)
    return [(generator.normal(size=(units, 2)), generator.normal(size=units)), (np.ones((1, units)), np.zeros(1))]


@pytest.mark.parametrize("units", [1, 2, 3, 10, 60])
def test_lines_in_general_position_cut_the_plane_as_zaslavsky_says(units: int) -> None:
    chain = chain_of(generic(units, units))
    assert count(chain, everywhere(chain)) == 1 + units + units * (units - 1) // 2


def test_lines_through_one_point_parallel_lines_and_equal_ones() -> None:
    through = [[np.cos(angle), np.sin(angle)] for angle in np.arange(7) * 0.4]
    chain = chain_of([(through, [0] * 7), ([[1] * 7], [0])])
    assert count(chain, everywhere(chain)) == 14
    away = np.array(through) @ [0.3, -0.7]
    chain = chain_of([(through, -away), ([[1] * 7], [0])])
    assert count(chain, everywhere(chain)) == count(chain, box(chain, [(-1, 1)])) == 14
    chain = chain_of([([[0.3, 0.1]] * 5 + [[-0.6, -0.2], [0.9, 0.3]], [0, 1, 2, 2, 3, -2, 0]), ([[1] * 7], [0])])
    assert count(chain, everywhere(chain)) == 5


def test_forms_that_cancel_to_nothing_cut_nothing() -> None:
    """0.1 + 0.2 - 0.3 is not 0 in float64."""
    first = ([[1, 0], [1, 0], [1, 0]], [5, 5, 5])
    chain = chain_of([first, ([[0.1, 0.2, -0.3]], [0]), ([[1]], [0])])
    assert count(chain, box(chain, [(-1, 1)])) == 1


def test_the_edge_of_the_box_may_lie_on_a_line() -> None:
    chain = chain_of([([[1, 0], [0, 1], [1, 1]], [-1, 1, 2]), ([[1, 1, 1]], [0])])
    assert count(chain, box(chain, [(-1, 1)])) == 1
    assert count(chain, everywhere(chain)) == 7


def test_cells_that_are_refined_few_at_a_time_are_the_same() -> None:
    chain = chain_of(he([2, 30, 30, 30, 1], 5))
    domain = box(chain, [(-2, 2)])
    assert count(chain, domain) == count(chain, domain, 16) > 500


@settings(max_examples=250, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_float_and_rational_counts_agree_on_degenerate_networks(
    widths: list[int], seed: int, everything: bool, leaky: bool
) -> None:
    found: list[tuple[int, int]] = []
    for exact in (False, True):
        slope = (Fraction(1, 4) if exact else 0.25) if leaky else 0
        chain = chain_of(whole_numbers([2, *widths, 1], seed), exact=exact, slope=slope)
        here = areas(chain, everywhere(chain) if everything else box(chain, [(-1, 2), (-2, 1)]))
        found.append((here.cells, here.pieces))
        assert here.pieces <= here.cells
        assert_sound(here, chain)
    assert found[0] == found[1]


def assert_sound(found: Areas, chain: Chain) -> None:
    """Assert that each map is the network's at a point inside, and at the corners that are finite."""
    for cell in range(found.cells):
        finite = [corner[1:] for corner in found.corners(cell) if corner[0] != 0]
        for point in (found.points[cell], *finite):
            y = chain.evaluate(np.array([point]))[0]
            mapped = found.Omega[cell] @ point + found.beta[cell]
            assert (y == mapped).all() if chain.exact else np.allclose(y.astype(float), mapped.astype(float), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.integers(0, 10**6))
def test_polygons_cover_the_box_and_obey_eulers_relation(widths: list[int], seed: int) -> None:
    """V - E + F = 1, corners and edges taken from the points alone: a point on an edge cuts the edge in two."""
    chain = chain_of(whole_numbers([2, *widths, 1], seed), exact=True)
    found = areas(chain, box(chain, [(-1, 1)]))
    polygons = [[tuple(corner[1:]) for corner in found.corners(cell)] for cell in range(found.cells)]
    assert sum(area(polygon) for polygon in polygons) == 4
    corners = {corner for polygon in polygons for corner in polygon}
    edges: set[Any] = set()
    for polygon in polygons:
        for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            on = sorted(c for c in corners if between(a, c, b))
            edges |= {frozenset(pair) for pair in itertools.pairwise(on)}
    assert len(corners) - len(edges) + found.cells == 1


def area(polygon: list[Any]) -> Fraction:
    """Return the area of a polygon in rationals; positive, for the corners go round to the left."""
    pairs = list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))
    total = sum((a[0] * b[1] - a[1] * b[0] for a, b in pairs), Fraction(0)) / 2
    assert total > 0
    return total


def between(a: Any, c: Any, b: Any) -> bool:
    """Return whether c lies on the segment from a to b."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return bool(cross == 0 and min(a, b) <= c <= max(a, b))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 10**6))
def test_neighbours_are_the_cells_with_two_corners_of_a_shared_edge(widths: list[int], seed: int) -> None:
    """The plain way: two polygons whose edges overlap on a line, every pair tried."""
    chain = chain_of(whole_numbers([2, *widths, 1], seed), exact=True)
    found = areas(chain, box(chain, [(-1, 1)]))
    begin = polygons_of(box(chain, [(-1, 1)]))
    blocks = list(refined(chain, begin, start_of(box(chain, [(-1, 1)]), 1)))
    assert len(blocks) == 1
    corners = blocks[0].cells.corners
    pairs = {frozenset(pair) for pair in zip(*neighbours(corners), strict=True)}
    polygons = [
        [tuple(corner) for corner in corners.places[1:, a:b].T]
        for a, b in zip(corners.offsets, corners.offsets[1:], strict=False)
    ]
    plain = {
        frozenset((i, j))
        for i in range(len(polygons))
        for j in range(i)
        if any(overlap(one, other) for one in sides(polygons[i]) for other in sides(polygons[j]))
    }
    assert pairs == plain
    assert found.cells == len(polygons)


def sides(polygon: list[Any]) -> list[Any]:
    """Return the edges."""
    return list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))


def overlap(one: Any, other: Any) -> bool:
    """Return whether two segments share more than a point."""
    (a, b), (c, d) = one, other
    flat = all((b[0] - a[0]) * (p[1] - a[1]) == (b[1] - a[1]) * (p[0] - a[0]) for p in (c, d))
    return flat and max(min(a, b), min(c, d)) < min(max(a, b), max(c, d))


def test_flat_parts_that_touch_are_one_piece_and_parts_apart_are_two() -> None:
    """Two units that switch each other off: y = 0 left and right of a strip, and around a dead unit."""
    chain = chain_of([([[1, 0]], [0]), ([[1], [-1]], [-1, 0]), ([[1, 1]], [0])], exact=True)
    found = areas(chain, everywhere(chain))
    # x < 0, 0 < x < 1 and x > 1; the first two are flat
    assert (found.cells, found.pieces) == (3, 2)
    chain = chain_of([([[1, 0], [1, 0], [1, 0]], [1, 0, -1]), ([[1, -2, 1]], [0])], exact=True)
    found = areas(chain, everywhere(chain))
    assert (found.cells, found.pieces) == (4, 4)
    assert Counter(found.piece[np.array([not cell.any() for cell in found.Omega])]).most_common(1)[0][1] == 1


def test_the_whole_plane_a_half_and_a_strip_are_given_by_directions() -> None:
    chain = chain_of([([[0, 0]], [1]), ([[1]], [0])], exact=True)
    found = areas(chain, everywhere(chain))
    assert found.cells == 1
    assert not found.corners(0)[:, 0].any()
    assert len(found.corners(0)) == 3
    chain = chain_of([([[1, 0], [1, 0]], [0, -1]), ([[1, 1]], [0])], exact=True)
    found = areas(chain, everywhere(chain))
    assert found.cells == 3
    for cell in range(3):
        corners = found.corners(cell)
        finite = corners[corners[:, 0] != 0]
        assert not found.bounded(cell)
        assert len(finite)
        assert set(finite[:, 1]) <= {0, 1}


def test_a_plane_through_many_inputs_is_the_network_composed_with_it() -> None:
    layers = he([9, 12, 12, 1], 3)
    generator = np.random.default_rng(4)
    origin, right, up = generator.normal(0, 2, (3, 9))
    chain = chain_of(layers)
    through = areas(chain, plane(chain, origin, right, up))
    (Omega, beta), *rest = layers
    short = chain_of([(Omega @ np.stack([right - origin, up - origin], 1), Omega @ origin + beta), *rest])
    composed = areas(short, box(short, [(0, 1)]))
    assert through.cells == composed.cells > 20
    assert through.pieces == composed.pieces


@pytest.mark.parametrize("seed", range(5))
def test_two_inputs_of_which_one_is_not_read_are_one(seed: int) -> None:
    layers = whole_numbers([1, 4, 4, 1], seed)
    (Omega, beta), *rest = layers
    chain = chain_of([(np.concatenate([Omega, 0 * Omega], 1), beta), *rest], exact=True)
    line = chain_of(layers, exact=True)
    ends = box(line, [(-3, 3)])
    begin = Intervals(np.array([Fraction(-3), Fraction(3)], object))
    signatures = np.concatenate([block.signatures for block in refined(line, begin, ends.start)])
    assert areas(chain, box(chain, [(-3, 3)])).cells == len(np.unique(signatures))


def test_largest_of_three_forms_has_three_pieces_and_parts_are_joined() -> None:
    layers: list[Layer] = [([[1, 0], [-1, 2], [-1, -2]], [9, 9, 9]), ([[1]], [0])]
    for exact in (False, True):
        chain = chain_of(layers, exact=exact, windows=[[0, 1, 2]])
        found = areas(chain, box(chain, [(-1, 1)]))
        assert (found.cells, found.pieces) == (3, 3)
        assert_sound(found, chain)
        found = areas(chain, everywhere(chain))
        assert found.pieces <= found.cells
        assert_sound(found, chain)


def test_more_than_were_asked_for_are_refused() -> None:
    chain = chain_of(he([2, 20, 20, 1], 0))
    with pytest.raises(TooMany) as refused:
        areas(chain, box(chain, [(-1, 1)]), 10)
    assert refused.value.found > 10


def test_a_count_says_what_rounding_left_open() -> None:
    chain = chain_of(he([2, 25, 25, 1], 6))
    domain = box(chain, [(-1, 1)])
    told: list[tuple[int, float]] = []
    found = count_areas(chain, domain, report=lambda cells, share: told.append((cells, share)))
    assert (found.cells, found.unsure, found.complete) == (areas(chain, domain).cells, 0, True)
    assert told[-1][0] == found.cells
    assert told[-1][1] == pytest.approx(1)
    assert sorted(told) == told
    through = [[np.cos(angle), np.sin(angle)] for angle in np.arange(3) * 0.7]
    chain = chain_of([(through, np.array(through) @ [0.3, 0.1]), ([[1] * 3], [0])])
    assert count_areas(chain, box(chain, [(-1, 1)])).unsure > 0
    exactly = chain_of([(through, np.array(through) @ [0.3, 0.1]), ([[1] * 3], [0])], exact=True)
    assert count_areas(exactly, box(exactly, [(-1, 1)])).unsure == 0


def test_cells_that_are_cut_in_parts_are_not_asked_twice() -> None:
    """More cells than are refined together: no form is asked again for a cell that it has cut."""
    chain = chain_of(he([2, 80, 60, 1], 1))
    domain = box(chain, [(-1, 1)])
    begin = polygons_of(domain)
    blocks = list(refined(chain, begin, start_of(domain, 1), 64))
    assert len(blocks) > 50
    assert begin.cuts.unsure == 0
    assert sum(len(block.cells) for block in blocks) == areas(chain, domain).cells


def test_an_interrupt_leaves_what_was_found() -> None:
    chain = chain_of(he([2, 60, 60, 60, 1], 6))
    domain = box(chain, [(-2, 2)])

    def stop(cells: int, _: float) -> None:
        if cells > 1000:
            raise KeyboardInterrupt

    found = count_areas(chain, domain, report=stop)
    assert not found.complete
    assert 1000 < found.cells < areas(chain, domain).cells
