"""The gradients of merges: what goes to an operand that was repeated along an axis is summed over it.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np


def sum_repeated(source: np.ndarray, out: np.ndarray) -> None:
    """Write the sum over the axes along which `out` has one element and `source` several."""
    axes = tuple([axis for axis, (a, b) in enumerate(zip(source.shape, out.shape, strict=True)) if a != b])
    np.add.reduce(source, axes, out=out, keepdims=True)


def product_backward(dy: np.ndarray, others: tuple[np.ndarray, ...], dx: np.ndarray) -> None:
    """Write dy times the other factors."""
    whole = dx if dx.shape == dy.shape else np.empty_like(dy)
    left = dy
    for other in others:
        np.multiply(left, other, out=whole)
        left = whole
    if whole is not dx:
        sum_repeated(whole, dx)


def difference_backward(dy: np.ndarray, x: np.ndarray, other: np.ndarray, dx: np.ndarray) -> None:
    """Write dy · sign(x - other): of |x - other| by x, and of |other - x| alike."""
    whole = dx if dx.shape == dy.shape else np.empty_like(dy)
    np.subtract(x, other, out=whole)
    np.sign(whole, out=whole)
    np.multiply(whole, dy, out=whole)
    if whole is not dx:
        sum_repeated(whole, dx)


def mask_generator(key: tuple[int, int], number: int) -> "np.random.Generator":
    """Return the stream of random numbers of one dropout in one step: the same whenever it is asked for."""
    return np.random.Generator(np.random.Philox(key=np.array([key[0] ^ (number << 32), key[1]], np.uint64)))
