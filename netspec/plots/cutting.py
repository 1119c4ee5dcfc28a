"""Polygons and affine functions on them: bands between levels, and lines where a function is zero."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""A convex polygon: (corners, 2), in the order of a walk around."""

_TOLERANCE: Final = 1e-9


def heights(corners: Corners, form: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return affine functions at the corners: form is (3,) or (3, functions), the constants first."""
    at: NDArray[np.float64] = form[0] + corners @ form[1:]
    return at


def above(corners: Corners, values: NDArray[np.float64]) -> tuple[Corners, NDArray[np.float64]]:
    """Return the part of a polygon on which an affine function, given at its corners, is positive, and its values."""
    if (values >= 0).all():
        return corners, values
    found, reached = [], []
    for index in range(len(corners)):
        here, after = values[index - 1], values[index]
        if here * after < 0:
            share = here / (here - after)
            found.append(corners[index - 1] + share * (corners[index] - corners[index - 1]))
            reached.append(0.0)
        if after >= 0:
            found.append(corners[index])
            reached.append(after)
    return np.array(found).reshape(-1, 2), np.array(reached)


def between(corners: Corners, values: NDArray[np.float64], levels: Sequence[float]) -> Iterator[tuple[int, Corners]]:
    """Yield the parts of a polygon between consecutive levels of an affine function, each with the number of the band.

    The first and the last band have no end. What is level lies in one band.
    """
    if values.max() == values.min():
        band = int(np.searchsorted(levels, values[0], "right")) - 1
        yield min(max(band, 0), len(levels) - 2), corners
        return
    for number, (low, high) in enumerate(pairwise(levels)):
        part, reached = corners, values
        if number:
            part, reached = above(part, reached - low)
            reached = reached + low
        if number < len(levels) - 2 and len(part):
            part, reached = above(part, high - reached)
        if len(part) > 2:
            yield number, part


def crossing(corners: Corners, values: NDArray[np.float64]) -> Corners | None:
    """Return the two ends of the line in a polygon on which an affine function is zero; None where it is not entered.

    A line along an edge is one: `values` are (corners,), as `heights` gives them.
    """
    size = np.max(np.abs(values)) * _TOLERANCE
    sign = np.where(np.abs(values) <= size, 0, np.sign(values))
    touched = np.nonzero(sign == 0)[0]
    if len(touched) == len(sign):
        return None
    ends = [corners[index] for index in touched[:2]]
    for index in range(len(corners)):
        here, after = values[index - 1], values[index]
        if sign[index - 1] * sign[index] < 0:
            ends.append(corners[index - 1] + here / (here - after) * (corners[index] - corners[index - 1]))
    return np.array(ends) if len(ends) == 2 else None
