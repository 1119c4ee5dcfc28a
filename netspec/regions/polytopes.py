"""Cells in any few dimensions: convex polytopes, cut one by one by double description.

A polytope is its vertices, homogeneous as the corners of polygons are, and its walls: the vertices know on which walls
they lie. Two vertices have an edge where no third lies on all the walls that they share, however many hyperplanes pass
through one point. Slow and right: for degenerate networks, for rationals, and as what faster ways are held to.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.cuts import Cuts
from netspec.regions.domains import Domain
from netspec.regions.refining import Parents
from netspec.regions.rounding import EPSILON, TOLERANCE, Errors
from netspec.regions.steps import Forms


class Wall(NamedTuple):
    """A hyperplane, on whose other side form · (x_0, …, x_n) < 0. Both sides of a cut have labels that differ by 1.

    Labels below zero are of walls of the domain.
    """

    label: int
    form: NDArray[Any]
    error: NDArray[Any] | None


class Polytope(NamedTuple):
    """places: (vertices, n + 1). `on[v]` has a bit for each wall that vertex v lies on; `slack` is as of corners."""

    places: NDArray[Any]
    slack: NDArray[Any]
    on: list[int]
    walls: list[Wall]

    def values(self, forms: NDArray[Any], errors: NDArray[Any] | None) -> tuple[NDArray[Any], Any]:
        """Return the value of forms (n + 1, m) at each vertex, and how far from zero it must be: (vertices, m)."""
        value = self.places @ forms
        if errors is None:
            return value, 0 * value
        sizes = np.abs(self.places)
        error = sizes @ (errors + EPSILON * np.abs(forms))
        return value, TOLERANCE * (error + self.slack[:, None] * np.abs(forms[1:]).sum(0))

    def crossed(self, forms: NDArray[Any], errors: NDArray[Any] | None, cuts: Cuts) -> list[int]:
        """Return the numbers of the forms that have vertices clearly above and clearly below."""
        value, doubt = self.values(forms, errors)
        crosses = (value > doubt).any(0) & (value < -doubt).any(0)
        if errors is not None:
            may = (value > -doubt).any(0) & (value < doubt).any(0) & forms.any(0)
            cuts.unsure += int((may & ~crosses).sum())
        found: list[int] = np.flatnonzero(crosses).tolist()
        return found

    def split(self, wall: Wall, *, prune: bool = True) -> "tuple[Polytope, Polytope]":
        """Return the parts above and below a hyperplane that goes through; its label is that of the part above."""
        error = None if wall.error is None else wall.error[:, None]
        value, doubt = self.values(wall.form[:, None], error)
        value, doubt = value[:, 0], doubt[:, 0]
        above, below = np.flatnonzero(value > doubt).tolist(), np.flatnonzero(value < -doubt).tolist()
        level = [v for v in range(len(self.on)) if abs(value[v]) <= doubt[v]]
        pairs = self._edges(above, below)
        new_places, new_slack = self._between(pairs, value, wall)
        bit = 1 << len(self.walls)
        new_on = [self.on[a] & self.on[b] | bit for a, b in pairs]
        halves = []
        for kept, sign in ((above, 1), (below, -1)):
            places = np.concatenate([self.places[kept], self.places[level], new_places])
            slack = np.concatenate([self.slack[kept], self.slack[level], new_slack])
            on = [*(self.on[v] for v in kept), *(self.on[v] | bit for v in level), *new_on]
            own = Wall(wall.label if sign > 0 else wall.label + 1, wall.form * sign, wall.error)
            half = Polytope(places, slack, on, [*self.walls, own])
            halves.append(_pruned(half) if prune else half)
        return halves[0], halves[1]

    def _edges(self, above: list[int], below: list[int]) -> list[tuple[int, int]]:
        """Return the edges from above to below."""
        dimension = self.places.shape[1] - 1
        found = []
        for a in above:
            for b in below:
                shared = self.on[a] & self.on[b]
                if shared.bit_count() < dimension - 1:
                    continue
                if sum(walls & shared == shared for walls in self.on) == 2:
                    found.append((a, b))
        return found

    def _between(self, pairs: list[tuple[int, int]], value: Any, wall: Wall) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the vertices on edges at which a form is zero, and their slack."""
        a, b = np.array(pairs, np.int64).reshape(-1, 2).T
        at_a, at_b = np.abs(value[a]), np.abs(value[b])
        near_b = at_a / (at_a + at_b)
        near_a = 1 - near_b
        from_, to = self.places[a], self.places[b]
        place = from_ * near_a[:, None] + to * near_b[:, None]
        scale = np.where(place[:, 0] != 0, place[:, 0], np.abs(place[:, 1:]).sum(1))
        place = place / scale[:, None]
        if place.dtype == object:
            return place, self.slack[a]
        shared = [self.on[a] & self.on[b] for a, b in pairs]
        slack = np.array([self._slack(point, walls, wall) for point, walls in zip(place, shared, strict=True)])
        return place, slack

    def _slack(self, point: NDArray[Any], shared: int, wall: Wall) -> float:
        """Return how far a vertex on walls and on a new one may be from its place, as their errors move it."""
        walls = [wall, *(each for number, each in enumerate(self.walls) if shared >> number & 1)]
        forms = np.stack([each.form for each in walls])
        errors = np.stack([np.zeros(len(point)) if each.error is None else each.error for each in walls])
        off = (errors + EPSILON * np.abs(forms)) @ np.abs(point)
        slopes = forms[:, 1:]
        if point[0] == 0:  # a direction, whose length is nothing
            slopes, off = np.vstack([slopes, point[1:]]), np.append(off, 0)
        moves = np.abs(np.linalg.pinv(slopes)) @ off
        return float(moves.max() + EPSILON * np.abs(point).max())

    def face(self, wall: int) -> "Polytope":
        """Return the polytope of one dimension less that lies on a wall."""
        there = [v for v, walls in enumerate(self.on) if walls >> wall & 1]
        return Polytope(self.places[there], self.slack[there], [self.on[v] for v in there], self.walls)

    def middle(self) -> NDArray[Any]:
        """Return a point inside, (n,)."""
        sums = self.places.sum(0)
        found: NDArray[Any] = sums[1:] / sums[0]
        return found


def _pruned(polytope: Polytope) -> Polytope:
    """Return a polytope without the walls that have too few vertices to be facets."""
    places, slack, on, walls = polytope
    dimension = places.shape[1] - 1
    counts = [sum(mask >> w & 1 for mask in on) for w in range(len(walls))]
    kept = [w for w, count in enumerate(counts) if count >= dimension]
    if len(kept) == len(walls):
        return polytope
    packed = [sum((mask >> w & 1) << i for i, w in enumerate(kept)) for mask in on]
    return Polytope(places, slack, packed, [walls[w] for w in kept])


class Polytopes:
    """Convex polytopes, and what those of one domain share.

    `pending` are the forms that a cut has left for each, when it stopped early: the next is by the same.
    """

    def __init__(self, each: Sequence[Polytope], cuts: Cuts, pending: Sequence[list[int]] | None = None) -> None:
        self.each = each
        self.cuts = cuts
        self.pending = pending

    def __len__(self) -> int:
        return len(self.each)

    def part(self, start: int, stop: int) -> Self:
        """Return some of the polytopes."""
        pending = None if self.pending is None else self.pending[start:stop]
        return type(self)(self.each[start:stop], self.cuts, pending)

    def middles(self) -> NDArray[Any]:
        """Return a point inside each polytope, (polytopes, n)."""
        return np.stack([polytope.middle() for polytope in self.each])

    def cut(self, forms: Forms) -> tuple[Self, Parents]:
        """Return the polytopes cut where forms (n + 1, polytopes, m) are zero, and the parents."""
        cells, parents, _ = self.cut_within(forms, None, None)
        return cells, parents

    def cut_within(self, forms: Forms, errors: Errors | None, most: int | None) -> tuple[Self, Parents, bool]:
        """Return the same with forms that have errors, (n + 1, m); stop where there are more than `most` polytopes."""
        found: list[Polytope] = []
        parents: list[int] = []
        pending: list[list[int]] = []
        for index, polytope in enumerate(self.each):
            begun = (
                polytope.crossed(forms[:, index], errors, self.cuts) if self.pending is None else self.pending[index]
            )
            waiting = [(polytope, begun)]
            while waiting:
                part, units = waiting.pop()
                if not units or (most is not None and len(found) + len(waiting) > most):
                    found.append(part)
                    parents.append(index)
                    pending.append(units)
                    continue
                unit, *rest = units
                error = None if errors is None else errors[:, unit]
                wall = Wall(int(self.cuts.labels(1)[0]), forms[:, index, unit], error)
                for half in part.split(wall):
                    left = half.crossed(forms[:, index, rest], None if errors is None else errors[:, rest], self.cuts)
                    waiting.append((half, [rest[number] for number in left]))
        finished = not any(pending)
        cells = type(self)(found, self.cuts, None if finished else pending)
        return cells, np.array(parents, np.int64), finished


def polytopes_of(domain: Domain) -> Polytopes:
    """Return the polytopes of a domain: a box, or as many cones of R^n as there are dimensions and one more."""
    number = domain.start.reshape(-1)[0]
    exact = domain.start.dtype == object
    one, zero = (number - number + 1), number - number
    n = domain.dimension
    if domain.bounded:
        places = np.array([[one, *corner] for corner in itertools.product(*domain.spans)])
        walls = []
        for axis, (low, high) in enumerate(domain.spans):
            for end, sign in ((low, 1), (high, -1)):
                form = np.full(n + 1, zero)
                form[0], form[axis + 1] = -end * sign, one * sign
                walls.append(Wall(-1, form, None if exact else np.zeros(n + 1)))
        sides = itertools.product((0, 1), repeat=n)
        on = [sum(1 << (2 * axis + side) for axis, side in enumerate(corner)) for corner in sides]
        return Polytopes([Polytope(places, _no_slack(len(places), exact), on, walls)], Cuts())
    cuts = Cuts()
    rays = np.array([[zero, *(_number(value, exact) for value in ray)] for ray in directions(n)])
    origin = np.array([one, *(_number(value, exact) for value in apex(n))])
    labels = {pair: int(cuts.labels(1)[0]) for pair in itertools.combinations(range(n + 1), 2)}
    cones = []
    for left in range(n + 1):
        own = [i for i in range(n + 1) if i != left]
        places = np.stack([origin, *(rays[i] for i in own)])
        walls = [Wall(-1, np.array([one, *[zero] * n]), None if exact else np.zeros(n + 1))]
        for index, i in enumerate(own):
            label = labels[min(i, left), max(i, left)] + (i < left)
            form = _through(np.delete(places, index + 1, 0), places[index + 1])
            walls.append(Wall(label, form, None if exact else EPSILON * np.abs(form)))
        everything = (1 << (n + 1)) - 1
        on = [everything ^ (1 << v) for v in range(n + 1)]
        cones.append(Polytope(places, _no_slack(n + 1, exact), on, walls))
    return Polytopes(cones, cuts)


_PRIMES: Final = (1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063, 1069)


def apex(n: int) -> list[Fraction]:
    """Return a point that no plain network has a bend at."""
    return [Fraction((-1) ** i * (137 + 74 * i), _PRIMES[i % 12]) for i in range(n)]


def directions(n: int) -> list[list[Fraction]]:
    """Return n + 1 directions, none along an axis, of which sums with positive factors give every direction."""
    rays = [
        [
            Fraction(i == j)
            + Fraction((-1) ** (i * j + j) * (11 + 17 * i + 5 * j), 40 * n * _PRIMES[(i + j) % 12] // 10)
            for j in range(n)
        ]
        for i in range(n)
    ]
    last = [-sum((ray[j] for ray in rays), Fraction(0)) for j in range(n)]
    return [*rays, last]


def _through(points: NDArray[Any], inside: NDArray[Any]) -> NDArray[Any]:
    """Return the form that is zero at n points and positive at another: homogeneous, (n + 1,)."""
    size = points.shape[1]
    form = np.array([(-1) ** j * determinant(np.delete(points, j, 1)) for j in range(size)])
    turned: NDArray[Any] = form if (form * inside).sum() > 0 else -form
    return turned


def determinant(matrix: NDArray[Any]) -> Any:
    """Return the determinant by expansion: in rationals too, and no division."""
    if len(matrix) == 1:
        return matrix[0, 0]
    rest = matrix[1:]
    return sum((-1) ** j * matrix[0, j] * determinant(np.delete(rest, j, 1)) for j in range(len(matrix)))


def _number(value: Fraction, exact: bool) -> Any:
    return value if exact else float(value)


def _no_slack(count: int, exact: bool) -> NDArray[Any]:
    return np.full(count, Fraction(0)) if exact else np.zeros(count)
