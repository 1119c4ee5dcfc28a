"""Convolutions of 3×3 windows by Winograd's minimal filtering, with the channels last.

A tile of 4×4 results is read from 6×6 positions; both go through small matrices, between which a convolution is 36
products of matrices instead of 144 (or 16 instead of 36 for tiles of 2×2). Source: Lavin & Gray, Fast Algorithms for
Convolutional Neural Networks, 2016, with their matrices.
"""

from collections.abc import Callable

import numpy as np

from netspec.compiler.kernels.buffers import aligned, scratch
from netspec.compiler.kernels.matrices import add_rows, mixed, multiply_matrices, panels
from netspec.compiler.kernels.tiles import band_of_zeros, tile_of_lines

_WINOGRAD_BYTES = 3 * 2**19  # of tiles at a time, before and behind the products: what a second-level cache holds

# where the polynomials of F(4×4, 3×3) and F(2×2, 3×3) are taken, and at ∞; ±√½ and ±√2 round four times less than the
# usual ±1 and ±2, and cost no more where a transform is a product of matrices
_POINTS = {4: (0.0, 0.5**0.5, -(0.5**0.5), 2.0**0.5, -(2.0**0.5)), 2: (0.0, 1.0, -1.0)}


def winograd_matrices(m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Bᵀ, G and Aᵀ of F(m, 3): (m + 2, m + 2), (m + 2, 3), (m, m + 2), by Toom and Cook."""
    points = _POINTS[m]
    B, G, A = np.zeros((m + 2, m + 2)), np.zeros((m + 2, 3)), np.zeros((m, m + 2))
    for row, point in enumerate(points):
        others = [other for other in points if other != point]
        B[row, :-1] = np.poly(others)[::-1]
        G[row] = point ** np.arange(3) / np.prod(point - np.array(others))
        A[:, row] = point ** np.arange(m)
    B[-1], G[-1, -1], A[-1, -1] = np.poly(points)[::-1], 1, 1
    return B, G, A


# by the size of a tile and the dtype: one matrix for both axes
_INTO_PRODUCTS = {
    (m, np.dtype(t)): np.kron(winograd_matrices(m)[0], winograd_matrices(m)[0]).astype(t) for m in (4, 2) for t in "fd"
}
_OUT_OF_PRODUCTS = {
    (m, np.dtype(t)): np.kron(winograd_matrices(m)[2], winograd_matrices(m)[2]).astype(t) for m in (4, 2) for t in "fd"
}


def winograd_weights(Omega: np.ndarray, m: int = 4) -> np.ndarray:
    """Return Ω as `convolve_winograd` reads it, (positions, out / p, C, p), for tiles of m×m results.

    Ω: (out, C, 3, 3); m: 4 or 2.
    """
    _, G, _ = winograd_matrices(m)
    whole = np.einsum("ik,jl,ockl->ijco", G, G, Omega.astype(np.float64), optimize=True)
    return panels(whole.reshape(-1, *whole.shape[2:]).astype(Omega.dtype))


def convolve_winograd(
    x: np.ndarray,
    weights: np.ndarray,
    beta: np.ndarray | None,
    padding: tuple[tuple[int, int], ...],
    finish: "Callable[[np.ndarray, dict[str, np.ndarray]], object] | None",
    room: dict[str, np.ndarray],
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return finish(β + Ω ⋆ x), (N, H, W, out), for 3×3 windows at stride 1.

    The error in float32 is some 3e-6 of the largest |y|, ten times that of the plain sum. A NaN or ∞ in x reaches all
    of the tiles whose windows read it: up to 3 results further than it would.

    x: (N, H, W, C), weights: of `winograd_weights`, β: of `bias_rows`.
    """
    x = np.ascontiguousarray(x)
    count, n_high, n_wide, channels = x.shape
    (top, bottom), (left, right) = padding
    high, wide = top + n_high + bottom - 2, left + n_wide + right - 2
    q, parts, _, width = weights.shape
    outputs = parts * width
    y = aligned((count, high, wide, outputs), x.dtype.str) if out is None else out
    if not y.size:
        return y
    m, dtype = 4 if q == 36 else 2, x.dtype.str
    across, along = -(-wide // m), -(-high // m)
    into, out_of = _INTO_PRODUCTS[m, x.dtype], _OUT_OF_PRODUCTS[m, x.dtype]
    beside = ((left, across * m + 2 - left - n_wide),)
    size = across * q * (channels + max(channels, outputs)) * x.itemsize
    # each tile reads all of the weights: where those are larger than a cache, so may the tile be
    examples, lines = tile_of_lines(count, along, size, max(_WINOGRAD_BYTES, weights.nbytes))
    for first in range(0, count, examples):
        for line in range(0, along, lines):
            many, rows = min(examples, count - first), min(lines, along - line)
            band = band_of_zeros(x, first, many, line * m - top, rows * m + 2, beside, room)
            tiles = many * rows * across
            example, down, step, number = band.strides
            shape = (m + 2, m + 2, many, rows, across, channels)
            windows = np.ndarray(shape, x.dtype, band, 0, (down, step, example, m * down, m * step, number))
            # what has been read makes place for what is written next
            read = scratch(room, "winograd_even", (q, tiles * channels), dtype)
            np.copyto(read.reshape(shape), windows)
            factors = scratch(room, "winograd_odd", (q, tiles * channels), dtype)
            mixed(into, read, factors)
            terms = scratch(room, "winograd_even", (q, tiles, outputs), dtype)
            multiply_matrices(factors.reshape(q, tiles, channels), weights, terms)
            results = scratch(room, "winograd_odd", (m * m, tiles * outputs), dtype)
            mixed(out_of, terms.reshape(q, tiles * outputs), results)
            if beta is not None:
                add_rows(results.reshape(-1, outputs), beta)
            if finish is not None:
                finish(results, room)
            _placed(
                results.reshape(m, m, many, rows, across, outputs),
                y[first : first + many, line * m : (line + rows) * m],
            )
    return y


def _placed(results: np.ndarray, y: np.ndarray) -> None:
    """Write tiles to their places in y, without what hangs over. results: (m, m, N, rows, columns, channels)."""
    m, _, many, rows, columns, channels = results.shape
    high, wide = y.shape[1:3]
    if high == m * rows and wide == m * columns:
        np.copyto(y.reshape(many, rows, m, columns, m, channels).transpose(2, 4, 0, 1, 3, 5), results)
        return
    for top, a, h in ((0, m, high // m), (high // m, high % m, 1)):
        for left, b, w in ((0, m, wide // m), (wide // m, wide % m, 1)):
            if a and h and b and w:
                goal = y[:, top * m : top * m + h * a, left * m : left * m + w * b]
                np.copyto(
                    goal.reshape(many, h, a, w, b, channels).transpose(2, 4, 0, 1, 3, 5),
                    results[:a, :b, :, top : top + h, left : left + w],
                )
