"""Tiles of arrays with the channels last, (N, *positions, channels): how many lines, among which zeros, in which order.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math

import numpy as np

from netspec.compiler.kernels.buffers import scratch

_FILLED = 8192  # numbers that are filled with zeros at once rather than at their borders
_TURNED_ROWS = 64  # of which every column is written at once, while the cache still has their lines


def channels_last(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return a C-contiguous copy with the channels behind the positions. x: (N, channels, *positions)."""
    count, channels, *positions = x.shape
    y = np.empty((count, *positions, channels), x.dtype) if out is None else out
    many = math.prod(positions)
    _turned(x.reshape(count, channels, many), y.reshape(count, many, channels))
    return y


def channels_first(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return a C-contiguous copy with the channels before the positions. x: (N, *positions, channels)."""
    count, *positions, channels = x.shape
    y = np.empty((count, channels, *positions), x.dtype) if out is None else out
    many = math.prod(positions)
    _turned(x.reshape(count, many, channels), y.reshape(count, channels, many))
    return y


def window_counts(
    positions: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """Return how many windows there are along each axis of positions."""
    return tuple(
        (low + n + high - d * (k - 1) - 1) // s + 1
        for n, k, s, (low, high), d in zip(positions, kernel, stride, padding, dilation, strict=True)
    )


def tile_of_lines(count: int, lines: int, size: int, most: int) -> tuple[int, int]:
    """Return how many examples and lines a tile has: at most `most` bytes where a line has `size`, parts alike."""
    fitting = max(1, most // max(1, size))
    if fitting >= lines and count:
        examples = min(count, fitting // lines)
        return -(-count // -(-count // examples)), lines
    return 1, -(-lines // -(-lines // fitting))


def band_of_zeros(
    x: np.ndarray,
    first: int,
    examples: int,
    begin: int,
    lines: int,
    padding: tuple[tuple[int, int], ...],
    room: dict[str, np.ndarray],
) -> np.ndarray:
    """Return some lines of some examples among zeros, (examples, lines, *padded positions, channels).

    `begin` may lie before the first line of x, and `lines` reach behind its last; `padding` is of the other axes.
    """
    inner = x.shape[2:-1]
    sizes = [low + n + high for n, (low, high) in zip(inner, padding, strict=True)]
    band = scratch(room, "band", (examples, lines, *sizes, x.shape[-1]), x.dtype.str)
    above, end = max(0, -begin), min(lines, x.shape[1] - begin)
    if above >= end or band.size <= _FILLED:
        band.fill(0)
        if above >= end:
            return band
    kept = band[:, above:end]
    if band.size > _FILLED:
        if above:
            band[:, :above].fill(0)
        if end < lines:
            band[:, end:].fill(0)
        before: tuple[slice, ...] = (slice(None), slice(None))
        for n, (low, high) in zip(inner, padding, strict=True):
            if low:
                kept[(*before, slice(0, low))] = 0
            if high:
                kept[(*before, slice(low + n, None))] = 0
            before = (*before, slice(low, low + n))
    whole = slice(None)
    goal = kept[(whole, whole, *[slice(low, low + n) for n, (low, _) in zip(inner, padding, strict=True)])]
    np.copyto(goal, x[first : first + examples, begin + above : begin + end])
    return band


def _turned(x: np.ndarray, y: np.ndarray) -> None:
    """Write the transpose of each matrix of x into y. Rows that are many and long go some at a time, for the cache."""
    rows, columns = x.shape[1:]
    step = _TURNED_ROWS if columns >= _TURNED_ROWS else max(1, rows)
    for top in range(0, rows, step):
        np.copyto(y[:, :, top : top + step], x[:, top : top + step].transpose(0, 2, 1))
