"""Recurrent layers are their twins, in both directions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels.recurrent import gru, lstm, rnn
from tests.compiler.kernels.laws import MANY, SEEDS, Array, assert_laws, assert_nan_reaches_what_reads_it, normal
from tests.twins import recurrent as twins

LAYERS: dict[str, tuple[Callable[..., Array], Callable[..., Array], int, tuple[Any, ...]]] = {
    "rnn with tanh": (rnn, twins.rnn, 1, ("tanh",)),
    "rnn with relu": (rnn, twins.rnn, 1, ("relu",)),
    "lstm": (lstm, twins.lstm, 4, ()),
    "gru": (gru, twins.gru, 3, ()),
}
"""Each with its twin, how many gates it has, and what it takes besides."""


@pytest.mark.parametrize("layer", LAYERS)
@MANY
@given(st.integers(0, 5), st.integers(1, 4), st.integers(1, 4), st.booleans(), st.booleans(), st.booleans(), SEEDS)
def test_a_layer_is_its_twin(
    layer: str, steps: int, features: int, width: int, input_bias: bool, hidden_bias: bool, reverse: bool, seed: int
) -> None:
    kernel, twin, gates, more = LAYERS[layer]
    x = normal(seed, 2, steps, features)
    options = (
        normal(seed + 1, gates * width, features),
        normal(seed + 2, gates * width, width) / 2,
        normal(seed + 3, gates * width) if input_bias else None,
        normal(seed + 4, gates * width) if hidden_bias else None,
        reverse,
        *more,
    )
    assert_laws(kernel, twin, (x,), *options)
    if steps:
        assert_nan_reaches_what_reads_it(kernel, twin, x, *options)


@pytest.mark.parametrize("layer", LAYERS)
def test_reverse_is_the_layer_on_the_steps_in_reverse(layer: str) -> None:
    kernel, _, gates, more = LAYERS[layer]
    x = normal(0, 2, 6, 3)
    tensors = (normal(1, gates * 4, 3), normal(2, gates * 4, 4) / 2, normal(3, gates * 4), normal(4, gates * 4))
    forward = kernel(x[:, ::-1], *tensors, False, *more)
    np.testing.assert_allclose(kernel(x, *tensors, True, *more), forward[:, ::-1], rtol=1e-12)


@pytest.mark.parametrize("layer", ["lstm", "gru"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gates_far_out_do_not_overflow(layer: str, dtype: str) -> None:
    kernel, _, gates, _ = LAYERS[layer]
    tensors = (np.full((gates, 1), 1e4), np.zeros((gates, 1)))
    for sign in (1, -1):
        y = kernel(np.full((1, 2, 1), sign, dtype), *(tensor.astype(dtype) for tensor in tensors), None, None, False)
        assert np.isfinite(y).all()
