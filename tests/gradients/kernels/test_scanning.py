"""Recurrent layers are their twins, and their gradients go back through time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gradients.kernels.sequence_kernels import Array, assert_derivatives, backward, forward, gradients
from tests.twins import recurrent as twins

FEW = settings(max_examples=20, deadline=None)
LAYERS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "rnn with tanh": ("rnn", 1, {"function": "tanh"}),
    "rnn with relu": ("rnn", 1, {"function": "relu"}),
    "lstm": ("lstm", 4, {}),
    "gru": ("gru", 3, {}),
}
"""Each with its kernels, how many gates it has, and what it takes besides."""
TWINS: dict[str, Callable[..., Array]] = {"rnn": twins.rnn, "lstm": twins.lstm, "gru": twins.gru}


def _scanned(seed: int, count: int, steps: int, features: int, gates: int, width: int) -> dict[str, Array | None]:
    random = np.random.default_rng(seed)
    return {
        "x": random.normal(0, 1, (count, steps, features)),
        "Omega_input": random.normal(0, 1, (gates * width, features)),
        "Omega_hidden": random.normal(0, 0.7, (gates * width, width)),
        "beta_input": random.normal(0, 1, gates * width),
        "beta_hidden": random.normal(0, 1, gates * width),
    }


@pytest.mark.parametrize("layer", LAYERS)
@FEW
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
def test_a_layer_is_its_twin(
    layer: str,
    count: int,
    steps: int,
    features: int,
    width: int,
    input_bias: bool,
    hidden_bias: bool,
    reverse: bool,
    seed: int,
) -> None:
    name, gates, more = LAYERS[layer]
    arrays = _scanned(seed, count, steps, features, gates, width)
    if not input_bias:
        arrays["beta_input"] = None
    if not hidden_bias:
        arrays["beta_hidden"] = None
    expected = TWINS[name](**arrays, reverse=reverse, **more)
    assert_derivatives(name, arrays, expected, reverse=reverse, **more)


@pytest.mark.parametrize("layer", LAYERS)
def test_there_may_be_no_steps(layer: str) -> None:
    name, gates, more = LAYERS[layer]
    arrays = _scanned(0, 2, 0, 3, gates, 2)
    found = gradients(name, arrays, np.empty((2, 0, 2)), reverse=False, **more)
    assert found["x"].shape == (2, 0, 3)
    assert all(not value.any() for value in found.values())


@pytest.mark.parametrize("layer", ["lstm", "gru"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_gates_far_out_do_not_overflow(layer: str, dtype: str, sign: int) -> None:
    name, gates, _ = LAYERS[layer]
    arrays: dict[str, Array | None] = {
        "x": np.full((1, 2, 1), sign, dtype),
        "Omega_input": np.full((gates, 1), 1e4, dtype),
        "Omega_hidden": np.zeros((gates, 1), dtype),
        "beta_input": None,
        "beta_hidden": None,
    }
    y, saved = forward(name, arrays, (1, 2, 1), reverse=False)
    found = backward(name, arrays, y, y, saved, ("x", "Omega_input", "Omega_hidden"), reverse=False)
    assert all(np.isfinite(value).all() for value in (y, *found.values()))


def test_the_gradient_of_a_relu_is_0_at_0() -> None:
    arrays = {**_scanned(0, 1, 3, 2, 1, 2), "x": np.zeros((1, 3, 2)), "beta_input": None, "beta_hidden": None}
    found = gradients("rnn", arrays, np.ones((1, 3, 2)), reverse=False, function="relu")
    assert not found["x"].any()
