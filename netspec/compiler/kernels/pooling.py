"""Pools: any number of axes of positions, as torch.nn.MaxPool2d and its relatives have them.

`first` is the first axis of positions: 2 where the channels stand before them, 1 where they are last. A window is a
box, so a pool goes along one axis after the other. The text is copied into emitted programs, so these functions need
nothing but NumPy and each other.
"""

import math

import numpy as np

from netspec.compiler.kernels.tiles import tile_of_lines

_POOLED_BYTES = 2**19  # of x at a time


def max_pool(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    ceil: bool,
    first: int = 2,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the largest of each window, NaN where there is one; padding is -∞. x: (N, C, *positions)."""
    positions = x.shape[first : first + len(kernel)]
    counts = tuple(
        _window_count(n, d * (k - 1) + 1, s, low, high, ceil)
        for n, k, s, (low, high), d in zip(positions, kernel, stride, padding, dilation, strict=True)
    )
    return _pooled(np.maximum, x, kernel, stride, padding, dilation, counts, -np.inf, first, out)


def average_pool(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    ceil: bool,
    count_padding: bool,
    first: int = 2,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the mean of each window, with the padding's zeros or without. x: (N, C, *positions).

    What hangs over the end behind the padding, which `ceil` allows, is never counted.
    """
    numbers = np.ones((), x.dtype)
    counts: tuple[int, ...] = ()
    positions = x.shape[first : first + len(kernel)]
    for n, k, s, (low, high) in zip(positions, kernel, stride, padding, strict=True):
        counts = (*counts, _window_count(n, k, s, low, high, ceil))
        begin = np.arange(counts[-1]) * s - low
        end = np.minimum(begin + k, n + high)
        inside = end - begin if count_padding else np.minimum(end, n) - np.maximum(begin, 0)
        numbers = numbers[..., None] * inside.astype(x.dtype)
    y = _pooled(np.add, x, kernel, stride, padding, (1,) * len(kernel), counts, 0.0, first, out)
    y /= numbers.reshape(*counts, *(1,) * (x.ndim - first - len(kernel)))
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


def global_average_pool(x: np.ndarray) -> np.ndarray:
    """Return the mean of all positions, (N, C), as a product with 1 / their number. x: (N, *positions, C)."""
    many = math.prod(x.shape[1:-1])
    x = x.reshape(x.shape[0], many, x.shape[-1])
    y: np.ndarray = np.matmul(np.full(many, 1 / many, x.dtype), x)
    return y


def global_max_pool(x: np.ndarray) -> np.ndarray:
    """Return the largest of all positions, (N, C), NaN where there is one. x: (N, *positions, C)."""
    y: np.ndarray = np.maximum.reduce(x.reshape(x.shape[0], math.prod(x.shape[1:-1]), x.shape[-1]), 1)
    return y


def _window_count(n: int, width: int, stride: int, low: int, high: int, ceil: bool) -> int:
    """Return how many windows there are; with `ceil` the last may hang over, but not begin in the padding behind."""
    count = (n + low + high - width + (stride - 1 if ceil else 0)) // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= n + low else count


def _pooled(
    function: np.ufunc,
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    counts: tuple[int, ...],
    filling: float,
    first: int,
    out: np.ndarray | None,
) -> np.ndarray:
    """Return the windows joined by a function of two arrays, some examples and lines of them at a time."""
    axes = len(kernel)
    y = np.empty((*x.shape[:first], *counts, *x.shape[first + axes :]), x.dtype) if out is None else out
    size = x.size // max(1, x.shape[0] * x.shape[first]) * stride[0] * x.itemsize
    examples, lines = tile_of_lines(x.shape[0], counts[0], size, _POOLED_BYTES)
    between = (slice(None),) * (first - 1)
    for example in range(0, x.shape[0], examples):
        for top in range(0, counts[0], lines):
            goal = y[example : example + examples, *between, top : top + lines]
            part = x[example : example + examples]
            for axis in range(axes):
                low, count = padding[axis][0], counts[axis]
                if axis == 0:
                    low, count = low - top * stride[0], goal.shape[first]
                end = goal if axis == axes - 1 else None
                part = _slid(
                    function, part, first + axis, kernel[axis], stride[axis], dilation[axis], low, count, filling, end
                )
    return y


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
    out: np.ndarray | None,
) -> np.ndarray:
    """Return the windows along one axis, each joined by a function of two arrays; what is not x is the filling.

    A tap at a time goes over the windows in which it meets x, so that no padding is written.
    """
    n = x.shape[axis]
    before = (slice(None),) * axis
    y = np.empty((*x.shape[:axis], count, *x.shape[axis + 1 :]), x.dtype) if out is None else out
    met = [
        (max(0, -(-(low - tap) // stride)), min(count, (n - 1 + low - tap) // stride + 1), tap - low)
        for tap in range(0, kernel * dilation, dilation)
    ]
    # the tap that every window has begins, where there is one
    met.sort(key=lambda part: part[0] - part[1])
    if met[0][:2] != (0, count):
        y.fill(filling)
    for number, (begin, end, shift) in enumerate(met):
        if begin < end:
            start = begin * stride + shift
            read = x[*before, start : start + (end - begin - 1) * stride + 1 : stride]
            if number == 0 and end - begin == count:
                y[...] = read
            else:
                written = y[*before, begin:end]
                function(written, read, out=written)
    return y


def _bins(x: np.ndarray, axis: int, size: int) -> list[np.ndarray]:
    """Return the parts of an axis from ⌊i n / size⌋ to ⌈(i + 1) n / size⌉."""
    n = x.shape[axis]
    before = (slice(None),) * axis
    return [x[*before, i * n // size : -(-(i + 1) * n // size)] for i in range(size)]
