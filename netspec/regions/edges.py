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
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions import rounding
from netspec.regions.certain import Certain, Scaled, scaled, total
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.frames import Frame, around_origin, boxed, everywhere, hidden_sides
from netspec.regions.growing import Beyond, Buffer, Degenerate, Growing
from netspec.regions.ragged import Indices, once
from netspec.regions.rays import Clarity, beyond
from netspec.regions.refining import Seen, Signatures
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Array, Bend, Chain, Largest, Linear, jumps, live_elements
from netspec.regions.values import result_at
from netspec.regions.work import Report

MOST_DIMENSIONS: Final = 6

_SAMPLED: Final = 2048
_CELLS_AT_ONCE: Final = 1 << 20
_NEAR: Final = (2.0**-28, 2.0**-34, 2.0**-40)
"""How far away R^n is ended, one after the other, while something bends beyond."""
_MOST_SETTLED: Final = 10_000
"""Vertices whose side is found in whole numbers."""

_TOLD_EVERY: Final = 0.25
"""Seconds."""


class Complex(NamedTuple):
    """Vertices and edges of all cells in one convex part of a domain.

    `places` (n + 1, vertices) are homogeneous. Each edge has its two `ends`, the sum of its numbers, and the units that
    it lies on (n - 1, edges), or one less where all cells are cones around 0, and vertices directions. `above` and
    `upon` are the numbers of each unit, of which the first `walls` are the walls of the part, and `upon` for the walls
    is what takes them away. `unsure` is how often rounding leaves open whether a unit bends far away.
    """

    places: Array
    ends: tuple[Indices, Indices]
    sums: Signatures
    zeros: NDArray[np.int32]
    above: Signatures
    upon: Signatures
    walls: int
    unsure: int


def subdivided(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    seen: Seen | None = None,
    tell: Report | None = None,
    *,
    cones: bool = False,
) -> Complex:
    """Return the complex of a chain on a domain. Raises Degenerate; TooMany for more vertices.

    `seen` is filled as by `refined`. `tell` is told now and then how many cells the units taken so far make, which are
    no more than the network has, and what share of the work is done. With `cones` cells may be those of directions,
    where all are cones around 0.
    """
    if chain.exact:
        raise Degenerate("it is for float64")
    if not 2 <= domain.dimension <= MOST_DIMENSIONS:
        raise Degenerate(f"it is for 2 to {MOST_DIMENSIONS} dimensions")
    for step in chain.steps:
        _check(step)
    frame = around_origin(chain, domain) if cones else None
    if frame is None and domain.bounded:
        frame = boxed(domain)
    if frame is not None:
        return _Refining(chain, domain, frame, most, seen, tell).run()
    for near in _NEAR:
        try:
            return _Refining(chain, domain, everywhere(chain, domain.dimension, near), most, seen, tell).run()
        except Beyond as fault:
            why = fault
    raise why


def cells_of(each: Complex) -> Signatures:
    """Return the signatures of all cells, in order: those that refining gives."""
    parts = []
    for begin in range(0, len(each.sums), _CELLS_AT_ONCE):
        around = [sums for sums, _, _ in around_edges(each, slice(begin, begin + _CELLS_AT_ONCE))]
        parts.append(once(np.concatenate(around)))
    return parts[0] if len(parts) == 1 else once(np.concatenate(parts))


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


class _Watch:
    """Tells now and then how many cells there are."""

    def __init__(self, chain: Chain, tell: Report) -> None:
        self.tell = tell
        self.dimension = chain.inputs
        sizes = live_elements(chain)
        self.units = sum(
            size * len(step.points) for size, step in zip(sizes, chain.steps, strict=True) if isinstance(step, Bend)
        )
        self.taken = 0
        self.next = time.monotonic() + _TOLD_EVERY

    def taken_one(self, growing: Growing) -> None:
        """Count a unit that was taken. Where the last word was long ago, tell: work grows as the cells of n dimensions
        do, with the n-th power of the units.
        """
        self.taken += 1
        begin = time.monotonic()
        if begin < self.next:
            return
        share = min(1.0, self.taken / self.units) ** self.dimension
        self.tell(len(cells_of(_whole(growing))), share)
        end = time.monotonic()
        self.next = end + max(_TOLD_EVERY, 10 * (end - begin))


def _whole(growing: Growing, unsure: int = 0) -> Complex:
    """Return what there is, without the hyperplanes that no unit has."""
    frame = growing.frame
    ends = growing.first.used, growing.second.used
    sums, above = growing.sums.used, growing.above
    if -1 in frame.rows:
        sums = sums - hidden_sides(frame, growing.places.used, ends)
        above = above.copy()
        above[frame.walls : frame.walls + len(frame.rows)][[row < 0 for row in frame.rows]] = 0
    places = growing.places.used if frame.flat else frame.back @ growing.places.used
    return Complex(places, ends, sums, growing.zeros.used, above, growing.upon, frame.walls, unsure)


class _Refining:
    """The steps of a chain, taken one by one from a frame on."""

    def __init__(
        self, chain: Chain, domain: Domain, frame: Frame, most: int | None, seen: Seen | None, tell: Report | None
    ) -> None:
        self.chain, self.frame, self.most, self.seen = chain, frame, most, seen
        self.start: Array = frame.back.T @ domain.start[:, 0]
        self.off: Errors = frame.off @ np.abs(domain.start[:, 0])
        self.growing = Growing(frame)
        self.watch = None if tell is None else _Watch(chain, tell)
        self.clarities: dict[int, Clarity] = {}
        self.certain = Certain(chain, frame, domain.start)
        self.settled = 0
        self.ends: dict[bytes, Scaled] = {}
        self.last = max((index for index, step in enumerate(chain.steps) if isinstance(step, Bend)), default=-1)

    def run(self) -> Complex:
        """Take the steps up to the last that bends, and return what there is then."""
        growing, chain = self.growing, self.chain
        start = growing.places.used.T @ self.start
        values: dict[int, Array] = {0: start}
        errors: dict[int, Errors] = {0: (EPSILON * np.abs(start).max(0) + self.off)[None]}
        for index, step in enumerate(chain.steps[: self.last + 1]):
            if isinstance(step, Bend):
                (operand,) = step.operands
                self._take(index, step, values[operand], errors[operand][0])
                if index == self.last:
                    break
                places, old = growing.places.used, len(values[operand])
                if places.shape[1] > old:
                    more = self._values(index, places[:, old:])
                    values = {value: np.concatenate([there, more[value]]) for value, there in values.items()}
                if growing.moved:
                    moved = np.array(sorted(growing.moved))
                    for value, there in self._values(index, places[:, moved]).items():
                        if value in values:
                            values[value][moved] = there
                    growing.moved.clear()
                errors[step.result] = np.abs(step.slopes).max(0) * errors[operand]
            elif isinstance(step, Linear):
                sizes = [np.abs(values[operand]).max(0)[None] for operand in step.operands]
                far = float(self._far(growing.places.used).max())
                scaled = step if step.constant is None else step._replace(constant=far * step.constant)
                errors[step.result] = rounding.after_linear(scaled, [errors[each] for each in step.operands], sizes)
            values[step.result] = result_at(
                step, [values[each] for each in step.operands], self._far(growing.places.used)
            )
            for value in chain.last_read[index]:
                del values[value], errors[value]
        unsure = 0
        if not self.frame.flat and self.frame.back[0].any():
            unsure = beyond(chain, self.start, growing, self.clarities)
        return _whole(growing, unsure)

    def _far(self, places: Array) -> Array:
        found: Array = places[0] if self.frame.flat else self.frame.back[0] @ places
        return found

    def _take(self, index: int, step: Bend, z: Array, error: Errors) -> None:
        """Split the edges where a step bends."""
        growing = self.growing
        flat = z.reshape(len(z), -1)
        far = self._far(growing.places.used)
        if self.seen is not None:
            self.seen[index] = _pieces_seen(step, z, far) | self.seen.get(index, False)
        heights = Buffer(np.concatenate([flat - far[:, None] * point for point in step.points], 1).T)
        doubts = TOLERANCE * np.tile(error.reshape(-1), len(step.points))
        stride = max(1, growing.first.size // _SAMPLED)
        first, second = growing.first.used[::stride], growing.second.used[::stride]
        apart = np.abs(growing.places.used[:, first] - growing.places.used[:, second]).max(0)
        steepness = 2 * (np.abs(heights.used[:, first] - heights.used[:, second]) / apart).max(1)
        begin = len(growing.above)
        own = () if self.clarities else self.frame.rows  # split by the frame already
        self.clarities[index] = Clarity(begin, doubts, steepness)
        for _ in step.points:
            growing.take(index, flat.shape[1])
        settle = partial(self._settle, index)
        for row in range(len(heights.array)):
            if row not in own:
                growing.split(begin + row, heights, row, doubts[row], steepness[row], settle)
            if self.most is not None and growing.places.size > self.most:
                raise TooMany(len(cells_of(_whole(growing))))
            if self.watch is not None:
                self.watch.taken_one(growing)

    def _settle(self, index: int, row: int, vertices: Indices, heights: Buffer) -> None:
        """Set the heights of vertices right, in which rounding leaves the sign of one open. Raises Degenerate."""
        self.settled += len(vertices)
        if self.settled > _MOST_SETTLED:
            raise Degenerate("very many vertices may lie on one hyperplane more")
        growing = self.growing
        for vertex in vertices.tolist():
            place = growing.places.used[:, vertex].copy()
            on = [self._hyperplane(number, place) for number in growing.hyperplanes(vertex)]
            found = self.certain.vertex(place, on, index) if len(on) == len(place) - 1 else None
            if found is None:
                raise Degenerate("a vertex may lie on one hyperplane more")
            exact, at_rows = found.at(self.certain, place, row)
            if at_rows is None or np.abs(exact - place).max() > 1e-6:
                raise Degenerate("a vertex may lie on one hyperplane more")
            growing.move(vertex, exact)
            heights.array[row:, vertex] = at_rows

    def _hyperplane(self, number: int, place: Array) -> tuple[int, int] | Scaled:
        """Return the step and the row of a unit, by its number; of what is no unit the form."""
        frame = self.frame
        if number < frame.walls:
            if frame.outside is not None:
                return scaled(frame.outside[number])
            sides = np.sign(place[1:, None])
            found = self.ends.get(sides.tobytes())
            if found is None:
                found = total([scaled(-frame.basis[0] / frame.near), *map(scaled, sides * frame.basis[1:])])
                self.ends[sides.tobytes()] = found
            return found
        if number < frame.walls + len(frame.rows):
            row = frame.rows[number - frame.walls]
            return scaled(frame.basis[number]) if row < 0 else (min(self.clarities), row)
        index = max(step for step, clarity in self.clarities.items() if clarity.begin <= number)
        return index, number - self.clarities[index].begin

    def _values(self, index: int, places: Array) -> dict[int, Array]:
        """Return the values that stand before step `index` is taken, at more vertices."""
        values: dict[int, Array] = {0: places.T @ self.start}
        far = self._far(places)
        for step, done in zip(self.chain.steps[:index], self.chain.last_read, strict=False):
            values[step.result] = result_at(step, [values[operand] for operand in step.operands], far)
            for value in done:
                del values[value]
        return values


def _pieces_seen(step: Bend, z: Array, far: Array) -> NDArray[np.bool_]:
    """Return in which pieces z lies somewhere, (pieces, *shape): between its least and largest values all are taken."""
    weight = far.reshape(-1, *(1,) * (z.ndim - 1))
    above = np.stack([np.ones(z.shape[1:], bool), *((z > point * weight).any(0) for point in step.points)])
    below = np.stack([*((z < point * weight).any(0) for point in step.points), np.ones(z.shape[1:], bool)])
    found: NDArray[np.bool_] = above & below
    return found
