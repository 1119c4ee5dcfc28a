"""The plain affine map."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def affine(Omega: NDArray[Any], beta: NDArray[Any] | None, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return β + Ω x for each row of x. Ω: (out, in), β: (out,), x: (batch, in)."""
    y: NDArray[np.float64] = np.einsum("oi,bi->bo", Omega.astype(np.float64), x)
    return y if beta is None else y + beta.astype(np.float64)
