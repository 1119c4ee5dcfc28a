"""Tables are their twins; the gradient of a table is a sum over where its rows went."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.gradients.kernels.embedding import positions_backward, sines, sinusoidal_backward
from tests.gradients.kernels.sequence_kernels import Array, assert_derivatives, backward, forward
from tests.twins import sequence as twins

FEW = settings(max_examples=30, deadline=None)


def _normal(*shape: int) -> Array:
    return np.random.default_rng(len(shape)).normal(0, 1, shape)


@FEW
@given(st.integers(1, 3), st.integers(0, 9), st.integers(1, 5), st.integers(1, 3), st.integers(0, 99))
def test_an_embedding_is_its_rows(count: int, steps: int, vocabulary: int, width: int, seed: int) -> None:
    indices = np.random.default_rng(seed).integers(0, vocabulary, (count, steps))
    Omega = _normal(vocabulary, width)
    expected = np.array([Omega[i] for i in indices.ravel()]).reshape(count, steps, width)
    assert_derivatives("embed", {"indices": indices, "Omega": Omega}, expected)


@FEW
@given(st.integers(1, 200), st.integers(1, 6), st.integers(0, 99))
def test_the_gradient_of_an_embedding_is_what_numpy_adds_one_by_one(count: int, vocabulary: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    indices, dy = random.integers(0, vocabulary, (count,)), random.normal(0, 1, (count, 3))
    expected = np.zeros((vocabulary, 3))
    np.add.at(expected, indices, dy)
    arrays = {"indices": indices, "Omega": _normal(vocabulary, 3)}
    found = backward("embed", arrays, dy, dy, None, ("Omega",))["Omega"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_many_small_gradients_of_one_row_keep_their_digits() -> None:
    """One after the other, 2^18 times 0.1 in float32 would be off by a quarter of a percent."""
    indices, dy = np.zeros(2**18, np.int64), np.full((2**18, 1), 0.1, np.float32)
    found = backward("embed", {"indices": indices, "Omega": np.ones((2, 1), np.float32)}, dy, dy, None, ("Omega",))[
        "Omega"
    ]
    np.testing.assert_allclose(found, np.array([[2**18 * 0.1], [0.0]]), rtol=1e-7)


@pytest.mark.parametrize(("index", "told"), [(3, 3), (-1, -1)])
def test_an_index_that_is_no_row_is_refused(index: int, told: int) -> None:
    arrays = {"indices": np.array([[0, index]]), "Omega": _normal(3, 2)}
    with pytest.raises(IndexError, match=f"^{told} is looked up in a table whose rows are 0 to 2$"):
        forward("embed", arrays, (1, 2, 2))


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 1, 1), (2, 2, 3, 4)])
@pytest.mark.parametrize("more", [0, 2])
def test_positions_are_rows_that_are_added(shape: tuple[int, ...], more: int) -> None:
    x, Omega = _normal(*shape), _normal(shape[-2] + more, shape[-1])
    expected = np.stack([x[..., t, :] + Omega[t] for t in range(shape[-2])], -2)
    assert_derivatives("positions", {"x": x, "Omega": Omega}, expected)


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 5, 3), (2, 2, 3, 5)])
def test_sinusoidal_positions_are_their_twin(shape: tuple[int, ...]) -> None:
    x = _normal(*shape)
    expected = x + twins.sinusoidal(shape[-2], shape[-1])
    assert_derivatives("sinusoidal", {"x": x}, expected)
    y, _ = forward("sinusoidal", {"x": x}, shape, table=twins.sinusoidal(shape[-2], shape[-1]))
    assert np.array_equal(y, expected)


@pytest.mark.parametrize(("length", "width"), [(1, 1), (2, 3), (15, 2), (16, 5), (17, 4), (1000, 6)])
def test_a_table_of_sines_is_its_twin_at_every_length(length: int, width: int) -> None:
    np.testing.assert_allclose(sines(length, width, "float64"), twins.sinusoidal(length, width), rtol=0, atol=1e-12)
    assert sines(length, width, "float32").dtype == np.float32


def test_what_passes_on_may_be_the_same_memory() -> None:
    dy = _normal(2, 3, 4)
    given = dy.copy()
    sinusoidal_backward(dy, None, dx=dy)
    positions_backward(dy, None, Omega=_normal(3, 4), dx=dy)
    assert np.array_equal(dy, given)
