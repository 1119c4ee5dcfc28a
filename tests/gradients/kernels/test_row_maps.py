"""Affine maps of rows and products of two values are their plain sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gradients.kernels.sequence_kernels import Array, assert_derivatives, gradients
from tests.twins.affine import affine

FEW = settings(max_examples=25, deadline=None)


def _normal(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).normal(0, 1, shape)


@FEW
@given(st.lists(st.integers(1, 3), min_size=2, max_size=4), st.integers(1, 4), st.booleans())
def test_an_affine_map_of_rows_is_its_twin(shape: list[int], width: int, bias: bool) -> None:
    x, Omega, beta = _normal(*shape), _normal(width, shape[-1]), _normal(width) if bias else None
    expected = affine(Omega, beta, x.reshape(-1, shape[-1])).reshape(*shape[:-1], width)
    assert_derivatives("affine_rows", {"x": x, "Omega": Omega, "beta": beta}, expected)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    ("before_a", "before_b"),
    [((2,), (2,)), ((1,), (1,)), ((2, 3), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (2, 1)), ((2, 1, 2), (2, 3, 1))],
)
def test_a_product_is_its_sum(first: bool, second: bool, before_a: tuple[int, ...], before_b: tuple[int, ...]) -> None:
    a = _normal(*before_a, *((3, 2) if first else (2, 3)))
    b = _normal(*before_b, *((4, 3) if second else (3, 4)))
    expected = np.einsum(f"...{'ki' if first else 'ik'},...{'jk' if second else 'kj'}->...ij", a, b)
    assert_derivatives("matmul", {"a": a, "b": b}, expected, transpose_first=first, transpose_second=second)


def test_a_value_times_itself_has_two_gradients_that_whoever_calls_adds() -> None:
    a = _normal(2, 3, 3)
    dy = np.ones((2, 3, 3))
    found = gradients("matmul", {"a": a, "b": a}, dy)
    np.testing.assert_allclose(found["a"], dy @ a.swapaxes(1, 2), rtol=1e-12)
    np.testing.assert_allclose(found["b"], a.swapaxes(1, 2) @ dy, rtol=1e-12)
