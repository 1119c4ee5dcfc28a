"""Two networks on a box, and which units bend there: found at the vertices of cells, and so exactly in rationals."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.regions.comparing import difference, largest_difference, pieces_taken, vertices
from netspec.regions.cuts import TooMany
from netspec.regions.domains import box, everywhere
from netspec.regions.numbers import rationals
from netspec.regions.steps import Bend, Chain, Linear
from tests.regions.chains import Layer, chain_of, he, whole_numbers


def rescaled(layers: list[Layer], seed: int) -> list[Layer]:
    """Return layers whose hidden units are permuted and scaled: the same function, in rationals exactly."""
    generator = np.random.default_rng(seed)
    found: list[Layer] = []
    turn, scale = np.arange(np.shape(layers[0][0])[1]), np.full(np.shape(layers[0][0])[1], Fraction(1))
    for index, (Omega, beta) in enumerate(layers):
        Omega = rationals(Omega)[:, turn] / scale
        last = index + 1 == len(layers)
        turn = np.arange(len(beta)) if last else generator.permutation(len(beta))
        scale = np.array(
            [Fraction(int(n), 7) for n in (np.full(len(beta), 7) if last else generator.integers(1, 20, len(beta)))]
        )
        found.append((Omega[turn] * scale[:, None], rationals(beta)[turn] * scale))
    return found


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_networks_that_are_one_function_are_equal_exactly_and_others_are_told_apart(n: int, seed: int) -> None:
    layers = whole_numbers([n, 4, 3, 2], seed)
    twin = rescaled(layers, seed)
    f, g = chain_of(layers, exact=True), chain_of(twin, exact=True)
    found = largest_difference(f, g, box(f, [(-1, 2)]))
    assert (found.value, found.exact) == (0, True)
    twin[-1] = (twin[-1][0], twin[-1][1] + np.array([Fraction(0), Fraction(1, 10**30)]))
    found = largest_difference(f, chain_of(twin, exact=True), box(f, [(-1, 2)]))
    assert found.value == Fraction(1, 10**30)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_point_is_where_they_are_so_far_apart(n: int) -> None:
    f, g = chain_of(he([n, 5, 4, 2], 0)), chain_of(he([n, 4, 2], 1))
    domain = box(f, [(-1, 1)])
    found = largest_difference(f, g, domain)
    apart = np.abs(f.evaluate(found.point[None]) - g.evaluate(found.point[None])).max()
    assert apart == pytest.approx(float(found.value), rel=1e-12)
    assert (np.abs(found.point) <= 1 + 1e-12).all()
    tried = np.random.default_rng(2).uniform(-1, 1, (20000, n))
    others = np.abs(f.evaluate(tried) - g.evaluate(tried)).max()
    assert 0.5 * found.value < others <= found.value * (1 + 1e-12)
    assert not found.exact


def test_a_difference_at_one_vertex_inside_is_found() -> None:
    """A pyramid 1/1000 wide, between the points of any coarse grid."""
    width = Fraction(1, 1000)
    spike: list[Layer] = [
        ([[1, 0], [0, 1], [1, 0], [0, 1]], [2, 2, 2, 2]),
        (
            [[1, 1, 0, 0], [-1, 1, 0, 0], [1, -1, 0, 0], [-1, -1, 0, 0]],
            [-4 - Fraction(2, 3), 0, 0, 4 + Fraction(2, 3)],
        ),
        ([[-1, -1, -1, -1]], [width]),
        ([[1]], [0]),
    ]
    f = chain_of(spike, exact=True)
    g = chain_of([([[0, 0]], [0])], exact=True)
    found = largest_difference(f, g, box(f, [(0, 1)]))
    assert found.value == width
    assert found.point.tolist() == [Fraction(1, 3), Fraction(1, 3)]


def test_where_an_activation_jumps_the_point_lies_inside_a_cell() -> None:
    zero, one = np.zeros((2, 1)), np.array([[0.0], [1.0]])
    steps = (Bend((0,), 1, (0.0,), zero, one, "step"), Linear((1,), 2, lambda x: x[0].copy(), None, "copy"))
    f = Chain(1, 1, steps, 2, ((0,), (1,)), False)
    g = chain_of([([[0]], [0])])
    found = largest_difference(f, g, box(f, [(-1, 1)]))
    assert found.value == 1
    assert f.evaluate(found.point[None]) == [[1]]


def test_what_does_not_fit_is_refused() -> None:
    f, g = chain_of(he([2, 3, 1], 0)), chain_of(he([3, 3, 1], 0))
    with pytest.raises(ValueError, match="differ in their inputs"):
        difference(f, g)
    with pytest.raises(ValueError, match="bounded"):
        largest_difference(f, f, everywhere(f))
    wide = chain_of(he([2, 30, 1], 0))
    with pytest.raises(TooMany):
        largest_difference(wide, wide, box(wide, [(-1, 1)]), 20)


def test_vertices_of_one_unit_on_a_square() -> None:
    chain = chain_of([([[1, 1]], [0]), ([[1]], [0])], exact=True)
    points = {tuple(point) for point in vertices(chain, box(chain, [(-1, 1)])).tolist()}
    assert points == {(-1, -1), (-1, 1), (1, -1), (1, 1)}


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("exact", [False, True])
def test_units_that_never_bend_on_the_box_are_found(n: int, exact: bool) -> None:
    """The third unit of the second layer is dead by the cells alone: its bounds by intervals are not."""
    first = [[1, *[0] * (n - 1)], [-1, *[0] * (n - 1)]]
    layers: list[Layer] = [
        (first, [Fraction(1, 10)] * 2),
        ([[1, 0], [0, -1], [-1, -1], [1, 1]], [Fraction(1, 3), Fraction(-1, 5), Fraction(1, 20), Fraction(1, 7)]),
        ([[1] * 4], [0]),
    ]
    chain = chain_of(layers, exact=exact)
    seen = pieces_taken(chain, box(chain, [(-1, 1)]))
    assert seen[1].tolist() == [[True, True], [True, True]]
    dead, on = seen[3]
    assert dead.tolist() == [False, True, True, False]
    assert on.tolist() == [True, False, False, True]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans())
def test_pieces_taken_are_those_that_points_lie_in(n: int, widths: list[int], seed: int, whole: bool) -> None:
    """Rationals on a fine grid of points inside: what a point takes is taken; in float64 the same is found."""
    layers: list[Layer] = whole_numbers([n, *widths, 1], seed) if whole else he([n, *widths, 1], seed)
    chain, rational = chain_of(layers), chain_of(layers, exact=True)
    spans: list[Any] = [(-1, 1)]
    seen, exactly = pieces_taken(chain, box(chain, spans)), pieces_taken(rational, box(rational, spans))
    points = np.random.default_rng(seed).uniform(-1, 1, (400, n))
    z = points
    for index, (Omega, beta) in enumerate(layers[:-1]):
        z = z @ np.asarray(Omega, float).T + np.asarray(beta, float)
        step = 2 * index + 1
        assert (seen[step] == exactly[step]).all()
        assert seen[step][1][(z > 1e-9).any(0)].all()
        assert seen[step][0][(z < -1e-9).any(0)].all()
        z = np.maximum(z, 0)
