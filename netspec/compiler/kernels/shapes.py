"""What changes only a shape. The text is copied into emitted programs, so it needs nothing but NumPy."""

import numpy as np


def pad(x: np.ndarray, widths: tuple[tuple[int, int], ...], value: float) -> np.ndarray:
    """Return x with `value` before and behind each axis but the batch's: as many as that axis' widths say."""
    sizes = (low + n + high for n, (low, high) in zip(x.shape[1:], widths, strict=True))
    y = np.full((x.shape[0], *sizes), value, x.dtype)
    y[:, *(slice(low, low + n) for n, (low, _) in zip(x.shape[1:], widths, strict=True))] = x
    return y
