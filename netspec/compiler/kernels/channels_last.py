"""Convolutions with the channels last, (N, *positions, channels), tile by tile in a cache.

Weights are prepared once, when a program is bound: `unfolded_weights`, `depthwise_weights`, and `bias_rows` for β. Each
kernel finishes a tile while the cache holds it: + β, then `finish`, which is None or a function that writes an
activation over a C-contiguous array. `room` is scratch memory that belongs to one thread. Padding is of zeros.
"""

import math
from collections.abc import Callable

import numpy as np

from netspec.compiler.kernels.buffers import aligned, scratch
from netspec.compiler.kernels.matrices import add_rows, multiply_matrices, panels
from netspec.compiler.kernels.tiles import band_of_zeros, tile_of_lines, window_counts

_WINDOW_BYTES = 3 * 2**19  # of windows and results at a time: what a second-level cache holds
_DEEP = 1302  # numbers of a window: twelve rows of them times a panel of 64 columns are multiplied as they lie
_LONG_TAPS = 2048  # numbers of a row that the depthwise kernel goes over at a time
_FEW_CHANNELS = 64  # up to which it copies columns that the stride sets apart: rows of so few numbers are slower


def unfolded_weights(Omega: np.ndarray, groups: int) -> np.ndarray:
    """Return Ω as `convolve_unfolded` reads it: panels of a matrix for each group, or for each part of a deep window.

    Ω: (out, C / groups, *kernel).
    """
    outputs, channels = Omega.shape[0] // groups, Omega.shape[1]
    taps = math.prod(Omega.shape[2:])
    by_tap = Omega.reshape(groups, outputs, channels, taps).transpose(0, 3, 2, 1)
    if groups == 1 and taps * channels > _DEEP:
        # the parts are taps, of some of the channels each where there are many
        fitting = [n for n in range(1, 17) if channels % n == 0 and channels // n <= _DEEP // 2]
        parts = taps * fitting[0] if fitting else taps
        return panels(by_tap.reshape(parts, taps * channels // parts, outputs))
    return panels(by_tap.reshape(groups, taps * channels, outputs))


def convolve_unfolded(
    x: np.ndarray,
    weights: np.ndarray,
    beta: np.ndarray | None,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
    finish: "Callable[[np.ndarray, dict[str, np.ndarray]], object] | None",
    room: dict[str, np.ndarray],
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return finish(β + Ω ⋆ x), (N, *positions, out), as products with the windows as rows (im2col).

    x: (N, *positions, C), weights: of `unfolded_weights`, β: of `bias_rows`.
    """
    x = np.ascontiguousarray(x)
    count = x.shape[0]
    matrices, parts, depth, width = weights.shape
    outputs = parts * width * groups
    if out is None:
        sizes = window_counts(x.shape[1:-1], kernel, stride, padding, dilation)
        y = aligned((count, *sizes, outputs), x.dtype.str)
    else:
        sizes, y = out.shape[1:-1], out
    if not y.size:
        return y
    as_it_lies = max(kernel) == 1 == max(stride) and not any(map(any, padding))
    deep = groups == 1 < matrices
    line = math.prod(sizes[1:])
    size = (matrices * depth + outputs * (matrices if deep else 1)) * line * x.itemsize
    examples, lines = tile_of_lines(count, sizes[0], size, max(_WINDOW_BYTES, weights.nbytes))
    for first in range(0, count, examples):
        for top in range(0, sizes[0], lines):
            part = y[first : first + examples, top : top + lines]
            rows = part.size // outputs
            part = part.reshape(rows, outputs)
            if as_it_lies:
                windows = x[first : first + examples, top : top + lines]
                windows = windows.reshape(rows, matrices, depth).transpose(1, 0, 2)
            else:
                shape = (min(examples, count - first), min(lines, sizes[0] - top), *sizes[1:])
                windows = scratch(room, "windows", (matrices, rows, depth), x.dtype.str)
                _unfold(x, windows, first, top, shape, kernel, stride, padding, dilation, groups, room)
            if deep:
                terms = scratch(room, "terms", (matrices, rows, outputs), x.dtype.str)
                multiply_matrices(windows, weights, terms)
                np.add.reduce(terms, 0, out=part)
            elif groups == 1:
                multiply_matrices(windows, weights, part[None])
            else:
                multiply_matrices(windows, weights, part.reshape(rows, groups, parts * width).transpose(1, 0, 2))
            if beta is not None:
                add_rows(part, beta)
            if finish is not None:
                finish(part, room)
    return y


def depthwise_weights(Omega: np.ndarray) -> np.ndarray:
    """Return Ω as `convolve_depthwise` reads it, (*kernel, columns · C), for as many columns as make a row long.

    Ω: (C, 1, *kernel), with one axis of positions or two.
    """
    channels, kernel = Omega.shape[0], Omega.shape[2:]
    columns = max(1, _LONG_TAPS // max(1, channels))
    weights = aligned((*kernel, columns, channels), Omega.dtype.str)
    weights[...] = Omega[:, 0].transpose(*range(1, Omega.ndim - 1), 0)[..., None, :]
    return weights.reshape(*kernel, columns * channels)


def convolve_depthwise(
    x: np.ndarray,
    weights: np.ndarray,
    beta: np.ndarray | None,
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    finish: "Callable[[np.ndarray, dict[str, np.ndarray]], object] | None",
    room: dict[str, np.ndarray],
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return finish(β + Ω ⋆ x), (N, *positions, C), where each channel is convolved by itself.

    np.einsum multiplies and adds in one pass, along a row of columns and channels where the stride lets them lie side
    by side. x: (N, *positions, C), one axis of positions or two, weights: of `depthwise_weights`, β: of `bias_rows`.
    """
    x = np.ascontiguousarray(x)
    count, channels = x.shape[0], x.shape[-1]
    kernel = weights.shape[:-1]
    if out is None:
        sizes = window_counts(x.shape[1:-1], kernel, stride, padding, dilation)
        y = aligned((count, *sizes, channels), x.dtype.str)
    else:
        sizes, y = out.shape[1:-1], out
    if not y.size:
        return y
    padded = any(map(any, padding))
    down, reach = stride[0], dilation[0] * (kernel[0] - 1) + 1
    size = (x[0, 0].size * down + y[0, 0].size) * x.itemsize
    examples, lines = tile_of_lines(count, sizes[0], size, _WINDOW_BYTES)
    for first in range(0, count, examples):
        for top in range(0, sizes[0], lines):
            part = y[first : first + examples, top : top + lines]
            many, high = part.shape[:2]
            source, offset = x, first * x.strides[0] + top * down * x.strides[1]
            if padded:
                begin = top * down - padding[0][0]
                source = band_of_zeros(x, first, many, begin, (high - 1) * down + reach, padding[1:], room)
                offset = 0
            if x.ndim == 4:
                _sum_taps(source, offset, source.strides, part, weights, stride, dilation, room)
            else:
                example, column, number = source.strides
                strides = (example, 0, column, number)
                _sum_taps(source, offset, strides, part[:, None], weights[None], (1, *stride), (1, *dilation), room)
            part = part.reshape(-1, channels)
            if beta is not None:
                add_rows(part, beta)
            if finish is not None:
                finish(part, room)
    return y


def _sum_taps(
    source: np.ndarray,
    offset: int,
    strides: tuple[int, ...],
    part: np.ndarray,
    weights: np.ndarray,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    room: dict[str, np.ndarray],
) -> None:
    """Write what each channel's windows give into part, (examples, lines, columns, C), without padding.

    `strides` are those of the source in bytes, (examples, lines, columns, channels), which begins at `offset`. Columns
    that are apart, of few numbers, and read by several lines are copied first: for every tap those that it meets.
    """
    many, high, wide, channels = part.shape
    kernel = weights.shape[:2]
    example, row, column, number = strides
    (down, right), (below, apart) = stride, dilation
    jump, tap = right * column, apart * column
    if right > 1 and kernel[0] > 1 and channels <= _FEW_CHANNELS:
        lines = (high - 1) * down + below * (kernel[0] - 1) + 1
        beside = scratch(room, "columns by taps", (many, lines, kernel[1], wide, channels), part.dtype.str)
        met = np.ndarray(beside.shape, part.dtype, source, offset, (example, row, tap, jump, number))
        np.copyto(beside, met)
        source, offset = beside, 0
        example, row, tap, jump, number = beside.strides
    columns = weights.shape[2] // channels if jump == channels * number else 1
    whole = wide - wide % columns
    for begin, end, each in ((0, whole, columns), (whole, wide, wide - whole)):
        if begin < end:
            run = each * channels
            taps = np.ndarray(
                (many, high, (end - begin) // each, *kernel, run),
                part.dtype,
                source,
                offset + begin * jump,
                (example, down * row, each * jump, below * row, tap, number),
            )
            goal = part[:, :, begin:end].reshape(many, high, -1, run)
            np.einsum("nhbijw,ijw->nhbw", taps, weights[:, :, :run], out=goal)


def _unfold(
    x: np.ndarray,
    windows: np.ndarray,
    first: int,
    top: int,
    shape: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
    room: dict[str, np.ndarray],
) -> None:
    """Write the windows of a tile of examples and lines into `windows`. shape: that of the tile, channels apart."""
    begin = top * stride[0] - padding[0][0]
    source, offset = x, first * x.strides[0] + begin * x.strides[1]
    if any(map(any, padding)):
        lines = (shape[1] - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1
        source, offset = band_of_zeros(x, first, shape[0], begin, lines, padding[1:], room), 0
    example, *steps, number = source.strides
    places = (example, *[step * s for step, s in zip(steps, stride, strict=True)])
    taps = [step * d for step, d in zip(steps, dilation, strict=True)]
    channels = x.shape[-1]
    lengths: tuple[int, ...]
    strides: tuple[int, ...]
    if groups > 1:
        each = channels // groups
        lengths, strides = (groups, *shape, *kernel, each), (each * number, *places, *taps, number)
    elif len(windows) > 1:
        each = windows.shape[2]
        lengths = (*kernel, channels // each, *shape, each)
        strides = (*taps, each * number, *places, number)
    else:
        lengths, strides = (*shape, *kernel, channels), (*places, *taps, number)
    np.copyto(windows.reshape(lengths), np.ndarray(lengths, x.dtype, source, offset, strides))
