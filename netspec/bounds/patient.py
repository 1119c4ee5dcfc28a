"""Bounds on regions for those who wait: exact integers where the quick bounds of `region_bounds` give a logarithm.

Serra's recursion needs few products. For b breakpoints a cell with j inactive units leaves n - j dimensions whatever d
is, so a layer of n units maps R(l + 1, ·) to

    R(l, d) = Z(n, min(d, n - d), b) R(l + 1, d) + Σ_{n - d ≤ a < d} C(n, n - a) b^(n - a) R(l + 1, a)

and the sum grows by two terms from d to d + 1: 2d products a layer instead of d²/2. They are of a short integer and of
one that grows from layer to layer, so half of the layers are gone through from the front and half from the back: the
numbers stay half as long, and the two halves meet in one sum of products. Many equal layers of few dimensions are a
power of their matrix.

Hinz's counts depend on d, so that its matrices are full: it is worked out to width 200, and left out beyond.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from netspec.bounds.arrangements import MOST_BITS, cells, most_digits, terms
from netspec.bounds.bounds import HINZ, SERRA, RegionBounds, bound_of, cut_by_steps, product_of_cells, region_bounds
from netspec.bounds.histograms import Rows, hinz_rows
from netspec.bounds.magnitude import Rounded
from netspec.bounds.recursion import Counted, Number, Step, apply, square, steps_of
from netspec.bounds.stages import Stage, joined

HINZ_WIDTH: Final = 200
"""The widest layer that Hinz's bound is worked out for."""

_MOST_TIME: Final = 30 * 10**9
"""Nanoseconds that one recursion may take, as estimated."""

_TERM: Final = 150  # nanoseconds of a product of short integers, with the loop around it
_ROUNDED: Final = 1_500  # of a product of rounded numbers
_MOST_UNITS: Final = 20_000  # binomial coefficients of wider layers take longer than all else
_SMALL: Final = 64  # dimensions up to which a matrix is raised to powers
_MOST_BYTES: Final = 500_000_000  # that the counts of layers that differ take


class Counts(NamedTuple):
    """A layer's cells over the dimensions low … high, for Serra's recursion or as a matrix.

    kept: for each d the cells that keep all dimensions. fewer: for each a < high the cells with n - a inactive units,
    where the layer mixes. rows: the matrix, where the layer's counts are full (Hinz), else None.
    """

    kept: list[int]
    fewer: list[int]
    rows: Rows | None


def patient_bounds(inputs: int, stages: Sequence[Stage]) -> RegionBounds:
    """Return the bounds of `region_bounds` with more patience: exact up to 100,000 digits, in a minute or two at most.

    Serra's bound for 784 inputs and 100 layers of 1000 takes 3 s. `hinz` is None where a layer is wider than 200.
    """
    found = region_bounds(inputs, stages)
    runs = joined(stages)
    if not runs or (found.serra is not None and found.serra.value == 1):
        return found
    cut = cut_by_steps(runs)
    by_cells = product_of_cells(inputs, cut)
    serra, hinz = found.serra, found.hinz
    if serra is None or serra.value is None:
        by_serra = count_regions(inputs, cut, hinz=False, by_cells=by_cells)
        serra = serra if by_serra is None else bound_of(*by_serra, SERRA)
    narrow = max(stage.units for stage in cut) <= HINZ_WIDTH
    if narrow and (hinz is None or hinz.value is None):
        by_hinz = count_regions(inputs, cut, hinz=True, by_cells=by_cells)
        hinz = hinz if by_hinz is None else bound_of(*by_hinz, HINZ)
    upper = min(
        (bound for bound in (hinz, serra, found.upper) if bound is not None),
        key=lambda bound: (bound.log10, bound.value is None),
    )
    return RegionBounds(found.lower, upper, serra, hinz if narrow else found.hinz)


def count_regions(inputs: int, stages: Sequence[Stage], hinz: bool, by_cells: Counted) -> Counted | None:
    """Return Serra's or Hinz's bound, None where even a rounded one is too much work.

    The stages are joined, and none follows one that steps; `by_cells` is the product of the layers' cells.
    """
    steps = steps_of(inputs, stages, hinz)
    if max(stage.units for stage in stages) > _MOST_UNITS or _rounded_time(steps, hinz) > _MOST_TIME:
        return None
    if not any(step.mixes for step in steps):
        return by_cells
    layers = _layers(steps, hinz) if _bytes(steps, hinz) <= _MOST_BYTES else None
    if layers is None:
        return None
    rounded = _solve(layers, lambda value: Rounded(value, up=True))
    if rounded.bits > MOST_BITS or _exact_time(steps, rounded.bits, hinz) > _MOST_TIME:
        return None, rounded
    value = _solve(layers, lambda value: value)
    return value, Rounded(value, up=True)


def _size(step: Step) -> int:
    return step.high - step.low + 1


def _full(step: Step, hinz: bool) -> bool:
    """Whether the step's counts are a full matrix: by Hinz, or to be raised to a power."""
    return step.mixes and (step.squares or (hinz and step.stage.breakpoints == 1))


def _products(step: Step, hinz: bool) -> int:
    """Return how many products a step takes, those of squarings left out."""
    size = _size(step)
    if not _full(step, hinz):
        return step.stage.count * 2 * size
    if step.squares:
        return step.stage.count.bit_length() * (size * size + size**3 // 6)
    return step.stage.count * size * size // 2


def _rounded_time(steps: Sequence[Step], hinz: bool) -> int:
    return sum(_products(step, hinz) * _ROUNDED for step in steps)


def _exact_time(steps: Sequence[Step], bits: int, hinz: bool) -> int:
    """Return the nanoseconds that exact integers take whose longest has so many bits."""
    limbs = bits // 60 + 1  # half of them, on the way there
    total = 0
    for step in steps:
        most = most_digits(step.stage.units, min(step.high, step.stage.units), max(1, step.stage.breakpoints))
        weight = limbs if _full(step, hinz) and step.squares else most // 30 + 1
        total += _products(step, hinz) * (_TERM + min(weight, limbs) * limbs)
    return total


def _bytes(steps: Sequence[Step], hinz: bool) -> int:
    """Return the bytes that the counts of layers that differ take, or more."""
    total = 0
    for stage, low, _, high, mixes in {step._replace(stage=step.stage._replace(count=1)) for step in steps}:
        size = high - low + 1
        numbers = size * size // 2 if mixes and (hinz or size <= _SMALL) else 2 * size
        total += numbers * (32 + most_digits(stage.units, min(high, stage.units), max(1, stage.breakpoints)) // 7)
    return total


def _layers(steps: Sequence[Step], hinz: bool) -> list[tuple[Step, Counts]] | None:
    """Return the steps with their counts; equal ones are one. None where a count of cells is out of reach."""
    known: dict[tuple[object, ...], Counts] = {}
    found = []
    for step in steps:
        stage, low, _, high, mixes = step
        key = (stage.units, stage.breakpoints, stage.collapses, low, high, mixes, _full(step, hinz))
        if key not in known:
            counts = _counts(step, hinz)
            if counts is None:
                return None
            known[key] = counts
        found.append((step, known[key]))
    return found


def _counts(step: Step, hinz: bool) -> Counts | None:
    stage, low, _, high, mixes = step
    if mixes and hinz and stage.breakpoints == 1:
        return Counts([], [], hinz_rows(stage.units, low, low, high))
    if not mixes:
        most = cells(stage.units, high, stage.breakpoints, work=_MOST_TIME // _TERM)
        if most is None:
            return None
        sums = [*accumulate(terms(stage.units, high - 1, stage.breakpoints)), most]
        return Counts(sums[low:], [], None)
    counts = terms(stage.units, high, stage.breakpoints)
    sums = list(accumulate(counts))
    kept = [sums[min(d, stage.units - d)] for d in range(low, high + 1)]
    fewer = [counts[stage.units - a] if stage.units - a <= high else 0 for a in range(low, high)]
    if not step.squares:
        return Counts(kept, fewer, None)
    rows = [
        [*(fewer[a - low] if stage.units - a <= d else 0 for a in range(low, d)), kept[d - low]]
        for d in range(low, high + 1)
    ]
    return Counts([], [], rows)


def _solve(layers: Sequence[tuple[Step, Counts]], number: Callable[[int], Number]) -> Number:
    """Return R(1, D_i) in the numbers that `number` makes: from the front and from the back, to the middle."""
    front, back = _halves(layers)
    weights = [number(1)]  # how often a part of so many dimensions comes out of the layers in front
    low = layers[0][0].high
    for step, counts in front:
        fresh = [number(0)] * _size(step)
        for d, weight in enumerate(weights, low):
            place = min(d, step.high) - step.low
            fresh[place] = fresh[place] + weight
        weights = _forward(step, counts, fresh, number)
        low = step.low
    values = [number(1)]  # R(L + 1, d), whatever the dimension
    behind_low = behind_high = 0
    for step, counts in reversed(back):
        values = [values[min(d, behind_high) - behind_low] for d in range(step.low, step.high + 1)]
        values = _backward(step, counts, values, number)
        behind_low, behind_high = step.low, step.high
    total = number(0)
    for d, weight in enumerate(weights, low):
        total = total + weight * values[min(d, behind_high) - behind_low]
    return total


def _halves(layers: Sequence[tuple[Step, Counts]]) -> tuple[list[tuple[Step, Counts]], list[tuple[Step, Counts]]]:
    """Return the layers in front of the middle and behind it; a run of equal ones may be parted."""
    left = sum(step.stage.count for step, _ in layers) // 2
    front: list[tuple[Step, Counts]] = []
    back: list[tuple[Step, Counts]] = []
    for step, counts in layers:
        count = step.stage.count
        here = 0 if back else min(count, left)
        if 0 < here < count and counts.rows is not None and step.squares:
            here = 0  # a power is taken whole
        left -= here
        if here:
            front.append((step._replace(stage=step.stage._replace(count=here)), counts))
        if here < count:
            back.append((step._replace(stage=step.stage._replace(count=count - here)), counts))
    return front, back


def _backward(step: Step, counts: Counts, values: list[Number], number: Callable[[int], Number]) -> list[Number]:
    """Return the step's matrix, to the power of its count, times a column."""
    if counts.rows is not None:
        return _column_power([[number(w) for w in row] for row in counts.rows], values, step, number(0))
    kept = [number(value) for value in counts.kept]
    fewer = [number(value) for value in counts.fewer]
    units, low = step.stage.units, step.low
    for _ in range(step.stage.count):
        found = []
        within, begun = number(0), False
        for d in range(low, step.high + 1):
            total = kept[d - low] * values[d - low]
            first = units - d
            if fewer and first < d:
                grown = {first, d - 1} if begun else range(max(first, low), d)
                begun = True
                for a in grown:
                    within = within + fewer[a - low] * values[a - low]
                total = total + within
            found.append(total)
        values = found
    return values


def _forward(step: Step, counts: Counts, weights: list[Number], number: Callable[[int], Number]) -> list[Number]:
    """Return a row times the step's matrix, to the power of its count."""
    if counts.rows is not None:
        return _row_times([[number(w) for w in row] for row in counts.rows], weights, step.stage.count, number(0))
    kept = [number(value) for value in counts.kept]
    fewer = [number(value) for value in counts.fewer]
    units, low, high = step.stage.units, step.low, step.high
    for _ in range(step.stage.count):
        if fewer:
            above = [number(0)] * (high - low + 2)  # Σ of the weights of d and more
            for d in range(high, low - 1, -1):
                above[d - low] = above[d - low + 1] + weights[d - low]
        found = []
        for a in range(low, high + 1):
            total = kept[a - low] * weights[a - low]
            first = max(a + 1, units - a)
            if fewer and first <= high:
                total = total + fewer[a - low] * above[first - low]
            found.append(total)
        weights = found
    return weights


def _column_power(matrix: list[list[Number]], values: list[Number], step: Step, zero: Number) -> list[Number]:
    count = step.stage.count
    if not step.squares:
        for _ in range(count):
            values = apply(matrix, values)
        return values
    while count:
        if count & 1:
            values = apply(matrix, values)
        count >>= 1
        if count:
            matrix = square(matrix, zero)
    return values


def _row_times(matrix: list[list[Number]], weights: list[Number], count: int, zero: Number) -> list[Number]:
    """Return a row times a triangular matrix, `count` times over; of what is to be squared there is no half."""
    if count > len(matrix) * count.bit_length():
        while count:
            if count & 1:
                weights = _row(matrix, weights, zero)
            count >>= 1
            if count:
                matrix = square(matrix, zero)
        return weights
    for _ in range(count):
        weights = _row(matrix, weights, zero)
    return weights


def _row(matrix: list[list[Number]], weights: list[Number], zero: Number) -> list[Number]:
    found = [zero] * len(weights)
    for weight, row in zip(weights, matrix, strict=True):
        if weight:
            for a, entry in enumerate(row):
                if entry:
                    found[a] = found[a] + weight * entry
    return found
