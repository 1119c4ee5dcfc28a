"""Products in blocks are products, and sums of rows are sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import matrices
from netspec.compiler.kernels.matrices import (
    add_rows,
    bias_rows,
    mixed,
    multiply_matrices,
    panel_width,
    panels,
    rectify,
)
from tests.compiler.kernels.laws import MANY, SEEDS, normal, sizes


@MANY
@given(sizes(3, 1, 70), st.integers(1, 200), SEEDS, st.integers(1, 50_000))
def test_a_product_in_blocks_is_the_product(lengths: tuple[int, ...], n: int, seed: int, unpacked: int) -> None:
    count, m, k = lengths
    count = count % 3 + 1
    x, weights = normal(seed, count, m, k), normal(seed + 1, count, k, n)
    y = np.empty((count, m, n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrices, "_UNPACKED", unpacked)
        multiply_matrices(x, panels(weights), y)
    np.testing.assert_allclose(y, x @ weights, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 128, 200])
def test_a_small_matrix_mixes_rows(n: int) -> None:
    matrix, x = normal(0, 5, 7), normal(1, 7, n)
    y = np.empty((5, n))
    mixed(matrix, x, y)
    np.testing.assert_allclose(y, matrix @ x, rtol=1e-12, atol=1e-12)


def test_panels_divide_the_columns() -> None:
    assert [panel_width(n) for n in (1, 24, 64, 96, 144, 160, 1000, 97, 128)] == [1, 24, 64, 48, 48, 32, 50, 97, 64]


@pytest.mark.parametrize("count", [0, 1, 100, 5000])
@pytest.mark.parametrize("channels", [1, 3, 8192, 10_000])
def test_every_row_gets_its_bias(count: int, channels: int) -> None:
    count = count if channels < 10 else count % 50
    y, beta = normal(0, count, channels), normal(1, channels)
    expected = y + beta
    add_rows(y, bias_rows(beta))
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("count", [0, 1, 8192, 20_000])
def test_what_is_negative_is_cut_off(count: int, dtype: str) -> None:
    y = normal(0, 1, count).astype(dtype)
    y[:, :1] = np.nan
    expected = np.maximum(y, 0)
    rectify(y)
    assert np.array_equal(y, expected, equal_nan=True)
