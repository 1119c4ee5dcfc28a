"""The affine operations as linear actions on arrays (rows, *shape), in any arithmetic that NumPy's arrays hold."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.pool import Pool
from netspec.operations.upsample import Upsample
from netspec.regions.numbers import Array, ratio, zeros

Action = Callable[[Sequence[Array]], Array]


def along(x: Array, axis: int, matrix: Array) -> Array:
    """Return x with a matrix (to, from) applied along one axis."""
    return np.moveaxis(np.matmul(np.moveaxis(x, axis, -1), matrix.T), -1, axis)


def window_places(
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[tuple[int, int]],
    dilation: Sequence[int],
    counts: Sequence[int],
) -> NDArray[np.int64]:
    """Return which positions each window reads, flat: (windows, elements of the kernel); -1 is beyond the ends."""
    places = np.zeros((1, 1), np.int64)
    for n, k, s, (low, _), d, count in zip(sizes, kernel, stride, padding, dilation, counts, strict=True):
        axis = np.arange(count)[:, None] * s + np.arange(k) * d - low
        axis = np.where((axis >= 0) & (axis < n), axis, -1)
        joined = np.where(
            (places[:, None, :, None] >= 0) & (axis[None, :, None, :] >= 0),
            places[:, None, :, None] * n + axis[None, :, None, :],
            -1,
        )
        places = joined.reshape(len(places) * count, -1)
    return places


def convolution(node: Convolve, Omega: Array, x: tuple[int, ...], y: tuple[int, ...]) -> Action:
    """Return Ω ⋆ x. x: (C, *positions)."""
    places = window_places(x[1:], node.kernel, node.stride, node.padding, node.dilation, y[1:])
    groups, depth = node.groups, x[0] // node.groups
    # (groups, outputs of a group, windows' elements)
    weights = Omega.reshape(groups, node.channels // groups, depth * places.shape[1])
    nothing = bool((places < 0).any())

    def act(operands: Sequence[Array]) -> Array:
        signal = operands[0].reshape(len(operands[0]), groups, depth, -1)
        if nothing:
            beyond = np.full((*signal.shape[:3], 1), 0, signal.dtype)
            signal = np.concatenate([signal, beyond], -1)
        windows = signal[..., places].transpose(0, 1, 3, 2, 4)  # rows, groups, positions, depth, taps
        windows = windows.reshape(*windows.shape[:3], -1)
        found: Array = np.matmul(weights, np.swapaxes(windows, -1, -2))
        return found.reshape(len(signal), *y)

    return act


def transposed_convolution(
    node: ConvolveTransposed, Omega: Array, x: tuple[int, ...], y: tuple[int, ...], exact: bool
) -> Action:
    """Return what the convolution with these numbers would read, written. x: (C, *positions)."""
    places = window_places(y[1:], node.kernel, node.stride, node.padding, node.dilation, x[1:])
    groups, depth, outputs = node.groups, x[0] // node.groups, node.channels // node.groups
    weights = Omega.reshape(groups, depth, outputs * places.shape[1])
    size = math.prod(y[1:])
    inside = places.reshape(-1) >= 0
    goals = places.reshape(-1)[inside]

    def act(operands: Sequence[Array]) -> Array:
        signal = operands[0].reshape(len(operands[0]), groups, depth, -1)
        made = np.matmul(np.swapaxes(signal, -1, -2), weights)  # rows, groups, positions, outputs · taps
        made = made.reshape(*made.shape[:3], outputs, -1).transpose(0, 1, 3, 2, 4)
        flat = made.reshape(len(signal) * groups * outputs, -1)[:, inside]
        found = zeros((size, flat.shape[0]), exact)
        np.add.at(found, goals, flat.T)
        return np.ascontiguousarray(found.T).reshape(len(signal), *y)

    return act


def average(node: Pool, x: tuple[int, ...], y: tuple[int, ...], exact: bool) -> Action:
    """Return the mean of each window, one axis after the other."""
    matrices = []
    numbers = zip(x[1:], node.kernel, node.stride, node.padding, y[1:], strict=True)
    for n, k, s, (low, high), count in numbers:
        matrix = zeros((count, n), exact)
        for window in range(count):
            begin = window * s - low
            end = min(begin + k, n + high)
            inside = range(max(begin, 0), min(end, n))
            matrix[window, inside.start : inside.stop] = ratio(
                1, (end - begin) if node.count_padding else len(inside), exact
            )
        matrices.append(matrix)
    return in_turn(matrices, 2)


def bins(n: int, size: int) -> list[range]:
    """Return the positions of each bin of an adaptive pool."""
    return [range(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]


def adaptive_average(sizes: Sequence[int], x: tuple[int, ...], exact: bool) -> Action:
    """Return the mean of each bin, one axis after the other."""
    matrices = []
    for n, size in zip(x[1:], sizes, strict=True):
        matrix = zeros((size, n), exact)
        for row, inside in enumerate(bins(n, size)):
            matrix[row, inside.start : inside.stop] = ratio(1, len(inside), exact)
        matrices.append(matrix)
    return in_turn(matrices, 2)


def upsampling(node: Upsample, x: tuple[int, ...], exact: bool) -> Action:
    """Return x at more positions, one axis after the other."""
    matrices = []
    for n, factor in zip(x[1:], node.factors, strict=True):
        matrix = zeros((n * factor, n), exact)
        for p in range(n * factor):
            if node.kind == "nearest":
                matrix[p, p // factor] += 1
                continue
            over = min(
                max(2 * p + 1 - factor, 0), 2 * factor * (n - 1)
            )  # of 2 · factor, where p lies among the positions
            below, rest = divmod(over, 2 * factor)
            matrix[p, below] += ratio(2 * factor - rest, 2 * factor, exact)
            if rest:
                matrix[p, below + 1] += ratio(rest, 2 * factor, exact)
        matrices.append(matrix)
    return in_turn(matrices, 2)


def in_turn(matrices: Sequence[Array], first: int) -> Action:
    """Return one matrix after the other, along the axes from `first` on."""

    def act(operands: Sequence[Array]) -> Array:
        y = operands[0]
        for axis, matrix in enumerate(matrices, first):
            y = along(y, axis, matrix)
        return np.ascontiguousarray(y)

    return act


def summed(axes: tuple[int, ...], keep: bool, factor: Any) -> Action:
    """Return the sum over axes of one example, times a factor."""
    within = tuple(axis + 1 for axis in axes)
    return lambda operands: np.sum(operands[0], axis=within, keepdims=keep) * factor


def scaled(factor: Array) -> Action:
    """Return the operand times an array that broadcasts to it."""
    return lambda operands: operands[0] * factor
