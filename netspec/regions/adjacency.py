"""Which cells are neighbours, and what hangs together through them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.regions.polygons import Corners
from netspec.regions.ragged import Indices, following
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Forms

Pairs = tuple[Indices, Indices]


def neighbours(corners: Corners) -> Pairs:
    """Return the pairs of polygons that share a stretch of a cut: on one side of it the first, on the other the second.

    The edges that have a cut's label lie along it, those of one side one after the other, and so do those of the other.
    """
    of = np.repeat(np.arange(len(corners.offsets) - 1), np.diff(corners.offsets))
    edges = np.flatnonzero(corners.labels >= 0)
    if not len(edges):
        return edges, edges
    cuts, cut = np.unique(corners.labels[edges] >> 1, return_inverse=True)
    ends = edges, following(corners.offsets)[edges]
    low, high = _along(corners.places, ends, cut, len(cuts))
    slack = (corners.slack[ends[0]] + corners.slack[ends[1]]).astype(np.float64)
    order = np.argsort(low, kind="stable")
    order = order[np.argsort(cut[order], kind="stable")]
    cut, low, high, slack, of = cut[order], low[order], high[order], slack[order], of[edges[order]]
    above = (corners.labels[edges[order]] & 1) == 0
    here = np.arange(len(order))
    first = np.searchsorted(cut, cut)
    a = np.maximum.accumulate(np.where(above, here, -1))
    b = np.maximum.accumulate(np.where(above, -1, here))
    both = (a >= first) & (b >= first)
    a, b = a[both], b[both]
    begin, end = np.maximum(low[a], low[b]), np.minimum(high[a], high[b])
    if corners.places.dtype == object:
        shared = begin < end
    else:
        size = np.where(np.isfinite(begin), np.abs(begin), 0) + np.where(np.isfinite(end), np.abs(end), 0)
        shared = begin + slack[a] + slack[b] + TOLERANCE * EPSILON * size < end
    return of[a[shared]], of[b[shared]]


def _along(places: NDArray[Any], ends: Pairs, cut: Indices, cuts: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the lower and the upper end of each edge in the coordinate in which its cut is longest, ±∞ included."""
    begin, end = places[:, ends[0]], places[:, ends[1]]
    weight = np.where((begin[0] == 0) | (end[0] == 0), 1e12, 1.0)
    lengths = [
        np.bincount(cut, weight * np.abs(end[k] - begin[k] * (end[0] != 0)).astype(np.float64), cuts) for k in (1, 2)
    ]
    axis = np.where(lengths[0] >= lengths[1], 1, 2)[cut]
    columns = np.arange(len(cut))
    at = []
    for point in (begin, end):
        chosen = point[axis, columns]
        far = point[0] == 0
        at.append(np.where(far, np.where(chosen > 0, np.inf, -np.inf), chosen))
    return np.minimum(*at), np.maximum(*at)


def components(count: int, pairs: Pairs) -> Indices:
    """Return for each of `count` things the number of its component, the components numbered as they come."""
    roots = np.arange(count)
    a, b = pairs
    while len(a):
        a, b = roots[a], roots[b]
        apart = a != b
        a, b = a[apart], b[apart]
        np.minimum.at(roots, np.maximum(a, b), np.minimum(a, b))
        while True:
            above = roots[roots]
            if np.array_equal(above, roots):
                break
            roots = above
    found: Indices = np.unique(roots, return_inverse=True)[1]
    return found


def same_maps(forms: Forms, errors: Errors | None, pairs: Pairs) -> NDArray[np.bool_]:
    """Return which pairs of cells have one affine map: exactly, or to so many times its error. errors: (n + 1, m)."""
    same = np.ones(len(pairs[0]), bool)
    for row in range(len(forms)):
        apart = np.abs(forms[row, pairs[0]] - forms[row, pairs[1]])
        same &= (apart <= (0 if errors is None else 2 * TOLERANCE * errors[row])).all(-1)
    return same
