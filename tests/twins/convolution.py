"""The plain convolutions: tap by tap and position by position, what lies outside of x counting as zero."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


def convolve(
    x: NDArray[Any],
    Omega: NDArray[Any],
    beta: NDArray[Any] | None,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: int,
) -> Array:
    """Return y[o, p] = β[o] + Σ_{c, k} Ω[o, c, k] x[c, stride p + dilation k - low], with c from o's group."""
    x, Omega = x.astype(np.float64), Omega.astype(np.float64)
    kernel = Omega.shape[2:]
    sizes = [
        len(range(-low, n + high - d * (k - 1), s))
        for n, k, s, (low, high), d in zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    ]
    y = np.zeros((len(x), Omega.shape[0], *sizes))
    for p in np.ndindex(*sizes):
        for k in np.ndindex(*kernel):
            at = tuple(p[i] * stride[i] + k[i] * dilation[i] - padding[i][0] for i in range(len(p)))
            if _inside(at, x.shape[2:]):
                for given, got in _groups(x.shape[1], Omega.shape[0], groups):
                    y[:, got, *p] += np.einsum("oc,nc->no", Omega[got, :, *k], x[:, given, *at])
    return _biased(y, beta)


def convolve_transposed(
    x: NDArray[Any],
    Omega: NDArray[Any],
    beta: NDArray[Any] | None,
    stride: Sizes,
    padding: Padding,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    """Return y[o, q] = β[o] + Σ_{c, k, p} Ω[c, o, k] x[c, p] over all p, k with stride p + dilation k - low = q."""
    x, Omega = x.astype(np.float64), Omega.astype(np.float64)
    kernel = Omega.shape[2:]
    sizes = [
        (n - 1) * s - low - high + d * (k - 1) + more + 1
        for n, k, s, (low, high), more, d in zip(
            x.shape[2:], kernel, stride, padding, output_padding, dilation, strict=True
        )
    ]
    y = np.zeros((len(x), Omega.shape[1] * groups, *sizes))
    for q in np.ndindex(*sizes):
        for k in np.ndindex(*kernel):
            from_first = [q[i] + padding[i][0] - k[i] * dilation[i] for i in range(len(q))]
            at = tuple(place // s for place, s in zip(from_first, stride, strict=True))
            met = all(place % s == 0 for place, s in zip(from_first, stride, strict=True))
            if met and _inside(at, x.shape[2:]):
                for given, got in _groups(x.shape[1], y.shape[1], groups):
                    y[:, got, *q] += np.einsum("co,nc->no", Omega[given, :, *k], x[:, given, *at])
    return _biased(y, beta)


def _groups(inputs: int, outputs: int, groups: int) -> list[tuple[slice, slice]]:
    """Return for each group its channels of x and of y."""
    n, m = inputs // groups, outputs // groups
    return [(slice(g * n, (g + 1) * n), slice(g * m, (g + 1) * m)) for g in range(groups)]


def _inside(at: Sizes, sizes: Sizes) -> bool:
    return all(0 <= place < size for place, size in zip(at, sizes, strict=True))


def _biased(y: Array, beta: NDArray[Any] | None) -> Array:
    if beta is not None:
        for channel, value in enumerate(beta):
            y[:, channel] += value
    return y
