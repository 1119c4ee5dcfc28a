"""Affine maps x Ω + β of many rows, by blocks that OpenBLAS multiplies where they lie.

A product of up to a million multiply-adds is not packed first, which for a hundred rows is a fifth of the time and for
eight rows nine tenths of it. One call of NumPy's matmul runs over all blocks (a tile of rows times a panel of columns)
in C, and `order="C"` makes it finish a panel before it takes up the next: by itself it would run along the rows of the
result and fetch all weights anew for every tile of rows. The text is copied into emitted programs, so these functions
need nothing but NumPy, each other and those of `buffers`.
"""

import math
from collections.abc import Callable

import numpy as np

from netspec.compiler.kernels.buffers import aligned, scratch

_ACROSS = 256  # bytes of a row of a panel: four of the widest registers
_UNPACKED = 10**6  # multiply-adds of a product that is not packed
_DEEPEST = 3840  # rows of a panel, so that 4 rows and 64 columns are not packed
_TILE = 64  # rows of a tile at most
_TILE_BYTES = 2**15  # of a tile of rows: with a part of its panel in the first cache
_PANEL_BYTES = 2**19  # of panels that meet a few rows more while they are in the second cache
_TALL_BYTES = 2**20  # of rows that meet all panels: with a panel in the second cache
_FEWEST = 256  # rows that meet all panels at least, so that fetching these is paid
_LONG = 512  # columns from which β is added to row after row
_CHUNK = 2**15  # elements that are finished at a time: with scratch in the second cache


def in_panels(Omega: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return Ω, (k, n), as `affine` reads it: panels (n // p, k, p) and the columns that are left, (1, k, n mod p).

    Where k is large there is such a pair for every part of the rows of Ω. It is worth its time once, when a program
    is bound.
    """
    k, n = Omega.shape
    p = _ACROSS // Omega.itemsize
    p = max(1, n) if n < 2 * p else p
    split = n - n % p
    parts = -(-k // _DEEPEST)
    weights = []
    for i in range(parts):
        part = Omega[k * i // parts : k * (i + 1) // parts]
        panels = aligned((split // p, len(part), p), Omega.dtype.name)
        panels[...] = part[:, :split].reshape(len(part), split // p, p).transpose(1, 0, 2)
        left = aligned((1, len(part), n - split), Omega.dtype.name)
        left[...] = part[:, split:]
        weights.append((panels, left))
    return weights


def in_rows(beta: np.ndarray) -> np.ndarray:
    """Return β, (n,), as `affine` reads it: (1, n), or in as many rows as a long loop needs where it is short."""
    n = len(beta)
    rows = 1 if n >= _LONG else max(1, _CHUNK // n)
    repeated = aligned((rows, n), beta.dtype.name)
    repeated[...] = beta
    return repeated


def affine(
    x: np.ndarray,
    weights: list[tuple[np.ndarray, np.ndarray]],
    beta: np.ndarray | None = None,
    onto: np.ndarray | None = None,
    finish: "Callable[[np.ndarray, dict[str, np.ndarray]], None] | None" = None,
    out: np.ndarray | None = None,
    room: dict[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Return a[x Ω + β + onto], (…, n). x: (…, k), weights: Ω `in_panels`, beta: β `in_rows`, onto: (…, n).

    `finish(z, room)` writes a[z] over z, a few rows of the result that the cache still holds. `out` is
    neither x nor onto.
    """
    room = {} if room is None else room
    columns = sum(block.shape[0] * block.shape[2] for block in weights[0])
    out = np.empty((*x.shape[:-1], columns), x.dtype) if out is None else out
    count = math.prod(x.shape[:-1])
    x, y = x.reshape(count, x.shape[-1]), out.reshape(count, columns)
    more = None if onto is None else onto.reshape(count, columns)
    tall = max(_FEWEST, _TALL_BYTES // (x.shape[1] * x.itemsize))
    tall = -(-count // -(-count // tall)) if count else 1
    tall += -tall % _TILE
    few = max(1, _CHUNK // columns)
    for first in range(0, count, tall):
        rows = slice(first, first + tall)
        _multiply(x[rows], weights, y[rows], room)
        if beta is None and more is None and finish is None:
            continue
        for start in range(first, min(first + tall, count), few):
            piece = y[start : min(start + few, first + tall)]
            if beta is not None:
                piece += beta[: len(piece)]
            if more is not None:
                piece += more[start : start + len(piece)]
            if finish is not None:
                finish(piece, room)
    return out


def blocked(x: np.ndarray, panels: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return views a, b, c: matmul(a, b, out=c, order="C") for each of them writes x times the panels into y.

    x: (rows, k), panels: (count, k, p), y: (rows, count p). A program whose buffers stay may keep them.
    """
    rows, k = x.shape
    count, _, p = panels.shape
    if not rows * count * p:
        return []
    tile = max(4, min(_TILE, _TILE_BYTES // (k * x.itemsize)) // 4 * 4)
    while tile > 4 and tile * k * p > _UNPACKED:
        tile //= 2
    if tile * k * p > _UNPACKED or (rows < 2 * tile and rows * k * p <= _UNPACKED):
        tile = rows
    whole = rows - rows % tile
    some = count if whole == rows else max(1, _PANEL_BYTES // (k * p * x.itemsize))
    of_panels = y.reshape(rows, count, p)
    views = []
    for i in range(0, count, some):
        b = panels[i : i + some, None]
        c = of_panels[:, i : i + some].transpose(1, 0, 2)
        if whole:
            views.append((x[:whole].reshape(-1, tile, k), b, c[:, :whole].reshape(len(b), -1, tile, p)))
        if whole < rows:
            views.append((x[None, whole:], b, c[:, None, whole:]))
    return views


def by_panels(x: np.ndarray, panels: np.ndarray, y: np.ndarray) -> None:
    """Write x times the panels, side by side, into y. x: (rows, k), panels: (count, k, p), y: (rows, count p)."""
    for a, b, c in blocked(x, panels, y):
        np.matmul(a, b, out=c, order="C")


def _multiply(
    x: np.ndarray, weights: list[tuple[np.ndarray, np.ndarray]], y: np.ndarray, room: dict[str, np.ndarray]
) -> None:
    """Write x Ω into y. x: (rows, k), y: (rows, n)."""
    first = 0
    for panels, left in weights:
        part = scratch(room, "part of a product", y.shape, y.dtype.name) if first else y
        split = panels.shape[0] * panels.shape[2]
        deep = x[:, first : first + panels.shape[1]]
        by_panels(deep, panels, part[:, :split])
        by_panels(deep, left, part[:, split:])
        if first:
            y += part
        first += panels.shape[1]
