"""Vertices and edges while hyperplanes are taken one by one, each splitting the edges that it crosses."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.regions.frames import Frame
from netspec.regions.ragged import Indices
from netspec.regions.refining import Signatures, unit_weights
from netspec.regions.rounding import EPSILON, TOLERANCE
from netspec.regions.steps import Array

_NONE: Final = np.zeros(0, np.int64)


class Degenerate(Exception):
    """Hyperplanes do not meet in general position, or a step does not bend along hyperplanes: one short clause."""


class Beyond(Degenerate):
    """Something bends farther away than was looked."""


class Buffer:
    """An array that grows along its last axis."""

    def __init__(self, begin: Array) -> None:
        self.array, self.size = begin.copy(), begin.shape[-1]

    def append(self, more: Array) -> None:
        """Append columns."""
        columns = self.room(more.shape[-1])
        self.array[..., columns] = more

    def room(self, count: int, first: int = 0) -> slice:
        """Return where so many columns more are to be written; of rows before the `first` nothing is kept."""
        begin, self.size = self.size, self.size + count
        if self.size > self.array.shape[-1]:
            whole = np.empty((*self.array.shape[:-1], self.size + self.size // 2 + 64), self.array.dtype)
            if whole.ndim > 1:
                whole[first:, :begin] = self.array[first:, :begin]
            else:
                whole[:begin] = self.array[:begin]
            self.array = whole
        return slice(begin, self.size)

    @property
    def used(self) -> Array:
        """The columns that are there."""
        return self.array[..., : self.size]


Settle: TypeAlias = Callable[[int, Indices, Buffer], None]
"""Told a unit's row, the vertices that may lie on its hyperplane, and the heights, which it sets right."""


class _Moves(NamedTuple):
    """New vertices, and how far each may be off along the edge that it is on, as a vector, by the new unit's error.

    `aside` is how far off the 2-faces are that these edges are on, at most: no farther than the edges, and in two
    dimensions not at all. An edge that is off within its 2-face moves a vertex along the new edge, not across it.
    """

    places: Array
    along: Array
    aside: Array
    flat: bool

    def aside_between(self, one: Indices, other: Indices) -> Array:
        """Return how far new edges from one vertex to the other may be from their lines: what is off across them."""
        begin, end = self.places[:, one], self.places[:, other]
        if not self.flat:
            begin = begin / np.sqrt((begin * begin).sum(0))
        way = end - begin if self.flat else _without(end, begin)
        length = np.sqrt((way * way).sum(0))
        found = np.zeros(len(one))
        for each in (one, other):
            along = self.along[:, each] if self.flat else _without(self.along[:, each], begin)
            whole = np.sqrt((along * along).sum(0))
            unclear = length <= 1000 * (whole + self.aside[each])
            across = _without(along, way / np.where(unclear, 1, length))
            across = np.where(unclear, whole, np.sqrt((across * across).sum(0)))
            found = np.maximum(found, across + self.aside[each])
        return found


def _without(vectors: Array, units: Array) -> Array:
    """Return vectors without what they have along others of length 1."""
    found: Array = vectors - units * (vectors * units).sum(0)
    return found


class Growing:
    """Vertices and edges while units are taken one by one."""

    def __init__(self, frame: Frame) -> None:
        self.frame, self.walls, self.flat = frame, frame.walls, frame.flat
        self.above = frame.above
        seed = [*frame.places.shape, len(self.above)]
        self.upon = np.random.default_rng(seed).integers(0, 2**64, len(self.above), np.uint64)
        first, second = frame.ends
        self.places = Buffer(frame.places)
        self.slack = Buffer(np.zeros(frame.places.shape[1]))
        self.most_slack = 0.0
        self.moved: set[int] = set()
        self.aside = Buffer(np.zeros(len(first)))
        self.first, self.second = Buffer(first), Buffer(second)
        self.zeros = Buffer(frame.zeros)
        self.sums = Buffer(frame.sums + self.upon[frame.zeros].sum(0, dtype=np.uint64))

    def take(self, index: int, elements: int) -> None:
        """Give numbers to the units of a step that is to be taken."""
        self.above = np.concatenate([self.above, unit_weights(index, elements)])
        upon = np.random.default_rng([index, 1]).integers(0, 2**64, elements, np.uint64)
        self.upon = np.concatenate([self.upon, upon])

    def split(self, unit: int, heights: Buffer, row: int, doubt: float, steepness: float, settle: Settle) -> None:
        """Split the edges at a unit's zeros; `heights` has what units are at the vertices, this one in `row`."""
        z = heights.used[row]
        open_ = self._open(z, doubt, steepness)
        if len(open_):
            settle(row, open_, heights)
        up = z > 0
        first, second, sums = self.first.used, self.second.used, self.sums.used
        up_first = up[first]
        crossing = np.flatnonzero(up_first != up[second])
        above = self.above[unit]
        if not len(crossing):
            if up.all():
                sums += above
            elif up.any():
                sums += up_first * above
            return
        a, b = first[crossing], second[crossing]
        swap = ~up_first[crossing]
        a, b = np.where(swap, b, a), np.where(swap, a, b)
        before = sums[crossing]
        zeros = self.zeros.used[:, crossing]
        sums += up_first * above
        new = self.places.size + np.arange(len(crossing))
        aside = self.aside.used[crossing]
        moves = self._new_vertices((a, b), heights, row, doubt / TOLERANCE, steepness, aside)
        first[crossing], second[crossing], sums[crossing] = a, new, before + above
        self.first.append(new)
        self.second.append(b)
        self.sums.append(before)
        self.zeros.append(zeros)
        self.aside.append(aside)
        self._join(unit, new, before, zeros, moves)

    def _open(self, z: Array, doubt: float, steepness: float) -> Indices:
        """Return the vertices that are so near to the hyperplane that they may lie on it."""
        size = np.abs(z)
        if size.min() > doubt + TOLERANCE * steepness * self.most_slack:
            return _NONE
        return np.flatnonzero(size <= doubt + TOLERANCE * steepness * self.slack.used)

    def hyperplanes(self, vertex: int) -> list[int]:
        """Return the numbers of those that a vertex lies on."""
        edges = np.flatnonzero((self.first.used == vertex) | (self.second.used == vertex))
        found: list[int] = np.unique(self.zeros.used[:, edges]).tolist()
        return found

    def move(self, vertex: int, place: Array) -> None:
        """Set a vertex to where it is, but for rounding."""
        self.places.array[:, vertex] = place
        self.slack.array[vertex] = 4 * EPSILON
        self.moved.add(vertex)

    def _new_vertices(
        self, ends: tuple[Indices, Indices], heights: Buffer, row: int, error: float, steepness: float, aside: Array
    ) -> _Moves:
        """Append the vertices on edges, which may be so far aside from their lines."""
        z = heights.used[row]
        a, b = ends
        at_a, at_b = z[a], -z[b]
        between = at_a + at_b
        near_b = at_a / between
        near_a = 1 - near_b
        from_, to = self.places.used[:, a], self.places.used[:, b]
        place = from_ * near_a + to * near_b
        way = to - from_
        off = (error + steepness * aside) / between * np.abs(way).max(0) + aside
        along = way * (error / between)
        if not self.flat:
            scale = np.abs(place).max(0)
            place, along, aside, off = place / scale, along / scale, aside / scale, off / scale
            near_a, near_b = near_a / scale, near_b / scale
        slack = off + EPSILON * np.abs(place).max(0)
        self.most_slack = max(self.most_slack, float(slack.max()))
        self.slack.append(slack)
        self.places.append(place)
        columns = heights.room(len(a), row + 1)
        rest = heights.array[row + 1 :]
        rest[:, columns] = rest[:, a] * near_a + rest[:, b] * near_b
        return _Moves(place, along, aside if len(place) > 3 else 0 * aside, self.flat)

    def _join(self, unit: int, new: Indices, before: Signatures, zeros: NDArray[np.int32], moves: _Moves) -> None:
        """Join the new vertices of two edges of one 2-face."""
        rows, edges, keys = [], [], []
        everyone = np.arange(len(new))
        for row, units in enumerate(zeros):
            below = before - self.upon[units]
            inner = np.flatnonzero(units >= self.walls)
            rows += [np.full(len(new), row), np.full(len(inner), row)]
            edges += [everyone, inner]
            keys += [below, below[inner] + self.above[units[inner]]]
        of_row, edge, key = np.concatenate(rows), np.concatenate(edges), np.concatenate(keys)
        order = np.argsort(key)
        key = key[order]
        pairs = key[: len(key) // 2 * 2].reshape(-1, 2)
        if len(key) % 2 or (pairs[:, 0] != pairs[:, 1]).any() or (pairs[1:, 0] == pairs[:-1, 1]).any():
            raise Degenerate("a 2-face is not crossed at two of its edges")
        one, other = order[::2], order[1::2]
        self.aside.append(moves.aside_between(edge[one], edge[other]))
        self.first.append(new[edge[one]])
        self.second.append(new[edge[other]])
        self.sums.append(pairs[:, 0] + self.upon[unit])
        found = zeros[:, edge[one]]
        found[of_row[one], np.arange(len(one))] = unit
        self.zeros.append(found)
