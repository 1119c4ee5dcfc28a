"""The softmax and its logarithm along an axis, and their gradients, which are told from the results.

Layout: either; the axis is that of the array, the batch's counted. The text is copied into programs, so these functions
need nothing but NumPy, `math` and each other.
"""

import math

import numpy as np

_SOFTENED_AT_ONCE = 2**17  # elements at a time, which the cache holds from step to step


def softmax_forward(x: np.ndarray, *, y: np.ndarray, axis: int) -> None:
    """Write exp(x) / Σ exp(x) along an axis into y, which may be x; the gradient is told from y."""
    for piece, goal in _softened_pieces(x, y, axis):
        np.subtract(piece, np.maximum.reduce(piece, 1, keepdims=True), out=goal)
        np.exp(goal, out=goal)
        goal *= 1.0 / _softened_sum(goal)


def softmax_backward(dy: np.ndarray, _saved: None, y: np.ndarray, *, dx: np.ndarray, axis: int) -> None:
    """Write y (dy - Σ dy y) into dx, which may be dy."""
    for (g, goal), (piece, _) in zip(_softened_pieces(dy, dx, axis), _softened_pieces(y, y, axis), strict=True):
        np.subtract(g, _softened_sum(g * piece), out=goal)
        goal *= piece


def log_softmax_forward(x: np.ndarray, *, y: np.ndarray, axis: int) -> None:
    """Write x - log Σ exp(x) along an axis into y, which may be x; the gradient is told from y."""
    for piece, goal in _softened_pieces(x, y, axis):
        np.subtract(piece, np.maximum.reduce(piece, 1, keepdims=True), out=goal)
        goal -= np.log(_softened_sum(np.exp(goal)))


def log_softmax_backward(dy: np.ndarray, _saved: None, y: np.ndarray, *, dx: np.ndarray, axis: int) -> None:
    """Write dy - exp(y) Σ dy into dx, which may be dy."""
    for (g, goal), (piece, _) in zip(_softened_pieces(dy, dx, axis), _softened_pieces(y, y, axis), strict=True):
        taken = np.exp(piece)
        taken *= _softened_sum(g)
        np.subtract(g, taken, out=goal)


def _softened_sum(x: np.ndarray) -> np.ndarray:
    """Return the sums along axis 1, kept as 1: by a product where rows are summed."""
    total: np.ndarray
    total = np.add.reduce(x, 1, keepdims=True) if x.ndim > 2 else np.dot(x, np.ones((x.shape[1], 1), x.dtype))
    return total


def _softened_pieces(x: np.ndarray, y: np.ndarray, axis: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return views of x and y with the axis as axis 1: (before, n) where it is the last, else (before, n, after)."""
    n, after = x.shape[axis], math.prod(x.shape[axis:][1:])
    before = x.size // (n * after)
    shape = (before, n) if after == 1 else (before, n, after)
    whole, goal = x.reshape(shape), y.reshape(shape)
    few = max(1, _SOFTENED_AT_ONCE // (n * after))
    return [(whole[i : i + few], goal[i : i + few]) for i in range(0, before, few)]
