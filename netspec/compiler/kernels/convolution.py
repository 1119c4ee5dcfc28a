"""Convolutions: channels first, one to three axes of positions, as torch.nn.Conv1d, Conv2d and Conv3d have them.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math

import numpy as np

_UNFOLDED_BYTES = 2**22  # of windows at a time: what a cache holds, whatever the batch


def convolve(
    x: np.ndarray,
    Omega: np.ndarray,
    beta: np.ndarray | None,
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
) -> np.ndarray:
    """Return β + Ω ⋆ x, (N, out, *positions). x: (N, C, *positions), Ω: (out, C / groups, *kernel), β: (out,)."""
    kernel = Omega.shape[2:]
    if any(low or high for low, high in padding):
        x = _surrounded_by_zeros(x, padding)
    sizes = tuple(
        (n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
    )
    y = _convolved(x, Omega, sizes, stride, dilation, groups)
    if beta is not None:
        y += beta.reshape(-1, *(1 for _ in kernel))
    return y


def convolve_transposed(
    x: np.ndarray,
    Omega: np.ndarray,
    beta: np.ndarray | None,
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    output_padding: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int,
) -> np.ndarray:
    """Return β + Ωᵀ x, where Ω ⋆ leads from the result's shape to that of x. Ω: (C, out / groups, *kernel)."""
    count, channels, *positions = x.shape
    outputs, kernel = Omega.shape[1], Omega.shape[2:]
    whole = [
        (n - 1) * s + d * (k - 1) + 1 + more
        for n, k, s, d, more in zip(positions, kernel, stride, dilation, output_padding, strict=True)
    ]
    y = np.zeros((count, groups, outputs, *whole), x.dtype)
    signals = x.reshape(count, groups, channels // groups, math.prod(positions))
    weights = Omega.reshape(groups, channels // groups, outputs, math.prod(kernel)).transpose(3, 0, 2, 1)
    for tap, weight in zip(np.ndindex(*kernel), np.ascontiguousarray(weights), strict=True):
        where = [slice(t * d, t * d + n * s, s) for t, d, n, s in zip(tap, dilation, positions, stride, strict=True)]
        y[:, :, :, *where] += np.matmul(weight, signals).reshape(count, groups, outputs, *positions)
    kept = [slice(low, n - high) for n, (low, high) in zip(whole, padding, strict=True)]
    y = np.ascontiguousarray(y.reshape(count, groups * outputs, *whole)[:, :, *kept])
    if beta is not None:
        y += beta.reshape(-1, *(1 for _ in kernel))
    return y


def _surrounded_by_zeros(x: np.ndarray, padding: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Return x with zeros before and behind each axis of positions."""
    sizes = (low + n + high for n, (low, high) in zip(x.shape[2:], padding, strict=True))
    y = np.zeros((*x.shape[:2], *sizes), x.dtype)
    y[:, :, *(slice(low, low + n) for n, (low, _) in zip(x.shape[2:], padding, strict=True))] = x
    return y


def _convolved(
    x: np.ndarray,
    Omega: np.ndarray,
    sizes: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int,
) -> np.ndarray:
    """Return Ω ⋆ x as products of Ω, a matrix for each group, with the windows as columns (im2col).

    Where every channel is a group this is still quicker than a sum of shifted channels, whose rows are short.
    """
    count, channels = x.shape[:2]
    outputs, kernel = Omega.shape[0] // groups, Omega.shape[2:]
    depth = channels // groups * math.prod(kernel)
    steps = [b * d for b, d in zip(x.strides[2:], dilation, strict=True)]
    jumps = [b * s for b, s in zip(x.strides[2:], stride, strict=True)]
    windows = np.lib.stride_tricks.as_strided(
        x, (count, channels, *kernel, *sizes), (*x.strides[:2], *steps, *jumps), writeable=False
    )
    every_tap = (slice(None),) * len(kernel)
    weights = Omega.reshape(groups, outputs, depth)
    line = math.prod(sizes[1:])
    bytes_of_line = max(1, groups * depth * line * x.itemsize)
    lines = max(1, min(sizes[0], _UNFOLDED_BYTES // bytes_of_line))
    examples = max(1, _UNFOLDED_BYTES // (bytes_of_line * max(1, sizes[0])))
    y = np.empty((count, groups, outputs, sizes[0] * line), x.dtype)
    for first in range(0, count, examples):
        for top in range(0, sizes[0], lines):
            part = y[first : first + examples, ..., top * line : (top + lines) * line]
            window = windows[first : first + examples, :, *every_tap, top : top + lines]
            np.matmul(weights, window.reshape(len(part), groups, depth, part.shape[3]), out=part)
    return y.reshape(count, groups * outputs, *sizes)
