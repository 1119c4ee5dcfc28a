"""Positions as rotations, and their gradient, which is the rotation by the opposite angles.

Values are rows, (N, T, heads d). The text is copied into emitted programs, so these functions need nothing but NumPy
and each other.
"""

import math
from collections.abc import Callable

import numpy as np


def turns(length: int, heads: int, width: int, base: float, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the cosines and sines that multiply each element and the other of its pair, (length, heads width) each.

    The angles are t base^(-2i / width), t positions from 0, i pairs of a head; the sines of a head's first half are
    negative. A program whose T is fixed may make them once, and give them to `rotate_forward`.
    """
    half = width // 2
    turned = phases(length, base ** (-np.arange(half) / half))
    cosine, sine = turned.real.astype(dtype), turned.imag.astype(dtype)
    return np.tile(cosine, 2 * heads), np.tile(np.concatenate([-sine, sine], 1), heads)


def phases(length: int, frequencies: np.ndarray) -> np.ndarray:
    """Return exp(i t f) for the positions t from 0 and the frequencies, (length, frequencies), complex.

    As exp(i (m a + b) f) is exp(i m a f) exp(i b f), these are products of what is computed of 2 √length positions.
    """
    few = math.isqrt(length) + 1
    fine = np.exp(1j * np.arange(few)[:, None] * frequencies)
    coarse = np.exp(1j * np.arange(0, length, few)[:, None, None] * frequencies)
    turned: np.ndarray = (coarse * fine).reshape(len(coarse) * few, len(frequencies))
    return turned[:length]


def rotate_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    heads: int,
    base: float,
    tables: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Write x with its features turned by their position's angles into y, and return the tables of `turns`.

    Feature i of a head's first half and feature i of its second are a pair, turned at position t by t base^(-2i / d).
    """
    tables = turns(x.shape[1], heads, x.shape[2] // heads, base, x.dtype.name) if tables is None else tables
    cosine, sine = tables
    _turn(x, y, heads, cosine, sine, np.add)
    return tables


def rotate_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    *,
    dx: np.ndarray | None = None,
    heads: int,
    base: float = 0.0,  # noqa: ARG001 - the contract's signature
) -> None:
    """Write dy turned back into dx: the sines have the other sign."""
    if dx is not None:
        cosine, sine = saved
        _turn(dy, dx, heads, cosine, sine, np.subtract)


def _turn(
    x: np.ndarray, y: np.ndarray, heads: int, cosine: np.ndarray, sine: np.ndarray, join: "Callable[..., np.ndarray]"
) -> None:
    """Write x cosine ± x' sine into y, x' being the other of each pair: an example at a time, which the cache holds.

    As a product is quicker along a whole row than along each half of a head, the halves are exchanged by a copy.
    """
    count, length, width = x.shape
    halves = x.reshape(count, length, heads, 2, width // heads // 2)
    other = np.empty((length, width), x.dtype)
    exchanged = other.reshape(halves.shape[1:])
    for i in range(count):
        exchanged[:, :, 0] = halves[i, :, :, 1]
        exchanged[:, :, 1] = halves[i, :, :, 0]
        other *= sine
        np.multiply(x[i], cosine, out=y[i])
        join(y[i], other, out=y[i])
