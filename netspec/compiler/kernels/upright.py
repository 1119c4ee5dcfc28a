"""Signals that stand: (groups, units, across), an example in each column. A layer is Ω h, with Ω as it is written.

OpenBLAS multiplies up to a million multiply-adds where they lie. Its registers run along the columns, which are as many
for a narrow layer as for a wide one; and Ω is read once, a few rows at a time, while it computes. With examples in rows
its registers run along the units, of which there may be ten, and a panel of Ω is read first and multiplied then. The
text is copied into emitted programs, so these functions need nothing but NumPy, each other and those of `buffers`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from netspec.compiler.kernels.buffers import aligned

Call = tuple[Callable[..., object], np.ndarray, np.ndarray, np.ndarray]

_UNPACKED_AT_ONCE = 10**6  # multiply-adds of a product that is not packed
_COLUMNS = 64  # across: of the widest registers four
_SHORTEST = 3000  # numbers of a signal of all rows
_FEW_STANDING = 256  # rows that stand however long they are
_LONG_SIGNAL = 200  # units of signals of which more rows are as quick lying
_ROWS_OF_OMEGA = 12  # rows of Ω at a time, or a multiple of it: OpenBLAS takes 6, or 4, of them
_FEWEST_ROWS_OF_OMEGA = 4


def beside(rows: int, most: int, units: int) -> tuple[int, int]:
    """Return how many of the rows stand side by side, and how many columns there are: (1, rows) where none should.

    The last columns may be more than there are rows, by an eighth of them. `units` are those of the widest layer: where
    signals are short, turning them costs as much as is won; and where they are long and many, packing Ω costs less.
    """
    if rows * units < _SHORTEST or (rows > _FEW_STANDING and units >= _LONG_SIGNAL):
        return 1, rows
    for across in (most, _COLUMNS):
        held = rows + -rows % across
        if rows >= across and 8 * held <= 9 * rows:
            return across, held
    return 1, rows


def signals(memory: np.ndarray, units: int, across: int, held: int) -> np.ndarray:
    """Return memory for signals: (groups, units, across) where they stand, otherwise (rows, units)."""
    shape = (held, units) if across == 1 else (held // across, units, across)
    return memory[: held * units].reshape(shape)


def standing(x: np.ndarray, h: np.ndarray) -> "list[tuple[np.ndarray, np.ndarray]]":
    """Return pairs of x, (rows, n), and of h, (groups, m, across), that have the same examples in the same order."""
    groups, _, across = h.shape
    rows = len(x)
    if groups == 1:
        return [(x, h[0, :, :rows].T)]
    whole = rows // across
    pairs = [(x[: whole * across].reshape(whole, across, -1), h[:whole].transpose(0, 2, 1))]
    if whole < groups:
        pairs.append((x[whole * across :], h[whole, :, : rows - whole * across].T))
    return pairs


def stand(x: np.ndarray, h: np.ndarray) -> None:
    """Write x, (rows, k), upright into h, (groups, k, across); columns that are left have the last example."""
    for lying, upright in standing(x, h):
        upright[...] = lying
    left = h.size // h.shape[1] - len(x)
    if left:
        h[-1, :, -left:] = x[-1][:, None]


def lie(h: np.ndarray, y: np.ndarray) -> None:
    """Write h, (groups, n, across), into the rows of y, (rows, n), which are no more than the columns of h."""
    for lying, upright in standing(y, h):
        lying[...] = upright


def upright_calls(Omega: np.ndarray, source: np.ndarray, target: np.ndarray) -> "list[Call]":
    """Return calls (f, a, b, c) of f(a, b, c) that write Ω h into the target. Ω: (n, k), h and the target stand."""
    n, k = Omega.shape
    groups, _, across = source.shape
    if (groups == 1 or k == 1) and n * k * across <= _UNPACKED_AT_ONCE:  # of one unit NumPy's matmul is a plain loop
        return [(np.ndarray.dot, Omega, source[i], target[i]) for i in range(groups)]
    parts = min(k, -(-k * across * _FEWEST_ROWS_OF_OMEGA // _UNPACKED_AT_ONCE))
    term = aligned(target.shape, Omega.dtype) if parts > 1 else target
    calls: list[Call] = []
    for i in range(parts):
        first, end = k * i // parts, k * (i + 1) // parts
        into = term if i else target
        tile = min(n, max(1, _UNPACKED_AT_ONCE // ((end - first) * across)))
        if _FEWEST_ROWS_OF_OMEGA <= tile < n:
            tile -= tile % (_ROWS_OF_OMEGA if tile >= _ROWS_OF_OMEGA else _FEWEST_ROWS_OF_OMEGA)
        whole = n - n % tile
        rows_of_Omega = Omega[:whole, first:end].reshape(1, -1, tile, end - first)
        result = into[:, :whole].reshape(groups, -1, tile, across)
        calls.append((np.matmul, rows_of_Omega, source[:, None, first:end], result))
        if whole < n:
            calls.append((np.matmul, Omega[whole:, first:end], source[:, first:end], into[:, whole:]))
        if i:
            calls.append((np.add, target, term, target))
    return calls


def upright_product(
    tensors: "dict[object, Any]",
    number: int,
    Omega: np.ndarray,
    source: np.ndarray | None,
    target: np.ndarray | None,
    rows: int,
) -> "tuple[Callable[..., object], np.ndarray | None, np.ndarray, np.ndarray | None]":
    """Return (f, a, b, c): f(a, b, c) computes Ω h where source and target stand; a row-wise x or y is given anew.

    Ω: (k, n) as it stands in a map.
    """
    known = target if source is None else source
    if known is None:
        raise ValueError("neither the signals that are read nor those that are written stand")
    groups, _, across = known.shape
    k, n = Omega.shape
    if target is None and source is not None and n == 1 and rows == groups * across:
        row = Omega.T

        def multiply_single(h: np.ndarray, _: object, y: np.ndarray) -> None:
            np.matmul(row, h, out=y.reshape(groups, 1, across))

        return multiply_single, source, Omega, None
    if target is None and source is not None and Omega.size * source.shape[2] <= _UNPACKED_AT_ONCE:

        def multiply_turned(h: np.ndarray, Omega: np.ndarray, y: np.ndarray) -> None:
            for lying, upright in standing(y, h):
                np.matmul(upright, Omega, out=lying)

        return multiply_turned, source, Omega, None
    written = Omega.T
    if not written.flags.c_contiguous:
        known_copy = tensors.get((number, "as written"))
        if known_copy is None:
            known_copy = tensors[number, "as written"] = aligned((n, k), Omega.dtype)
            known_copy[...] = Omega.T
        written = known_copy
    read = aligned((groups, k, across), Omega.dtype) if source is None else source
    into = aligned((groups, n, across), Omega.dtype) if target is None else target
    calls = upright_calls(written, read, into)
    if len(calls) == 1 and source is not None and target is not None:
        return calls[0]

    def multiply(x: np.ndarray, _: object, y: np.ndarray) -> None:
        if source is None:
            stand(x, read)
        for call, a, b, c in calls:
            call(a, b, c)
        if target is None:
            lie(into, y)

    return multiply, source, Omega, target
