"""GELU has nearly all digits of its dtype."""

import math

import numpy as np
import pytest

from netspec.compiler.kernels.special import gelu
from tests.compiler.kernels.laws import Array, assert_laws, normal
from tests.compiler.programs import TOLERANCES

EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)
FAR = [np.inf, -np.inf, np.nan, 1e30, -1e30, 0.0]


def plain_gelu(z: Array) -> Array:
    """Return z Φ(z), Φ by the complementary error function, which has its digits where Φ is small."""
    values = [value / 2 * math.erfc(-value / math.sqrt(2)) for value in z.ravel().tolist()]
    return np.array(values).reshape(z.shape)


def lines(most: float, dtype: str) -> Array:
    """Return numbers of both signs up to `most`, evenly and in powers."""
    small = np.geomspace(1e-30, most, 4_000)
    return np.concatenate([np.linspace(-most, most, 20_001), small, -small]).astype(dtype)


def test_gelu_keeps_the_laws_of_kernels() -> None:
    assert_laws(gelu, plain_gelu, (normal(0, 4, 3, 5),))


@pytest.mark.parametrize(("dtype", "relative"), [("float32", 3e-6), ("float64", 2e-14)])
def test_gelu_has_its_digits_also_where_it_is_small(dtype: str, relative: float) -> None:
    z = lines(5, dtype)
    np.testing.assert_allclose(gelu(z), plain_gelu(z), rtol=relative, atol=0)


@EVERY_DTYPE
def test_gelu_has_its_limits_far_out(dtype: str) -> None:
    x = np.array(FAR, dtype)
    np.testing.assert_allclose(gelu(x), np.array([np.inf, 0, np.nan, 1e30, 0, 0], dtype), rtol=0, atol=1e-300)


def test_gelu_may_write_where_it_reads() -> None:
    z = normal(0, 50)
    expected = gelu(z)
    assert gelu(z, out=z) is z
    assert np.array_equal(z, expected)
