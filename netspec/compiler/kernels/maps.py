"""Affine maps of rows: Ωᵀ with β below it, and the products that a step of many rows is made of.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from netspec.compiler.kernels.buffers import aligned
from netspec.compiler.kernels.products import blocked, in_panels
from netspec.compiler.kernels.upright import upright_product

Tensors = dict[object, Any]
Part = tuple[np.ndarray, np.ndarray]
Panels = list[Part]
Product = tuple[Callable[..., object], np.ndarray | None, np.ndarray, np.ndarray | None]
Offsets = list[tuple[np.ndarray, np.ndarray | None]]

_SMALL = 1_000_000  # m·k·n up to which OpenBLAS multiplies at once, without packing its operands
_FEW_ROWS = 512  # for which packing a large Ω takes a share of the time that counts
_CACHED = 2**19  # elements of Ω that stay in a core's own cache beside the rows
_LONG_ROW = 8192  # elements that an elementwise function runs along: NumPy copies what it repeats along shorter rows
_LARGEST_OFFSET = 1.0  # times the size of products: a ReLU's offset beyond it is added, not carried on


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


def offsets(tensors: "Tensors", order: list[int], relus: list[bool]) -> "Offsets":
    """Return for each map what is added to its product; below a ReLU (threshold, offset that is added again or None).

    relu(z + β) = max(z, -β) + β, and the last + β moves into the map above, β' = β + Ω β. A unit that is off is then
    the difference of two numbers as large as β: what is carried is added at once where it is larger than products are,
    for signals of about 1 at the bottom. `order` are the maps, bottom up.
    """
    key = ("offsets", tuple(order), tuple(relus))
    known: Offsets | None = tensors.get(key)
    if known is not None:
        return known
    found: list[tuple[np.ndarray, np.ndarray | None]] = []
    carried, signal_size = None, 1.0
    for number, relu in zip(order, relus, strict=True):
        joined = tensors["maps"][number]
        beta = joined[-1].astype(np.float64)
        product_size = signal_size * math.sqrt(
            float(np.einsum("ij,ij->", joined[:-1], joined[:-1])) / max(1, beta.size)
        )
        signal_size = math.sqrt(product_size**2 / 2 + float(np.mean(np.maximum(beta, 0.0) ** 2)))
        if carried is not None:
            beta = beta + carried @ joined[:-1]
        carried = None
        if not relu:
            found.append((beta.astype(joined.dtype), None))
        elif float(np.max(np.abs(beta), initial=0.0)) <= _LARGEST_OFFSET * product_size:  # false where one is NaN
            found.append(((-beta).astype(joined.dtype), None))
            carried = beta
        else:
            found.append(((-beta).astype(joined.dtype), beta.astype(joined.dtype)))
    tensors[key] = found
    return found


def with_offset(joined: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return a map with another β below its Ωᵀ, in memory of its own."""
    moved = aligned(joined.shape, joined.dtype)
    moved[:] = joined
    moved[-1] = beta
    return moved


def as_rows(*vectors: np.ndarray | None) -> list[np.ndarray | None]:
    """Return vectors as arrays of one row, as the signals of an example are."""
    return [vector if vector is None else vector[None] for vector in vectors]


def signal(width: int, dtype: str) -> tuple[np.ndarray, "Callable[..., object]"]:
    """Return a row of memory for a signal, (1, width), and its product with a map, for which a 1 stands behind it."""
    row = aligned((1, width + 1), dtype)
    row[:] = 1.0
    return row[:, :width], row.dot


def in_long_rows(h: np.ndarray, *vectors: np.ndarray | None) -> list[np.ndarray | None]:
    """Return the same memory in fewer and longer rows, and what goes with each row as often as one of them asks for.

    Elementwise functions are quick along a row. h: (rows, n) or upright, the vectors: (n,) or None.
    """
    if h.ndim == 3:
        across = h.shape[2]
        wide = [v if v is None else np.repeat(v, across) for v in vectors]
        return in_long_rows(h.reshape(len(h), -1), *wide)
    rows, n = h.shape
    low = [each for each in range(1, math.isqrt(rows) + 1) if rows % each == 0]
    times = min((each for d in low for each in (d, rows // d) if each * n >= _LONG_ROW), default=rows)
    long = (
        h.reshape(rows // times, times * n) if times < rows else h.reshape(-1)
    )  # shapes that are the same are quicker
    return [long, *(v if v is None else np.tile(v, times) for v in vectors)]


def bound_product(
    tensors: "Tensors", number: int, Omega: np.ndarray, source: np.ndarray | None, target: np.ndarray | None, rows: int
) -> "Product":
    """Return (multiply, a, b, c): multiply(a, b, c) computes target = source Ωᵀ for so many rows, or Ω source upright.

    A source or a target that is None is given anew to each call, C-contiguous. Ω: (k, n) as it stands in a map.
    """
    for signals_at in (source, target):
        if signals_at is not None and signals_at.ndim == 3:
            return upright_product(tensors, number, Omega, source, target, rows)
    k, n = Omega.shape
    if not in_blocks(rows, k, n):
        return np.ndarray.dot, source, Omega, target
    panels = tensors.get((number, "panels"))
    if panels is None:
        panels = tensors[number, "panels"] = in_panels(Omega)
    if len(panels) > 1:
        term = aligned((rows, n), Omega.dtype)

        def add_up(x: np.ndarray, _: np.ndarray, y: np.ndarray) -> None:
            for i, (columns, part) in enumerate(parts_of(x, panels)):
                for some_rows, some_columns, result in products(columns, part, term if i else y):
                    np.matmul(some_rows, some_columns, out=result, order="C")
                if i:
                    np.add(y, term, out=y)

        return add_up, source, Omega, target
    bound = [] if source is None or target is None else products(source, panels[0], target)

    def multiply(x: np.ndarray, _: np.ndarray, y: np.ndarray) -> None:
        for some_rows, some_columns, result in bound or products(x, panels[0], y):
            np.matmul(some_rows, some_columns, out=result, order="C")

    return multiply, source, Omega, target


def whole_product(
    _tensors: "Tensors",
    _number: int,
    Omega: np.ndarray,
    source: np.ndarray | None,
    target: np.ndarray | None,
    _rows: int,
) -> "Product":
    """Return (multiply, from, Ω, to) as `bound_product` does, all at once: OpenBLAS adds up long sums in parts, which
    rounds less.
    """
    return np.ndarray.dot, source, Omega, target


def products(x: np.ndarray, part: "Part", y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return what multiplies x by a part of Ω into y: for each call of matmul, two factors and a result."""
    whole, rest = part
    split = whole.shape[0] * whole.shape[2]
    return [*blocked(x, whole, y[:, :split]), *blocked(x, rest, y[:, split:])]


def parts_of(x: np.ndarray, panels: "Panels") -> list[tuple[np.ndarray, "Part"]]:
    """Return the columns of x that meet each part of a deep Ω, with it."""
    found: list[tuple[np.ndarray, Part]] = []
    first = 0
    for part in panels:
        found.append((x[:, first : first + part[0].shape[1]], part))
        first += part[0].shape[1]
    return found


def in_blocks(rows: int, k: int, n: int) -> bool:
    """Return whether (rows, k) times (k, n) is quicker in blocks that OpenBLAS does not pack.

    It packs nothing by itself where the whole is small; and it packs the whole for many rows, where that pays if Ω is
    more than a core's own cache holds.
    """
    if rows * k * n <= _SMALL:
        return False
    return k * n <= _CACHED or rows <= _FEW_ROWS


def each_row(vector: np.ndarray, rows: int) -> np.ndarray:
    """Return the vector as often as there are rows, or itself where it is long enough to be added row by row."""
    return vector if vector.size >= 256 else np.tile(vector, (rows, 1))


def as_they_are(h: np.ndarray, *vectors: np.ndarray | None) -> list[np.ndarray | None]:
    """Return the memory and its vectors, for a loop so long that vectors repeated along rows would fill more than Ω."""
    return [h, *(v if v is None or h.ndim == 2 else v[:, None] for v in vectors)]
