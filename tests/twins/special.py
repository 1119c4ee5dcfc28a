"""The plain error function and what is made of it, by the C library."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def erf(x: NDArray[Any]) -> Array:
    """Return erf(x) = 2 / √π ∫ exp(-t²) dt from 0 to x."""
    return np.array([math.erf(value) for value in x.ravel().tolist()], np.float64).reshape(x.shape)
