"""Cells in several dimensions: two ways to the same count, degenerate networks, and what holds across dimensions."""

import itertools
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.bounds.bounds import region_bounds
from netspec.bounds.stages import Stage
from netspec.regions.adjacency import touching
from netspec.regions.areas import areas
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain, Span, box, everywhere
from netspec.regions.edges import cells_of, subdivided
from netspec.regions.growing import Degenerate
from netspec.regions.intervals import Intervals
from netspec.regions.polygons import start_of
from netspec.regions.polytopes import Polytope, polytopes_of
from netspec.regions.refining import SOME_NUMBERS, refined
from netspec.regions.solids import _apart, _cut, count_cells, solids
from netspec.regions.steps import Chain
from tests.regions.chains import Layer, chain_of, he, rescaled, whole_numbers


def cut_one_by_one(chain: Chain, domain: Domain) -> list[int]:
    """Return the signatures that cutting polytopes gives."""
    begin = polytopes_of(domain)
    blocks = refined(chain, begin, start_of(domain, len(begin)))
    return sorted(set(itertools.chain.from_iterable(block.signatures.tolist() for block in blocks)))


@pytest.mark.parametrize(("n", "units"), [(2, 12), (3, 9), (4, 8), (5, 6), (6, 6)])
def test_hyperplanes_in_general_position_cut_space_as_zaslavsky_says(n: int, units: int) -> None:
    generator = np.random.default_rng(n)
    layers = [(generator.normal(size=(units, n)), generator.normal(size=units)), (np.ones((1, units)), np.zeros(1))]
    chain = chain_of(layers)
    expected = sum(comb(units, j) for j in range(n + 1))
    assert count_cells(chain, everywhere(chain)) == (expected, None)
    if n < 6:
        assert len(cut_one_by_one(chain, everywhere(chain))) == expected


@pytest.mark.parametrize(
    "widths", [[2, 9, 9, 1], [2, 5, 5, 5, 1], [3, 7, 7, 1], [3, 4, 4, 4, 1], [4, 5, 5, 1], [5, 5, 4, 1]]
)
@pytest.mark.parametrize("seed", range(3))
def test_edges_give_the_cells_that_polytopes_give(widths: list[int], seed: int) -> None:
    chain = chain_of(he(widths, seed), slope=0.1)
    domain = box(chain, [(-2, 1.5)])
    assert cells_of(subdivided(chain, domain)).tolist() == cut_one_by_one(chain, domain)


@pytest.mark.parametrize("widths", [[3, 2, 8, 1], [3, 1, 6, 6, 1], [4, 2, 3, 1]])
def test_layers_narrower_than_the_input_leave_parallel_hyperplanes(widths: list[int]) -> None:
    chain = chain_of(he(widths, 2), slope=0.2)
    domain = box(chain, [(-1, 1)])
    assert count_cells(chain, domain) == (len(cut_one_by_one(chain, domain)), None)


DEGENERATE: list[tuple[str, list[Layer], int]] = [
    (
        "through one point",
        [([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [-0.25, -0.25, -0.25, -0.75]), ([[1] * 4], [0])],
        14,
    ),
    ("parallel", [([[1, 1, 1]] * 3, [0, 1, 2]), ([[1] * 3], [0])], 4),
    ("equal, and turned", [([[1, 1, 1], [2, 2, 2], [-1, -1, -1]], [1, 2, -1]), ([[1] * 3], [0])], 2),
    ("zero", [([[0, 0, 0], [1, 0, 0]], [0, 0]), ([[1, 1]], [0])], 2),
    ("a dead layer", [([[1, 0, 0], [0, 1, 0]], [-9, -9]), ([[1, 1], [1, -1]], [0, 0]), ([[1, 1]], [0])], 1),
    ("the box's wall", [([[1, 0, 0], [0, 0, 1]], [1, -1]), ([[1, 1]], [0])], 1),
    ("a corner of the box", [([[1, 1, 1], [1, 1, 0]], [-3, 0]), ([[1, 1]], [0])], 2),
    ("a line in common", [([[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, -1, 0]], [0] * 4), ([[1] * 4], [0])], 8),
]


@pytest.mark.parametrize(("layers", "expected"), [row[1:] for row in DEGENERATE], ids=[row[0] for row in DEGENERATE])
@pytest.mark.parametrize("exact", [False, True])
def test_degenerate_networks_are_noticed_and_counted(layers: list[Layer], expected: int, exact: bool) -> None:
    chain = chain_of(layers, exact=exact)
    domain = box(chain, [(-1, 1)])
    found, why = count_cells(chain, domain)
    assert found == expected
    assert why is not None


def test_the_cells_around_a_point_of_four_planes_are_fourteen() -> None:
    """Four planes through one point in general position otherwise: 2 (C(3, 0) + C(3, 1) + C(3, 2))."""
    chain = chain_of(DEGENERATE[0][1])
    with pytest.raises(Degenerate):
        subdivided(chain, box(chain, [(-1, 1)]))


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 3), st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans())
def test_float_and_rational_counts_agree_on_degenerate_networks(
    n: int, widths: list[int], seed: int, everything: bool
) -> None:
    found = []
    for exact in (False, True):
        chain = chain_of(whole_numbers([n, *widths, 1], seed), exact=exact)
        here = solids(chain, everywhere(chain) if everything else box(chain, [(-1, 2)]))
        found.append((here.cells, here.pieces))
        y = chain.evaluate(here.points)
        mapped = np.array([Omega @ t + beta for Omega, beta, t in zip(here.Omega, here.beta, here.points, strict=True)])
        assert (np.abs(y - mapped) <= 1e-9 * (1 + np.abs(y))).all()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("widths", "most", "seed"), [([3, 5, 4, 3, 2], 2, 500), ([3, 4, 4, 5, 1], 1, 371), ([2, 5, 5, 3, 1], 2, 7)]
)
def test_degenerate_networks_whose_numbers_round_are_counted_as_in_rationals(
    widths: list[int], most: int, seed: int
) -> None:
    """Unbounded cells with vertices thousands away, through which many hyperplanes pass."""
    layers, slope = whole_numbers(widths, seed, most), Fraction(seed == 371, 4)
    exact = chain_of(layers, exact=True, slope=slope)
    rounded = chain_of(rescaled(layers, seed), slope=float(slope))
    expected, found = solids(exact, everywhere(exact)), solids(rounded, everywhere(rounded))
    assert (found.cells, found.pieces) == (expected.cells, expected.pieces)
    assert found.unsure > 0 == expected.unsure


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_planes_by_polygons_by_edges_and_by_polytopes_are_one(
    widths: list[int], seed: int, everything: bool, whole: bool
) -> None:
    layers = whole_numbers([2, *widths, 1], seed) if whole else he([2, *widths, 1], seed)
    chain = chain_of(layers)
    domain = everywhere(chain) if everything else box(chain, [(-2, 1)])
    plane, solid = areas(chain, domain), solids(chain, domain)
    assert plane.signatures.tolist() == solid.signatures.tolist() == cut_one_by_one(chain, domain)
    assert plane.pieces == solid.pieces


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("seed", range(4))
def test_a_network_of_one_input_is_the_same_in_more_dimensions(n: int, seed: int) -> None:
    (Omega, beta), *rest = whole_numbers([1, 5, 4, 1], seed)
    line = chain_of([(Omega, beta), *rest], exact=True)
    begin = Intervals(np.array([Fraction(-3), Fraction(3)], object))
    blocks = refined(line, begin, start_of(box(line, [(-3, 3)]), 1))
    expected = sorted(set(itertools.chain.from_iterable(block.signatures.tolist() for block in blocks)))
    wide = np.concatenate([Omega] + [0 * Omega] * (n - 1), 1)
    for exact in (False, True):
        chain = chain_of([(wide, beta), *rest], exact=exact)
        assert solids(chain, box(chain, [(-3, 3)])).signatures.tolist() == expected


def f_vector(each: list[Polytope]) -> list[int]:
    """Return how many faces of each dimension polytopes have that meet in whole faces, as sets of their vertices."""
    faces: list[set[frozenset[Any]]] = [set() for _ in range(each[0].places.shape[1])]
    for polytope in each:
        names = [tuple(place) for place in polytope.places]
        masks = {(1 << len(polytope.walls)) - 1, 0}
        closed = set(polytope.on)
        while closed - masks:
            masks |= closed
            closed = {a & b for a in closed for b in polytope.on}
        for mask in masks:
            vertices = [v for v, on in enumerate(polytope.on) if on & mask == mask]
            if vertices:
                points = np.array([polytope.places[v] for v in vertices]).astype(float)
                dimension = np.linalg.matrix_rank(points, tol=1e-9) - 1
                faces[dimension].add(frozenset(names[v] for v in vertices))
    return [len(some) for some in faces]


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("whole", [False, True])
def test_a_network_of_two_inputs_is_the_same_in_more_dimensions(n: int, seed: int, whole: bool) -> None:
    """Turned, so that no axis is its own: x_1 + x_3 and x_2 - x_3 are what it reads; its cells are prisms."""
    (Omega, beta), *rest = whole_numbers([2, 4, 3, 1], seed) if whole else he([2, 6, 4, 1], seed)
    turned = np.concatenate([np.eye(2), [[1, -1]], np.zeros((n - 3, 2))]).T
    flat, deep = chain_of([(Omega, beta), *rest]), chain_of([(Omega @ turned, beta), *rest])
    plane, space = areas(flat, everywhere(flat)), solids(deep, everywhere(deep))
    assert plane.signatures.tolist() == space.signatures.tolist()
    assert plane.pieces == space.pieces


@pytest.mark.parametrize("seed", range(6))
def test_eulers_relation_holds_for_planes_in_space(seed: int) -> None:
    """V - E + F - C = 1 for a subdivided ball; of one layer, so that polytopes meet in whole faces."""
    chain = chain_of(whole_numbers([3, 4, 1], seed), exact=True)
    begin = polytopes_of(box(chain, [(-1, 1)]))
    (block,) = refined(chain, begin, start_of(box(chain, [(-1, 1)]), 1))
    V, E, F, C = f_vector(block.cells.each)
    assert len(block.cells) == C
    assert V - E + F - C == 1


def test_cells_of_a_grid_touch_their_six_neighbours() -> None:
    rows = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
    chain = chain_of([(rows, [1, 2] * 3), ([[1] * 6], [0])], exact=True)
    begin = polytopes_of(box(chain, [(-3, 0)]))
    (block,) = refined(chain, begin, start_of(box(chain, [(-3, 0)]), 1))
    assert len(block.cells) == 27
    assert len(touching(block.cells.each)[0][0]) == 54


def test_pieces_of_one_map_that_meet_in_a_line_are_two_and_in_float64_that_is_told() -> None:
    """y = min(h_1, h_4) + min(h_2, h_3) of the parts of x_1 and x_2: 0 where both have one sign."""
    parts: Layer = ([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], [0] * 4)
    between: Layer = ([[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, -1], [0, 1, -1, 0]], [0] * 4)
    layers: list[Layer] = [parts, between, ([[1, 1, -1, -1]], [0])]
    for exact in (False, True):
        chain = chain_of(layers, exact=exact)
        domain = box(chain, [(-1, 1)])
        found, cut = solids(chain, domain), _cut(chain, domain, None, None, SOME_NUMBERS, 1)
        assert found.pieces == 6
        assert (found.unsure > 0) is not exact
        cell = np.searchsorted(found.signatures, cut.signatures)
        assert _apart(cut, found.piece[cell], touching(cut.each)[1]) == (0 if exact else 1)


def test_two_inputs_and_two_layers_of_two_stay_at_their_true_maximum() -> None:
    """2; 2, 2 has at most 11 regions; 16 stands in books."""
    found = max(
        areas(chain, everywhere(chain)).cells for chain in (chain_of(he([2, 2, 2, 1], seed)) for seed in range(150))
    )
    assert 9 <= found <= 11


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 10**6))
def test_proven_bounds_hold(n: int, widths: list[int], seed: int) -> None:
    chain = chain_of(he([n, *widths, 1], seed))
    bounds = region_bounds(n, [Stage(1, units, units, 1, True) for units in widths])
    found = count_cells(chain, box(chain, [(-3, 3)]))[0]
    assert bounds.upper.value is not None
    assert found <= bounds.upper.value


def test_seven_dimensions_are_refused_and_so_are_more_than_were_asked_for() -> None:
    chain = chain_of(he([7, 3, 1], 0))
    with pytest.raises(ValueError, match="cells are counted in up to 6 dimensions, and here are 7"):
        count_cells(chain, box(chain, [(-1, 1)]))
    chain = chain_of(he([3, 12, 12, 1], 0))
    for spans in ([(-1, 1)], [(-1, 1)] * 3):
        with pytest.raises(TooMany) as refused:
            count_cells(chain, box(chain, spans), 60)
        assert refused.value.found > 10
    degenerate = chain_of(whole_numbers([3, 9, 1], 1))
    with pytest.raises(TooMany):
        count_cells(degenerate, box(degenerate, [(-1, 1)]), 5)


def test_the_largest_of_three_forms_in_space_is_cut_one_by_one() -> None:
    layers: list[Layer] = [([[1, 0, 1], [-1, 2, 0], [-1, -2, 1]], [9, 9, 9]), ([[1]], [0])]
    chain = chain_of(layers, windows=[[0, 1, 2]])
    spans: list[Span] = [(-1, 1)]
    found = solids(chain, box(chain, spans))
    assert found.why == "a largest element bends where two candidates are equal"
    assert (found.cells, found.pieces) == (3, 3)
