"""The plain pools: window by window, from the list of places that are in it."""

from collections.abc import Callable
from itertools import product
from math import ceil as upward
from math import floor as downward
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


def max_pool(x: NDArray[Any], kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes, ceil: bool) -> Array:
    """Return the largest number of each window."""
    axes = [
        [[start + d * i for i in range(k)] for start in _starts(n, d * (k - 1) + 1, s, low, high, ceil)]
        for n, k, s, (low, high), d in zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    ]
    return _of_windows(x, axes, lambda _, values: np.max(values, 0))


def average_pool(
    x: NDArray[Any], kernel: Sizes, stride: Sizes, padding: Padding, ceil: bool, count_padding: bool
) -> Array:
    """Return the mean of each window; the padding's zeros count if they are to, what lies behind them never."""
    axes = [
        [[i for i in range(start, start + k) if i < n + high] for start in _starts(n, k, s, low, high, ceil)]
        for n, k, s, (low, high) in zip(x.shape[2:], kernel, stride, padding, strict=True)
    ]
    return _of_windows(x, axes, lambda size, values: np.sum(values, 0) / (size if count_padding else len(values)))


def adaptive_max_pool(x: NDArray[Any], sizes: Sizes) -> Array:
    """Return the largest number of each bin."""
    return _of_windows(x, _bins(x.shape[2:], sizes), lambda _, values: np.max(values, 0))


def adaptive_average_pool(x: NDArray[Any], sizes: Sizes) -> Array:
    """Return the mean of each bin."""
    return _of_windows(x, _bins(x.shape[2:], sizes), lambda size, values: np.sum(values, 0) / size)


def _starts(n: int, extent: int, stride: int, low: int, high: int, ceil: bool) -> list[int]:
    """Return where windows begin: all that end within the padding, and with `ceil` one more that begins within x."""
    starts = list(range(-low, n + high - extent + 1, stride))
    following = starts[-1] + stride if starts else -low
    overhangs = following - stride + extent < n + high
    return [*starts, following] if ceil and overhangs and following < n else starts


def _bins(positions: Sizes, sizes: Sizes) -> list[list[list[int]]]:
    return [
        [list(range(downward(i * n / size), upward((i + 1) * n / size))) for i in range(size)]
        for n, size in zip(positions, sizes, strict=True)
    ]


def _of_windows(x: NDArray[Any], axes: list[list[list[int]]], join: Callable[[int, list[Array]], Array]) -> Array:
    """Return for each place of the result what its window's size and those of its values that are in x give."""
    pixels = np.moveaxis(x, (0, 1), (-2, -1)).astype(np.float64)
    y = np.empty((*map(len, axes), *x.shape[:2]))
    for place in np.ndindex(*map(len, axes)):
        window = list(product(*(axis[i] for axis, i in zip(axes, place, strict=True))))
        y[place] = join(len(window), [pixels[at] for at in window if _inside(at, x.shape[2:])])
    return np.moveaxis(y, (-2, -1), (0, 1))


def _inside(at: Sizes, sizes: Sizes) -> bool:
    return all(0 <= place < size for place, size in zip(at, sizes, strict=True))
