"""Normalisations of channels and their gradients, as torch.nn.BatchNorm2d and GroupNorm have them.

Layout: upright, x, y and their gradients (C, *positions, batch); γ, β and the state (C,). The gradients are told from x
and the statistics that are saved. The text is copied into programs, so these functions need nothing but NumPy, `math`
and each other.
"""

import math

import numpy as np

_NORMALISED_AT_ONCE = 2**19  # elements of whole channels or groups at a time: fewer of them cost more calls
_BESIDE = 256  # numbers that are repeated along an axis: of 1024 some arrays lie in the same lines of the cache


def batch_norm_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    mean: np.ndarray,
    variance: np.ndarray,
    epsilon: float,
    momentum: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Write γ (x - m) / √(v + ε) + β into y, and return m and 1 / √(v + ε), (C, 1) each.

    m and v are the mean and the variance (of the values themselves) of a channel in this batch. The state goes by
    `momentum` towards m and v n / (n - 1), n being the elements of a channel; raises ValueError where n is 1.
    """
    rows, goal = _channel_rows(x), _channel_rows(y)
    channels, many = rows.shape
    if many < 2:
        raise ValueError("batch_norm needs more than one number for each channel in training")
    means, inverses = np.empty((channels, 1), x.dtype), np.empty((channels, 1), x.dtype)
    few = max(1, _NORMALISED_AT_ONCE // many)
    for first in range(0, channels, few):
        part = slice(first, first + few)
        piece = goal[part]
        np.add.reduce(rows[part], 1, keepdims=True, out=means[part])
        means[part] /= many
        np.subtract(rows[part], means[part], out=piece)
        spread = inverses[part]
        np.matmul(piece[:, None], piece[:, :, None], out=spread[:, None])
        spread /= many
        variance[part] += momentum * (spread[:, 0] * (many / (many - 1)) - variance[part])
        spread += epsilon
        np.sqrt(spread, out=spread)
        np.divide(1.0, spread, out=spread)
        piece *= spread if gamma is None else spread * gamma[part, None]
        if beta is not None:
            piece += beta[part, None]
    mean += momentum * (means[:, 0] - mean)
    return means, inverses


def batch_norm_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    x: np.ndarray,
    *,
    gamma: np.ndarray | None = None,
    dx: np.ndarray | None = None,
    dgamma: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
) -> None:
    """Write γ / √(v + ε) (dy - mean of dy - x̂ · mean of (dy x̂)) into dx, Σ dy x̂ into dγ, Σ dy into dβ."""
    means, inverses = saved
    rows, signals = _channel_rows(x), _channel_rows(dy)
    channels, many = rows.shape
    few = max(1, _NORMALISED_AT_ONCE // many)
    centred = np.empty((min(few, channels), many), x.dtype)
    for first in range(0, channels, few):
        part = slice(first, first + few)
        g, inverse = signals[part], inverses[part]
        c = centred[: len(g)]
        np.subtract(rows[part], means[part], out=c)
        total = np.add.reduce(g, 1, keepdims=True)
        product = np.matmul(g[:, None], c[:, :, None])[:, 0]
        product *= inverse
        if dgamma is not None:
            dgamma[part] = product[:, 0]
        if dbeta is not None:
            dbeta[part] = total[:, 0]
        if dx is not None:
            scale = inverse if gamma is None else inverse * gamma[part, None]
            c *= product * inverse * (-1.0 / many)
            c -= total * (1.0 / many)
            c += g
            np.multiply(c, scale, out=_channel_rows(dx)[part])


def batch_norm_frozen_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    mean: np.ndarray,
    variance: np.ndarray,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Write γ (x - mean) / √(variance + ε) + β into y by the state, and return its mean and 1 / √(…), (C, 1) each."""
    means, inverses = mean[:, None].copy(), 1.0 / np.sqrt(variance[:, None] + epsilon)
    scale = inverses if gamma is None else inverses * gamma[:, None]
    rows, goal = _channel_rows(x), _channel_rows(y)
    few = max(1, _NORMALISED_AT_ONCE // rows.shape[1])
    for first in range(0, len(rows), few):
        part = slice(first, first + few)
        np.subtract(rows[part], means[part], out=goal[part])
        goal[part] *= scale[part]
        if beta is not None:
            goal[part] += beta[part, None]
    return means, inverses


def batch_norm_frozen_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    x: np.ndarray,
    *,
    gamma: np.ndarray | None = None,
    dx: np.ndarray | None = None,
    dgamma: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
) -> None:
    """Write γ / √(variance + ε) dy into dx, which may be dy, Σ dy x̂ into dγ, Σ dy into dβ."""
    means, inverses = saved
    rows, signals = _channel_rows(x), _channel_rows(dy)
    if dgamma is not None:
        few = min(len(rows), max(1, _NORMALISED_AT_ONCE // rows.shape[1]))
        centred = np.empty((few, rows.shape[1]), x.dtype)
        for first in range(0, len(rows), few):
            part = slice(first, first + few)
            c = centred[: len(rows[part])]
            np.subtract(rows[part], means[part], out=c)
            dgamma[part] = np.matmul(signals[part, None], c[:, :, None])[:, 0, 0] * inverses[part, 0]
    if dbeta is not None:
        np.add.reduce(signals, 1, out=dbeta)
    if dx is not None:
        np.multiply(signals, inverses if gamma is None else inverses * gamma[:, None], out=_channel_rows(dx))


def group_norm_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    groups: int,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Write γ (x - m) / √(v + ε) + β into y, and return m and 1 / √(v + ε), (groups, 1, batch) each.

    m and v are the mean and the variance of a group of channels at all positions, of each example.
    """
    channels, batch = x.shape[0], x.shape[-1]
    within, many = channels // groups, math.prod(x.shape[1:-1])
    means, inverses = np.empty((groups, 1, batch), x.dtype), np.empty((groups, 1, batch), x.dtype)
    share = np.full((1, within * many), 1.0 / (within * many), x.dtype)
    few = min(groups, max(1, _NORMALISED_AT_ONCE // (within * many * batch)))
    squares = np.empty((few, within * many, batch), x.dtype)
    for first in range(0, groups, few):
        part = slice(first, min(first + few, groups))
        owned = slice(first * within, part.stop * within)
        piece = y[owned].reshape(-1, within * many, batch)
        spread = inverses[part]
        np.matmul(share, x[owned].reshape(piece.shape), out=means[part])
        _by_lines(np.subtract, x[owned], means[part], within, y[owned])
        np.matmul(share, np.multiply(piece, piece, out=squares[: len(piece)]), out=spread)
        spread += epsilon
        np.sqrt(spread, out=spread)
        np.divide(1.0, spread, out=spread)
        if gamma is None:
            _by_lines(np.multiply, y[owned], spread, within, y[owned])
        else:
            _by_lines(np.multiply, y[owned], _by_channel(spread, gamma[owned]), 1, y[owned])
        if beta is not None:
            lines = _channel_rows(y[owned])
            lines += beta[owned, None]
    return means, inverses


def group_norm_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    x: np.ndarray,
    *,
    gamma: np.ndarray | None = None,
    dx: np.ndarray | None = None,
    dgamma: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
    beta: np.ndarray | None = None,  # noqa: ARG001 - as `epsilon`: the gradients do not depend on it
    groups: int,
    epsilon: float,  # noqa: ARG001
) -> None:
    """Write (g - mean of g - x̂ · mean of (g x̂)) / √(v + ε) into dx, with g = γ dy; Σ dy x̂ into dγ, Σ dy into dβ."""
    means, inverses = saved
    channels, batch = x.shape[0], x.shape[-1]
    within, many = channels // groups, math.prod(x.shape[1:-1])
    share = np.full((1, many), 1.0, x.dtype)
    few = min(groups, max(1, _NORMALISED_AT_ONCE // (within * many * batch)))
    scratches = np.empty((2, few * within, *x.shape[1:]), x.dtype)
    for first in range(0, groups, few):
        part = slice(first, min(first + few, groups))
        owned = slice(first * within, part.stop * within)
        g, inverse = dy[owned], inverses[part]
        centred, product = scratches[:, : len(g)]
        _by_lines(np.subtract, x[owned], means[part], within, centred)
        np.multiply(g, centred, out=product)
        # the sums of dy and of dy x̂ at all positions of a channel: (groups, within, batch)
        totals = np.matmul(share, g.reshape(-1, many, batch)).reshape(-1, within, batch)
        products = np.matmul(share, product.reshape(-1, many, batch)).reshape(-1, within, batch)
        products *= inverse
        if dbeta is not None:
            dbeta[owned] = np.add.reduce(totals, 2).reshape(-1)
        if dgamma is not None:
            dgamma[owned] = np.add.reduce(products, 2).reshape(-1)
        if dx is None:
            continue
        if gamma is not None:
            totals *= gamma[owned].reshape(-1, within, 1)
            products *= gamma[owned].reshape(-1, within, 1)
        mean_of_g = np.add.reduce(totals, 1, keepdims=True) * (1.0 / (within * many))
        mean_of_product = np.add.reduce(products, 1, keepdims=True) * (1.0 / (within * many))
        _by_lines(np.multiply, centred, mean_of_product * inverse * inverse, within, centred)
        _by_lines(np.add, centred, mean_of_g * inverse, within, centred)
        if gamma is None:
            _by_lines(np.multiply, g, inverse, within, product)
        else:
            _by_lines(np.multiply, g, _by_channel(inverse, gamma[owned]), 1, product)
        np.subtract(product, centred, out=dx[owned])


def _by_channel(factors: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Return γ times the factors of its group, (C, 1, batch). factors: (groups, 1, batch)."""
    groups, _, batch = factors.shape
    scaled: np.ndarray = factors * gamma.reshape(groups, -1, 1)
    return scaled.reshape(-1, 1, batch)


def _by_lines(function: np.ufunc, x: np.ndarray, values: np.ndarray, within: int, out: np.ndarray) -> None:
    """Write function(x, a number for each example) into out. values: (C / within, 1, batch).

    The numbers are laid beside each other for some positions: what is repeated along a short axis takes twice as long.
    """
    many, batch = math.prod(x.shape[1:-1]), x.shape[-1]
    beside = max(n for n in range(1, max(1, _BESIDE // batch) + 1) if many % n == 0)
    shape = (len(values), within * many // beside, beside * batch)
    function(x.reshape(shape), np.tile(values, (1, 1, beside)), out=out.reshape(shape))


def _channel_rows(x: np.ndarray) -> np.ndarray:
    """Return x as (channels, everything else)."""
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))
