"""Activations in place are their twins, whatever the layout, and leave nothing out."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import pytest

from netspec.compiler.kernels.finishing import (
    finish_gelu,
    finish_gelu_exact,
    finish_gelu_tanh,
    finish_relu,
    finish_silu,
)
from tests.compiler.kernels.laws import Array, normal
from tests.compiler.kernels.test_special import lines, plain_gelu

Finish = Callable[[Array, dict[str, Array]], None]


def plain_relu(z: Array) -> Array:
    y: Array = np.maximum(z.astype(np.float64), 0)
    return y


def plain_gelu_tanh(z: Array) -> Array:
    z = z.astype(np.float64)
    y: Array = z / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))
    return y


def plain_silu(z: Array) -> Array:
    z = z.astype(np.float64)
    y: Array = z / (1 + np.exp(-z))
    return y


# With the largest error on [-12, 12], for float32 and for float64
TWINS: Final[dict[Finish, tuple[Callable[[Array], Array], float, float]]] = {
    finish_relu: (plain_relu, 0, 0),
    finish_gelu: (plain_gelu, 4e-6, 2e-15),
    finish_gelu_exact: (plain_gelu, 5e-7, 2e-15),
    finish_gelu_tanh: (plain_gelu_tanh, 1e-6, 2e-15),
    finish_silu: (plain_silu, 2e-6, 4e-15),
}
EVERY_FINISH = pytest.mark.parametrize("finish", TWINS, ids=lambda finish: finish.__name__)


@EVERY_FINISH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_is_its_twin(finish: Finish, dtype: str) -> None:
    twin, *errors = TWINS[finish]
    z = lines(12, dtype)
    expected = twin(z)
    finish(z, {})
    np.testing.assert_allclose(z, expected, rtol=0, atol=errors[dtype == "float64"])


@EVERY_FINISH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_each_is_the_number_or_nothing(finish: Finish, dtype: str) -> None:
    z = np.array([np.inf, -np.inf, np.nan, 1e30, -1e30, 0.0], dtype)
    finish(z, {})
    np.testing.assert_allclose(z, np.array([np.inf, 0, np.nan, 1e30, 0, 0], dtype), rtol=1e-7, atol=1e-30)


@EVERY_FINISH
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (), (5,), (300, 501), (2, 100_000), (3, 4, 5)])
def test_no_piece_is_left_out(finish: Finish, shape: tuple[int, ...]) -> None:
    z = normal(0, *shape)
    expected = TWINS[finish][0](z)
    wide = np.repeat(z, 2, -1) if shape else z.copy()
    room: dict[str, Array] = {}
    finish(z, room)
    np.testing.assert_allclose(z, expected, rtol=0, atol=1e-14)
    if shape:
        finish(wide[..., ::2], room)
        assert np.array_equal(wide[..., ::2], z)
