"""Convolutions upright, (C, *positions, batch), and their gradients: windows of some lines as columns (im2col), where a
column is a row of examples, so that windows are copied in long runs.

Everything is bound to its arrays before the first step: a step then only copies, multiplies and adds. The text is
copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def bound_convolution(
    x: np.ndarray,
    y: np.ndarray,
    Omega: np.ndarray,
    beta: np.ndarray | None,
    joint: bool,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
    windows: np.ndarray,
    padded: np.ndarray | None,
) -> "Callable[[], None]":
    """Return the function that writes y = β + Ω ⋆ x. x: (C, *positions, batch), y: (out, *positions', batch).

    Omega: (out, C / groups, *kernel), or where `joint` [Ω β], (out, C / groups · Π kernel + 1). `windows` and `padded`
    are memory that is free for the time of a call.
    """
    matrix, beta = _weights(Omega, beta, joint)
    if _is_pointwise(kernel, stride, padding, groups):
        rows, results = x.reshape(len(x), -1), y.reshape(len(y), -1)

        def map_points() -> None:
            np.matmul(matrix[:, : len(rows)], rows, out=results)
            if beta is not None:
                np.add(results, beta[:, None], out=results)

        return map_points
    borders, source = _with_padding(x, padding, padded)
    lines = _lines(source, y, kernel, stride, dilation, groups, joint, windows)
    work = [(columns, met, window, matrix[outputs], signals) for columns, met, window, signals, outputs, _ in lines]

    def convolve() -> None:
        for border in borders:
            border()
        for columns, met, window, weight, signals in work:
            if joint:
                columns[-1].fill(1.0)
            np.copyto(met, window)
            np.matmul(weight, columns, out=signals)
        if beta is not None and not joint:
            y_rows = y.reshape(len(y), -1)
            np.add(y_rows, beta[:, None], out=y_rows)

    return convolve


def bound_convolution_back(
    x: np.ndarray,
    dy: np.ndarray,
    dx: np.ndarray | None,
    Omega: np.ndarray,
    dOmega: np.ndarray | None,
    dbeta: np.ndarray | None,
    joint: bool,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
    windows: np.ndarray,
    padded: np.ndarray | None,
    dpadded: np.ndarray | None,
) -> "Callable[[], None]":
    """Return the function that writes dΩ = Σ dy xᵀ, dβ = Σ dy and dx = Ωᵀ dy; what is None is not wanted."""
    matrix, _ = _weights(Omega, None, joint)
    dy_rows = dy.reshape(len(dy), -1)
    if _is_pointwise(kernel, stride, padding, groups):
        depth, rows = len(x), x.reshape(len(x), -1)
        gradient, sums = _gradients(dOmega, dbeta, joint)
        dx_rows = None if dx is None else dx.reshape(len(dx), -1)

        def derive_points() -> None:
            if gradient is not None:
                np.matmul(dy_rows, rows.T, out=gradient[:, :depth])
            if sums is not None:
                np.add.reduce(dy_rows, 1, out=sums)
            if dx_rows is not None:
                np.matmul(matrix[:, :depth].T, dy_rows, out=dx_rows)

        return derive_points
    borders, source = _with_padding(x, padding, padded)
    lines = _lines(source, dy, kernel, stride, dilation, groups, joint, windows)
    gradient = None if dOmega is None else dOmega if joint else dOmega.reshape(len(dOmega), -1)
    goal, inner = None, None
    if dx is not None:
        goal = dx if dpadded is None else dpadded[: source.size].reshape(source.shape)
        inner = goal[_inner(x.shape, padding)]
    work = []
    begun: set[int] = set()
    for columns, met, window, signals, outputs, place in lines:
        target = None if gradient is None else gradient[outputs]
        term = None if target is None or outputs.start not in begun else np.empty(target.shape, target.dtype)
        begun.add(outputs.start)
        depth = len(columns) - joint
        taps = [] if goal is None else _taps(goal, met, place, kernel, stride, dilation)
        work.append((columns, met, window, signals, matrix[outputs, :depth].T, columns[:depth], target, term, taps))

    def derive() -> None:
        if gradient is not None:
            for border in borders:
                border()
        if goal is not None:
            goal.fill(0.0)
        for columns, met, window, signals, turned, dcolumns, target, term, taps in work:
            if target is not None:
                if joint:
                    columns[-1].fill(1.0)
                np.copyto(met, window)
                if term is None:
                    np.matmul(signals, columns.T, out=target)
                else:
                    np.matmul(signals, columns.T, out=term)
                    np.add(target, term, out=target)
            if taps:
                np.matmul(turned, signals, out=dcolumns)
                for place, part in taps:
                    np.add(place, part, out=place)
        if dbeta is not None and not joint:
            np.add.reduce(dy_rows, 1, out=dbeta)
        if dx is not None and inner is not None and borders:
            np.copyto(dx, inner)

    return derive


def _lines(
    source: np.ndarray,
    y: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int,
    joint: bool,
    windows: np.ndarray,
) -> "list[Any]":
    """Return the work of a convolution of `source`, whose padding is in it, in parts that `windows` has room for.

    Each part is some lines of one group: memory for its windows as columns, (C / groups · Π kernel, n); the same by
    (C / groups, *kernel, lines, *positions', batch); where the source has them; what lies there of the result,
    (out / groups, n); the group's rows of Ω; and where it stands in x: its channels and its first line.
    """
    channels, (outputs, high, *rest) = len(source) // groups, y.shape
    depth = channels * math.prod(kernel) + joint
    across = math.prod(rest)
    step = max(1, min(high, windows.size // max(1, depth * across)))
    channel, *places, number = source.strides
    taps = [place * d for place, d in zip(places, dilation, strict=True)]
    jumps = [place * s for place, s in zip(places, stride, strict=True)]
    rows = y.reshape(outputs, high, across)
    found = []
    for group in range(groups):
        inputs = slice(group * channels, (group + 1) * channels)
        own = slice(group * outputs // groups, (group + 1) * outputs // groups)
        for first in range(0, high, step):
            many = min(step, high - first)
            columns = windows[: depth * many * across].reshape(depth, many * across)
            shape = (channels, *kernel, many, *rest)
            window = np.ndarray(
                shape,
                source.dtype,
                source,
                group * channels * channel + first * jumps[0],
                (channel, *taps, *jumps, number),
            )
            met = columns[: depth - joint].reshape(shape)
            signals = rows[own, first : first + many].reshape(outputs // groups, many * across)
            found.append((columns, met, window, signals, own, (inputs, first)))
    return found


def _taps(
    goal: np.ndarray,
    met: np.ndarray,
    place: tuple[slice, int],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> "list[tuple[np.ndarray, np.ndarray]]":
    """Return for each tap where in the gradient of x it is added, and the part of the columns that is."""
    inputs, first = place
    sizes = met.shape[1 + len(kernel) : -1]
    begins = (first * stride[0], *(0 for _ in kernel[1:]))
    found = []
    for tap in np.ndindex(*kernel):
        where: list[Any] = [inputs]
        for t, d, s, begin, n in zip(tap, dilation, stride, begins, sizes, strict=True):
            low = begin + t * d
            where.append(slice(low, low + (n - 1) * s + 1, s))
        found.append((goal[tuple(where)], met[(slice(None), *tap)]))
    return found


def _with_padding(
    x: np.ndarray, padding: tuple[tuple[int, int], ...], padded: np.ndarray | None
) -> "tuple[list[Callable[[], None]], np.ndarray]":
    """Return what writes x into memory with zeros around it, and that memory; nothing and x where there are none."""
    if padded is None:
        return [], x
    channels, *sizes, batch = x.shape
    shape = (channels, *[n + low + high for n, (low, high) in zip(sizes, padding, strict=True)], batch)
    whole = padded[: math.prod(shape)].reshape(shape)
    inner = whole[_inner(x.shape, padding)]
    edges = []
    for axis, (low, high) in enumerate(padding, 1):
        before: list[Any] = [slice(None)] * whole.ndim
        for edge in (slice(0, low), slice(whole.shape[axis] - high, None)):
            before[axis] = edge
            edges.append(whole[tuple(before)])

    def surround() -> None:
        for edge in edges:
            edge.fill(0.0)
        np.copyto(inner, x)

    return [surround], whole


def _inner(shape: tuple[int, ...], padding: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    """Return the index of what is not padding."""
    sizes = shape[1:-1]
    return (slice(None), *[slice(low, low + n) for n, (low, _) in zip(sizes, padding, strict=True)])


def _weights(Omega: np.ndarray, beta: np.ndarray | None, joint: bool) -> "tuple[np.ndarray, np.ndarray | None]":
    """Return Ω as a matrix, with β as its last column where they are joint, and β."""
    return (Omega, Omega[:, -1]) if joint else (Omega.reshape(len(Omega), -1), beta)


def _gradients(
    dOmega: np.ndarray | None, dbeta: np.ndarray | None, joint: bool
) -> "tuple[np.ndarray | None, np.ndarray | None]":
    if dOmega is None:
        return None, dbeta
    return (dOmega, dOmega[:, -1]) if joint else (dOmega.reshape(len(dOmega), -1), dbeta)


def _is_pointwise(
    kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[tuple[int, int], ...], groups: int
) -> bool:
    """Return whether each result is a map of the channels at one position."""
    return groups == 1 and max(kernel) == 1 == max(stride) and not any(map(any, padding))
