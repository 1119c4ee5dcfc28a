"""A function of a long value, piece by piece, gives what it gives at once."""

import numpy as np
import pytest

from netspec.compiler.kernels.special import gelu
from netspec.gradients.kernels.pieces import in_pieces


@pytest.mark.parametrize("shape", [(0, 4), (3,), (2, 2**15), (5, 13_111)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pieces_are_the_whole(shape: tuple[int, ...], dtype: str) -> None:
    z = np.random.default_rng(0).normal(0, 3, shape).astype(dtype)
    expected, y = gelu(z), z.copy()
    in_pieces(gelu, y)
    np.testing.assert_array_equal(y, expected)
