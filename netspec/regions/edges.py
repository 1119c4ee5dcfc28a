"""Cells in two to six dimensions by their edges: fast, where the hyperplanes of a network are in general position.

Only vertices and edges are kept, after Berzins 2023, "Polyhedral complex extraction from ReLU networks using edge
subdivision". A unit's hyperplane splits the edges whose ends it has on both sides; the new vertices of two edges of one
2-face are joined by a new edge. Faces are not kept: a face is a sum of random numbers, one for each unit it lies above
or on, so that a 2-face of an edge is one subtraction away, and so are the cells around it.

In general position n walls or hyperplanes meet at a vertex, and no more. Whatever rounding leaves open about that, and
whatever does not come in pairs, raises `Degenerate`: nothing is counted then.
"""

import itertools
import time
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions import rounding
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.overflow import finite
from netspec.regions.polygons import slack_between
from netspec.regions.polytopes import polytopes_of
from netspec.regions.ragged import Indices
from netspec.regions.refining import Seen, Signatures, unit_weights
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Array, Bend, Chain, Largest, Linear, chosen, jumps, live_elements
from netspec.regions.work import Report

MOST_DIMENSIONS: Final = 6

_SAMPLED: Final = 2048
_CELLS_AT_ONCE: Final = 1 << 20
_TOLD_EVERY: Final = 0.25
"""Seconds."""


class Degenerate(Exception):
    """Hyperplanes do not meet in general position, or a step does not bend along hyperplanes: one short clause."""


class Complex(NamedTuple):
    """Vertices and edges of all cells in one convex part of a domain.

    `places` (n + 1, vertices) are homogeneous. Each edge has its two `ends`, the sum of its numbers, and the units that
    it lies on (n - 1, edges); `above` and `upon` are the numbers of each unit, of which the first `walls` are the
    walls of the part, and `upon` for the walls is what takes them away.
    """

    places: Array
    ends: tuple[Indices, Indices]
    sums: Signatures
    zeros: NDArray[np.int32]
    above: Signatures
    upon: Signatures
    walls: int


def subdivided(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    seen: Seen | None = None,
    tell: Report | None = None,
) -> list[Complex]:
    """Return the complexes of a chain on the parts of a domain. Raises Degenerate; TooMany for more vertices.

    `seen` is filled as by `refined`. `tell` is told now and then how many cells the units taken so far make in a part
    of the domain, which are no more than the network has, and what share of the work is done.
    """
    if chain.exact:
        raise Degenerate("it is for float64")
    if not 2 <= domain.dimension <= MOST_DIMENSIONS:
        raise Degenerate(f"it is for 2 to {MOST_DIMENSIONS} dimensions")
    for step in chain.steps:
        _check(step)
    found = []
    parts = polytopes_of(domain).each
    for index, part in enumerate(parts):
        growing = _Growing(part.places.T, part.on, len(part.walls))
        watch = None if tell is None else _Watch(chain, tell, index, len(parts))
        _refine(chain, domain, growing, most, seen, watch)
        found.append(growing.whole())
    return found


def cells_of(complexes: list[Complex]) -> Signatures:
    """Return the signatures of all cells, in order: those that refining gives."""
    parts = []
    for each in complexes:
        for begin in range(0, len(each.sums), _CELLS_AT_ONCE):
            around = np.stack([sums for sums, _, _ in around_edges(each, slice(begin, begin + _CELLS_AT_ONCE))])
            parts.append(np.unique(around))
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def around_edges(each: Complex, some: slice) -> Any:
    """Yield (sums, which, units) of what is around edges: each of the units they lie on is passed above and below.

    An edge on a wall has nothing beyond it.
    """
    zeros = each.zeros[:, some]
    base = each.sums[some] - each.upon[zeros].sum(0, dtype=np.uint64)
    for signs in itertools.product((0, 1), repeat=len(zeros)):
        sums = base.copy()
        for sign, units in zip(signs, zeros, strict=True):
            if sign:
                sums += each.above[units]
        yield sums, signs, zeros


def _check(step: Any) -> None:
    if isinstance(step, Largest):
        raise Degenerate("a largest element bends where two candidates are equal")
    if jumps(step):
        raise Degenerate("an activation jumps")


class _Buffer:
    """An array that grows along its last axis."""

    def __init__(self, begin: Array) -> None:
        self.array, self.size = begin.copy(), begin.shape[-1]

    def append(self, more: Array) -> None:
        """Append columns."""
        size = self.size + more.shape[-1]
        if size > self.array.shape[-1]:
            whole = np.empty((*self.array.shape[:-1], size + size // 2 + 64), self.array.dtype)
            whole[..., : self.size] = self.array[..., : self.size]
            self.array = whole
        self.array[..., self.size : size] = more
        self.size = size

    @property
    def used(self) -> Array:
        """The columns that are there."""
        return self.array[..., : self.size]


class _Moves(NamedTuple):
    """New vertices, and how far each may be off along the edge that it is on, as a vector, by the new unit's error.

    `aside` is how far off the 2-faces are that these edges are on, at most: no farther than the edges, and in two
    dimensions not at all. An edge that is off within its 2-face moves a vertex along the new edge, not across it.
    """

    places: Array
    along: Array
    aside: Array

    def aside_between(self, one: Indices, other: Indices) -> Array:
        """Return how far new edges from one vertex to the other may be from their lines: what is off across them."""
        begin, end = self.places[:, one], self.places[:, other]
        way = end - begin
        length = np.sqrt((way * way).sum(0))
        far = (begin[0] == 0) | (end[0] == 0)
        found = np.zeros(len(one))
        for each in (one, other):
            along = self.along[:, each]
            whole = np.sqrt((along * along).sum(0))
            unclear = far | (length <= 1000 * (whole + self.aside[each]))
            unit = way / np.where(unclear, 1, length)
            across = along - unit * (along * unit).sum(0)
            across = np.where(unclear, whole, np.sqrt((across * across).sum(0)))
            found = np.maximum(found, across + self.aside[each])
        return found


class _Growing:
    """Vertices and edges while units are taken one by one."""

    def __init__(self, places: Array, on: list[int], walls: int) -> None:
        n = len(places) - 1
        pairs = [(a, b) for a in range(len(on)) for b in range(a + 1, len(on)) if (on[a] & on[b]).bit_count() == n - 1]
        zeros = [[wall for wall in range(walls) if (on[a] & on[b]) >> wall & 1] for a, b in pairs]
        first, second = np.array(pairs, np.int64).T
        self.walls = walls
        self.upon = np.random.default_rng([n, walls]).integers(0, 2**64, walls, np.uint64)
        self.above = np.zeros(walls, np.uint64)
        self.places = _Buffer(places)
        self.slack = _Buffer(np.zeros(places.shape[1]))
        self.aside = _Buffer(np.zeros(len(pairs)))
        self.first, self.second = _Buffer(first), _Buffer(second)
        self.zeros = _Buffer(np.array(zeros, np.int32).T.reshape(n - 1, len(pairs)))
        self.sums = _Buffer(self.upon[self.zeros.used].sum(0, dtype=np.uint64))

    def take(self, index: int, elements: int) -> None:
        """Give numbers to the units of a step that is to be taken."""
        self.above = np.concatenate([self.above, unit_weights(index, elements)])
        upon = np.random.default_rng([index, 1]).integers(0, 2**64, elements, np.uint64)
        self.upon = np.concatenate([self.upon, upon])

    def split(self, unit: int, heights: _Buffer, row: int, doubt: float, steepness: float) -> None:
        """Split the edges at a unit's zeros; `heights` has what units are at the vertices, this one in `row`."""
        z = heights.used[row]
        if (np.abs(z) <= doubt + TOLERANCE * steepness * self.slack.used).any():
            raise Degenerate("a vertex may lie on one hyperplane more")
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

    def _new_vertices(
        self, ends: tuple[Indices, Indices], heights: _Buffer, row: int, error: float, steepness: float, aside: Array
    ) -> _Moves:
        """Append the vertices on edges, which may be so far aside from their lines."""
        z = heights.used[row]
        a, b = ends
        at_a, at_b = z[a], -z[b]
        near_b = at_a / (at_a + at_b)
        near_a = 1 - near_b
        from_, to = self.places.used[:, a], self.places.used[:, b]
        place = from_ * near_a + to * near_b
        scale = np.where(place[0] != 0, place[0], np.abs(place[1:]).sum(0))
        place /= scale
        along = (error + steepness * aside) / (at_a + at_b)
        self.slack.append(slack_between(place, scale, (from_, to), along, aside))
        self.places.append(place)
        rest = heights.array[row + 1 :]
        more = np.zeros((len(heights.array), len(a)))
        more[row + 1 :] = (rest[:, a] * near_a + rest[:, b] * near_b) / scale
        heights.append(more)
        tangent = (to - from_ - place * (to[0] - from_[0])) / scale
        return _Moves(place, tangent * (error / (at_a + at_b)), aside / scale if len(place) > 3 else 0 * aside)

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

    def whole(self) -> Complex:
        """Return what there is."""
        ends = self.first.used, self.second.used
        upon = self.upon
        return Complex(self.places.used, ends, self.sums.used, self.zeros.used, self.above, upon, self.walls)


class _Watch:
    """Tells now and then how many cells there are in the part of a domain that is being worked on."""

    def __init__(self, chain: Chain, tell: Report, part: int, parts: int) -> None:
        self.tell, self.part, self.parts = tell, part, parts
        self.dimension = chain.inputs
        sizes = live_elements(chain)
        self.units = sum(
            size * len(step.points) for size, step in zip(sizes, chain.steps, strict=True) if isinstance(step, Bend)
        )
        self.taken = 0
        self.next = time.monotonic() + _TOLD_EVERY

    def taken_one(self, growing: _Growing) -> None:
        """Count a unit that was taken. Where the last word was long ago, tell: work grows as the cells of n dimensions
        do, with the n-th power of the units.
        """
        self.taken += 1
        begin = time.monotonic()
        if begin < self.next:
            return
        share = min(1.0, self.taken / self.units) ** self.dimension
        self.tell(len(cells_of([growing.whole()])), (self.part + share) / self.parts)
        end = time.monotonic()
        self.next = end + max(_TOLD_EVERY, 10 * (end - begin))


def _refine(
    chain: Chain, domain: Domain, growing: _Growing, most: int | None, seen: Seen | None, watch: _Watch | None
) -> None:
    """Take the steps of the chain one by one, up to the last that bends."""
    places = growing.places.used
    values: dict[int, Array] = {0: _start(domain, places)}
    errors: dict[int, Errors] = {0: EPSILON * np.abs(values[0]).max(0)[None]}
    last = max((index for index, step in enumerate(chain.steps) if isinstance(step, Bend)), default=-1)
    for index, step in enumerate(chain.steps[: last + 1]):
        operands = [values[operand] for operand in step.operands]
        if isinstance(step, Bend):
            (z,) = operands
            if seen is not None:
                seen[index] = _pieces_seen(step, z, places[0]) | seen.get(index, False)
            _take(growing, index, step, z, errors[step.operands[0]][0], most, watch)
            if index == last:
                return
            places, old = growing.places.used, places.shape[1]
            if places.shape[1] > old:
                more = _values(chain, domain, index, places[:, old:])
                values = {value: np.concatenate([there, more[value]]) for value, there in values.items()}
            errors[step.result] = np.abs(step.slopes).max(0) * errors[step.operands[0]]
        elif isinstance(step, Linear):
            sizes = [np.abs(operand).max(0)[None] for operand in operands]
            errors[step.result] = rounding.after_linear(step, [errors[operand] for operand in step.operands], sizes)
        values[step.result] = _result(step, [values[operand] for operand in step.operands], places[0])
        for value in chain.last_read[index]:
            del values[value], errors[value]


def _pieces_seen(step: Bend, z: Array, far: Array) -> NDArray[np.bool_]:
    """Return in which pieces z lies somewhere, (pieces, *shape): between its least and largest values all are taken."""
    weight = far.reshape(-1, *(1,) * (z.ndim - 1))
    above = np.stack([np.ones(z.shape[1:], bool), *((z > point * weight).any(0) for point in step.points)])
    below = np.stack([*((z < point * weight).any(0) for point in step.points), np.ones(z.shape[1:], bool)])
    found: NDArray[np.bool_] = above & below
    return found


def _take(
    growing: _Growing, index: int, step: Bend, z: Array, error: Errors, most: int | None, watch: _Watch | None
) -> None:
    """Split the edges where a step bends."""
    flat = z.reshape(len(z), -1)
    far = growing.places.used[0][:, None]
    heights = _Buffer(np.concatenate([flat - far * point for point in step.points], 1).T)
    doubts = TOLERANCE * np.tile(error.reshape(-1), len(step.points))
    stride = max(1, growing.first.size // _SAMPLED)
    first, second = growing.first.used[::stride], growing.second.used[::stride]
    apart = np.abs(growing.places.used[:, first] - growing.places.used[:, second]).max(0)
    steepness = 2 * (np.abs(heights.used[:, first] - heights.used[:, second]) / apart).max(1)
    begin = len(growing.above)
    for _ in step.points:
        growing.take(index, flat.shape[1])
    for row in range(len(heights.array)):
        growing.split(begin + row, heights, row, doubts[row], steepness[row])
        if most is not None and growing.places.size > most:
            raise TooMany(len(cells_of([growing.whole()])))
        if watch is not None:
            watch.taken_one(growing)


def _start(domain: Domain, places: Array) -> Array:
    found: Array = places.T @ domain.start[:, 0]
    return found


def _values(chain: Chain, domain: Domain, index: int, places: Array) -> dict[int, Array]:
    """Return the values that stand before step `index` is taken, at more vertices."""
    values: dict[int, Array] = {0: _start(domain, places)}
    for step, done in zip(chain.steps[:index], chain.last_read, strict=False):
        values[step.result] = _result(step, [values[operand] for operand in step.operands], places[0])
        for value in done:
            del values[value]
    return values


def _result(step: Any, operands: list[Array], far: Array) -> Array:
    """Return the result of a step at homogeneous points: constants and offsets times x_0."""
    if isinstance(step, Linear):
        acted = finite(step.act(operands))
        return acted if step.constant is None else acted + np.multiply.outer(far, step.constant)
    (z,) = operands
    weight = far.reshape(-1, *(1,) * (z.ndim - 1))
    piece = np.zeros(z.shape, np.int64)
    for point in step.points:
        piece += z > point * weight
    y: Array = chosen(step.slopes, piece) * z
    return y + chosen(step.offsets, piece) * weight if step.offsets.any() else y
