"""Affine maps of rows: Ωᵀ with β below it, and the products that a step of many rows is made of.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from netspec.compiler.kernels.buffers import aligned

Tensors = dict[object, Any]
Product = tuple[Callable[..., object], np.ndarray | None, np.ndarray, np.ndarray | None]
Step = Callable[[np.ndarray, np.ndarray], object]

_SMALL = 1_000_000  # m·k·n up to which OpenBLAS multiplies at once, without packing its operands
_CACHED = 2**19  # elements of Ω that stay in a core's own cache beside the rows
_LONG = 4096  # elements of a row that an elementwise function runs along
_LARGEST_OFFSET = 8.0  # times the largest |β|: a ReLU's offset beyond it is added, not carried on


def affine_map(Omega: np.ndarray, beta: np.ndarray | None) -> np.ndarray:
    """Return Ωᵀ with β below, (k + 1, n): a 1 behind a signal adds β. Ω: (n, k), β: (n,), 0 where there is none."""
    n, k = Omega.shape
    joined = aligned((k + 1, n), Omega.dtype)
    joined[:k] = Omega.T
    joined[k] = 0.0 if beta is None else beta
    return joined


def composed(*maps: np.ndarray) -> np.ndarray:
    """Return the one map that does what several do, the first first: β' = β₂ + Ω₂ β₁, Ω' = Ω₂ Ω₁, and so on."""
    joined = maps[0].astype(np.float64)
    for each in maps[1:]:
        joined = joined @ each[:-1].astype(np.float64)
        joined[-1] += each[-1]
    whole = aligned(joined.shape, maps[0].dtype)
    whole[:] = joined
    return whole


def grouped(tensors: "Tensors", times: int) -> "Tensors":
    """Return maps of `times` examples in one row: each Ωᵀ that often along a diagonal, each β one after the other."""
    groups: Tensors | None = tensors.get(times)
    if groups is None:
        maps: list[np.ndarray] = []
        for joined in tensors["maps"]:
            k, n = joined.shape
            wide = np.zeros((times * (k - 1) + 1, times * n), joined.dtype)
            for i in range(times):
                wide[i * (k - 1) : (i + 1) * (k - 1), i * n : (i + 1) * n] = joined[:-1]
            wide[-1] = np.tile(joined[-1], times)
            maps.append(wide)
        tensors[times] = groups = {"maps": maps}
    return groups


def offsets(tensors: "Tensors", order: list[int], relus: list[bool]) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Return for each map what is added to its product; below a ReLU (threshold, offset that is added again or None).

    relu(z + β) = max(z, -β) + β, and the last + β moves into the map above, β' = β + Ω β. What is carried so grows
    with depth, and is added at once where it is more than some times the largest |β|. `order` are the maps, bottom up.
    """
    found: list[tuple[np.ndarray, np.ndarray | None]] = []
    carried = None
    for number, relu in zip(order, relus, strict=True):
        joined = tensors["maps"][number]
        beta = joined[-1].astype(np.float64)
        most = _LARGEST_OFFSET * float(np.max(np.abs(beta), initial=0.0))
        if carried is not None:
            beta = beta + carried @ joined[:-1]
        carried = None
        if not relu:
            found.append((beta.astype(joined.dtype), None))
        elif float(np.max(np.abs(beta), initial=0.0)) <= most:  # also false where a β is NaN
            found.append(((-beta).astype(joined.dtype), None))
            carried = beta
        else:
            found.append(((-beta).astype(joined.dtype), beta.astype(joined.dtype)))
    return found


def signal(width: int, dtype: str) -> tuple[np.ndarray, "Callable[..., object]"]:
    """Return a row of memory for a signal, (1, width), and its product with a map, for which a 1 stands behind it."""
    row = aligned((1, width + 1), dtype)
    row[:] = 1.0
    return row[:, :width], row.dot


def in_long_rows(h: np.ndarray, *vectors: np.ndarray | None) -> list[np.ndarray | None]:
    """Return the same memory in fewer and longer rows, and what goes with each row as often as one of them asks for.

    Elementwise functions are quick along a row. h: (rows, n), the vectors: (n,) or None.
    """
    rows, n = h.shape
    low = [each for each in range(1, math.isqrt(rows) + 1) if rows % each == 0]
    times = min((each for d in low for each in (d, rows // d) if each * n >= _LONG), default=rows)
    long = (
        h.reshape(rows // times, times * n) if times < rows else h.reshape(-1)
    )  # shapes that are the same are quicker
    return [long, *(v if v is None else np.tile(v, times) for v in vectors)]


def product(
    tensors: "Tensors", number: int, Omega: np.ndarray, source: np.ndarray | None, target: np.ndarray | None, rows: int
) -> "Product":
    """Return (multiply, from, Ω, to): multiply(from, Ω, to) computes target = source Ωᵀ for so many rows.

    A source or a target that is None is given anew to each call, C-contiguous. Ω: (k, n) as it stands in a map.
    """
    k, n = Omega.shape
    r, p = blocks(rows, k, n)
    if not r:
        return np.ndarray.dot, source, Omega, target
    panels, rest = in_panels(tensors, number, Omega, p)
    whole, most = rows - rows % r, n - n % p

    def parts(x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        tiles, results = x[:whole].reshape(1, -1, r, k), y[:whole].reshape(-1, r, n)
        side_by_side = results[:, :, :most].reshape(-1, r, most // p, p).transpose(2, 0, 1, 3)
        found = [(tiles, panels, side_by_side)]
        if most < n:
            found.append((tiles[0], rest, results[:, :, most:]))
        if whole < rows:
            found.append((x[whole:], Omega, y[whole:]))
        return found

    bound = [] if source is None or target is None else parts(source, target)
    if len(bound) == 1:
        return np.matmul, *bound[0]

    def multiply(x: np.ndarray, _: np.ndarray, y: np.ndarray) -> None:
        for some_rows, some_columns, result in bound or parts(x, y):
            np.matmul(some_rows, some_columns, out=result)

    return multiply, source, Omega, target


def in_panels(tensors: "Tensors", number: int, Omega: np.ndarray, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Ω as panels of p columns, (n // p, 1, k, p), and the columns that are left over; kept for all threads.

    Each begins on a cache line: what does not is multiplied a third more slowly.
    """
    both: tuple[np.ndarray, np.ndarray] | None = tensors.get((number, p))
    if both is None:
        k, n = Omega.shape
        most = n - n % p
        panels, rest = aligned((most // p, 1, k, p), Omega.dtype), aligned((k, n - most), Omega.dtype)
        panels[:, 0] = Omega[:, :most].reshape(k, most // p, p).transpose(1, 0, 2)
        rest[:] = Omega[:, most:]
        tensors[number, p] = both = (panels, rest)
    return both


def blocks(rows: int, k: int, n: int) -> tuple[int, int]:
    """Return how many rows and columns of a product (rows, k) (k, n) are done at a time; (0, 0) for all at once.

    Each block is one that OpenBLAS does not pack. It packs the whole for many rows, where that pays if Ω is more than
    a core's own cache holds.
    """
    if rows * k * n <= _SMALL:
        return 0, 0
    p = n if n <= 128 else 64 if k <= _SMALL // (16 * 64) else 32
    if k * n > _CACHED and rows > (64 if p == 64 else 16):
        return 0, 0
    r = next((r for r in (64, 32, 16, 8) if r * p * k <= _SMALL), 0)
    r = min(r, rows)
    return next((each for each in range(r, r // 2, -1) if rows % each == 0), r), p


def in_rows(vector: np.ndarray, rows: int) -> np.ndarray:
    """Return the vector as often as there are rows, or itself where it is long enough to be added row by row."""
    return vector if vector.size >= 256 else np.tile(vector, (rows, 1))


def side_by_side(wide: "Step", plain: "Step", rows: int, times: int, output: int, dtype: str) -> "Step":
    """Return step(x, y) that computes `times` examples in one row; where y is not finite, then by `plain` again.

    0 times what is not finite is not a number, so that an example could spoil those that it shares a row with.
    """
    zeros = np.zeros(rows * output, dtype)

    def step(x: np.ndarray, y: np.ndarray) -> None:
        wide(x.reshape(rows // times, -1), y.reshape(rows // times, -1))
        if y.reshape(-1).dot(zeros) != 0.0:
            plain(x, y)

    return step


def as_they_are(h: np.ndarray, *vectors: np.ndarray | None) -> list[np.ndarray | None]:
    """Return the memory and its vectors, for a loop so long that vectors repeated along rows would fill more than Ω."""
    return [h, *vectors]
