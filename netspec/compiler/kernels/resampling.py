"""Upsampling by whole factors: channels first, as torch.nn.Upsample has it with align_corners=False.

The text is copied into emitted programs, so these functions need nothing but NumPy.
"""

import numpy as np


def upsample_nearest(x: np.ndarray, factors: tuple[int, ...]) -> np.ndarray:
    """Return every position as often as its axis' factor says. x: (N, C, *positions)."""
    positions = x.shape[2:]
    split = [size for pair in zip(positions, factors, strict=True) for size in pair]
    y = np.empty((*x.shape[:2], *split), x.dtype)
    y[...] = x.reshape(*x.shape[:2], *(size for n in positions for size in (n, 1)))
    return y.reshape(*x.shape[:2], *(n * factor for n, factor in zip(positions, factors, strict=True)))


def upsample_linear(x: np.ndarray, factors: tuple[int, ...]) -> np.ndarray:
    """Return x between its positions, linearly along each axis: bilinear for two. x: (N, C, *positions).

    Position i of the result lies at (i + 1/2) / factor - 1/2 of x, and beyond the outermost positions x goes on flat.
    """
    y = x.copy()
    for axis, factor in enumerate(factors, 2):
        n = y.shape[axis]
        place = np.maximum((np.arange(n * factor) + 0.5) / factor - 0.5, 0.0)
        low = place.astype(np.intp)
        share = (place - low).astype(x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
        high = np.take(y, np.minimum(low + 1, n - 1), axis)
        high *= share
        y = np.take(y, low, axis)
        y *= 1.0 - share
        y += high
    return y
