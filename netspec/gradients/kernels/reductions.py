"""The mean, the sum and the largest over axes, and their gradients.

Layout: either; axes are those of the array, the batch's counted, and in order. The text is copied into programs, so
these functions need nothing but NumPy, `math` and each other.
"""

import math

import numpy as np


def sum_forward(x: np.ndarray, *, y: np.ndarray, axes: tuple[int, ...], keep: bool) -> None:
    """Write the sum over some axes into y, which has them as 1 where `keep`. Nothing has to be saved."""
    _write_sum(x, _with_axes(y, x, axes, keep), axes, 1.0)


def sum_backward(dy: np.ndarray, _saved: None, *, dx: np.ndarray, axes: tuple[int, ...], keep: bool) -> None:
    """Write dy into dx, to every element that was summed."""
    np.copyto(dx, _with_axes(dy, dx, axes, keep))


def mean_forward(x: np.ndarray, *, y: np.ndarray, axes: tuple[int, ...], keep: bool) -> None:
    """Write the mean over some axes into y, which has them as 1 where `keep`. Nothing has to be saved."""
    _write_sum(x, _with_axes(y, x, axes, keep), axes, y.size / x.size)


def mean_backward(dy: np.ndarray, _saved: None, *, dx: np.ndarray, axes: tuple[int, ...], keep: bool) -> None:
    """Write dy / n into dx, n being the elements of a mean."""
    np.copyto(dx, _with_axes(dy * (dy.size / dx.size), dx, axes, keep))


def max_forward(x: np.ndarray, *, y: np.ndarray, axes: tuple[int, ...], keep: bool) -> None:
    """Write the largest over some axes into y, which has them as 1 where `keep`. Nothing has to be saved."""
    np.maximum.reduce(x, axes, keepdims=True, out=_with_axes(y, x, axes, keep))


def max_backward(
    dy: np.ndarray, _saved: None, x: np.ndarray, y: np.ndarray, *, dx: np.ndarray, axes: tuple[int, ...], keep: bool
) -> None:
    """Write dy into dx where x is the largest; those that are equally large share it evenly, as torch.amax has it."""
    hit = x == _with_axes(y, x, axes, keep)
    ties = np.add.reduce(hit, axes, keepdims=True, dtype=dy.dtype)
    np.maximum(ties, 1.0, out=ties)  # of NaN none is the largest
    np.multiply(hit, _with_axes(dy, x, axes, keep) / ties, out=dx)


def _with_axes(y: np.ndarray, x: np.ndarray, axes: tuple[int, ...], keep: bool) -> np.ndarray:
    """Return y with as many axes as x: those that are reduced as 1, which it has where `keep`."""
    return y if keep else y.reshape([1 if axis in axes else size for axis, size in enumerate(x.shape)])


def _write_sum(x: np.ndarray, y: np.ndarray, axes: tuple[int, ...], scale: float) -> None:
    """Write the scaled sum over some axes into y: as a product where they follow each other and are not the last."""
    after = math.prod(x.shape[axes[-1] + 1 :])
    if after > 1 and axes == tuple(range(axes[0], axes[-1] + 1)):
        before = math.prod(x.shape[: axes[0]])
        many = x.size // (before * after)
        share = np.full((1, many), scale, x.dtype)
        np.matmul(share, x.reshape(before, many, after), out=y.reshape(before, 1, after))
        return
    np.add.reduce(x, axes, keepdims=True, out=y)
    if scale != 1.0:
        y *= scale
