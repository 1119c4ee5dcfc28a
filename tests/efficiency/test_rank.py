"""The rank of the Jacobian: against differences, known dimensions, and the proven upper bound."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec.constructions import sawtooth
from netspec.efficiency.rank import (
    MOST_PARAMETERS,
    _inputs,
    _jacobian,
    _layers,
    drawn_parameters,
    found_rank,
    reason_against,
)
from netspec.efficiency.symmetry import symmetry
from netspec.network import Network

ACTIVATIONS: list[Any] = [
    "relu",
    {"leaky_relu": {"slope": 0.2}},
    "relu6",
    "hard_tanh",
    "hard_sigmoid",
    {"soft_shrink": {"bound": 0.3}},
    {"hard_shrink": {"bound": 0.3}},
    "identity",
]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_the_jacobian_is_that_of_differences_of_the_model(activation: object) -> None:
    """A central difference of the compiled program in float64, parameter by parameter."""
    network = Network(input=2, widths=[4, 3], output=2, activation=activation, dtype="float64")
    parameters = drawn_parameters(network.operations, 1)
    layers, columns = _layers(network.operations, parameters)
    x = np.random.default_rng(0).standard_normal((40, 2))
    found = _jacobian(layers, columns, x).reshape(2, 40, columns)
    step = 1e-6
    column = 0
    for name in parameters:
        for index in np.ndindex(parameters[name].shape):
            moved = []
            for sign in (1, -1):
                changed = {key: value.copy() for key, value in parameters.items()}
                changed[name][index] += sign * step
                moved.append(_value(network, changed, x))
            difference = (moved[0] - moved[1]) / (2 * step)
            near = np.isclose(difference.T, found[:, :, column], rtol=1e-5, atol=1e-5)
            assert near.mean() > 0.97, (name, index)  # a joint may lie within a step of a point
            column += 1
    assert column == columns


def _value(network: Network, parameters: dict[str, Any], x: Any) -> Any:
    """Return the outputs of a network at other parameters, by its own layers."""
    values = {name: np.asarray(value) for name, value in parameters.items()}
    moved = Network(
        input=2,
        widths=[4, 3],
        output=2,
        dtype="float64",
        activation=network.part.document.data.get("activation"),
        parameters=values,
    )
    return moved.build(exact=True)(x)


@given(
    st.integers(1, 4),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_no_rank_exceeds_the_proven_bound(inputs: int, widths: list[int], outputs: int, seed: int) -> None:
    network = Network(input=inputs, widths=widths, output=outputs)
    bound = symmetry(network.operations, network.facts)
    assert bound is not None
    found = found_rank(network.operations, network.facts, drawn_parameters(network.operations, seed))
    assert found.rank <= bound.effective_dimension
    assert found.kept > 100 * found.tolerance or found.rank == 0
    assert found.dropped < found.tolerance / 100


@pytest.mark.parametrize(
    ("inputs", "widths", "outputs"), [(1, [3], 1), (2, [5, 4], 2), (10, [20], 3), (5, [8, 8], 2), (3, [4, 4, 4], 3)]
)
def test_wide_enough_networks_attain_the_bound(inputs: int, widths: list[int], outputs: int) -> None:
    network = Network(input=inputs, widths=widths, output=outputs)
    bound = symmetry(network.operations, network.facts)
    assert bound is not None
    ranks = [
        found_rank(network.operations, network.facts, drawn_parameters(network.operations, seed)).rank
        for seed in range(6)
    ]
    assert max(ranks) == bound.effective_dimension


def test_a_mediator_is_seen() -> None:
    """Twenty parameters, of which functions of this form see twelve: the proven bound is attained."""
    one = {"input": 1, "widths": [3], "output": 1}
    network = Network(networks={"a": one, "b": one}, compose=["a", "b"])
    ranks = [
        found_rank(network.operations, network.facts, drawn_parameters(network.operations, seed)).rank
        for seed in range(6)
    ]
    assert max(ranks) == 12


def test_a_dead_unit_takes_its_parameters_out() -> None:
    values = {"β_0": [-1, -1, 5], "Ω_0": [[0], [0], [1]], "β_1": [0], "Ω_1": [[1, 1, 1]]}
    network = Network(input=1, widths=[3], output=1, parameters=values)
    found = found_rank(network.operations, network.facts, network.build(dtype="float64").parameters)
    assert found.rank == 3, "a constant, a joint and a slope"


def test_an_affine_network_has_all_its_parameters() -> None:
    network = Network(input=3, K=0, output=2)
    assert found_rank(network.operations, network.facts, drawn_parameters(network.operations, 0)).rank == 8


def test_shared_parameters_are_one_column() -> None:
    network = netspec.load("specs/problem_4_8/twice.yaml")
    found = found_rank(network.operations, network.facts, network.build(dtype="float64").parameters)
    assert found.parameters == 10
    assert found.rank <= 7


def test_the_sawtooth_has_a_larger_rank_than_random_parameters() -> None:
    """Its 161,051 pieces tell far more parameters apart than the fifty joints of a random network."""
    network = netspec.loads(sawtooth(10, 5))
    random = found_rank(network.operations, network.facts, drawn_parameters(network.operations, 0))
    made = found_rank(network.operations, network.facts, network.build().parameters)
    assert made.rank > random.rank
    assert made.rank == 421, "the proven upper bound"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"input": 1, "widths": [3], "output": 1, "activation": "tanh"}, "`tanh` is not piecewise linear"),
        ({"input": 50, "widths": [50], "output": 1}, f"2,601 parameters, and {MOST_PARAMETERS:,} are the most"),
        ({"input": [1, 4], "layers": ["flatten", {"dense": 2}], "output": 2}, "not fully connected"),
    ],
)
def test_what_has_no_rank_says_why(keys: dict[str, object], words: str) -> None:
    network = Network(**keys)
    assert words in reason_against(network.operations, network.facts)
    with pytest.raises(ValueError, match="no rank"):
        found_rank(network.operations, network.facts, {})


def test_values_that_are_not_finite_are_refused() -> None:
    network = Network(input=1, widths=[3], output=1)
    parameters = drawn_parameters(network.operations, 0)
    parameters["beta_0"][1] = np.nan
    with pytest.raises(ValueError, match="beta_0 has a value that is not finite"):
        found_rank(network.operations, network.facts, parameters)


def test_inputs_take_every_pattern_that_is_met_first() -> None:
    network = Network(input=1, widths=[3], output=1)
    layers, _ = _layers(network.operations, drawn_parameters(network.operations, 0))
    first = _inputs(layers, 1, 0)[:8]
    patterns = {tuple((layers[0].weight @ x + layers[0].bias > 0).tolist()) for x in first}
    assert len(patterns) == 4


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_unit_of_y_does_not_change_the_rank(scale: float) -> None:
    """Where squares of derivatives would leave float64; without β all of them are of one size."""
    dense = {"width": 4, "bias": False, "activation": "relu"}
    layers = [{"dense": dense}, {"dense": {"width": 1, "bias": False}}]
    network = Network(input=2, layers=layers, output=1, dtype="float64")
    parameters = drawn_parameters(network.operations, 3)
    expected = found_rank(network.operations, network.facts, parameters).rank
    found = found_rank(network.operations, network.facts, {name: array * scale for name, array in parameters.items()})
    assert found.rank == expected == 8
