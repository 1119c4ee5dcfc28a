"""Whether anything bends beyond the far end of a frame: then it does not have all cells of R^n.

Each edge that is cut off by the far end is a ray, if no unit is zero on it beyond. If all are, there is no vertex
beyond: the vertices of cells hang together by edges, the hyperplanes of the frame included, and the first edge on the
way to a vertex beyond would be cut off, and no ray. Each cell has a vertex then on this side, and so has each facet of
one: all cells and all pairs of neighbours are there.

A unit that is the same all along a ray is not zero on it. Rounding cannot show that, but often it is clear without:
what comes after a layer of which `a` units are active has what it knows of x from `a` numbers; if the ray lies on `a`
hyperplanes of later layers, which meet in general position, then these numbers are constant along it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.growing import Beyond, Degenerate, Growing
from netspec.regions.ragged import Indices
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Array, Bend, Chain, chosen
from netspec.regions.values import result_at


class Clarity(NamedTuple):
    """Of a step that bends: the number of its first unit, and of each how far from zero is clear, and its steepness."""

    begin: int
    doubts: Errors
    steepness: Array


class _Rays(NamedTuple):
    """The `inside` of each edge, a point within it, and the direction in which it leaves: (m, rays)."""

    inside: Array
    ways: Array
    slack: Array
    zeros: NDArray[np.int64]


def beyond(chain: Chain, start: Array, growing: Growing, clarities: dict[int, Clarity]) -> int:
    """Return how often rounding leaves open whether a unit is zero on a ray; it is taken not to be.

    Raises Degenerate where one is. `start` has the forms of x in the coordinates of the frame.
    """
    rays = _rays(growing)
    unsure = _ghosts(growing, rays)
    count = len(rays.slack)
    values: dict[int, Array] = {0: np.concatenate([rays.inside, rays.ways], 1).T @ start}
    inside_far = growing.frame.back[0] @ rays.inside
    far = np.concatenate([inside_far, np.zeros(count)])
    zeros = _own_numbers(growing, clarities)[rays.zeros]
    for index, step in enumerate(chain.steps[: max(clarities, default=-1) + 1]):
        if isinstance(step, Bend):
            alone = {*values, step.result} - {*chain.last_read[index]} == {step.result}
            z = values[step.operands[0]]
            bent = _Bent(step, clarities[index], zeros, z.reshape(2 * count, -1), inside_far, alone)
            unsure += bent.unsure(rays.slack)
            inside = result_at(step, [z[:count]], inside_far)
            values[step.result] = np.concatenate([inside, bent.rates().reshape(inside.shape)])
        else:
            values[step.result] = result_at(step, [values[operand] for operand in step.operands], far)
        for value in chain.last_read[index]:
            del values[value]
    return unsure


class _Bent:
    """A step that bends, on rays: in which pieces they are, and how its units change along them."""

    def __init__(
        self, step: Bend, clarity: Clarity, zeros: NDArray[np.int64], z: Array, far: Array, alone: bool
    ) -> None:
        count, rows, elements = zeros.shape[1], len(clarity.doubts), z.shape[1]
        self.clarity, self.rate = clarity, z[count:]
        self.heights = np.concatenate([z[:count] - point * far[:, None] for point in step.points], 1)
        self.upon = np.zeros((count, rows), bool)
        which, ray = np.nonzero((zeros >= clarity.begin) & (zeros < clarity.begin + rows))
        self.upon[ray, zeros[which, ray] - clarity.begin] = True
        above = (self.heights > 0).reshape(count, -1, elements)
        self.slopes = chosen(step.slopes.reshape(len(step.slopes), -1), above.sum(1))
        self.still = self.upon.reshape(above.shape).any(1)
        active = ((self.slopes != 0) & ~self.still).sum(1)
        self.known = (zeros >= clarity.begin + rows).sum(0) >= active if alone else np.zeros(count, bool)

    def unsure(self, slack: Array) -> int:
        """Return how often it is open whether a unit is zero on a ray. Raises Degenerate where one is."""
        times = self.heights.shape[1] // self.rate.shape[1]
        rate = np.tile(self.rate, times)
        limit = self.clarity.doubts + TOLERANCE * self.clarity.steepness * slack[:, None]
        settled = self.known[:, None] & np.tile(self.slopes != 0, times)
        small = np.abs(rate) <= limit
        if (~self.upon & settled & ~small).any():
            raise Degenerate("a unit that is constant on a ray is not")
        free = ~self.upon & ~settled
        if (free & ~small & ((self.heights > 0) != (rate > 0))).any():
            raise Beyond("a unit bends farther away than was looked")
        return int((free & small & (rate != 0)).sum())

    def rates(self) -> Array:
        """Return how the result changes along the rays."""
        return np.where(self.still | self.known[:, None], 0, self.slopes * self.rate)


def _rays(growing: Growing) -> _Rays:
    zeros, places = growing.zeros.used, growing.places.used
    first, second = growing.first.used, growing.second.used
    along = (zeros == 0).any(0)
    outer = np.zeros(places.shape[1], bool)
    outer[first[along]] = outer[second[along]] = True
    here, there = np.flatnonzero(outer[second] & ~along), np.flatnonzero(outer[first] & ~along)
    edges = np.concatenate([here, there])
    begin = np.concatenate([first[here], second[there]])
    end = np.concatenate([second[here], first[there]])
    from_, to = places[:, begin], places[:, end]
    ways = to * from_[0] - from_ * to[0]
    ways[0] = 0
    size = np.abs(ways).max(0)
    slack = growing.slack.used
    off = (slack[end] + EPSILON) * from_[0] + (slack[begin] + EPSILON) * to[0]
    return _Rays(from_ + to, ways / size, off / size, zeros[:, edges].astype(np.int64))


def _ghosts(growing: Growing, rays: _Rays) -> int:
    """Return how often a ray may cross a hyperplane of the frame that no unit has. Raises Degenerate where one does."""
    unsure = 0
    for index, row in enumerate(growing.frame.rows):
        number = growing.walls + index
        if row < 0:
            free = ~(rays.zeros == number).any(0)
            outward = np.where(rays.inside[number] > 0, rays.ways[number], -rays.ways[number])
            limit = TOLERANCE * rays.slack
            if (free & (outward < -limit)).any():
                raise Beyond("a hyperplane of the frame is crossed farther away than was looked")
            unsure += int((free & (np.abs(outward) <= limit)).sum())
    return unsure


def _own_numbers(growing: Growing, clarities: dict[int, Clarity]) -> Indices:
    """Return for each number of a hyperplane that of the unit that it is of, -1 where it is of none."""
    frame = growing.frame
    own = np.arange(len(growing.above))
    own[: frame.walls] = -1
    for index, row in enumerate(frame.rows):
        own[frame.walls + index] = clarities[min(clarities)].begin + row if row >= 0 else -1
    return own
