"""Tables of rows and their gradients: embeddings and positions.

Values are rows, (N, …, width). The text is copied into emitted programs, so these functions need nothing but NumPy,
each other and those of `rotation`.
"""

import numpy as np

from netspec.gradients.kernels.rotation import phases


def embed_forward(indices: np.ndarray, *, y: np.ndarray, Omega: np.ndarray) -> None:
    """Write the row of Ω for each index into y; nothing is saved. indices: (N, …), Ω: (vocabulary, width).

    Raises IndexError for an index that is no row: a negative one does not count from the end.
    """
    if indices.size:
        low, high = int(indices.min()), int(indices.max())
        if low < 0 or high >= len(Omega):
            raise IndexError(f"{low if low < 0 else high} is looked up in a table whose rows are 0 to {len(Omega) - 1}")
    np.take(Omega, indices, axis=0, out=y, mode="clip")  # by "raise" NumPy would write to a copy of y first


def embed_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    indices: np.ndarray,
    *,
    dOmega: np.ndarray | None = None,
) -> None:
    """Write into each row of dΩ the sum of dy where it was looked up.

    What was looked up n times is added in pairs, all pairs of all rows of a round at once: log n rounds, the same sums
    in the same order each time, and an error that grows with log n.
    """
    if dOmega is None:
        return
    dOmega[...] = 0.0
    flat = indices.reshape(-1)
    if not flat.size:
        return
    order = np.argsort(flat, kind="stable")
    found = flat[order]
    parts = dy.reshape(flat.size, -1)[order]
    place = np.arange(flat.size)
    begins = np.append(True, found[1:] != found[:-1])
    rank = place - np.maximum.accumulate(place * begins)  # of an index among its equals
    while True:
        odd = np.flatnonzero(rank & 1)
        if not odd.size:
            break
        parts[place[odd - 1]] += parts[place[odd]]
        even = np.flatnonzero((rank & 1) == 0)
        place, rank = place[even], rank[even] >> 1
    dOmega[found[place]] = parts[place]


def positions_forward(x: np.ndarray, *, y: np.ndarray, Omega: np.ndarray) -> None:
    """Write x + Ω[:T] into y, which may be x; nothing is saved. x: (N, …, T, D), Ω: (length, D), T at most `length`."""
    np.add(x, Omega[: x.shape[-2]], out=y)


def positions_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    *,
    Omega: np.ndarray,  # noqa: ARG001 - likewise
    dx: np.ndarray | None = None,
    dOmega: np.ndarray | None = None,
) -> None:
    """Write dx = dy, which may be the same memory, and dΩ: the sum of dy over all but the last two axes, 0 beyond T."""
    if dOmega is not None:
        length = dy.shape[-2]
        np.add.reduce(dy.reshape(-1, *dy.shape[-2:]), 0, out=dOmega[:length])
        dOmega[length:] = 0.0
    _pass_on(dy, dx)


def sinusoidal_forward(x: np.ndarray, *, y: np.ndarray, table: np.ndarray | None = None) -> None:
    """Write x and the sines and cosines of its positions into y, which may be x; nothing is saved. x: (N, …, T, D).

    A program whose T is fixed may make the table, (T, D), once.
    """
    np.add(x, sines(x.shape[-2], x.shape[-1], x.dtype.name) if table is None else table, out=y)


def sines(length: int, width: int, dtype: str) -> np.ndarray:
    """Return sin and cos of t / 10000^(2i / width) in columns 2i and 2i + 1 (Vaswani et al. 2017). (length, width)."""
    turned = phases(length, 10000.0 ** (-np.arange(0, width, 2) / width))
    pairs: np.ndarray = 1j * np.conj(turned)  # sin + i cos, which memory has side by side
    table: np.ndarray = pairs.view(np.float64)[:, :width].astype(dtype)
    return table


def sinusoidal_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    *,
    dx: np.ndarray | None = None,
) -> None:
    """Write dx = dy, which may be the same memory."""
    _pass_on(dy, dx)


def _pass_on(dy: np.ndarray, dx: np.ndarray | None) -> None:
    """Write dx = dy, unless it is the same memory."""
    if dx is not None and dx is not dy:
        dx[...] = dy
