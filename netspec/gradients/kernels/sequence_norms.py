"""Normalisations over the last axes, (x - mean) / √(variance + ε) and x / √(mean of x² + ε), and their gradients.

Values are rows, (N, …, D). Saved are what is normalised, before γ and β, and one number of each row; x itself is not
read again. Both passes go over a piece of rows at a time, which the cache holds from step to step. The text is copied
into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math

import numpy as np

_NORM_PIECE = 2**17  # elements of whole rows at a time, forward
_NORM_PIECE_BACK = 2**15  # and backward, where there are four such arrays
_LONG_NORM_ROW = 2**11  # elements of γ or β, repeated for some rows where these are short


def layer_norm_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    axes: int,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Write γ n + β into y, n = (x - mean) / √(variance + ε) over the last `axes` axes, and return n and 1 / √(…).

    γ and β have the shape of the last axes, size elements. n: (rows, size), 1 / √(…): (rows, 1).
    """
    size = math.prod(x.shape[x.ndim - axes :])
    rows, y_rows = x.reshape(-1, size), y.reshape(-1, size)
    share = np.full(size, 1.0 / size, x.dtype)
    gain, offset = _in_long_rows(gamma, len(rows)), _in_long_rows(beta, len(rows))
    n, root = np.empty_like(rows), np.empty((len(rows), 1), x.dtype)
    for some in _norm_pieces(rows, _NORM_PIECE):
        piece = n[some]
        np.subtract(rows[some], np.matmul(rows[some], share)[:, None], out=piece)
        piece *= _inverse_root_of_squares(piece, epsilon, root[some])
        _write_scaled(piece, gain, offset, y_rows[some])
    return n, root


def layer_norm_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    *,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,  # noqa: ARG001 - the contract's signature
    axes: int,  # noqa: ARG001 - likewise
    epsilon: float,  # noqa: ARG001 - likewise
    dx: np.ndarray | None = None,
    dgamma: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
) -> None:
    """Write dx = (γ dy - mean(γ dy) - n mean(γ dy n)) / √(variance + ε), dγ = Σ dy n and dβ = Σ dy.

    The means are over what is normalised together, the sums over the rows.
    """
    n, root = saved
    rows = dy.reshape(n.shape)
    if dbeta is not None:
        dbeta[...] = np.matmul(np.ones(len(rows), dy.dtype), rows).reshape(dbeta.shape)
    if dx is not None or dgamma is not None:
        _write_normalised_gradients(rows, n, root, gamma, dx, dgamma, is_centred=True)


def rms_norm_forward(
    x: np.ndarray, *, y: np.ndarray, gamma: np.ndarray | None = None, epsilon: float
) -> tuple[np.ndarray, np.ndarray]:
    """Write γ n into y, n = x / √(mean of x² + ε) over the last axis, and return n and 1 / √(…).

    γ: (D,), n: (rows, D), 1 / √(…): (rows, 1).
    """
    size = x.shape[-1]
    rows, y_rows = x.reshape(-1, size), y.reshape(-1, size)
    gain = _in_long_rows(gamma, len(rows))
    n, root = np.empty_like(rows), np.empty((len(rows), 1), x.dtype)
    for some in _norm_pieces(rows, _NORM_PIECE):
        np.multiply(rows[some], _inverse_root_of_squares(rows[some], epsilon, root[some]), out=n[some])
        _write_scaled(n[some], gain, None, y_rows[some])
    return n, root


def rms_norm_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    *,
    gamma: np.ndarray | None = None,
    epsilon: float,  # noqa: ARG001 - the contract's signature
    dx: np.ndarray | None = None,
    dgamma: np.ndarray | None = None,
) -> None:
    """Write dx = (γ dy - n mean(γ dy n)) / √(mean of x² + ε) and dγ = Σ dy n, sums being over the rows."""
    n, root = saved
    if dx is not None or dgamma is not None:
        _write_normalised_gradients(dy.reshape(n.shape), n, root, gamma, dx, dgamma, is_centred=False)


def _write_scaled(n: np.ndarray, gain: np.ndarray | None, offset: np.ndarray | None, y: np.ndarray) -> None:
    """Write γ n + β into y, γ and β being in long rows. n and y: (rows, size), contiguous."""
    if gain is None:
        y[...] = n
    else:
        np.multiply(n.reshape(-1, len(gain)), gain, out=y.reshape(-1, len(gain)))
    if offset is not None:
        long = y.reshape(-1, len(offset))
        long += offset


def _write_normalised_gradients(
    dy: np.ndarray,
    n: np.ndarray,
    root: np.ndarray,
    gamma: np.ndarray | None,
    dx: np.ndarray | None,
    dgamma: np.ndarray | None,
    is_centred: bool,
) -> None:
    """Write the gradients of x and γ. dy and n: (rows, size), root: (rows, 1)."""
    count, size = n.shape
    share = np.full(size, 1.0 / size, dy.dtype)
    if gamma is not None:
        share *= gamma.reshape(size)
    gain = _in_long_rows(gamma, count)
    few = _rows_at_once(n, _NORM_PIECE_BACK)
    products, ones = np.empty((few, size), dy.dtype), np.ones(few, dy.dtype)
    of_gain = np.zeros(size, dy.dtype)
    dx_rows = None if dx is None else dx.reshape(count, size)
    for some in _norm_pieces(n, _NORM_PIECE_BACK):
        g = dy[some]
        t = products[: len(g)]
        np.multiply(g, n[some], out=t)
        if dgamma is not None:
            of_gain += np.matmul(ones[: len(g)], t)
        if dx_rows is not None:
            to = dx_rows[some]
            np.multiply(n[some], np.matmul(t, share)[:, None], out=t)
            _write_scaled(g, gain, None, to)
            if is_centred:
                to -= np.matmul(g, share)[:, None]
            to -= t
            to *= root[some]
    if dgamma is not None:
        dgamma[...] = of_gain.reshape(dgamma.shape)


def _rows_at_once(rows: np.ndarray, elements: int) -> int:
    """Return how many rows have about so many elements: all, or a power of two, which `_in_long_rows` divides."""
    few: int = max(1, max(elements, _LONG_NORM_ROW) // rows.shape[1])
    return min(1 << few.bit_length() - 1, max(1, len(rows)))


def _norm_pieces(rows: np.ndarray, elements: int) -> "list[slice]":
    """Return the rows in pieces of about so many elements."""
    few = _rows_at_once(rows, elements)
    return [slice(first, min(first + few, len(rows))) for first in range(0, len(rows), few)]


def _in_long_rows(tensor: np.ndarray | None, count: int) -> np.ndarray | None:
    """Return γ or β flat, repeated for several of `count` rows, so that NumPy's loop along a row is long.

    The number of repetitions is a power of two that divides the count, within `_LONG_NORM_ROW` elements.
    """
    if tensor is None:
        return None
    repeated = count & -count if count else 1
    while repeated > 1 and repeated * tensor.size > _LONG_NORM_ROW:
        repeated //= 2
    return np.tile(tensor.reshape(-1), repeated)


def _inverse_root_of_squares(rows: np.ndarray, epsilon: float, out: np.ndarray) -> np.ndarray:
    """Return `out`, (rows, 1), with 1 / √(mean of the squares of a row + ε)."""
    np.matmul(rows[:, None], rows[:, :, None], out=out[:, None])
    out *= 1.0 / rows.shape[1]
    out += epsilon
    np.sqrt(out, out=out)
    np.divide(1.0, out, out=out)
    return out
