"""Which cells are neighbours, and what hangs together through them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.regions.polygons import Corners
from netspec.regions.polytopes import Polytope
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


def touching(each: Sequence[Polytope]) -> tuple[Pairs, Pairs]:
    """Return the pairs of polytopes that share a part of a cut with an interior in it: the first above it.

    And those of which rounding leaves it open whether they do, or meet in less than that: none of rationals.
    """
    sides: dict[int, list[tuple[int, int]]] = {}
    for cell, polytope in enumerate(each):
        for number, wall in enumerate(polytope.walls):
            if wall.label >= 0:
                sides.setdefault(wall.label, []).append((cell, number))
    found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for label, above in sides.items():
        below = sides.get(label + 1)
        if label & 1 or below is None:
            continue
        faces = [each[cell].face(number) for cell, number in above]
        others = [each[cell].face(number) for cell, number in below]
        near = _boxes_meet(faces, others)
        for i, j in np.argwhere(near):
            cell, number = below[j]
            shares = _shares(faces[i], each[cell], number)
            if shares is not False:
                found[shares is True].append((above[i][0], cell))
    return _pairs(found[True]), _pairs(found[False])


def _pairs(found: list[tuple[int, int]]) -> Pairs:
    a, b = np.array(found, np.int64).reshape(-1, 2).T
    return a, b


def _boxes_meet(faces: list[Polytope], others: list[Polytope]) -> NDArray[np.bool_]:
    """Return which bounding boxes of finite faces meet; of others nothing is said."""
    lows, highs = [], []
    for group in (faces, others):
        far = [(face.places[:, 0] == 0).any() for face in group]
        low = np.array([face.places[:, 1:].min(0) for face in group]).astype(np.float64)
        high = np.array([face.places[:, 1:].max(0) for face in group]).astype(np.float64)
        low[far], high[far] = -np.inf, np.inf
        margin = 1e-9 * np.maximum(np.abs(low), np.abs(high))
        margin[far] = 0
        lows.append(low - margin)
        highs.append(high + margin)
    below, above = lows[0][:, None] <= highs[1][None], lows[1][None] <= highs[0][:, None]
    found: NDArray[np.bool_] = np.all(below & above, axis=2)
    return found


def _shares(face: Polytope, other: Polytope, own: int) -> bool | None:
    """Return whether a face reaches into a polytope that has its hyperplane for the wall `own`, on the other side.

    None where rounding leaves it open.
    """
    shares: bool | None = True
    for number, wall in enumerate(other.walls):
        if number == own:
            continue
        error = None if wall.error is None else wall.error[:, None]
        value, doubt = face.values(wall.form[:, None], error)
        if not (value > doubt).any():
            if error is None or (value < -doubt).all():
                return False
            shares = None
        elif (value < -doubt).any():
            face = face.split(wall, prune=False)[0]
    return shares


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


def same_maps(forms: Forms, errors: Errors | None, pairs: Pairs) -> tuple[NDArray[np.bool_], int]:
    """Return which pairs of cells have one affine map, and how many of these float64 could not tell apart.

    Rationals are compared exactly, floats to so many times their error. errors: (n + 1, m).
    """
    same, equal = np.ones(len(pairs[0]), bool), np.ones(len(pairs[0]), bool)
    for row in range(len(forms)):
        apart = np.abs(forms[row, pairs[0]] - forms[row, pairs[1]])
        same &= (apart <= (0 if errors is None else 2 * TOLERANCE * errors[row])).all(-1)
        equal &= (apart == 0).all(-1)
    return same, int((same & ~equal).sum())
