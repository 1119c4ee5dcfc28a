"""Dropout and its gradient (Srivastava et al. 2014).

Layout: either. The text is copied into programs, so these functions need nothing but NumPy.
"""

import numpy as np


def drop_forward(x: np.ndarray, *, y: np.ndarray, rate: float, generator: np.random.Generator) -> np.ndarray:
    """Write x / (1 - rate), or with probability `rate` 0, into y, which may be x; return what stays, True or False.

    One number of float32 is drawn for each element, whatever the dtype, so that both drop the same.
    """
    kept = generator.random(x.shape, dtype=np.float32) >= rate
    _write_kept(x, kept, rate, y)
    return kept


def drop_backward(dy: np.ndarray, saved: np.ndarray, *, dx: np.ndarray, rate: float) -> None:
    """Write dy / (1 - rate) where the element stayed, and 0 elsewhere, into dx, which may be dy."""
    _write_kept(dy, saved, rate, dx)


def _write_kept(x: np.ndarray, kept: np.ndarray, rate: float, y: np.ndarray) -> None:
    """Write x / (1 - rate) where it is kept, and 0 elsewhere; where all is dropped, 0."""
    np.multiply(x, kept, out=y)
    if rate < 1.0:
        y *= 1.0 / (1.0 - rate)
