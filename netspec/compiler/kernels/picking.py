"""Parts of a value picked by number, none of which may lie outside of it.

The text is copied into emitted programs, so it needs nothing but NumPy.
"""

import numpy as np


def look_up(indices: np.ndarray, Omega: np.ndarray, layer: str) -> np.ndarray:
    """Return the row of Ω for each index, (N, …, width). indices: (N, …), Ω: (vocabulary, width).

    Raises ValueError for an index that is no row: a negative one does not count from the end.
    """
    if indices.size:
        low, high = int(indices.min()), int(indices.max())
        if low < 0 or high >= len(Omega):
            raise ValueError(f"`{layer}` looks up {low if low < 0 else high}; its indices are 0 to {len(Omega) - 1}")
    y: np.ndarray = np.take(Omega, indices, axis=0)
    return y


def first_rows(Omega: np.ndarray, count: int, layer: str) -> np.ndarray:
    """Return the first rows of Ω, (count, width). Raises ValueError where it has fewer."""
    if count > len(Omega):
        raise ValueError(f"`{layer}` reads {count} positions, and has {len(Omega)}")
    return Omega[:count]


def stretch(x: np.ndarray, axis: int, start: int, stop: int | None, step: int, layer: str) -> np.ndarray:
    """Return x[start:stop:step] on an axis of the array. Raises ValueError where it begins or ends outside."""
    n = x.shape[axis]
    for place in (start, 0 if stop is None else stop):
        if not -n <= place <= n:
            raise ValueError(f"`{layer}` takes elements up to {place} of an axis that has {n}")
    before = (slice(None),) * axis
    return x[(*before, slice(start, stop, step))]


def element(x: np.ndarray, axis: int, index: int, layer: str) -> np.ndarray:
    """Return one element of an axis of the array, which is then gone. Raises ValueError where there is none."""
    n = x.shape[axis]
    if not -n <= index < n:
        raise ValueError(f"`{layer}` takes element {index} of an axis that has {n}")
    y: np.ndarray = np.take(x, index, axis)
    return y
