"""The fewest pieces within a distance: within it exactly, and no fewer by any way of trying."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.constructions.approximation import Piecewise, fewest_pieces, interpolant, largest_error
from tests.constructions.brute import Point, fewest_on_grid, heights

polylines = st.lists(st.tuples(st.integers(1, 3), st.integers(-6, 6)), min_size=2, max_size=6).map(
    lambda steps: [
        (Fraction(sum(step for step, _ in steps[: i + 1])), Fraction(height)) for i, (_, height) in enumerate(steps)
    ]
)
distances = st.fractions(Fraction(1, 8), 4, max_denominator=8)


def check(points: list[Point], within: Fraction, found: Piecewise) -> None:
    """Hold what any answer must be: on the interval, in order, and within the distance everywhere."""
    assert (found.knots[0][0], found.knots[-1][0]) == (points[0][0], points[-1][0])
    assert all(a[0] < b[0] for a, b in pairwise(found.knots))
    assert largest_error(points, found) <= within


@given(polylines, distances)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_the_result_is_within_the_distance_everywhere(points: list[Point], within: Fraction) -> None:
    found = fewest_pieces(points, within)
    check(points, within, found)
    assert found.pieces <= interpolant(points).pieces


@given(polylines, distances)
@settings(max_examples=120, deadline=None, derandomize=True)
def test_no_joints_on_a_grid_need_fewer_pieces(points: list[Point], within: Fraction) -> None:
    assert fewest_pieces(points, within).pieces <= fewest_on_grid(points, within, 1)
    assert fewest_pieces(points, within).pieces <= fewest_on_grid(points, within, 4)


def test_joints_on_a_fine_grid_need_as_many_as_a_rule() -> None:
    """So the grid is a real opponent: of fifty polylines it needs more on few."""
    drawn = random.Random(3)
    equal = 0
    for _ in range(50):
        points = [(Fraction(i), Fraction(drawn.randint(-8, 8))) for i in range(5)]
        within = Fraction(drawn.randint(1, 16), 7)
        ours, theirs = fewest_pieces(points, within).pieces, fewest_on_grid(points, within, 4)
        assert ours <= theirs
        equal += ours == theirs
    assert equal >= 45


@given(polylines, distances)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_one_piece_is_found_where_one_line_passes_and_only_there(points: list[Point], within: Fraction) -> None:
    walls = [(x, y - within, y + within) for x, y in points]
    assert (fewest_pieces(points, within).pieces == 1) == (heights(walls) is not None)


@given(polylines, distances)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_from_the_right_and_upside_down_as_many_are_needed(points: list[Point], within: Fraction) -> None:
    """The greedy way begins at the left: that it needs as many from the right is because both are fewest."""
    pieces = fewest_pieces(points, within).pieces
    assert fewest_pieces([(-x, y) for x, y in reversed(points)], within).pieces == pieces
    assert fewest_pieces([(x, -y) for x, y in points], within).pieces == pieces
    assert fewest_pieces([(3 * x + 1, 5 * y + 2 * x) for x, y in points], 5 * within).pieces == pieces


@given(st.lists(st.integers(-40, 40), min_size=2, max_size=60), st.fractions(Fraction(1, 4), 30, max_denominator=4))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_longer_polylines_agree_from_both_ends(heights_: list[int], within: Fraction) -> None:
    points = [(Fraction(i), Fraction(y)) for i, y in enumerate(heights_)]
    found = fewest_pieces(points, within)
    check(points, within, found)
    assert fewest_pieces([(-x, y) for x, y in reversed(points)], within).pieces == found.pieces


@given(polylines, distances)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_larger_distance_never_needs_more(points: list[Point], within: Fraction) -> None:
    assert fewest_pieces(points, within + Fraction(1, 3)).pieces <= fewest_pieces(points, within).pieces


@given(polylines, distances)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_level_first_piece_takes_two_more_at_most(points: list[Point], within: Fraction) -> None:
    found = fewest_pieces(points, within, flat=True)
    check(points, within, found)
    assert found.slopes[0] == 0 or found.pieces == fewest_pieces(points, within).pieces, "left out"
    assert fewest_pieces(points, within).pieces <= found.pieces <= fewest_pieces(points, within).pieces + 2


@pytest.mark.parametrize("within", [Fraction(1, 10), Fraction(1), Fraction(5)])
def test_many_points_of_a_curve_agree_from_both_ends(within: Fraction) -> None:
    """A parabola, whose corners the lines turn about one by one."""
    points = [(Fraction(i), Fraction(i * i, 20)) for i in range(200)]
    found = fewest_pieces(points, within)
    check(points, within, found)
    backward = fewest_pieces([(-x, y) for x, y in reversed(points)], within)
    assert backward.pieces == found.pieces
    # A chord over a length l of y = x²/20 is off it by l²/160 at most, as far above it as its ends may be below.
    assert found.pieces == pytest.approx(199 / (160 * float(within)) ** 0.5, abs=1.5)


def test_without_a_distance_the_polyline_itself_is_found() -> None:
    points = [(Fraction(x), Fraction(y)) for x, y in [(0, 0), (1, 1), (2, 2), (3, 0), (5, -4), (6, -4)]]
    found = fewest_pieces(points, Fraction(0))
    assert found == interpolant(points)
    assert [x for x, _ in found.knots] == [0, 2, 5, 6]
    assert largest_error(points, found) == 0


def test_a_tunnel_that_only_just_lets_a_line_through() -> None:
    """Three points, the middle one 1 off the chord: 1/2 is the least distance for one piece."""
    points = [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)), (Fraction(2), Fraction(0))]
    assert fewest_pieces(points, Fraction(1, 2)).pieces == 1
    assert fewest_pieces(points, Fraction(1, 2) - Fraction(1, 10**30)).pieces == 2


def test_a_negative_distance_is_refused() -> None:
    points = [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))]
    with pytest.raises(ValueError, match="at least 0"):
        fewest_pieces(points, Fraction(-1))
    with pytest.raises(ValueError, match="not level"):
        fewest_pieces(points, Fraction(0), flat=True)
