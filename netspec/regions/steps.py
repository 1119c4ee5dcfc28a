"""What a piecewise linear network is made of, for given parameters: affine maps, bends, and largest elements.

Values are arrays (rows, *shape) of float64, or of rationals (`object`) where the arithmetic is exact. An affine form on
n coordinates is n + 1 rows: the constant, then a slope for each coordinate; forms for many cells at once are arrays
(n + 1, cells, *shape).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Forms: TypeAlias = NDArray[Any]
"""Affine forms: (n + 1, cells, *shape), the constants first."""


class Linear(NamedTuple):
    """result = act(operands) + constant. `act` is linear, from arrays (rows, *shape) to one of the same rows; with a
    constant, to one of its own memory.

    `matrix` (to, from) is the whole of `act` where it maps one flat operand by a matrix. `size` is the act with the
    magnitudes of its weights, `act` itself where none is negative, and `terms` is how many products and sums round an
    element of the result: 0 where `act` only moves elements, or where its factors are powers of two.
    """

    operands: tuple[int, ...]
    result: int
    act: Callable[[Sequence[Array]], Array]
    constant: Array | None
    place: str
    matrix: Array | None = None
    size: Callable[[Sequence[Array]], Array] | None = None
    terms: int = 0

    def forms(self, operands: Sequence[Forms]) -> Forms:
        """Return the result's forms."""
        first = operands[0]
        joined = [each.reshape(first.shape[0] * first.shape[1], *each.shape[2:]) for each in operands]
        acted = self.act(joined)
        y: Forms = acted.reshape(*first.shape[:2], *acted.shape[1:])
        if self.constant is not None:
            y[0] += self.constant
        return y


class Bend(NamedTuple):
    """result = slopes[i] z + offsets[i] where z lies in piece i: below `points[0]`, between two points, above the last.

    `slopes` and `offsets` are (pieces, *shape) or broadcast to it, `points` are numbers that rise.
    """

    operands: tuple[int, ...]
    result: int
    points: tuple[Any, ...]
    slopes: Array
    offsets: Array
    place: str


class Largest(NamedTuple):
    """result[j] = the largest of the elements `places[j]` of the flat operand; -1 names none.

    `places` is (elements of the result, window); `shape` is the result's.
    """

    operands: tuple[int, ...]
    result: int
    places: NDArray[np.int64]
    shape: tuple[int, ...]
    place: str


Step: TypeAlias = Linear | Bend | Largest


class Chain(NamedTuple):
    """A network as steps on one flat input x of n numbers, all inputs in a row: value 0. y is the value `output`, flat.

    `last_read[i]` are the values that no step after step i reads. `exact` says that numbers are rationals.
    """

    inputs: int
    outputs: int
    steps: tuple[Step, ...]
    output: int
    last_read: tuple[tuple[int, ...], ...]
    exact: bool

    @property
    def bends(self) -> int:
        """How many steps can cut a cell."""
        return sum(not isinstance(step, Linear) for step in self.steps)

    def numbers(self, values: object) -> Array:
        """Return an array in the chain's arithmetic."""
        from netspec.regions.numbers import rationals

        return rationals(values) if self.exact else np.asarray(values, np.float64)

    def evaluate(self, x: Array) -> Array:
        """Return y, (rows, outputs), for x, (rows, inputs)."""
        values: dict[int, Array] = {0: x}
        for step, done in zip(self.steps, self.last_read, strict=True):
            values[step.result] = evaluated(step, [values[operand] for operand in step.operands])
            for value in done:
                del values[value]
        return values[self.output]


def last_reads(steps: Sequence[Step], result: int) -> tuple[tuple[int, ...], ...]:
    """Return for each step the values that none after it reads; `result` is read at the end."""
    read: dict[int, int] = {}
    for index, step in enumerate(steps):
        for operand in step.operands:
            read[operand] = index
    last: list[list[int]] = [[] for _ in steps]
    for value, index in read.items():
        if value != result:
            last[index].append(value)
    for index, step in enumerate(steps):
        if step.result not in read and step.result != result:
            last[index].append(step.result)
    return tuple(map(tuple, last))


def jumps(step: Step) -> bool:
    """Return whether a step jumps where it bends, rounding left aside."""
    if not isinstance(step, Bend):
        return False
    for i, point in enumerate(step.points):
        after = step.slopes[i + 1] * point
        apart = after - step.slopes[i] * point + step.offsets[i + 1] - step.offsets[i]
        size = np.abs(after) + np.abs(step.offsets[i + 1])
        if (np.abs(apart) > size / 2**50).any():
            return True
    return False


@np.errstate(over="ignore", invalid="ignore")  # of the values only the sizes are asked for
def live_elements(chain: Chain) -> list[int]:
    """Return for each step how many elements the values have that stand at its end, and its operands."""
    x = np.full((1, chain.inputs), chain.numbers(0)[()])
    values: dict[int, Array] = {0: x}
    found = []
    for step, done in zip(chain.steps, chain.last_read, strict=True):
        values[step.result] = evaluated(step, [values[operand] for operand in step.operands])
        found.append(max(1, sum(value.size for value in values.values())))
        for value in done:
            del values[value]
    return found


def evaluated(step: Step, operands: Sequence[Array]) -> Array:
    """Return a step's result for values of its operands, (rows, *shape)."""
    if isinstance(step, Linear):
        acted = step.act(operands)
        return acted if step.constant is None else acted + step.constant
    (z,) = operands
    if isinstance(step, Bend):
        piece = pieces_of(z, step.points)
        return chosen(step.slopes, piece) * z + chosen(step.offsets, piece)
    return taken(z.reshape(len(z), -1), step)


def pieces_of(z: Array, points: Sequence[Any]) -> NDArray[np.int64]:
    """Return the number of the piece in which each element lies; a point belongs to the piece below it."""
    piece = np.zeros(z.shape, np.int64)
    for point in points:
        piece += (z > point).astype(np.int64)
    return piece


def chosen(table: Array, piece: NDArray[np.int64]) -> Array:
    """Return table[piece] elementwise, the table being (pieces, *shape) or broadcast to it. piece: (rows, *shape)."""
    if table[0].size == 1:
        flat: Array = table.reshape(len(table))[piece]
        return flat
    whole = np.broadcast_to(table, (len(table), *piece.shape[1:]))
    found: Array = np.take_along_axis(whole[:, None], piece[None], 0)[0]
    return found


def taken(flat: Array, step: Largest) -> Array:
    """Return the largest of each window. flat: (rows, elements)."""
    picked = np.take_along_axis(flat, winners(flat, step.places), 1)
    return picked.reshape(len(flat), *step.shape)


def winners(flat: Array, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which element of the operand is the largest of each window, the first of equals: (rows, windows)."""
    best = np.broadcast_to(places[:, 0], (len(flat), len(places))).copy()
    for column in range(1, places.shape[1]):
        place = np.broadcast_to(places[:, column], best.shape)
        here, there = np.take_along_axis(flat, best, 1), np.take_along_axis(flat, place, 1)
        better = (place >= 0) & ((best < 0) | (there > here))
        best = np.where(better, place, best)
    return best
