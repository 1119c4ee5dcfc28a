"""Softmax and its logarithm, without overflow: the largest of a row is taken from it first.

The text is copied into emitted programs, so these functions need nothing but NumPy.
"""

import numpy as np


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return exp(x) / Σ exp(x) along an axis of the array; -∞ gives 0 where the row has a finite number."""
    y: np.ndarray = x - np.max(x, axis, keepdims=True)
    np.exp(y, out=y)
    y /= np.sum(y, axis, keepdims=True)
    return y


def log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return x - log Σ exp(x) along an axis of the array; -∞ stays where the row has a finite number."""
    y: np.ndarray = x - np.max(x, axis, keepdims=True)
    y -= np.log(np.sum(np.exp(y), axis, keepdims=True))
    return y
