"""The book's networks against the book's numbers: shapes, counts, outputs, joints, linear regions."""

from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest

import netspec
from netspec.network import Network
from tests.specs.rational import Interval, Map, intervals, maps, polygons, value
from tests.specs.test_specs import SPECS

Dtype = Literal["float32", "float64"]
FAR = Fraction(10**9)
"""Stands for infinity: no joint of these networks lies beyond."""


def spec(name: str, variant: str | None = None) -> Network:
    return netspec.load(SPECS / f"{name}.yaml", variant=variant)


def exactly(name: str) -> list[Map]:
    return maps(spec(name).part)


def regions(name: str, left: Fraction | int = -FAR, right: Fraction | int = FAR) -> list[Interval]:
    return intervals(exactly(name), Fraction(left), Fraction(right))


def joints(name: str, left: Fraction | int = -FAR, right: Fraction | int = FAR) -> list[Fraction]:
    return [piece.right for piece in regions(name, left, right)[:-1]]


# -- shapes and counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "Omegas"),
    [
        ("affine", [(1, 1)]),
        ("two_layer", [(3, 1), (3, 3), (1, 3)]),
        ("notebook_3_2", [(3, 2), (2, 3)]),
        ("notebook_4_3", [(5, 4), (2, 5), (4, 2), (1, 4)]),
        ("problem_4_4", [(20, 5), (10, 20), (7, 10), (4, 7)]),
        ("notebook_8_1", [(100, 40), (100, 100), (10, 100)]),
        ("notebook_10_2_connected", [(285, 40), (135, 285), (60, 135), (10, 60)]),
        ("figure_4_7/deep", [(10, 1), *[(10, 10)] * 4, (1, 10)]),
    ],
)
def test_shapes_are_the_book_s(name: str, Omegas: list[tuple[int, int]]) -> None:
    expected: dict[str, tuple[int, ...]] = {}
    for k, shape in enumerate(Omegas):
        expected |= {f"beta_{k}": shape[:1], f"Omega_{k}": shape}
    assert spec(name).shapes == expected


@pytest.mark.parametrize(
    ("name", "variant", "parameters"),
    [
        ("two_layer", None, 22),
        ("deep", None, 471),
        ("deep", "large", 99_102_001),
        ("figure_4_1/composed", None, 20),
        ("figure_4_7/deep", None, 471),
        ("figure_4_7/shallow", None, 483_151),
        ("figure_4_7/ten_inputs", None, 10_801),
        ("notebook_4_1/n2_after_n1", None, 20),
        ("notebook_4_1/two_layer", None, 22),
        ("notebook_4_3", None, 54),
        ("problem_4_4", None, 439),
        ("problem_4_11/shallow", None, 286),
        ("problem_4_11/deep", None, 286),
        ("notebook_8_1", None, 15_210),
        ("notebook_10_2_connected", None, 59_065),
        ("notebook_20_1", None, 286_210),
        ("notebook_20_2", None, 15_208),
        ("notebook_20_2", "two", 15_210),
        ("notebook_20_2", "three", 15_235),
        ("notebook_20_2", "four", 15_319),
    ],
)
def test_counts_are_the_book_s(name: str, variant: str | None, parameters: int) -> None:
    network = spec(name, variant)
    assert network.facts.parameters == parameters
    assert sum(int(np.prod(shape)) for shape in network.shapes.values()) == parameters


@pytest.mark.parametrize(
    ("name", "variant", "most"),
    [
        ("shallow", None, 4),
        ("two_layer", None, 16),
        ("deep", None, 161_051),
        ("deep", "large", 1001**100),
        ("figure_4_7/shallow", None, 161_051),
        ("notebook_3_2", None, 7),
        ("notebook_3_3", None, 13_432_735_556),
        ("problem_4_11/shallow", None, 96),
        ("problem_4_11/deep", None, 60_466_176),
    ],
)
def test_the_most_linear_regions_are_the_book_s(name: str, variant: str | None, most: int) -> None:
    bounds = spec(name, variant).facts.regions
    assert bounds is not None
    assert (bounds.lower.value, bounds.upper.value) == (most, most)


def test_the_book_s_formula_for_ten_inputs_is_attained_and_is_no_maximum() -> None:
    bounds = spec("figure_4_7/ten_inputs").facts.regions
    assert bounds is not None
    assert bounds.lower.value is not None
    assert bounds.upper.value is not None
    assert f"{6**40 * 13_432_735_556:.4e}" == "1.7956e+41"
    assert 6**40 * 13_432_735_556 <= bounds.lower.value < bounds.upper.value


# -- outputs ----------------------------------------------------------------------------------------------------------

OUTPUTS: dict[str, list[tuple[str, str]]] = {
    "figure_4_1/fold": [("-1", "-1"), ("-1/2", "0"), ("0", "1"), ("3/5", "-1"), ("1", "1")],
    "figure_4_1/bend": [("-1", "3/5"), ("-1/5", "-4/5"), ("3/10", "3/10"), ("1", "-1/5")],
    "figure_4_1/composed": [("-1", "3/5"), ("0", "-1/5"), ("3/5", "3/5"), ("1", "-1/5")],
    "notebook_4_1/n1": [("-1", "-1"), ("0", "1"), ("0.67", "-1.01"), ("1", "1.069")],
    "notebook_4_1/n2": [("-1", "0.1"), ("-0.6", "0.5"), ("-0.2", "0.5"), ("0.5", "-0.55"), ("1", "-0.3")],
    "notebook_4_1/n2_after_n1": [
        ("-1", "0.1"), ("-0.5", "0.2"), ("0", "-0.3"), ("0.25", "-0.175"), ("0.5", "0.5"), ("0.7", "0.279"),
        ("1", "-0.2655"),
    ],
    "notebook_3_1": [("0", "0.3"), ("0.3", "-0.3"), ("0.5", "-0.3"), ("1", "-0.25")],
    "problem_4_8/zigzag": [("0", "0"), ("1/6", "1"), ("1/3", "0"), ("2/3", "1"), ("1", "0")],
    "problem_4_8/twice": [("0", "0"), ("1/36", "1"), ("1/6", "0"), ("1/2", "1/2"), ("1", "0")],
}  # fmt: skip
OUTPUTS["notebook_4_1/two_layer"] = OUTPUTS["notebook_4_1/n2_after_n1"]


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_worked_outputs_hold_exactly(name: str) -> None:
    network = exactly(name)
    for x, y in OUTPUTS[name]:
        assert value(network, Fraction(x)) == (Fraction(y),)


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name != "problem_4_8/twice"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-15), ("float32", 1e-6)])
def test_a_model_gives_the_worked_outputs(name: str, dtype: Dtype, tolerance: float) -> None:
    x = np.array([[float(Fraction(x))] for x, _ in OUTPUTS[name]])
    y = np.array([[float(Fraction(y))] for _, y in OUTPUTS[name]])
    np.testing.assert_allclose(spec(name).build(dtype=dtype, exact=True)(x), y, rtol=0, atol=tolerance)
    # what is carried on is within four times the error by hand
    np.testing.assert_allclose(spec(name).build(dtype=dtype)(x), y, rtol=0, atol=4 * tolerance)


PIECEWISE = [
    "figure_4_1/fold", "figure_4_1/bend", "figure_4_1/composed", "notebook_3_1", "notebook_4_1/n1",
    "notebook_4_1/n2", "notebook_4_1/n2_after_n1", "notebook_4_1/n1_after_n1", "notebook_4_1/n2_after_three_n1",
    "notebook_4_1/two_layer", "notebook_4_2", "problem_4_8/zigzag", "problem_4_8/twice", "problem_4_8/five_times",
]  # fmt: skip


@pytest.mark.parametrize("name", PIECEWISE)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-15), ("float32", 1e-6)])
def test_a_model_is_right_at_every_joint_and_between(name: str, dtype: Dtype, tolerance: float) -> None:
    """To the tolerance times the steepest slope, which is how much the rounding of x itself shows in y."""
    network, pieces = exactly(name), regions(name, -1, 1)
    points = [x for piece in pieces for x in (piece.left, (piece.left + piece.right) / 2, piece.right)]
    x = np.array([[float(point)] for point in points])
    y = np.array([[float(number) for number in value(network, point)] for point in points])
    steepest = max(abs(row[1]) for piece in pieces for row in piece.maps)
    np.testing.assert_allclose(spec(name).build(dtype=dtype)(x), y, rtol=0, atol=tolerance * max(1.0, float(steepest)))


# -- joints and linear regions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("figure_4_1/fold", ["-1", "0", "3/5"]),
        ("figure_4_1/bend", ["-1", "-1/5", "3/10"]),
        ("notebook_3_1", ["3/10", "1/2", "10/13"]),
        ("notebook_4_1/n1", ["0", "67/100"]),
        ("notebook_4_1/n2", ["-3/5", "-1/5", "1/2"]),
        ("problem_4_8/zigzag", ["1/6", "1/3", "2/3"]),
    ],
)
def test_joints_are_where_the_book_has_them(name: str, expected: list[str]) -> None:
    assert joints(name) == [Fraction(x) for x in expected]


@pytest.mark.parametrize(
    ("name", "slopes"),
    [
        ("figure_4_1/fold", ["0", "2", "-10/3", "5"]),
        ("figure_4_1/bend", ["0", "-7/4", "11/5", "-5/7"]),
        ("problem_4_8/zigzag", ["6", "-6", "3", "-3"]),
    ],
)
def test_slopes_are_those_of_the_polylines(name: str, slopes: list[str]) -> None:
    assert [piece.maps[0][1] for piece in regions(name)] == [Fraction(slope) for slope in slopes]


@pytest.mark.parametrize(
    ("name", "domain", "count"),
    [
        ("notebook_4_1/n1", None, 3),
        ("notebook_4_1/n2", None, 4),
        ("notebook_4_1/n2_after_n1", None, 12),
        ("notebook_4_1/n2_after_n1", (-1, 1), 12),
        ("notebook_4_1/two_layer", None, 12),
        ("notebook_4_1/n1_after_n1", None, 9),
        ("notebook_4_1/n2_after_three_n1", None, 4 * 3**3),
        ("figure_4_1/composed", (-1, 1), 9),
        ("figure_4_1/composed", None, 10),
        ("notebook_4_2", (0, 1), 11),
        ("notebook_3_1", (0, 1), 4),
        ("problem_4_8/zigzag", (0, 1), 4),
        ("problem_4_8/twice", (0, 1), 16),
        ("problem_4_8/five_times", (0, 1), 4**5),
    ],
)
def test_linear_regions_are_as_many_as_the_book_says(name: str, domain: tuple[int, int] | None, count: int) -> None:
    found = regions(name) if domain is None else regions(name, *domain)
    assert len(found) == count
    bounds = spec(name).facts.regions
    assert bounds is not None
    assert bounds.upper.value is not None
    assert count <= bounds.upper.value


@pytest.mark.parametrize("copies", range(1, 5))
def test_each_copy_of_the_first_network_folds_three_times_and_the_zigzag_four(copies: int) -> None:
    n1, n2, zigzag = exactly("notebook_4_1/n1"), exactly("notebook_4_1/n2"), exactly("problem_4_8/zigzag")
    assert len(intervals(n1 * copies + n2, -FAR, FAR)) == 4 * 3**copies
    assert len(intervals(zigzag * copies, Fraction(0), Fraction(1))) == 4**copies


def test_the_composition_of_notebook_4_1_has_ten_maps_on_its_twelve_regions() -> None:
    assert len({piece.maps for piece in regions("notebook_4_1/n2_after_n1", -1, 1)}) == 10


def test_eliminating_the_mediator_gives_the_same_regions() -> None:
    assert regions("notebook_4_1/two_layer") == regions("notebook_4_1/n2_after_n1")


@pytest.mark.parametrize(
    ("name", "half", "shift", "cells", "flat"),
    [
        ("notebook_3_2", 5, 5, 7, None),
        ("figure_4_2/fold", 1, 0, 7, 1),
        ("figure_4_2/composed", 1, 0, 13, None),
    ],
)
def test_regions_of_the_plane(name: str, half: int, shift: int, cells: int, flat: int | None) -> None:
    found = polygons(exactly(name), Fraction(shift - half), Fraction(shift + half))
    assert len(found) == cells
    if flat is not None:
        assert sum(not any(any(row[1:]) for row in polygon.maps) for polygon in found) == flat


def test_the_model_of_notebook_3_2_is_right_in_every_region() -> None:
    network = exactly("notebook_3_2")
    centres = [
        tuple(sum(axis) / len(polygon.corners) for axis in zip(*polygon.corners, strict=True))
        for polygon in polygons(network, Fraction(0), Fraction(10))
    ]
    x = np.array([[float(number) for number in centre] for centre in centres])
    y = np.array([[float(number) for number in value(network, *centre)] for centre in centres])
    np.testing.assert_allclose(spec("notebook_3_2").build(dtype="float64")(x), y, rtol=0, atol=3e-14)


# -- smooth, stepping and straight ------------------------------------------------------------------------------------


def test_the_sigmoid_of_notebook_3_4_is_ten_times_as_steep() -> None:
    x = np.linspace(0, 1, 101)[:, None]
    z = np.array([0.3, -1.0, -0.5]) + x * np.array([-1.0, 2.0, 0.65])
    expected = 0.3 + (1 / (1 + np.exp(-10 * z))) @ np.array([[0.5], [-1.0], [0.9]])
    np.testing.assert_allclose(spec("notebook_3_4/sigmoid").build(dtype="float64")(x), expected, rtol=0, atol=2e-15)


def test_a_step_gives_one_number_on_each_region() -> None:
    ends = [-1.0, 0.3, 0.5, 10 / 13, 2.0]
    middles = np.array([[(a + b) / 2] for a, b in pairwise(ends)])
    y = spec("notebook_3_4/heaviside").build(dtype="float64")(middles)
    np.testing.assert_allclose(y[:, 0], [0.8, 0.3, -0.7, 0.2], rtol=0, atol=2e-16)


def test_without_a_bend_the_network_is_a_line() -> None:
    model = spec("notebook_3_4/linear").build(dtype="float64")
    x = np.linspace(-3, 3, 13)[:, None]
    np.testing.assert_allclose(model(x), 1.0 - 1.915 * x + (model(np.zeros((1, 1))) - 1.0), rtol=0, atol=1e-14)


def test_shared_copies_have_one_set_of_tensors_and_separate_ones_their_own() -> None:
    assert list(spec("problem_4_8/five_times").shapes) == [
        f"zigzag.{name}" for name in ("beta_0", "Omega_0", "beta_1", "Omega_1")
    ]
    assert {name.partition(".")[0] for name in spec("notebook_4_1/n1_after_n1").shapes} == {"n1", "n1_2"}
