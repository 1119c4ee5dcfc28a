"""The plain softmax and its logarithm, row by row."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def softmax(x: NDArray[Any], axis: int) -> Array:
    """Return exp(x) / Σ exp(x) along an axis."""
    y: Array = np.exp(log_softmax(x, axis))
    return y


def log_softmax(x: NDArray[Any], axis: int) -> Array:
    """Return x - log Σ exp(x) along an axis."""
    y = np.moveaxis(x.astype(np.float64), axis, -1).copy()
    for place in np.ndindex(*y.shape[:-1]):
        largest = np.max(y[place])
        y[place] -= largest + math.log(math.fsum(math.exp(value - largest) for value in y[place]))
    return np.moveaxis(y, -1, axis)
