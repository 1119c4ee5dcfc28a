"""Pools and their gradients, for any number of axes of positions, as torch.nn.MaxPool2d and its relatives have them.

Layout: upright, x and dx (C, *positions, batch), y and dy (C, *positions', batch). Nothing is saved: the gradient of a
maximum is told from x and y. It goes to the first of the largest elements of a window in C order. The text is copied
into programs, so these functions need nothing but NumPy, `math`, each other and those of `pooling`.
"""

import math

import numpy as np

from netspec.compiler.kernels.pooling import average_pool, max_pool

_POOLED_AT_ONCE = 2**19  # elements of whole channels of x at a time, which the cache holds from tap to tap


def max_pool_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    ceil: bool,
) -> None:
    """Write the largest of each window into y; padding is -∞. Nothing has to be saved."""
    if not _are_tiles(x, y, kernel, stride, padding, dilation):
        max_pool(x, kernel, stride, padding, dilation, ceil, 1, y)
        return
    taps = taps_of_windows(x.shape[1:-1], y.shape[1:-1], kernel, stride, padding, dilation)
    np.maximum(x[taps[0][2]], x[taps[-1][2]], out=y)
    for _, _, read in taps[1:-1]:
        np.maximum(y, x[read], out=y)


def max_pool_backward(
    dy: np.ndarray,
    _saved: None,
    x: np.ndarray,
    y: np.ndarray,
    *,
    dx: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    ceil: bool,  # noqa: ARG001 - y has its windows
) -> None:
    """Write into dx the sum of dy over the windows whose first largest element it is."""
    taps = taps_of_windows(x.shape[1:-1], y.shape[1:-1], kernel, stride, padding, dilation)
    tiles = _are_tiles(x, y, kernel, stride, padding, dilation)
    # each element of tiles is met once, so that there is nothing to hold
    few = x.shape[0] if tiles else max(1, _POOLED_AT_ONCE * x.shape[0] // x.size)
    for first in range(0, x.shape[0], few):
        part = slice(first, first + few)
        _max_of_windows_backward(dy[part], x[part], y[part], dx[part], taps, tiles)


def average_pool_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    ceil: bool,
    count_padding: bool,
) -> None:
    """Write the mean of each window into y, with the padding's zeros or without. Nothing has to be saved."""
    dilation = (1,) * len(kernel)
    if not _are_tiles(x, y, kernel, stride, padding, dilation):
        average_pool(x, kernel, stride, padding, ceil, count_padding, 1, y)
        return
    taps = taps_of_windows(x.shape[1:-1], y.shape[1:-1], kernel, stride, padding, dilation)
    np.copyto(y, x[taps[0][2]])
    for _, _, read in taps[1:]:
        y += x[read]
    y *= 1.0 / math.prod(kernel)


def average_pool_backward(
    dy: np.ndarray,
    _saved: None,
    *,
    dx: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    ceil: bool,  # noqa: ARG001 - dy has its windows
    count_padding: bool,
) -> None:
    """Write into dx the sum of dy / size over the windows that an element is in."""
    dilation = (1,) * len(kernel)
    taps = taps_of_windows(dx.shape[1:-1], dy.shape[1:-1], kernel, stride, padding, dilation)
    if _are_tiles(dx, dy, kernel, stride, padding, dilation):
        for _, _, read in taps:
            np.multiply(dy, 1.0 / math.prod(kernel), out=dx[read])
        return
    share = np.ones((), dx.dtype)
    for n, count, k, s, (low, high) in zip(dx.shape[1:], dy.shape[1:], kernel, stride, padding, strict=False):
        begin = np.arange(count) * s - low
        end = np.minimum(begin + k, n + high)
        size = end - begin if count_padding else np.minimum(end, n) - np.maximum(begin, 0)
        share = share[..., None] / size.astype(dx.dtype)
    few = max(1, _POOLED_AT_ONCE * dx.shape[0] // dx.size)
    for first in range(0, dx.shape[0], few):
        part = dx[first : first + few]
        shares = dy[first : first + few] * share[..., None]
        part.fill(0.0)
        for _, at, read in taps:
            goal = part[read]
            goal += shares[at]


def adaptive_max_pool_forward(x: np.ndarray, *, y: np.ndarray, sizes: tuple[int, ...]) -> None:
    """Write the largest of each of `sizes` bins into y. Nothing has to be saved."""
    for at, read in _adaptive_bins(x.shape[1:-1], sizes):
        np.maximum.reduce(x[read], tuple(range(1, x.ndim - 1)), out=y[at])


def adaptive_max_pool_backward(
    dy: np.ndarray, _saved: None, x: np.ndarray, y: np.ndarray, *, dx: np.ndarray, sizes: tuple[int, ...]
) -> None:
    """Write into dx the sum of dy over the bins whose first largest element it is."""
    positions = x.shape[1:-1]
    if all(n % size == 0 for n, size in zip(positions, sizes, strict=True)):
        kernel = tuple(n // size for n, size in zip(positions, sizes, strict=True))
        apart = [part for pair in zip(sizes, kernel, strict=True) for part in pair]
        ones = [part for size in sizes for part in (size, 1)]
        channels, batch = x.shape[0], x.shape[-1]
        hit = x.reshape(channels, *apart, batch) == y.reshape(channels, *ones, batch)
        if np.count_nonzero(hit) == y.size:  # no two are equally large
            np.multiply(hit, dy.reshape(channels, *ones, batch), out=dx.reshape(hit.shape))
            return
        none = ((0, 0),) * len(kernel)
        taps = taps_of_windows(positions, sizes, kernel, kernel, none, (1,) * len(kernel))
        _max_of_windows_backward(dy, x, y, dx, taps, True)
        return
    dx.fill(0.0)
    for at, read in _adaptive_bins(positions, sizes):
        left = np.ones((x.shape[0], x.shape[-1]), bool)
        part, goal = x[read], dx[read]
        for place in np.ndindex(*part.shape[1:-1]):
            hit = part[:, *place] == y[at]
            hit &= left
            left ^= hit
            goal[:, *place] += dy[at] * hit


def adaptive_average_pool_forward(x: np.ndarray, *, y: np.ndarray, sizes: tuple[int, ...]) -> None:
    """Write the mean of each of `sizes` bins into y. Nothing has to be saved."""
    for at, read in _adaptive_bins(x.shape[1:-1], sizes):
        np.add.reduce(x[read], tuple(range(1, x.ndim - 1)), out=y[at])
        y[at] *= 1.0 / math.prod(x[read].shape[1:-1])


def adaptive_average_pool_backward(dy: np.ndarray, _saved: None, *, dx: np.ndarray, sizes: tuple[int, ...]) -> None:
    """Write into dx the sum of dy / size over the bins that an element is in."""
    dx.fill(0.0)
    for at, read in _adaptive_bins(dx.shape[1:-1], sizes):
        goal = dx[read]
        share = dy[at] * (1.0 / math.prod(goal.shape[1:-1]))
        goal += share.reshape(goal.shape[0], *(1,) * (goal.ndim - 2), goal.shape[-1])


def taps_of_windows(
    positions: tuple[int, ...],
    counts: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> list[tuple[int, tuple[slice, ...], tuple[slice, ...]]]:
    """Return for each element of the window its number, which windows have it within x, and where it is there.

    They are in C order; an element that is never within x is left out. The slices are those of all channels.
    """
    taps: list[tuple[int, tuple[slice, ...], tuple[slice, ...]]] = [(0, (slice(None),), (slice(None),))]
    for n, count, k, s, (low, _), d in zip(positions, counts, kernel, stride, padding, dilation, strict=True):
        met = []
        for tap in range(k):
            shift = tap * d - low
            begin, end = max(0, -(shift // s)), min(count, (n - 1 - shift) // s + 1)
            if begin < end:
                start = begin * s + shift
                met.append((tap, slice(begin, end), slice(start, start + (end - begin - 1) * s + 1, s)))
        taps = [
            (number * k + tap, (*at, windows), (*read, places))
            for number, at, read in taps
            for tap, windows, places in met
        ]
    return taps


def _are_tiles(
    x: np.ndarray,
    y: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> bool:
    """Return whether the windows lie side by side and are x together, so that no padding is met either."""
    whole = tuple(k * count for k, count in zip(kernel, y.shape[1:-1], strict=True))
    begins = all(low == 0 for low, _ in padding)
    return begins and kernel == stride and set(dilation) == {1} and whole == x.shape[1:-1]


def _max_of_windows_backward(
    dy: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    dx: np.ndarray,
    taps: list[tuple[int, tuple[slice, ...], tuple[slice, ...]]],
    tiles: bool,
) -> None:
    """Write into dx the sum of dy over the windows whose first largest element it is, an element of all at a time."""
    left = np.ones(y.shape, bool)  # windows whose largest element has not been met
    if not tiles:
        dx.fill(0.0)
    for number, at, read in taps:
        waiting = left[at]
        if tiles and number == len(taps) - 1:  # which every window has that is left
            np.multiply(dy, waiting, out=dx[read])
            return
        hit = x[read] == y[at]
        hit &= waiting
        if tiles:
            np.multiply(dy, hit, out=dx[read])
        else:
            goal = dx[read]
            goal += dy[at] * hit
        waiting ^= hit


def _adaptive_bins(
    positions: tuple[int, ...], sizes: tuple[int, ...]
) -> list[tuple[tuple[slice | int, ...], tuple[slice, ...]]]:
    """Return each bin's place in y and its part of x, from ⌊i n / size⌋ to ⌈(i + 1) n / size⌉ on each axis."""
    bins: list[tuple[tuple[slice | int, ...], tuple[slice, ...]]] = [((slice(None),), (slice(None),))]
    for n, size in zip(positions, sizes, strict=True):
        parts = [(i, slice(i * n // size, -(-(i + 1) * n // size))) for i in range(size)]
        bins = [((*at, i), (*read, part)) for at, read in bins for i, part in parts]
    return bins
