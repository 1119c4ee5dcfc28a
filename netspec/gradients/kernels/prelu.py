"""The rectifier whose slope is learned, and its gradients, as torch.nn.PReLU has them.

Layout: either; `axis` is that of the channels in the array, the batch's counted, or None where there is one slope. The
text is copied into programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np


def prelu_forward(x: np.ndarray, *, y: np.ndarray, slope: np.ndarray, axis: int | None) -> None:
    """Write x into y where x > 0, and slope · x elsewhere. slope: (1,), or (C,). Nothing has to be saved."""
    below = np.minimum(x, 0.0)
    below *= _slope_beside(slope, x.ndim, axis)
    np.maximum(x, 0.0, out=y)
    y += below


def prelu_backward(
    dy: np.ndarray,
    _saved: None,
    x: np.ndarray,
    *,
    slope: np.ndarray,
    dx: np.ndarray | None = None,
    dslope: np.ndarray | None = None,
    axis: int | None,
) -> None:
    """Write dy, or where x ≤ 0 slope · dy, into dx, which may be dy, and the sum of dy x where x ≤ 0 into dslope."""
    if dslope is not None:
        below = np.minimum(x, 0.0)
        below *= dy
        others = tuple(other for other in range(x.ndim) if other != axis or slope.size == 1)
        dslope[...] = np.add.reduce(below, others)
    if dx is not None:
        share = np.empty_like(x)
        np.copyto(share, x > 0.0)
        beside = _slope_beside(slope, x.ndim, axis)
        share *= 1.0 - beside
        share += beside
        np.multiply(dy, share, out=dx)


def _slope_beside(slope: np.ndarray, axes: int, axis: int | None) -> np.ndarray:
    """Return the slope with as many axes as x, its own in the place of the channels."""
    return slope.reshape([-1 if other == axis else 1 for other in range(axes)])
