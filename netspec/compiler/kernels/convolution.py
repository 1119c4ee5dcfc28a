"""Transposed convolutions: channels first, one to three axes of positions, as torch.nn.ConvTranspose2d and its like.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math

import numpy as np


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
