"""All of R^n in three dimensions and more: far vertices, units that stay as they are on rays, cones, doubtful signs."""

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.regions import edges
from netspec.regions.areas import areas
from netspec.regions.domains import Domain, Span, box, everywhere
from netspec.regions.edges import cells_of, subdivided
from netspec.regions.growing import Degenerate
from netspec.regions.solids import Solids, count_cells, solids
from netspec.regions.steps import Bend, Chain, Linear, last_reads
from tests.regions.chains import chain_of, he, whole_numbers
from tests.regions.test_solids import cut_one_by_one


def one_layer(rows: Any, constants: Any, *, exact: bool = False) -> Chain:
    """Return a network of one hidden layer, whose output is their sum."""
    return chain_of([(rows, constants), ([[1] * len(constants)], [0])], exact=exact)


def by_edges(chain: Chain, domain: Domain) -> Solids:
    """Return what is found, and that edges found it."""
    found = solids(chain, domain)
    assert found.why is None
    return found


@pytest.mark.parametrize(
    "widths",
    [[3, 9, 9, 1], [3, 6, 6, 6, 1], [3, 2, 5, 1], [3, 1, 4, 4, 1], [4, 6, 5, 1], [4, 5, 2, 5, 1], [5, 5, 3, 1]],
)
@pytest.mark.parametrize("slope", [0, 0.25])
@pytest.mark.parametrize("seed", range(2))
def test_edges_find_in_all_of_space_what_polytopes_find(widths: list[int], slope: float, seed: int) -> None:
    chain = chain_of(he(widths, seed), slope=slope)
    found = subdivided(chain, everywhere(chain))
    assert cells_of(found).tolist() == cut_one_by_one(chain, everywhere(chain))
    assert found.unsure == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=2), st.integers(0, 10**6), st.sampled_from([0, 0.5]))
def test_counts_of_all_of_space_are_those_in_rationals(widths: list[int], seed: int, slope: float) -> None:
    layers = he([3, *widths, 1], seed)
    rounded, exact = chain_of(layers, slope=slope), chain_of(layers, slope=slope, exact=True)
    found, expected = by_edges(rounded, everywhere(rounded)), solids(exact, everywhere(exact))
    assert (found.cells, found.pieces, found.unsure) == (expected.cells, expected.pieces, 0)
    assert found.signatures.tolist() == expected.signatures.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans())
def test_whole_numbers_are_counted_as_polytopes_count_them(
    most: int, widths: list[int], seed: int, without_constants: bool
) -> None:
    """Where hyperplanes meet in general position, and where they do not."""
    layers = whole_numbers([3, *widths, 1], seed, most)
    if without_constants:
        layers = [(Omega, 0 * beta) for Omega, beta in layers]
    chain = chain_of(layers)
    assert solids(chain, everywhere(chain)).signatures.tolist() == cut_one_by_one(chain, everywhere(chain))


@pytest.mark.parametrize(("n", "units"), [(3, 30), (4, 14), (5, 10), (6, 9)])
def test_many_hyperplanes_cut_all_of_space_as_zaslavsky_says(n: int, units: int) -> None:
    generator = np.random.default_rng(units)
    chain = one_layer(generator.normal(size=(units, n)), generator.normal(size=units))
    assert by_edges(chain, everywhere(chain)).cells == sum(comb(units, j) for j in range(n + 1))


def meeting(power: int, *, exact: bool = False) -> Chain:
    """Return four planes, of which two meet 2^power away."""
    rows = [[1, 0, 0], [1, 2.0**-power, 0], [0.25, 1, 0.5], [0.5, -0.25, 1]]
    return one_layer(rows, [0, -1, 0.5, 0.25], exact=exact)


@pytest.mark.parametrize("power", [10, 25, 30, 37])
def test_planes_that_meet_very_far_away_do_meet(power: int) -> None:
    """x_1 = 0 and x_1 + 2^-power x_2 = 1 meet at x_2 = 2^power: in four planes, all three others cut that line."""
    found = [solids(chain, everywhere(chain)) for chain in (meeting(power), meeting(power, exact=True))]
    assert [each.cells for each in found] == [sum(comb(4, j) for j in range(4))] * 2
    assert [each.pieces for each in found] == [15, 15]
    assert found[0].why is None


@pytest.mark.parametrize("power", [41, 44])
def test_planes_that_meet_farther_away_than_is_looked_are_cut_one_by_one(power: int) -> None:
    chain = meeting(power)
    with pytest.raises(Degenerate, match=r"^a unit bends farther away than was looked$"):
        subdivided(chain, everywhere(chain))


@pytest.mark.parametrize("power", [46, 60])
def test_planes_that_are_parallel_but_for_rounding_are_taken_to_be_and_that_is_told(power: int) -> None:
    chain = meeting(power)
    found = by_edges(chain, everywhere(chain))
    assert found.cells == 12
    assert found.unsure > 0


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize("seed", range(3))
def test_what_does_not_read_all_inputs_has_as_many_cells_in_more_dimensions(n: int, seed: int) -> None:
    """Two of them: every cell goes on for ever in the others."""
    layers = he([2, 6, 4, 1], seed)
    (Omega, beta), *rest = layers
    flat = chain_of(layers)
    turned = np.concatenate([Omega, Omega[:, :1] * 0.5, np.zeros((6, n - 3))], 1)
    chain = chain_of([(turned, beta), *rest])
    plane, space = areas(flat, everywhere(flat)), solids(chain, everywhere(chain))
    assert plane.signatures.tolist() == space.signatures.tolist()
    assert plane.pieces == space.pieces


def test_a_layer_that_is_dead_far_away_is_no_decision() -> None:
    """Where no unit of the first layer is active those of the second are constant, on many rays."""
    chain = chain_of(he([3, 3, 4, 4, 1], 4))
    found = by_edges(chain, everywhere(chain))
    assert found.cells == len(cut_one_by_one(chain, everywhere(chain)))
    assert found.unsure == 0


SPANS: list[list[Span]] = [[(-1, 1)], [(-1, 2), (-0.5, 1), (-3, 0.25)], [(0, 1)], [(-1, 1), (0, 2), (-3, 0)]]


@pytest.mark.parametrize("spans", SPANS)
@pytest.mark.parametrize("seed", range(4))
def test_without_constants_cells_are_cones(spans: list[Span], seed: int) -> None:
    layers = [(Omega, 0 * beta) for Omega, beta in he([3, 9, 8, 1], seed)]
    chain = chain_of(layers)
    domain = box(chain, spans)
    found = by_edges(chain, domain)
    assert found.signatures.tolist() == cut_one_by_one(chain, domain)
    low, high = np.array(domain.spans, float).T
    assert ((found.points >= low) & (found.points <= high)).all()
    y = np.einsum("cyn,cn->cy", found.Omega, found.points) + found.beta
    assert np.abs(chain.evaluate(found.points) - y).max() < 1e-12
    if (low < 0).all() and (high > 0).all():
        whole = by_edges(chain, everywhere(chain))
        assert whole.signatures.tolist() == found.signatures.tolist()
        assert whole.pieces == found.pieces


def test_planes_through_the_origin_make_as_many_cones_as_they_should() -> None:
    """2 Σ_{j < n} C(D - 1, j), after Cover 1965."""
    for n, units in ((3, 25), (4, 12), (5, 9)):
        chain = one_layer(np.random.default_rng(n).normal(size=(units, n)), [0] * units)
        expected = 2 * sum(comb(units - 1, j) for j in range(n))
        assert count_cells(chain, everywhere(chain)) == (expected, None)
        assert count_cells(chain, box(chain, [(-1, 1)])) == (expected, None)
        assert count_cells(chain, box(chain, [(1, 2)]))[0] < expected


def test_a_constant_anywhere_makes_cells_that_are_no_cones() -> None:
    layers = [(Omega, 0 * beta) for Omega, beta in he([3, 9, 8, 1], 1)]
    cones = chain_of(layers)
    (Omega, beta) = layers[1]
    others = chain_of([layers[0], (Omega, beta + 0.125), layers[2]])
    assert solids(others, everywhere(others)).cells > by_edges(cones, everywhere(cones)).cells


def beside(n: int, seed: int) -> Chain:
    """Return x → hard_tanh of a first layer, which is read beside x itself: two steps that bend at two points each."""
    generator = np.random.default_rng(seed)
    weights = [generator.normal(size=(5, n)), generator.normal(size=(4, n + 5)), generator.normal(size=(1, 4))]
    table = np.array([0.0, 1.0, 0.0]).reshape(3, 1)
    offsets = np.array([-1.0, 0.0, 1.0]).reshape(3, 1)
    first, second, last = (weight.T for weight in weights)
    steps = (
        Linear((0,), 1, lambda x: x[0] @ first, generator.normal(size=5), ""),
        Bend((1,), 2, (-1.0, 1.0), table, offsets, ""),
        Linear((0, 2), 3, lambda x: np.concatenate(x, 1) @ second, generator.normal(size=4), ""),
        Bend((3,), 4, (-1.0, 1.0), table, offsets, ""),
        Linear((4,), 5, lambda x: x[0] @ last, None, ""),
    )
    return Chain(n, 1, steps, 5, last_reads(steps, 5), False)


@pytest.mark.parametrize("seed", range(3))
def test_activations_that_bend_twice_beside_a_branch(seed: int) -> None:
    chain = beside(3, seed)
    found = by_edges(chain, everywhere(chain))
    assert found.signatures.tolist() == cut_one_by_one(chain, everywhere(chain))


def nearly(off: float) -> Chain:
    """Return four planes, of which three meet in a point, and the fourth passes it by."""
    third = 1 / 3
    rows = [[third, 0.7, 0.1], [0.2, third, 0.9], [0.8, 0.3, third], [1.3, 1.3, 1.3]]
    exact = np.array([[Fraction(each) for each in row] for row in rows])
    middle = [Fraction(1, 7), Fraction(2, 7), Fraction(-1, 7)]
    constants = [-float(row @ middle) for row in exact]
    constants[3] += off
    return one_layer(rows, constants)


@pytest.mark.parametrize("off", [1e-10, -1e-10, 1e-12, -1e-12])
def test_a_plane_that_passes_a_point_of_three_by_very_closely_is_told_from_one_through_it(off: float) -> None:
    chain = nearly(off)
    for domain in (box(chain, [(-1, 1)]), everywhere(chain)):
        assert cells_of(subdivided(chain, domain)).tolist() == cut_one_by_one(chain, domain)


def leave_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take float64 to leave open what it is not quite 10^12 times its error from."""
    monkeypatch.setattr("netspec.regions.growing.TOLERANCE", 1e12)
    monkeypatch.setattr("netspec.regions.edges.TOLERANCE", 1e12)


def test_a_side_that_float64_leaves_open_is_found_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every side is left open: all that are found in whole numbers agree."""
    asked = []
    settle = edges._Refining._settle

    def counted(self: Any, index: int, row: int, vertices: Any, heights: Any) -> None:
        before = heights.used[row, vertices].copy()
        settle(self, index, row, vertices, heights)
        after = heights.used[row, vertices]
        asked.append((np.sign(before) == np.sign(after)).all())
        assert np.abs(after - before).max() < 1e-9

    monkeypatch.setattr(edges._Refining, "_settle", counted)
    chains = [chain_of(he([3, 4, 3, 1], 2)), beside(3, 1), chain_of([(a, 0 * b) for a, b in he([3, 12, 1], 3)])]
    expected = [cells_of(subdivided(chain, everywhere(chain), cones=True)) for chain in chains]
    assert not asked
    leave_open(monkeypatch)
    for chain, cells in zip(chains, expected, strict=True):
        asked.clear()
        assert np.array_equal(cells_of(subdivided(chain, everywhere(chain), cones=True)), cells)
        assert asked
        assert all(asked)
    boxed = subdivided(chains[0], box(chains[0], [(-1, 1)]))
    monkeypatch.undo()
    assert np.array_equal(cells_of(boxed), cells_of(subdivided(chains[0], box(chains[0], [(-1, 1)]))))


def test_a_plane_through_a_point_of_three_is_degenerate() -> None:
    rows = [[0.5, 0.75, 0.125], [0.25, 0.5, 1], [1, 0.25, 0.5], [1.25, 1.5, 1.5]]
    middle = np.array([0.25, 0.5, -0.125])
    chain = one_layer(rows, [-float(np.array(row) @ middle) for row in rows])
    for domain in (box(chain, [(-1, 1)]), everywhere(chain)):
        with pytest.raises(Degenerate, match=r"^a vertex may lie on one hyperplane more$"):
            subdivided(chain, domain)
        assert solids(chain, domain).why == "a vertex may lie on one hyperplane more"


def test_no_more_sides_are_found_in_whole_numbers_than_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chain_of(he([3, 8, 8, 1], 0))
    leave_open(monkeypatch)
    monkeypatch.setattr(edges, "_MOST_SETTLED", 5)
    with pytest.raises(Degenerate, match=r"^very many vertices may lie on one hyperplane more$"):
        subdivided(chain, box(chain, [(-1, 1)]))


def test_layers_of_very_many_weights_are_not_made_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chain_of(he([3, 8, 8, 1], 0))
    leave_open(monkeypatch)
    monkeypatch.setattr("netspec.regions.certain.MOST_WEIGHTS", 20)
    with pytest.raises(Degenerate, match=r"^a vertex may lie on one hyperplane more$"):
        subdivided(chain, box(chain, [(-1, 1)]))


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_scale_of_a_layer_does_not_matter(scale: float, layer: int) -> None:
    layers = he([3, 8, 8, 1], 5)
    scaled = [(Omega * scale, beta * scale) if k == layer else (Omega, beta) for k, (Omega, beta) in enumerate(layers)]
    for k in range(layer + 1, 3):
        scaled[k] = scaled[k][0], scaled[k][1] * scale
    one, other = chain_of(layers), chain_of(scaled)
    assert by_edges(one, everywhere(one)).signatures.tolist() == by_edges(other, everywhere(other)).signatures.tolist()


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_scale_of_inputs_does_not_matter(scale: float) -> None:
    layers = he([3, 8, 8, 1], 6)
    one, other = chain_of(layers), chain_of([(layers[0][0] * scale, layers[0][1]), *layers[1:]])
    assert by_edges(one, everywhere(one)).signatures.tolist() == by_edges(other, everywhere(other)).signatures.tolist()


def test_a_network_that_does_not_bend_is_one_cell_of_all_of_space() -> None:
    chain = chain_of([([[1, 2, 3]], [4])])
    found = by_edges(chain, everywhere(chain))
    assert (found.cells, found.pieces) == (1, 1)
