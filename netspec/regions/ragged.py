"""Rows of different lengths, one after the other in one array: `offsets` say where each begins and the last ends."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Indices: TypeAlias = NDArray[np.int64]


def offsets_of(counts: Indices) -> Indices:
    """Return the offsets of rows of these lengths."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def spread(starts: Indices, counts: Indices) -> Indices:
    """Return start, start + 1, … for each row, so many as it counts, one row after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - ends + counts, counts)


def picked(offsets: Indices, rows: Indices) -> tuple[Indices, Indices]:
    """Return where the elements of some rows stand, and the offsets of these rows by themselves."""
    counts = offsets[rows + 1] - offsets[rows]
    return spread(offsets[rows], counts), offsets_of(counts)


def following(offsets: Indices) -> Indices:
    """Return for each element the next one of its row, the first for the last. No row is empty."""
    after = np.arange(1, offsets[-1] + 1)
    after[offsets[1:] - 1] = offsets[:-1]
    return after


def once(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return each number once, in order: sorting is quicker than the table that NumPy makes."""
    found = np.sort(numbers)
    return found[_fresh(found)]


def numbered(numbers: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return each number once, in order, and for each that there was its place among these."""
    order = np.argsort(numbers)
    found = numbers[order]
    fresh = _fresh(found)
    places = np.empty(len(numbers), np.int64)
    places[order] = np.cumsum(fresh) - 1
    return found[fresh], places


def _fresh(found: NDArray[Any]) -> NDArray[np.bool_]:
    fresh = np.ones(len(found), bool)
    np.not_equal(found[1:], found[:-1], out=fresh[1:])
    return fresh
