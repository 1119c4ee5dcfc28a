"""The plain attention and positions: step by step."""

import cmath
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def attend(
    query: NDArray[Any],
    key: NDArray[Any],
    value: NDArray[Any],
    heads: int,
    key_heads: int,
    causal: bool,
    scale: float,
) -> Array:
    """Return for each step and head the mean of the values that it may read, weighted by exp(scale q·k)."""
    count, length, _ = query.shape
    q = query.astype(np.float64).reshape(count, length, heads, -1)
    k = key.astype(np.float64).reshape(count, key.shape[1], key_heads, -1)
    v = value.astype(np.float64).reshape(count, key.shape[1], key_heads, -1)
    y = np.empty((count, length, heads, v.shape[3]))
    for n, t, h in np.ndindex(count, length, heads):
        shared = h // (heads // key_heads)
        seen = range(key.shape[1])[: t + 1] if causal else range(key.shape[1])
        scores = [scale * float(q[n, t, h] @ k[n, s, shared]) for s in seen]
        weights = [math.exp(score - max(scores)) for score in scores]
        terms = [weight * v[n, s, shared] for weight, s in zip(weights, seen, strict=True)]
        y[n, t, h] = sum(terms) / math.fsum(weights)
    return y.reshape(count, length, -1)


def rotate(x: NDArray[Any], heads: int, base: float) -> Array:
    """Return x with the pairs (feature i, feature d/2 + i) of each head as complex numbers times exp(i t θ_i)."""
    width = x.shape[2] // heads
    half = width // 2
    y = np.empty(x.shape)
    for t, h, i in np.ndindex(x.shape[1], heads, half):
        first, second = h * width + i, h * width + half + i
        turn = cmath.exp(1j * t / base ** (2 * i / width))
        turned = (x[:, t, first].astype(np.float64) + 1j * x[:, t, second].astype(np.float64)) * turn
        y[:, t, first], y[:, t, second] = turned.real, turned.imag
    return y


def sinusoidal(length: int, width: int) -> Array:
    """Return sin(t / 10000^(2i / width)) in column 2i and its cosine in column 2i + 1."""
    y = np.empty((length, width))
    for t, column in np.ndindex(length, width):
        angle = t / 10000 ** (2 * (column // 2) / width)
        y[t, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return y
