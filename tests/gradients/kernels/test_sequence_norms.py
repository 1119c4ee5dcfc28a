"""Normalisations over the last axes are their twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.gradients.kernels import sequence_norms
from tests.gradients.kernels.sequence_kernels import Array, assert_derivatives, forward, gradients
from tests.twins import normalisation as twins

FEW = settings(max_examples=25, deadline=None)


def _normal(*shape: int) -> Array:
    return np.random.default_rng(len(shape)).normal(0, 1.5, shape)


@FEW
@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1e-5, 0.5]),
)
def test_layer_norm_is_its_twin(shape: list[int], axes: int, scale: bool, bias: bool, epsilon: float) -> None:
    axes = min(axes, len(shape) - 1)
    sizes = shape[len(shape) - axes :]
    if np.prod(sizes) == 1 and epsilon < 0.1:
        epsilon = 0.5  # of one number the variance is 0, and a difference over 1e-5 is too coarse beside ε = 1e-5
    x, gamma, beta = _normal(*shape), _normal(*sizes) if scale else None, _normal(*sizes) + 1 if bias else None
    arrays = {"x": x, "gamma": gamma, "beta": beta}
    assert_derivatives(
        "layer_norm", arrays, twins.layer_norm(x, gamma, beta, axes, epsilon), axes=axes, epsilon=epsilon
    )


@FEW
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.booleans(), st.sampled_from([1e-3, 0.5]))
def test_rms_norm_is_its_twin(shape: list[int], scale: bool, epsilon: float) -> None:
    x, gamma = _normal(*shape), _normal(shape[-1]) if scale else None
    assert_derivatives("rms_norm", {"x": x, "gamma": gamma}, twins.rms_norm(x, gamma, epsilon), epsilon=epsilon)


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize("rows", [12, 13])
@pytest.mark.parametrize("piece", [1, 12, 20])
def test_pieces_of_rows_do_not_change_the_gradients(
    name: str, rows: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row at a time, two, and four, the last piece of 13 being shorter; γ is repeated for those that divide 12."""
    arrays = {"x": _normal(rows, 4), "gamma": _normal(4), "beta": _normal(4)}
    options = {"axes": 1} if name == "layer_norm" else {}
    dy = _normal(rows, 4) + 1
    y, _ = forward(name, arrays, dy.shape, epsilon=1e-5, **options)
    whole = gradients(name, arrays, dy, epsilon=1e-5, **options)
    for constant in ("_NORM_PIECE", "_NORM_PIECE_BACK", "_LONG_NORM_ROW"):
        monkeypatch.setattr(sequence_norms, constant, piece)
    np.testing.assert_allclose(forward(name, arrays, dy.shape, epsilon=1e-5, **options)[0], y, rtol=1e-12)
    for one, gradient in gradients(name, arrays, dy, epsilon=1e-5, **options).items():
        np.testing.assert_allclose(gradient, whole[one], rtol=1e-12, atol=1e-14, err_msg=one)


def test_values_far_from_zero_keep_the_gradient_of_their_differences() -> None:
    """float32, a mean of 1000 times the deviation: what is left of x are four digits, and of the gradient three."""
    x = _normal(4, 64)
    arrays = {"x": x + 1500.0, "gamma": np.ones(64), "beta": None}
    short = {one: None if value is None else value.astype(np.float32) for one, value in arrays.items()}
    dy = _normal(4, 64) + 1
    expected = gradients("layer_norm", arrays, dy, axes=1, epsilon=1e-5)
    found = gradients("layer_norm", short, dy.astype(np.float32), axes=1, epsilon=1e-5)
    for one, gradient in found.items():
        np.testing.assert_allclose(gradient, expected[one], rtol=2e-3, atol=2e-3, err_msg=one)


def test_rows_of_equal_values_have_the_gradient_that_epsilon_leaves() -> None:
    arrays = {"x": np.full((2, 4), 3.0), "gamma": None, "beta": None}
    dy = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    found = gradients("layer_norm", arrays, dy, axes=1, epsilon=0.25)["x"]
    np.testing.assert_allclose(found, [[1.5, -0.5, -0.5, -0.5], [0.0, 0.0, 0.0, 0.0]], rtol=1e-12)
