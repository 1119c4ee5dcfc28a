"""Cells and pieces of small networks with given parameters, counted one by one in rational numbers."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import NamedTuple, TypeAlias

Vector: TypeAlias = tuple[Fraction, ...]
Map: TypeAlias = tuple[tuple[Vector, Fraction], ...]
"""An affine map: for each result its slopes and its constant."""


class Layer(NamedTuple):
    """Rows of Ω and β, a unit each."""

    rows: tuple[Vector, ...]
    bias: Vector


class Activation(NamedTuple):
    """A piecewise linear function: joints in rising order, and slope and constant of each piece."""

    joints: tuple[Fraction, ...]
    pieces: tuple[tuple[Fraction, Fraction], ...]


def activation(*parts: int | str | Fraction) -> Activation:
    """Return the continuous function with slope, joint, slope, joint … slope and value 0 at its first joint."""
    numbers = [Fraction(part) for part in parts]
    joints = numbers[1::2]
    pieces = [(numbers[0], -numbers[0] * joints[0])]
    for joint, slope in zip(joints, numbers[2::2], strict=True):
        before, constant = pieces[-1]
        pieces.append((slope, (before - slope) * joint + constant))
    return Activation(tuple(joints), tuple(pieces))


RELU = activation(0, 0, 1)
LEAKY = activation("1/4", 0, 1)
HARD_TANH = activation(0, -1, 1, 1, 0)
HEAVISIDE = Activation((Fraction(0),), ((Fraction(0), Fraction(0)), (Fraction(0), Fraction(1))))

Point: TypeAlias = tuple[Fraction, Fraction]
Polygon: TypeAlias = list[Point]


def layer(rows: Sequence[Sequence[int | Fraction]], bias: Sequence[int | Fraction]) -> Layer:
    """Return a layer of the numbers given."""
    return Layer(tuple(tuple(map(Fraction, row)) for row in rows), tuple(map(Fraction, bias)))


def after(weights: Layer, before: Map) -> Map:
    """Return the affine map followed by a layer's."""
    columns = list(zip(*(slopes for slopes, _ in before), strict=True))
    constants = tuple(constant for _, constant in before)
    return tuple(
        (tuple(dot(row, column) for column in columns), bias + dot(row, constants))
        for row, bias in zip(weights.rows, weights.bias, strict=True)
    )


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return Σ a_i b_i."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def bent(activation: Activation, z: Map, pattern: Sequence[int]) -> Map:
    """Return the map followed by the activation, each unit on the piece that the pattern names."""
    found = []
    for (slopes, constant), piece in zip(z, pattern, strict=True):
        slope, shift = activation.pieces[piece]
        found.append((tuple(slope * s for s in slopes), slope * constant + shift))
    return tuple(found)


def piece_at(activation: Activation, value: Fraction) -> int:
    """Return the piece of the activation that a value is on."""
    return sum(value > joint for joint in activation.joints)


def value_at(row: tuple[Vector, Fraction], point: Sequence[Fraction]) -> Fraction:
    """Return an affine function's value."""
    return row[1] + dot(row[0], point)


def line_cells(layers: Sequence[Layer], activation: Activation, low: Fraction, high: Fraction) -> list[Map]:
    """Return the cells of a network of one input between two points, from left to right, each as the map to y.

    The last layer is the output's.
    """
    cells: list[tuple[Fraction, Fraction, Map]] = [(low, high, (((Fraction(1),), Fraction(0)),))]
    for weights in layers[:-1]:
        found = []
        for left, right, before in cells:
            z = after(weights, before)
            cuts = {
                (joint - constant) / slopes[0] for slopes, constant in z if slopes[0] for joint in activation.joints
            }
            knots = [left, *sorted(cut for cut in cuts if left < cut < right), right]
            for a, b in pairwise(knots):
                pattern = [piece_at(activation, value_at(row, [(a + b) / 2])) for row in z]
                found.append((a, b, bent(activation, z, pattern)))
        cells = found
    return [after(layers[-1], before) for _, _, before in cells]


def line_pieces(cells: Sequence[Map]) -> int:
    """Return how many pieces the cells of `line_cells` make."""
    return 1 + sum(a != b for a, b in pairwise(cells))


def plane_cells(layers: Sequence[Layer], activation: Activation, box: Polygon) -> list[tuple[Polygon, Map]]:
    """Return the cells of a network of two inputs in a convex polygon, each with the map to y."""
    identity: Map = (((Fraction(1), Fraction(0)), Fraction(0)), ((Fraction(0), Fraction(1)), Fraction(0)))
    cells = [(box, identity)]
    for weights in layers[:-1]:
        found = []
        for polygon, before in cells:
            z = after(weights, before)
            parts = [polygon]
            for slopes, constant in z:
                for joint in activation.joints:
                    parts = [part for whole in parts for part in split(whole, (slopes, constant - joint))]
            for part in parts:
                middle = [sum((point[i] for point in part), Fraction(0)) / len(part) for i in (0, 1)]
                pattern = [piece_at(activation, value_at(row, middle)) for row in z]
                found.append((part, bent(activation, z, pattern)))
        cells = found
    return [(polygon, after(layers[-1], before)) for polygon, before in cells]


def split(polygon: Polygon, row: tuple[Vector, Fraction]) -> list[Polygon]:
    """Return the parts of a convex polygon on the two sides of a line, those of positive area."""
    values = [value_at(row, point) for point in polygon]
    if not (any(value > 0 for value in values) and any(value < 0 for value in values)):
        return [polygon]
    sides: tuple[Polygon, Polygon] = ([], [])
    for i, (point, value) in enumerate(zip(polygon, values, strict=True)):
        for side, sign in zip(sides, (1, -1), strict=True):
            if sign * value >= 0:
                side.append(point)
        other, next_value = polygon[(i + 1) % len(polygon)], values[(i + 1) % len(polygon)]
        if value * next_value < 0:
            t = value / (value - next_value)
            crossing = (point[0] + t * (other[0] - point[0]), point[1] + t * (other[1] - point[1]))
            for side in sides:
                side.append(crossing)
    return list(sides)


def plane_pieces(cells: Sequence[tuple[Polygon, Map]]) -> int:
    """Return how many pieces the cells make: cells of one map that meet along a segment are one piece."""
    groups = list(range(len(cells)))

    def root(i: int) -> int:
        while groups[i] != i:
            i = groups[i]
        return i

    same: dict[Map, list[int]] = {}
    for i, (_, found) in enumerate(cells):
        same.setdefault(found, []).append(i)
    for members in same.values():
        for i, j in combinations(members, 2):
            if root(i) != root(j) and adjacent(cells[i][0], cells[j][0]):
                groups[root(i)] = root(j)
    return len({root(i) for i in range(len(cells))})


def adjacent(first: Polygon, second: Polygon) -> bool:
    """Return whether two polygons without a common inner point share a segment."""
    return any(overlap(a, b, c, d) for a, b in edges(first) for c, d in edges(second))


def edges(polygon: Polygon) -> list[tuple[Point, Point]]:
    """Return the sides."""
    return list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))


def overlap(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether the segments a b and c d have more than a point in common."""
    along = (b[0] - a[0], b[1] - a[1])
    for p in (c, d):
        if along[0] * (p[1] - a[1]) != along[1] * (p[0] - a[0]):
            return False
    positions = sorted(along[0] * (p[0] - a[0]) + along[1] * (p[1] - a[1]) for p in (c, d))
    return max(positions[0], Fraction(0)) < min(positions[1], along[0] ** 2 + along[1] ** 2)


def square(low: int | Fraction, high: int | Fraction) -> Polygon:
    """Return the square [low, high]²."""
    a, b = Fraction(low), Fraction(high)
    return [(a, a), (b, a), (b, b), (a, b)]


def sides(planes: Sequence[tuple[Sequence[int], int]]) -> set[tuple[bool, ...]]:
    """Return the sides of every cell of an arrangement in general position, of at least as many planes as dimensions.

    Every cell then has a vertex; around a vertex the hyperplanes through it take all signs, the others their own.
    Raises ValueError where the position is not general.
    """
    dimension = len(planes[0][0])
    found: set[tuple[bool, ...]] = set()
    for chosen in combinations(range(len(planes)), dimension):
        vertex = solve([planes[i][0] for i in chosen], [-planes[i][1] for i in chosen])
        values = [sum(Fraction(w) * x for w, x in zip(normal, vertex, strict=True)) + c for normal, c in planes]
        signs = [value > 0 for value in values]
        if sum(value == 0 for value in values) != dimension:
            raise ValueError("more hyperplanes through a vertex than dimensions")
        for pattern in product((False, True), repeat=dimension):
            for i, sign in zip(chosen, pattern, strict=True):
                signs[i] = sign
            found.add(tuple(signs))
    return found


def solve(matrix: Sequence[Sequence[int]], right: Sequence[int]) -> list[Fraction]:
    """Return the solution of a square linear system, by Gauss. Raises ValueError where it is singular."""
    rows = [[*map(Fraction, row), Fraction(value)] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next((k for k in range(i, len(rows)) if rows[k][i]), None)
        if pivot is None:
            raise ValueError("parallel hyperplanes")
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


def random_layers(widths: Sequence[int], number: Callable[[], int]) -> list[Layer]:
    """Return the layers of a network of these widths, inputs first, its parameters drawn one by one."""
    return [
        layer([[number() for _ in range(a)] for _ in range(b)], [number() for _ in range(b)])
        for a, b in pairwise(widths)
    ]
