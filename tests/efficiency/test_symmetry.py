"""Symmetries, and the upper bound on the effective dimension that follows from them."""

from math import factorial, log10

import pytest

from netspec.efficiency.symmetry import Symmetry, symmetry
from netspec.network import Network


def of(**keys: object) -> Symmetry | None:
    """Return the symmetries of a network made of keys."""
    network = Network(**keys)
    return symmetry(network.operations, network.facts)


def known(**keys: object) -> Symmetry:
    """Return the symmetries of a network that has them told."""
    found = of(**keys)
    assert found is not None
    return found


def test_a_relu_network_has_permutations_and_scalings() -> None:
    found = known(input=4, widths=[5, 2, 4], output=1)
    assert found.permutations == factorial(5) * factorial(2) * factorial(4)
    assert found.permutations_log10 == round(log10(found.permutations), 6)
    assert (found.scalings, found.signs, found.effective_dimension) == (11, 0, 54 - 11)


def test_figure_4_7_and_its_repeat() -> None:
    found = known(input=1, K=5, widths=10, output=1)
    assert found.permutations == factorial(10) ** 5
    assert found.effective_dimension == 471 - 50


def test_a_million_layers_cost_no_more_than_one() -> None:
    found = known(input=1, K=10**6, widths=10, output=1)
    assert found.permutations is None
    assert found.scalings == 10**7
    assert abs(found.permutations_log10 - 10**6 * log10(factorial(10))) < 1


@pytest.mark.parametrize(
    ("activation", "scalings", "signs"),
    [
        ("relu", 3, 0),
        ({"leaky_relu": {"slope": 0.1}}, 3, 0),
        ("heaviside", 3, 0),
        ("tanh", 0, 3),
        ("hard_tanh", 0, 3),
        ({"hard_tanh": {"low": 0.0, "high": 1.0}}, 0, 0),
        ("relu6", 0, 0),
        ("sigmoid", 0, 0),
    ],
)
def test_each_activation_has_its_symmetries(activation: object, scalings: int, signs: int) -> None:
    found = known(input=1, widths=[3], activation=activation, output=1)
    assert (found.scalings, found.signs, found.effective_dimension) == (scalings, signs, 10 - scalings)


def test_an_output_activation_has_no_hidden_units() -> None:
    found = known(input=2, widths=[3], output=4, output_activation="relu")
    assert (found.permutations, found.scalings) == (6, 3)


def test_an_affine_map_is_all_parameters() -> None:
    assert known(input=3, K=0, output=2) == Symmetry(1, 0.0, 0, 0, 8)


def test_a_mediator_leaves_a_map_of_its_rank() -> None:
    """Figure 4.1's form, 1-3-1 after 1-3-1: 20 parameters; the middle map has rank 1, 3 + 3 - 1 numbers, and 3 more."""
    one = {"input": 1, "widths": [3], "output": 1}
    found = known(networks={"a": one, "b": one}, compose=["a", "b"])
    assert (found.scalings, found.effective_dimension) == (6, 6 + (3 + 3 - 1 + 3) + 4 - 6)
    wide = {"input": 1, "widths": [3], "output": 9}
    broad = {"input": 9, "widths": [3], "output": 1}
    assert known(networks={"a": wide, "b": broad}, compose=["a", "b"]).effective_dimension == 22 - 6


def test_shared_parameters_and_other_layers_have_no_symmetries_told() -> None:
    assert of(networks={"a": {"input": 1, "widths": [3], "output": 1}}, compose=["a", "a"]) is None
    assert of(input=[1, 8], layers=[{"conv": {"channels": 2, "kernel": 3}}], output=[2, 6]) is None
