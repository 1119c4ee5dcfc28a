"""Pools: channels first, any number of axes of positions, as torch.nn.MaxPool2d and its relatives have them.

A window is a box, so a pool goes along one axis after the other. The text is copied into emitted programs, so these
functions need nothing but NumPy and each other.
"""

import numpy as np


def max_pool(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    ceil: bool,
) -> np.ndarray:
    """Return the largest of each window, NaN where there is one; padding is -∞. x: (N, C, *positions)."""
    y = x
    for axis, (k, s, (low, high), d) in enumerate(zip(kernel, stride, padding, dilation, strict=True), 2):
        count = _window_count(y.shape[axis], d * (k - 1) + 1, s, low, high, ceil)
        y = _slid(np.maximum, y, axis, k, s, d, low, count, -np.inf)
    return y


def average_pool(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    ceil: bool,
    count_padding: bool,
) -> np.ndarray:
    """Return the mean of each window, with the padding's zeros or without. x: (N, C, *positions).

    What hangs over the end behind the padding, which `ceil` allows, is never counted.
    """
    y, counts = x, np.ones((), x.dtype)
    for axis, (k, s, (low, high)) in enumerate(zip(kernel, stride, padding, strict=True), 2):
        n = x.shape[axis]
        count = _window_count(n, k, s, low, high, ceil)
        y = _slid(np.add, y, axis, k, s, 1, low, count, 0.0)
        first = np.arange(count) * s - low
        end = np.minimum(first + k, n + high)
        inside = end - first if count_padding else np.minimum(end, n) - np.maximum(first, 0)
        counts = counts[..., None] * inside.astype(x.dtype)
    y /= counts
    return y


def adaptive_max_pool(x: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Return the largest of each of `sizes` bins, (N, C, *sizes). x: (N, C, *positions)."""
    y = x
    for axis, size in enumerate(sizes, 2):
        y = np.stack([np.max(part, axis) for part in _bins(y, axis, size)], axis)
    return y


def adaptive_average_pool(x: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Return the mean of each of `sizes` bins, (N, C, *sizes). x: (N, C, *positions)."""
    y = x
    for axis, size in enumerate(sizes, 2):
        y = np.stack([np.mean(part, axis) for part in _bins(y, axis, size)], axis)
    return y


def _window_count(n: int, width: int, stride: int, low: int, high: int, ceil: bool) -> int:
    """Return how many windows there are; with `ceil` the last may hang over, but not begin in the padding behind."""
    count = (n + low + high - width + (stride - 1 if ceil else 0)) // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= n + low else count


def _slid(
    function: np.ufunc,
    x: np.ndarray,
    axis: int,
    kernel: int,
    stride: int,
    dilation: int,
    low: int,
    count: int,
    filling: float,
) -> np.ndarray:
    """Return the windows along one axis, each joined by a function of two arrays; what is not x is the filling."""
    n = x.shape[axis]
    reach = (count - 1) * stride + dilation * (kernel - 1) + 1
    before = (slice(None),) * axis
    if low or reach > n:
        padded = np.full((*x.shape[:axis], max(low + n, reach), *x.shape[axis + 1 :]), filling, x.dtype)
        padded[*before, low : low + n] = x
        x = padded
    y = x[*before, : (count - 1) * stride + 1 : stride].copy()
    for start in range(dilation, kernel * dilation, dilation):
        function(y, x[*before, start : start + (count - 1) * stride + 1 : stride], out=y)
    return y


def _bins(x: np.ndarray, axis: int, size: int) -> list[np.ndarray]:
    """Return the parts of an axis from ⌊i n / size⌋ to ⌈(i + 1) n / size⌉."""
    n = x.shape[axis]
    before = (slice(None),) * axis
    return [x[*before, i * n // size : -(-(i + 1) * n // size)] for i in range(size)]
