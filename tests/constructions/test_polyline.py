"""Networks through points: their values, their function in rationals and in the program, and how far they are off."""

import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec.constructions import as_points, draw, polyline, precision_curve, read_points
from netspec.constructions.approximation import fewest_pieces, interpolant
from netspec.constructions.lines import pair, side
from netspec.constructions.polyline import upward
from netspec.diagnostics import SpecError
from netspec.diagnostics.pages import page
from tests.constructions.exact import exact_values

number = st.integers(-999, 999).map(lambda value: Fraction(value, 100))
tables = st.lists(st.tuples(number, number), min_size=2, max_size=12, unique_by=lambda point: point[0])


def value(network: netspec.Network, x: Fraction) -> Fraction:
    """Return y of a shallow network for one x, exactly, from the values as its spec has them."""
    exact = exact_values(network)
    if network.facts.depth == 0:
        return Fraction(exact["β_0"][0] + exact["Ω_0"][0][0] * x)
    y = Fraction(exact["β_1"][0])
    for constant, (slope,), weight in zip(exact["β_0"], exact["Ω_0"], exact["Ω_1"][0], strict=True):
        y += weight * max(Fraction(0), constant + slope * x)
    return y


def test_the_polylines_of_figure_4_1_are_the_books_networks() -> None:
    fold = netspec.load("specs/figure_4_1/fold.yaml")
    made = netspec.loads(polyline([(-1, -1), (0, 1), (0.6, -1), (1, 1)], name="fold"))
    assert made.fingerprint == netspec.Network(input=1, widths=[3], output=1, dtype="float64").fingerprint
    for name, array in fold.build(dtype="float64").parameters.items():
        assert made.build().parameters[name].tolist() == array.tolist()
    bend = netspec.load("specs/figure_4_1/bend.yaml").build(dtype="float64").parameters
    again = netspec.loads(polyline([(-1, Decimal("0.6")), (-0.2, "-0.8"), (Fraction(3, 10), 0.3), (1, -0.2)])).build()
    for name, array in bend.items():
        assert again.parameters[name].tolist() == array.tolist()


def test_the_units_are_those_of_the_theory() -> None:
    """θ_i = (-sgn(s_i) x_i s_i, |s_i|), φ_i = sgn(s_i), φ_0 = y_0."""
    text = polyline([(1, 5), (2, 4), (4, 8)])
    assert "β_0: [-1, -6]" in text
    assert "Ω_0: [[1], [3]]" in text
    assert "β_1: [5]" in text
    assert "Ω_1: [[-1, 1]]" in text


@given(tables)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_network_passes_every_point_exactly(points: list[tuple[Fraction, Fraction]]) -> None:
    random.Random(0).shuffle(points)
    drawn = draw(as_points(points))
    assert drawn.error == drawn.error_at_points == 0
    network = netspec.loads(drawn.text)
    assert network.warnings == ()
    assert network.facts.capacity == drawn.units
    for x, y in points:
        assert value(network, x) == y
    inputs = np.array([[float(x)] for x, _ in points])
    heights = np.array([[float(y)] for _, y in points])
    model = network.build()
    largest = max(1.0, *(abs(array).max() for array in model.parameters.values()))
    assert np.abs(model(inputs) - heights).max() <= 1e-12 * largest


@given(tables, st.fractions(0, 3, max_denominator=50))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_error_told_is_that_of_the_values_as_written(
    points: list[tuple[Fraction, Fraction]], within: Fraction
) -> None:
    exact = as_points(points)
    drawn = draw(exact, within)
    network = netspec.loads(drawn.text)
    slack = Fraction(1, 10**9)  # values that are too long for a quotient are rounded once
    assert drawn.error <= within + slack
    assert max(abs(value(network, x) - y) for x, y in exact) == drawn.error_at_points <= drawn.error
    for i in range(60):
        x = exact[0][0] + (exact[-1][0] - exact[0][0]) * Fraction(i, 59)
        at = next(j for j in range(1, len(exact)) if x <= exact[j][0])
        (x0, y0), (x1, y1) = exact[at - 1], exact[at]
        assert abs(value(network, x) - (y0 + (y1 - y0) * (x - x0) / (x1 - x0))) <= drawn.error
    assert drawn.units in (drawn.pieces - 1, drawn.pieces)
    assert network.facts.capacity == drawn.units


def test_a_level_end_saves_a_unit_on_either_side() -> None:
    assert draw(as_points([(0, 1), (1, 1), (2, 3)])).units == 1
    right = draw(as_points([(0, 3), (1, 1), (2, 1)]))
    assert (right.pieces, right.units, right.error) == (2, 1, Fraction(0))
    assert "Ω_0: [[-2]]" in right.text
    level = draw(as_points([(0, 2), (1, 2)]))
    assert (level.units, netspec.loads(level.text).facts.depth) == (0, 0)


def test_many_points_are_rounded_once_and_the_error_is_told() -> None:
    drawn = random.Random(1)
    points = as_points([(i / 7, drawn.uniform(-1, 1)) for i in range(300)])
    made = draw(points)
    assert made.units == 299
    assert 0 < made.error < Fraction(1, 10**11)
    network = netspec.loads(made.text)
    assert max(abs(value(network, x) - y) for x, y in points) == made.error_at_points
    assert upward(made.error) in made.text


def test_the_largest_table_makes_a_spec_that_is_read() -> None:
    drawn = random.Random(2)
    made = draw(as_points([(i, drawn.randint(-9, 9)) for i in range(10_000)]))
    assert netspec.loads(made.text).facts.parameters == 3 * made.units + 1


def test_the_curve_of_width_against_precision_falls() -> None:
    points = [(i / 20, float(np.sin(i / 3))) for i in range(41)]
    curve = precision_curve(points)
    assert curve[0].units == 0
    assert [each.within for each in curve] == sorted((each.within for each in curve), reverse=True)
    assert [each.pieces for each in curve] == sorted(each.pieces for each in curve)
    assert curve[-1].pieces == 40 or len(curve) == 16
    given_ = precision_curve(points, [0.5, "0.25"])
    assert [each.within for each in given_] == [Fraction(1, 2), Fraction(1, 4)]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "at least 2 points, got 0"),
        ([(0, 1)], "at least 2 points, got 1"),
        ([(0, 1), (0.0, 2)], "two points have x = 0.0"),
        ([(0, 1), (1, float("nan"))], "expected a number"),
        ([(0, 1), (float("inf"), 1)], "expected a number"),
        ([(0, 1), ("a", 1)], "expected a number, got 'a'"),
        ([(0, 1), (1, 1e101)], "out of range"),
        ([(i, 0) for i in range(10_001)], "more than 10,000 points"),
    ],
)
def test_points_without_sense_are_refused(points: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        polyline(points)


def test_points_that_all_but_meet_are_refused_where_the_slope_leaves_float64() -> None:
    with pytest.raises(ValueError, match="all but meet"):
        polyline([(0, 0), (Fraction(1, 10**250), 10**99)])


def test_values_that_float64_cannot_hold_are_refused_rather_than_far_off() -> None:
    """Two points at almost one x, far from 0: the slope is 10^30, and β is known to about 10^13."""
    points: list[tuple[Fraction, Fraction]] = [
        (Fraction(0), Fraction(0)),
        (Fraction(1, 3), Fraction(0)),
        (Fraction(1, 3) + Fraction(1, 10**30), Fraction(1)),
        (Fraction(2), Fraction(1)),
    ]
    with pytest.raises(ValueError, match="do not fit float64: rounded, they are"):
        polyline(points)
    with pytest.raises(ValueError, match="do not fit float64"):
        polyline(points, within="0.1")


def test_a_table_is_read_sorted_and_as_decimals(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("x;y\n2;0.1\n0;1e-3\n1;-7\n")
    assert read_points(str(table)) == (
        (Fraction(0), Fraction(1, 1000)),
        (Fraction(1), Fraction(-7)),
        (Fraction(2), Fraction(1, 10)),
    )


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("x,y\n0,0\n1,2\n0,1\n", "duplicate-point", (4, 1)),
        ("0,0\n1,nan\n", "point-out-of-range", (2, 3)),
        ("0,0\n-1e200,3\n", "point-out-of-range", (2, 1)),
        ("0,0\n1\n", "data-columns", (2, 1)),
        ("0,0\n1,x\n", "data-not-a-number", (2, 3)),
        ("0,0\n", "too-few-points", None),
        ("", "data-empty", None),
        ("0,0\n" * 10_001, "too-many-points", (10_001, 1)),
    ],
)
def test_a_table_that_is_refused_says_where(
    tmp_path: Path, text: str, code: str, place: tuple[int, int] | None
) -> None:
    table = tmp_path / "points.csv"
    table.write_text(text)
    with pytest.raises(SpecError) as refused:
        read_points(str(table))
    (found,) = refused.value.diagnostics
    span = found.place.span
    assert (found.code, found.place.file) == (code, str(table))
    assert (None if span is None else (span.line, span.column)) == place
    assert page(code) is not None


@given(st.fractions(0, 10**6, max_denominator=10**6))
def test_a_distance_is_told_rounded_up(number: Fraction) -> None:
    told = Fraction(upward(number))
    assert number <= told <= number * Fraction(102, 100)


RATIONALS = st.fractions(-3, 3, max_denominator=10**6) | st.integers(-(10**400), 10**400).map(Fraction)


@given(RATIONALS, RATIONALS, RATIONALS, st.sampled_from([-1, 0, 1]), st.integers(0, 40))
def test_a_line_is_above_a_corner_as_fractions_say(a: Fraction, b: Fraction, x: Fraction, up: int, digits: int) -> None:
    """Also where they are next to each other, where nothing of float64 is left, and where numbers are beyond it."""
    apart = up * Fraction(1, 10 ** (10 * digits))
    assert side(pair(a, b), pair(x, a * x + b - apart)) == up
    small = Fraction(1, 10**320)
    assert side(pair(a * small, b * small), pair(x, (a * x + b - apart) * small)) == up


def test_the_curve_of_many_noisy_points_ends_where_nothing_is_saved() -> None:
    generator = np.random.default_rng(0)
    points = [(Fraction(i), Fraction(int(y))) for i, y in enumerate(generator.integers(0, 1000, 2_100))]
    whole = len(interpolant(points).slopes)
    curve = precision_curve(points)
    assert curve[-1].pieces >= 0.9 * whole > curve[-2].pieces
    assert [each.pieces for each in curve] == [fewest_pieces(points, each.within).pieces for each in curve]
    few = precision_curve(points[:100])
    assert few[-1].pieces == len(interpolant(points[:100]).slopes)
