"""Networks of ReLU in rational arithmetic: their values, and their linear regions on an interval or in the plane.

The ground truth for the book's numbers. Decimals are taken as they are written: 0.67 is 67/100.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from netspec.files.parameters import canonical
from netspec.spec import Composition, FullyConnected, Part, Values

Row = tuple[Fraction, ...]
Point = tuple[Fraction, Fraction]


class Map(NamedTuple):
    """β + Ω x, followed by a ReLU or by nothing; a row of `rows` is an output's (β, Ω)."""

    rows: tuple[Row, ...]
    relu: bool

    def __call__(self, x: Row) -> Row:
        """Return its value at x."""
        return tuple(self._bent(row[0] + sum(a * b for a, b in zip(row[1:], x, strict=True))) for row in self.rows)

    def after(self, maps: Sequence[Row]) -> list[Row]:
        """Return the pre-activations as affine functions (β, slopes) of what `maps` are affine functions of."""
        found = []
        for row in self.rows:
            columns = zip(*maps, strict=True)
            sums = [sum((w * m for w, m in zip(row[1:], column, strict=True)), Fraction()) for column in columns]
            found.append((row[0] + sums[0], *sums[1:]))
        return found

    def _bent(self, z: Fraction) -> Fraction:
        return max(z, Fraction()) if self.relu else z


def maps(part: Part) -> list[Map]:
    """Return the affine maps of a network whose parameters are written out in the spec or in its parts."""
    if isinstance(part.body, Composition):
        return [inner for entry in part.entries for inner in maps(entry.part)]
    written = part.claims.parameters
    assert isinstance(part.body, FullyConnected)
    assert isinstance(written, Values)
    tensors = {canonical(name): value for name, value in written.tensors.items()}
    found = []
    for k in range(part.body.depth + 1):
        beta, Omega = tensors[f"beta_{k}"], tensors[f"Omega_{k}"]
        assert isinstance(beta, list)
        assert isinstance(Omega, list)
        rows = zip(beta, Omega, strict=True)
        found.append(Map(tuple((_exact(b), *map(_exact, row)) for b, row in rows), k < part.body.depth))
    return found


def _exact(value: object) -> Fraction:
    return Fraction(str(value).replace(" ", ""))


def value(network: Sequence[Map], *x: Fraction) -> Row:
    """Return y at x."""
    y: Row = x
    for step in network:
        y = step(y)
    return y


class Interval(NamedTuple):
    """A stretch of the line on which every unit is on or off; `maps` are the outputs there, (β, slope) each."""

    left: Fraction
    right: Fraction
    maps: tuple[Row, ...]


def intervals(network: Sequence[Map], left: Fraction, right: Fraction) -> list[Interval]:
    """Return the linear regions of a network of one input on an interval; neighbours that are one map are one."""
    cells = [Interval(left, right, ((Fraction(0), Fraction(1)),))]
    for step in network:
        cells = [inner for cell in cells for inner in _cut(cell, step)]
    pieces = [cells[0]]
    for cell in cells[1:]:
        if cell.maps == pieces[-1].maps:
            pieces[-1] = pieces[-1]._replace(right=cell.right)
        else:
            pieces.append(cell)
    return pieces


def _cut(cell: Interval, step: Map) -> Iterator[Interval]:
    units = step.after(cell.maps)
    joints = {-b / slope for b, slope in units if slope} if step.relu else set()
    ends = [cell.left, *sorted(x for x in joints if cell.left < x < cell.right), cell.right]
    for left, right in pairwise(ends):
        middle = (left + right) / 2
        yield Interval(left, right, _switched(step, units, (middle,)))


class Polygon(NamedTuple):
    """A convex part of the plane on which every unit is on or off; `maps` are the outputs there, (β, slopes) each."""

    corners: tuple[Point, ...]
    maps: tuple[Row, ...]


def polygons(network: Sequence[Map], left: Fraction, right: Fraction) -> list[Polygon]:
    """Return the cells of a network of two inputs on the square [left, right]²."""
    zero, one = Fraction(0), Fraction(1)
    square = ((left, left), (right, left), (right, right), (left, right))
    cells = [Polygon(square, ((zero, one, zero), (zero, zero, one)))]
    for step in network:
        cells = [inner for cell in cells for inner in _cut_polygon(cell, step)]
    return cells


def _cut_polygon(cell: Polygon, step: Map) -> Iterator[Polygon]:
    units = step.after(cell.maps)
    parts = [cell.corners]
    for unit in units if step.relu else ():
        parts = [part for whole in parts for part in _halves(whole, unit)]
    for part in parts:
        centre = tuple(sum(axis, Fraction()) / len(part) for axis in zip(*part, strict=True))
        yield Polygon(part, _switched(step, units, centre))


def _halves(corners: tuple[Point, ...], line: Row) -> list[tuple[Point, ...]]:
    """Return the parts of a convex polygon on both sides of a line, or the polygon where it lies on one."""
    heights = [line[0] + line[1] * x + line[2] * y for x, y in corners]
    if min(heights) >= 0 or max(heights) <= 0:
        return [corners]
    below: list[Point] = []
    above: list[Point] = []
    for i, (corner, height) in enumerate(zip(corners, heights, strict=True)):
        for side, inside in ((below, height <= 0), (above, height >= 0)):
            if inside:
                side.append(corner)
        following, next_height = corners[(i + 1) % len(corners)], heights[(i + 1) % len(corners)]
        if height * next_height < 0:
            t = height / (height - next_height)
            crossing = (corner[0] + t * (following[0] - corner[0]), corner[1] + t * (following[1] - corner[1]))
            below.append(crossing)
            above.append(crossing)
    return [tuple(below), tuple(above)]


def _switched(step: Map, units: Sequence[Row], x: Row) -> tuple[Row, ...]:
    """Return the units as they are at x: those that are off are 0."""
    on = [not step.relu or unit[0] + sum(a * b for a, b in zip(unit[1:], x, strict=True)) > 0 for unit in units]
    return tuple(unit if is_on else (Fraction(0),) * len(unit) for unit, is_on in zip(units, on, strict=True))
