"""Normalisations: (x - mean) / √(variance + ε), as torch.nn.LayerNorm, GroupNorm and RMSNorm have them.

Variances are those of the values themselves (divided by n). The text is copied into emitted programs, so these
functions need nothing but NumPy and each other.
"""

import math

import numpy as np

_PIECE_OF_ROWS = 2**16  # elements of whole rows at a time, which the cache still holds at the last step


def layer_norm(
    x: np.ndarray,
    gamma: np.ndarray | None,
    beta: np.ndarray | None,
    axes: int,
    epsilon: float,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return γ (x - mean) / √(variance + ε) + β over the last `axes` axes, whose shape γ and β have.

    `out`, if given, is contiguous; it may be x.
    """
    out = np.empty(x.shape, x.dtype) if out is None else out
    size = math.prod(x.shape[x.ndim - axes :])
    rows, y = _as_rows(x, size), _as_rows(out, size)
    share = np.full(size, 1.0 / size, x.dtype)
    gain = None if gamma is None else gamma.reshape(size)
    offset = None if beta is None else beta.reshape(size)
    few = max(1, _PIECE_OF_ROWS // size)
    for first in range(0, len(rows), few):
        piece = y[first : first + few]
        np.subtract(rows[first : first + few], np.dot(rows[first : first + few], share)[:, None], out=piece)
        piece *= _inverse_root(piece, epsilon)
        if gain is not None:
            piece *= gain
        if offset is not None:
            piece += offset
    return out


def group_norm(
    x: np.ndarray, gamma: np.ndarray | None, beta: np.ndarray | None, groups: int, epsilon: float
) -> np.ndarray:
    """Return γ (x - mean) / √(variance + ε) + β over each group of channels. x: (N, C, *positions), γ, β: (C,)."""
    per_channel = (-1, *(1,) * (x.ndim - 2))
    grouped = x.reshape(x.shape[0], groups, math.prod(x.shape[1:]) // groups)
    y = _standardised(grouped, (2,), epsilon).reshape(x.shape)
    if gamma is not None:
        y *= gamma.reshape(per_channel)
    if beta is not None:
        y += beta.reshape(per_channel)
    return y


def rms_norm(x: np.ndarray, gamma: np.ndarray | None, epsilon: float, out: np.ndarray | None = None) -> np.ndarray:
    """Return γ x / √(mean of x² + ε) over the last axis (Zhang & Sennrich 2019). x: (N, …, D), γ: (D,).

    `out`, if given, is contiguous; it may be x.
    """
    out = np.empty(x.shape, x.dtype) if out is None else out
    size = x.shape[-1]
    rows, y = _as_rows(x, size), _as_rows(out, size)
    few = max(1, _PIECE_OF_ROWS // size)
    for first in range(0, len(rows), few):
        piece = y[first : first + few]
        np.multiply(rows[first : first + few], _inverse_root(rows[first : first + few], epsilon), out=piece)
        if gamma is not None:
            piece *= gamma
    return out


def _as_rows(x: np.ndarray, size: int) -> np.ndarray:
    """Return x as (rows, size)."""
    return x.reshape(x.size // size, size)


def _inverse_root(rows: np.ndarray, epsilon: float) -> np.ndarray:
    """Return 1 / √(mean of the squares of a row + ε), (rows, 1)."""
    scale: np.ndarray = np.matmul(rows[:, None], rows[:, :, None])
    scale *= 1.0 / rows.shape[1]
    scale += epsilon
    np.sqrt(scale, out=scale)
    np.divide(1.0, scale, out=scale)
    return scale[:, 0]


def _standardised(x: np.ndarray, axes: tuple[int, ...], epsilon: float) -> np.ndarray:
    """Return (x - mean) / √(variance + ε) over some axes."""
    y: np.ndarray = x - np.mean(x, axes, keepdims=True)
    y /= np.sqrt(np.mean(np.square(y), axes, keepdims=True) + epsilon)
    return y
