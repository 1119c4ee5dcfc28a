"""Softmax and its logarithm, without overflow: the largest of a row is taken from it first.

The text is copied into emitted programs, so these functions need nothing but NumPy.
"""

import numpy as np

_ROWS_AT_ONCE = 2**15  # elements of whole rows, which the cache holds from step to step


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return exp(x) / Σ exp(x) along an axis of the array; -∞ gives 0 where the row has a finite number."""
    out = np.empty(x.shape, x.dtype)
    if axis % x.ndim < x.ndim - 1:
        np.subtract(x, np.max(x, axis, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= np.sum(out, axis, keepdims=True)
        return out
    size = x.shape[-1]
    rows, y = x.reshape(x.size // size, size), out.reshape(x.size // size, size)
    ones = np.ones(size, x.dtype)
    few = max(1, _ROWS_AT_ONCE // size)
    for first in range(0, len(rows), few):
        piece = y[first : first + few]
        np.subtract(rows[first : first + few], np.max(rows[first : first + few], 1, keepdims=True), out=piece)
        np.exp(piece, out=piece)
        piece *= (1.0 / np.dot(piece, ones))[:, None]
    return out


def log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return x - log Σ exp(x) along an axis of the array; -∞ stays where the row has a finite number."""
    y: np.ndarray = x - np.max(x, axis, keepdims=True)
    y -= np.log(np.sum(np.exp(y), axis, keepdims=True))
    return y
