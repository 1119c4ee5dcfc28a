"""The regions of a network from the cells of its layers, dimension by dimension.

With w(l, d, a) the cells of layer l on a d-dimensional part that leave a dimensions,

    R(L + 1, d) = 1,   R(l, d) = Σ_a w(l, d, a) R(l + 1, a)

bounds the regions of the layers from l on (Serra et al. 2018; Hinz 2021), and R(1, D_i) the network's. Where Ω_l has
rank r, a part of d dimensions counts as one of min(d, r). A layer is a triangular matrix over the dimensions that can
occur, so equal layers in a row are a power of it.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias, TypeVar

from netspec.bounds.arrangements import MOST_BITS, cells, sum_work, terms
from netspec.bounds.histograms import Rows, hinz_rows, serra_rows
from netspec.bounds.magnitude import Rounded
from netspec.bounds.stages import Stage, dimensions

Number = TypeVar("Number", int, Rounded)
Counted: TypeAlias = tuple[int | None, Rounded]
"""A bound: exactly, where that is worth the work, and rounded."""

_MOST_WORK: Final = 80_000
"""Steps that one recursion may take; a step, one product of short integers, is some 100 to 150 ns."""

_ROUNDED_WORK: Final = 8
"""Steps that a product of rounded numbers takes."""


class Step(NamedTuple):
    """A stage and the dimensions, low … high, that its matrix is over.

    start: the first dimension for which a row is needed: `low`, but in the first layer, which has the inputs alone,
    `high`. mixes: some cells keep fewer dimensions than came in; else the matrix is diagonal.
    """

    stage: Stage
    low: int
    start: int
    high: int
    mixes: bool

    @property
    def squares(self) -> bool:
        """Whether the power of the matrix is sooner found by squaring."""
        return self.stage.count > (self.high - self.low + 1) * self.stage.count.bit_length()


def regions(inputs: int, stages: Sequence[Stage], hinz: bool, by_cells: Counted) -> Counted | None:
    """Return the bound R(1, D_i) by Hinz's or Serra's counts, or None where even a rounded one is too much work.

    The stages are joined, and none follows one that steps. `by_cells` is the product of the layers' cells, which is the
    bound where no cell is counted with fewer dimensions than came in, and else above it.
    """
    steps = steps_of(inputs, stages, hinz)
    if not any(step.mixes for step in steps):
        return by_cells
    most = by_cells[1]
    exact = most.bits <= MOST_BITS and _work(steps, most.bits // 30, hinz) <= _MOST_WORK
    if not exact and _work(steps, 0, hinz) * _ROUNDED_WORK > _MOST_WORK:
        return None
    matrices = matrices_of(steps, hinz)
    if matrices is None:
        return None
    if not exact:
        rounded = _solve(steps, matrices, lambda value: Rounded(value, up=True))
        exact = rounded.bits <= MOST_BITS and _work(steps, rounded.bits // 30, hinz) <= _MOST_WORK
        if not exact:
            return None, rounded
    value = _solve(steps, matrices, lambda value: value)
    return value, Rounded(value, up=True)


def _fewest(stage: Stage, dimension: int, hinz: bool) -> int:
    """Return the fewest dimensions that a cell of the stage counts as having left, of `dimension`."""
    if not stage.collapses or not stage.breakpoints:
        return dimension
    if hinz and stage.breakpoints == 1:
        return min(dimension, (stage.units - dimension + 1) // 2)
    return min(dimension, stage.units - dimension)


def steps_of(inputs: int, stages: Sequence[Stage], hinz: bool) -> list[Step]:
    """Return the stages with the dimensions that occur in each; one round of a stage reaches the lowest of them."""
    steps: list[Step] = []
    low = inputs
    for stage, high in zip(stages, dimensions(inputs, stages), strict=True):
        final = len(steps) + 1 == len(stages) and stage.count == 1  # nothing cuts what is left behind the last layer
        fewest = high if final else _fewest(stage, high, hinz)
        low = min(low, fewest)
        start = low if steps or stage.count > 1 else high
        steps.append(Step(stage, low, start, high, fewest < high))
    return steps


def _work(steps: Sequence[Step], limbs: int, hinz: bool) -> int:
    """Return the steps that the recursion takes with numbers of so many limbs of 30 bits, or more than are allowed."""
    total = 0
    square = 1 + limbs * _root(limbs) // 10  # a product of two long integers (Karatsuba)
    short = 1 + limbs // 20  # of a long one and a cell count
    for step in steps:
        size, rows = step.high - step.low + 1, step.high - step.start + 1
        entries = rows * (2 * size - rows + 1) // 2
        if not step.mixes:
            total += size * (step.stage.count.bit_length() + square * (step.stage.count > 1) + short)
        elif step.squares:
            total += (step.stage.count.bit_length() + 2 * square) * (size**3 // 6 + size**2)
        else:
            total += step.stage.count * entries * short
        if step.mixes:  # the matrix; a binomial coefficient C(n, n/2) takes some n²/2000 steps
            total += entries * (10 + step.stage.units**2 // 1000 if hinz else 1 + step.stage.units // 1000)
        total += sum_work(step.stage.units, step.high, step.stage.breakpoints)
        if total > _MOST_WORK:
            break
    return total


def _root(number: int) -> int:
    """Return the least power of two whose square is at least the number."""
    return 1 << (number.bit_length() + 1) // 2


def matrices_of(steps: Sequence[Step], hinz: bool) -> list[Rows] | None:
    """Return each step's matrix; equal ones are one. None where a count of cells is out of reach."""
    known: dict[tuple[int, int, int, int, int, bool], Rows] = {}
    found = []
    for step in steps:
        stage, low, start, high, mixes = step
        key = (stage.units, stage.breakpoints, low, start, high, mixes)
        rows = known.get(key)
        if rows is None:
            if not mixes:
                most = cells(stage.units, high, stage.breakpoints)
                if most is None:
                    return None
                fewer = terms(stage.units, high - 1, stage.breakpoints) if start < high else []
                counts = [*list(accumulate(fewer))[start:], most]
                rows = [[0] * (d - low) + [count] for d, count in enumerate(counts, start)]
            elif hinz and stage.breakpoints == 1:
                rows = hinz_rows(stage.units, low, start, high)
            else:
                rows = serra_rows(stage.units, stage.breakpoints, low, start, high)
            known[key] = rows
        found.append(rows)
    return found


def _solve(steps: Sequence[Step], matrices: Sequence[Rows], number: Callable[[int], Number]) -> Number:
    """Return R(1, D_i) in the numbers that `number` makes."""
    low = high = 0
    values = [number(1)]  # R(L + 1, d), whatever the dimension
    for step, rows in zip(reversed(steps), reversed(matrices), strict=True):
        values = [values[min(d, high) - low] for d in range(step.low, step.high + 1)]
        low, high = step.low, step.high
        matrix = [[number(weight) for weight in row] for row in rows]
        count = step.stage.count
        if not step.mixes:
            values = [power_of(row[-1], count) * values[len(row) - 1] for row in matrix]
        elif step.squares:
            while count:
                if count & 1:
                    values = apply(matrix, values)
                count >>= 1
                if count:
                    matrix = square(matrix, number(0))
        else:
            for _ in range(count):
                values = apply(matrix, values)
    return values[-1]


def power_of(base: Number, power: int) -> Number:
    """Return base^power."""
    result: Number = base**power
    return result


def apply(matrix: list[list[Number]], values: list[Number]) -> list[Number]:
    """Return rows of a triangular matrix, each as long as it has entries, times the values."""
    result = []
    for row in matrix:
        total = row[-1] * values[len(row) - 1]
        for weight, value in zip(row[:-1], values, strict=False):
            if weight:
                total = total + weight * value
        result.append(total)
    return result


def square(matrix: list[list[Number]], zero: Number) -> list[list[Number]]:
    """Return the triangular matrix times itself."""
    result = []
    for i, row in enumerate(matrix):
        entries = []
        for j in range(i + 1):
            total = zero
            for k in range(j, i + 1):
                if row[k] and matrix[k][j]:
                    total = total + row[k] * matrix[k][j]
            entries.append(total)
        result.append(entries)
    return result
