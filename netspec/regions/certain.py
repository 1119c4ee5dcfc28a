"""Which side of a hyperplane a vertex is on, in whole numbers, where float64 leaves it open.

The numbers of a network in float64 are whole numbers times powers of two, and so are the forms of its units on a
cell. A vertex is where all the hyperplanes that it lies on are zero; which pieces the other units are in there is
guessed from float64, and the guess is put right until the vertex that it gives agrees with it.
"""

import math
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.frames import Frame
from netspec.regions.steps import Array, Bend, Chain, Forms, Linear, Step, evaluated
from netspec.regions.values import result_at

MOST_WEIGHTS: Final = 1 << 17
"""Weights of a step that are made whole numbers."""
_GUESSES: Final = 4
_KEPT: Final = 4096
_SURE_BITS: Final = 48

Whole = NDArray[Any]
"""Integers of Python."""


class Scaled(NamedTuple):
    """The numbers `whole` · 2^`power`."""

    whole: Whole
    power: int


class Vertex(NamedTuple):
    """A vertex in homogeneous coordinates x of whole numbers, and the heights of a step's units there, with a scale."""

    x: Whole
    heights: Scaled
    sizes: Whole

    def at(self, certain: "Certain", place: Array, row: int) -> tuple[Array, Array | None]:
        """Return where the vertex is in a frame, being near `place`, and the heights from a row on; None where the
        first of these is nothing, or no more than what rounding of the network itself would do.
        """
        frame, basis = certain.frame, certain.basis
        towards = frame.back[certain.columns] @ place
        best = 0 if frame.flat else int(np.argmax(np.abs(towards)))
        over, under = float(towards[best]).as_integer_ratio()
        ratio = over, under * int(self.x[best])
        there = _floats(Scaled(basis.whole @ self.x, basis.power), ratio)
        if abs(self.heights.whole[row]) << _SURE_BITS <= self.sizes[row]:
            return there, None
        return there, _floats(Scaled(self.heights.whole[row:], self.heights.power), ratio)


class Certain:
    """The forms of a chain's units in whole numbers, made when they are asked for."""

    def __init__(self, chain: Chain, frame: Frame, start: Forms) -> None:
        self.chain, self.frame, self.start = chain, frame, start
        self.columns = _columns(frame)
        self.basis = scaled(frame.basis[:, self.columns])
        self.forms: dict[tuple[Any, ...], Scaled] = {}

    def vertex(self, place: Array, on: list[tuple[int, int] | Scaled], index: int) -> Vertex | None:
        """Return the vertex near `place` that lies on units, (step, row), and on forms of walls.

        None where it is not found, or a step has too many weights. Its heights are those of step `index`, which bends,
        and no unit that the vertex lies on is of a later one.
        """
        pieces = self._guess(place, index)
        units = [each for each in on if not isinstance(each, Scaled)]
        for _ in range(_GUESSES):
            known = self._through(pieces, index)
            if known is None:
                return None
            rows = [
                known[each[0]].whole[:, each[1]] if not isinstance(each, Scaled) else each.whole[self.columns]
                for each in on
            ]
            x = null(rows)
            if x is None:
                return None
            towards = self.frame.back[self.columns] @ place
            best = int(np.argmax(np.abs(towards)))
            if x[best] == 0:
                return None
            if (x[best] > 0) != (towards[best] > 0):
                x = -x
            again = self._pieces_at(known, x, index, units, pieces)
            if all(np.array_equal(again[step], pieces[step]) for step in again):
                forms = known[index]
                return Vertex(x, Scaled(x @ forms.whole, forms.power), abs(x) @ abs(forms.whole))
            pieces = again
        return None

    def _guess(self, place: Array, index: int) -> dict[int, NDArray[np.int64]]:
        values: dict[int, Array] = {0: (self.frame.back @ place)[None] @ self.start[:, 0]}
        far = self.frame.back[:1] @ place
        found = {}
        for number, step in enumerate(self.chain.steps[:index]):
            if isinstance(step, Bend):
                z = values[step.operands[0]].reshape(-1)
                found[number] = sum((z > point * far[0] for point in step.points), np.zeros(len(z), np.int64))
            values[step.result] = result_at(step, [values[operand] for operand in step.operands], far)
        return found

    def _pieces_at(
        self,
        known: dict[int, Scaled],
        x: Whole,
        index: int,
        units: list[tuple[int, int]],
        pieces: dict[int, NDArray[np.int64]],
    ) -> dict[int, NDArray[np.int64]]:
        """Return in which pieces units are at a vertex; those that it lies on stay where they were taken to be."""
        found = {}
        for number, step in enumerate(self.chain.steps[:index]):
            if isinstance(step, Bend):
                heights = x @ known[number].whole
                piece = (heights > 0).reshape(len(step.points), -1).sum(0)
                for at, row in units:
                    if at == number:
                        piece[row % len(piece)] = pieces[number][row % len(piece)]
                found[number] = piece
        return found

    def _through(self, pieces: dict[int, NDArray[np.int64]], index: int) -> dict[int, Scaled] | None:
        """Return the forms of each bending step's rows, (m, rows), up to step `index`, given the pieces before it."""
        values: dict[int, Scaled] = {0: self._inputs()}
        known: dict[int, Scaled] = {}
        key: tuple[Any, ...] = ()
        for number, step in enumerate(self.chain.steps[: index + 1]):
            if isinstance(step, Bend):
                z = values[step.operands[0]]
                known[number] = self._rows(step, z)
                if number == index:
                    break
                key = (*key, pieces[number].tobytes())
            elif number not in self.weights:
                return None
            made = self.forms.get((number, key))
            if made is None:
                if len(self.forms) > _KEPT:
                    self.forms.clear()
                if isinstance(step, Bend):
                    made = self._bent(step, values, pieces[number])
                else:
                    made = self._mapped(number, step, values)
                self.forms[number, key] = made
            values[step.result] = made
        return known

    def _inputs(self) -> Scaled:
        return scaled(self.start[self.columns, 0])

    def _one(self) -> Whole:
        """Return x_0 as a form."""
        return _integers(np.eye(len(self.frame.back))[self.columns, 0])

    def _rows(self, step: Bend, z: Scaled) -> Scaled:
        """Return z less each point, side by side."""
        return _beside([_less(z, float(point), self._one()) for point in step.points])

    def _bent(self, step: Bend, values: dict[int, Scaled], piece: NDArray[np.int64]) -> Scaled:
        z = values[step.operands[0]]
        slopes = scaled(_of(step.slopes, piece))
        y = Scaled(z.whole * slopes.whole, z.power + slopes.power)
        if step.offsets.any():
            offsets = scaled(_of(step.offsets, piece))
            y = _sum(y, Scaled(np.multiply.outer(self._one(), offsets.whole), offsets.power))
        return y

    def _mapped(self, number: int, step: Step, values: dict[int, Scaled]) -> Scaled:
        weights, constant = self.weights[number]
        result = total(
            [
                Scaled(values[operand].whole @ weight.whole, values[operand].power + weight.power)
                for operand, weight in zip(step.operands, weights, strict=True)
            ]
        )
        if constant is not None:
            result = _sum(result, Scaled(np.multiply.outer(self._one(), constant.whole), constant.power))
        return result

    @cached_property
    def weights(self) -> dict[int, tuple[list[Scaled], Scaled | None]]:
        """Of each linear step its matrices (from, to), one for each operand, and its constant; none are too large."""
        shapes = shapes_of(self.chain)
        found = {}
        for number, step in enumerate(self.chain.steps):
            if not isinstance(step, Linear):
                continue
            sizes = [math.prod(shapes[operand]) for operand in step.operands]
            if sum(sizes) * math.prod(shapes[step.result]) > MOST_WEIGHTS:
                break
            matrices = []
            for index, size in enumerate(sizes):
                ones = [np.zeros((size, *shapes[operand])) for operand in step.operands]
                ones[index] = np.eye(size).reshape(ones[index].shape)
                matrices.append(scaled(step.act(ones).reshape(size, -1)))
            found[number] = matrices, None if step.constant is None else scaled(step.constant.reshape(-1))
        return found


def shapes_of(chain: Chain) -> dict[int, tuple[int, ...]]:
    """Return the shape of each value of a chain, the rows left aside."""
    values: dict[int, Array] = {0: np.zeros((1, chain.inputs))}
    for step in chain.steps:
        values[step.result] = evaluated(step, [values[operand] for operand in step.operands])
    return {value: there.shape[1:] for value, there in values.items()}


def scaled(numbers: Array) -> Scaled:
    """Return numbers of float64 exactly."""
    mantissas, exponents = np.frexp(np.asarray(numbers, np.float64))
    power = int(exponents[mantissas != 0].min(initial=1 << 12)) - 53
    if power == (1 << 12) - 53:
        return Scaled(_integers(mantissas), 0)
    whole = _integers(np.ldexp(mantissas, 53))
    shifts = np.where(mantissas != 0, exponents - 53 - power, 0)
    shifted = np.array(
        [number << int(by) for number, by in zip(whole.reshape(-1), shifts.reshape(-1), strict=True)], object
    )
    return Scaled(shifted.reshape(np.shape(numbers)), power)


def _integers(numbers: Array) -> Whole:
    found = np.empty(np.size(numbers), object)
    found[:] = [int(number) for number in np.reshape(numbers, -1)]
    return found.reshape(np.shape(numbers))


def _of(table: Array, piece: NDArray[np.int64]) -> Array:
    flat = table.reshape(len(table), -1)
    found: Array = flat[piece, np.arange(len(piece)) % flat.shape[1]]
    return found


def _sum(one: Scaled, other: Scaled) -> Scaled:
    power = min(one.power, other.power)
    return Scaled(one.whole * (1 << (one.power - power)) + other.whole * (1 << (other.power - power)), power)


def _less(z: Scaled, point: float, one: Whole) -> Scaled:
    if point == 0:
        return z
    at = scaled(np.full(z.whole.shape[1], -float(point)))
    return _sum(z, Scaled(np.multiply.outer(one, at.whole), at.power))


def _beside(parts: list[Scaled]) -> Scaled:
    power = min(each.power for each in parts)
    return Scaled(np.concatenate([each.whole * (1 << (each.power - power)) for each in parts], 1), power)


def null(rows: list[Whole]) -> Whole | None:
    """Return the vector on which m - 1 forms of m numbers are zero, up to its length; None where there are more.

    Elimination without fractions: each number is a minor, and division by the last pivot is exact (Bareiss 1968).
    """
    matrix = [[int(number) for number in row] for row in rows]
    size = len(matrix[0])
    pivots: list[int] = []
    last = 1
    for column in range(size):
        at = len(pivots)
        found = next((i for i in range(at, len(matrix)) if matrix[i][column]), None)
        if found is None:
            continue
        matrix[at], matrix[found] = matrix[found], matrix[at]
        head, own = matrix[at][column], matrix[at]
        for i, row in enumerate(matrix):
            if i != at:
                factor = row[column]
                matrix[i] = [(head * a - factor * b) // last for a, b in zip(row, own, strict=True)]
        pivots.append(column)
        last = head
    if len(pivots) < size - 1:
        return None
    (free,) = set(range(size)) - {*pivots}
    x = np.empty(size, object)
    x[free] = last
    x[pivots] = [-row[free] for row in matrix]
    return x


def total(parts: list[Scaled]) -> Scaled:
    """Return the sum."""
    found = parts[0]
    for part in parts[1:]:
        found = _sum(found, part)
    return found


def _columns(frame: Frame) -> slice:
    """Return which of the coordinates x there are: without x_0, where points are directions."""
    return slice(0, None) if len(frame.back) == len(frame.places) else slice(1, None)


def _floats(numbers: Scaled, ratio: tuple[int, int]) -> Array:
    """Return numbers times a quotient, in float64."""
    over, under = ratio
    if numbers.power >= 0:
        over <<= numbers.power
    else:
        under <<= -numbers.power
    return np.array([int(number) * over / under for number in numbers.whole])
