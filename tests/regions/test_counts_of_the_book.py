"""The regions of the book's networks, and of those that it speaks of."""

from fractions import Fraction
from typing import Any

import pytest

from netspec.network import Network, load
from netspec.regions import count, regions
from tests.regions.networks import fully_connected, sawtooth

UNIT = [(0, 1)]
AROUND = [(-1, 1)]


@pytest.mark.parametrize("rational", [False, True], ids=["float64", "rational"])
@pytest.mark.parametrize(
    ("spec", "box", "pieces"),
    [
        ("notebook_4_1/n1", None, 3),  # two of its joints coincide at 0
        ("notebook_4_1/n2", None, 4),
        ("notebook_4_1/n2_after_n1", None, 12),
        ("notebook_4_1/n2_after_n1", AROUND, 12),
        ("notebook_4_1/two_layer", None, 12),
        ("notebook_4_1/n1_after_n1", None, 9),
        ("notebook_4_1/n2_after_three_n1", None, 4 * 3**3),
        ("figure_4_1/composed", AROUND, 9),  # the first network touches -1 at 3/5 and does not cross it
        ("figure_4_1/composed", None, 10),
        ("notebook_4_2", UNIT, 11),
        ("notebook_3_1", UNIT, 4),
        ("problem_4_8/zigzag", None, 4),
        ("problem_4_8/twice", None, 4**2),
        ("problem_4_8/five_times", None, 4**5),
    ],
)
def test_regions_of_the_book(spec: str, box: Any, pieces: int, rational: bool) -> None:
    found = count(load(f"specs/{spec}.yaml"), box=box, rational=rational)
    assert (found.pieces, found.complete) == (pieces, True)
    assert found.arithmetic == ("rational" if rational else "float64")


@pytest.mark.parametrize("rational", [False, True], ids=["float64", "rational"])
def test_joints_of_notebook_3_1(rational: bool) -> None:
    found = list(regions(load("specs/notebook_3_1.yaml"), box=UNIT, rational=rational))
    ends = [region.low for region in found[1:]]
    expected = [Fraction(3, 10), Fraction(1, 2), Fraction(10, 13)]
    assert ends == (expected if rational else pytest.approx([float(end) for end in expected], abs=1e-15))


def test_flat_parts_of_notebook_4_1_share_maps() -> None:
    """Twelve regions, ten maps."""
    found = list(regions(load("specs/notebook_4_1/n2_after_n1.yaml"), rational=True))
    assert len(found) == 12
    assert len({(*region.beta, *region.Omega) for region in found}) == 10


def test_regions_of_given_parameters_are_beside_the_bounds() -> None:
    found = count(load("specs/notebook_4_1/n2_after_n1.yaml"))
    assert found.bounds is not None
    assert found.pieces <= found.cells <= (found.bounds.upper.value or 0) == 16


@pytest.mark.parametrize(("D", "K"), [(3, 1), (3, 4), (4, 3), (5, 4), (10, 2)])
@pytest.mark.parametrize("box", [None, UNIT])
def test_a_sawtooth_has_as_many_regions_as_any_network_of_its_widths(D: int, K: int, box: Any) -> None:
    network = sawtooth(D, K)
    for rational in (False, True):
        found = count(network, box=box, rational=rational)
        assert (found.cells, found.pieces, found.unsure) == ((D + 1) ** K, (D + 1) ** K, 0)


def test_figure_4_7_has_161_051_regions() -> None:
    found = count(sawtooth(10, 5))
    assert (found.cells, found.pieces, found.unsure) == (161_051, 161_051, 0)


def test_widths_1_and_2_have_fewer_than_the_product() -> None:
    """1; 2, 2: seven and not nine, which these parameters give."""
    best = fully_connected([[[-4], [-1]], [[1, -3], [-4, 1]], [[2, -2]]], [[-1, 3], [2, -2], [0]])
    assert count(best, rational=True).pieces == 7


@pytest.mark.parametrize("rational", [False, True], ids=["float64", "rational"])
@pytest.mark.parametrize(
    ("spec", "box", "cells"),
    [
        ("figure_4_2/fold", AROUND, 7),
        ("figure_4_2/composed", AROUND, 13),
        ("notebook_3_2", [(0, 10)], 7),
    ],
)
def test_regions_of_the_book_with_two_inputs(spec: str, box: Any, cells: int, rational: bool) -> None:
    found = count(load(f"specs/{spec}.yaml"), box=box, rational=rational)
    assert (found.cells, found.unsure, found.complete) == (cells, 0, True)


@pytest.mark.parametrize("rational", [False, True], ids=["float64", "rational"])
@pytest.mark.parametrize("times", range(1, 6))
def test_n1_some_times_and_then_n2_has_four_times_a_power_of_three(times: int, rational: bool) -> None:
    tensors = [([0, 0, -0.67], [1.0], [-2.0, -3.0, 9.3]), ([-0.6, 0.2, -0.5], [0.5], [-1.0, -1.5, 2.0])]
    parts = {
        f"n{number}": {
            "input": 1, "widths": [3], "output": 1,
            "parameters": {"beta_0": theta, "Omega_0": [[-1.0], [1.0], [1.0]], "beta_1": phi_0, "Omega_1": [phi]},
        }
        for number, (theta, phi_0, phi) in enumerate(tensors, 1)
    }  # fmt: skip
    network = Network(networks=parts, compose=["n1"] * times + ["n2"], dtype="float64")
    assert count(network, rational=rational).pieces == 4 * 3**times


def test_the_composition_and_its_two_layer_network_have_the_same_regions() -> None:
    """And so has the first written in full: twelve, with the same ends and the same maps."""
    found = [
        [(each.low, each.high, *each.beta, *each.Omega) for each in regions(load(f"specs/{spec}.yaml"), rational=True)]
        for spec in ("notebook_4_1/n2_after_n1", "notebook_4_1/two_layer")
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 12
