"""The most linear regions of one convolutional hidden layer: how many sets of units can have their inputs apart.

Every unit (a filter at a position) is a hyperplane, or b parallel ones, whose normal lives on the inputs in its
window. An arrangement has at most as many cells as sets of hyperplanes with independent normals (Whitney; Zaslavsky
1975), and independent normals can be matched to inputs, one each, within their windows. With t_p units taken at
position p, by Hall there is such a matching if Σ_{p ∈ J} t_p ≤ |∪_{p ∈ J} S_p| for all sets J of positions with windows
S_p; so at most

    Σ_t Π_p C(filters, t_p) b^t_p,   over those t,

whatever the weights. Xiong, Huang, Yu, Liu, Zhu & Shao 2020, theorem 2, has it as the maximum. That weights are shared
makes two differences to think of.

* The biases. A dependent set with one unit too many, Σ c_pk w_k(x - p) = 0 for all x, must have no point in common,
  Σ c_pk b_k ≠ 0. Weights w_k(δ) τ^δ are as generic, and have the dependence c_pk τ^p; so for every k of which there is
  a unit Σ_p c_pk τ^p is a polynomial in τ that is not 0, and for generic weights and biases the sum is not either. The
  same for bends that lie apart by constants. So generic parameters have as many cells as independent sets.
* The weights. Windows that overlap on *one* axis lose nothing: take the inputs y in the order of the axis, channels
  within, and w_k(y - p) = ε^((y - p)² + η λ_k (y - p)), with different λ_k and a small η. Of the matchings of a set to
  inputs the one without crossings is within the windows too, as both ends of the windows never fall; and it alone has
  the least power of ε (rearrangement). So the determinant is not 0. Axes on which no windows overlap, groups, and the
  remainders of a dilation make blocks, each with a determinant that is not 0 as a polynomial.
  Windows that overlap on *two* axes lose: of two 2 × 2 filters on 3 × 3 inputs all eight normals can be matched, but
  w_2 * w_1 - w_1 * w_2 = 0 makes them dependent, so that there are 255 regions, not 256; one 2 × 2 filter on 2 × 2
  inputs with padding has 223, not 224. There the number above is an upper bound alone. The lower bound is then that of
  filters with so many weights at 0 that the windows overlap on one axis.

Cells are pieces: with a weight on every unit behind, y bends wherever two cells meet.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product as combined
from math import prod
from typing import Final, NamedTuple

from netspec.bounds.arrangements import MOST_BITS, cells, terms
from netspec.bounds.magnitude import Rounded
from netspec.bounds.matchings import matched, tries
from netspec.bounds.recursion import Counted
from netspec.bounds.windows import MOST_POSITIONS, Component, Windows, components
from netspec.bounds.zigzag import product

_MOST_WORK: Final = 300_000
"""Steps that one bound may take; a step, one product of short integers and a sum, is some 100 ns."""

_TRY: Final = 10
"""Steps that one set and input take where all are tried."""

_MOST_BLOCKS: Final = 256
"""Blocks that differ; of one axis there are a few with or without padding."""


class Block(NamedTuple):
    """Windows that are the product of one stretch of each axis; there are `count` of them."""

    stretches: tuple[Component, ...]
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks of a block

    @property
    def overlapping(self) -> list[int]:
        """The axes on which windows overlap."""
        return [axis for axis, windows in enumerate(self.stretches) if len(windows) > 1]


class _Work:
    """Steps that are left; spending more than there are is refused."""

    def __init__(self) -> None:
        self.left = _MOST_WORK

    def spend(self, steps: int) -> bool:
        """Whether that many steps may be taken; then they are."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def most_regions(windows: Windows, breakpoints: int) -> Counted | None:
    """Return a number of regions that no parameters exceed, or None where it is too much work.

    Where windows overlap on more than one axis, all sets of units are tried if those are few. Else those are counted
    that satisfy Hall's condition for a few sets of positions: rows of them, taken as one position that sees what they
    all see, or the positions of one row.
    """
    return _of_blocks(windows, breakpoints, at_most=True)


def fewest_with_biases(windows: Windows, breakpoints: int) -> Counted | None:
    """Return a number of regions that some parameters with biases have, or None where it is too much work."""
    found = [each for each in (_of_blocks(kept, breakpoints, at_most=False) for kept in _kept(windows)) if each]
    if not found:
        return None
    return max(found, key=lambda counted: (counted[1].log10(), counted[0] or 0))


def _kept(windows: Windows) -> Iterator[Windows]:
    """Yield windows that overlap on one axis at most, by weights at 0."""
    if any(axis.positions > MOST_POSITIONS for axis in windows.axes):
        return
    wide = [index for index, axis in enumerate(windows.axes) if any(len(each) > 1 for each in components(axis))]
    for kept in [*wide, None]:  # with none kept there is little work
        narrowed = {*wide} - {kept}
        axes = [axis.narrowed() if index in narrowed else axis for index, axis in enumerate(windows.axes)]
        yield windows._replace(axes=tuple(axes))


def _of_blocks(windows: Windows, breakpoints: int, *, at_most: bool) -> Counted | None:
    """Return the product over the blocks, rounded up or down where it is too long."""
    blocks = _blocks(windows)
    if blocks is None:
        return None
    work = _Work()
    rounded = Rounded(1, up=at_most)
    powers: list[tuple[int, int]] = []
    for block in blocks:
        counts = [
            value
            for axis in block.overlapping or [0]
            for value in _counts(windows, breakpoints, block, axis, work)
            if value is not None
        ]
        if not counts:
            return None
        value, count = min(counts), block.count * windows.groups
        powers.append((value, count))
        rounded = rounded * Rounded(value, up=at_most) ** count
    if rounded.bits > MOST_BITS:
        return None, rounded
    return product([value**count for value, count in powers]), rounded


def _blocks(windows: Windows) -> list[Block] | None:
    """Return the blocks that have no inputs in common, equal ones counted; None where they are too many."""
    if any(axis.positions > MOST_POSITIONS for axis in windows.axes):
        return None
    axes = [components(axis) for axis in windows.axes]
    if prod(len(axis) for axis in axes) > _MOST_BLOCKS:
        return None
    return [
        Block(tuple(stretch for stretch, _ in each), prod(count for _, count in each))
        for each in combined(*(axis.items() for axis in axes))
    ]


def _counts(windows: Windows, breakpoints: int, block: Block, axis: int, work: _Work) -> Iterator[int | None]:
    """Yield the sets of units of a block that are counted along an axis: exactly where no other has more positions."""
    others = [stretch for index, stretch in enumerate(block.stretches) if index != axis]
    across = prod(len(stretch) for stretch in others)
    seen = windows.channels * prod(stretch[-1][1] for stretch in others)
    yield _matched(windows.filters * across, breakpoints, block.stretches[axis], seen, work)
    if across > 1 and work.spend(_TRY * tries(block.stretches, windows.filters, windows.channels)):
        yield matched(block.stretches, windows.filters, breakpoints, windows.channels)
    elif across > 1:
        yield _rows(windows, breakpoints, block.stretches[axis], others, work)


def _rows(
    windows: Windows, breakpoints: int, stretch: Component, others: Sequence[Component], work: _Work
) -> int | None:
    """Return the product of the rows' counts along an axis, each row for itself."""
    widths = [Counter(stop - start for start, stop in other) for other in others]
    if prod(len(each) for each in widths) > _MOST_BLOCKS:
        return None
    bits, powers = 0, []
    for each in combined(*(width.items() for width in widths)):
        inputs, count = windows.channels * prod(width for width, _ in each), prod(number for _, number in each)
        row = _matched(windows.filters, breakpoints, stretch, inputs, work)
        if row is None:
            return None
        bits += row.bit_length() * count
        powers.append((row, count))
    return product([row**count for row, count in powers]) if bits <= MOST_BITS else None


def _matched(units: int, breakpoints: int, stretch: Component, inputs: int, work: _Work) -> int | None:
    """Return Σ Π_p C(units, t_p) b^t_p over the t that can be matched, where an element of the axis has `inputs`.

    Windows neither begin nor end before the one before does. So it is best to take for each unit the first free input
    of its window, and all that counts of the positions before is the input they have got to: a sum for each.
    """
    if len(stretch) == 1:
        return cells(units, inputs * stretch[0][1], breakpoints)
    widest = inputs * max(stop - start for start, stop in stretch)
    most = min(units, widest)
    digits = 1 + min(inputs * stretch[-1][1], units * len(stretch)) * (units * breakpoints + 1).bit_length() // 600
    if not work.spend(len(stretch) * (widest * most - most * most // 2 + widest) * digits + most * digits):
        return None
    weights = terms(units, most, breakpoints)
    sums, base = [1], 0
    for start, stop in stretch:
        passed = start * inputs - base
        sums = [sum(sums[: passed + 1]), *sums[passed + 1 :]]
        base = start * inputs
        found = [0] * min((stop - start) * inputs + 1, len(sums) + most)
        for taken, number in enumerate(sums):
            for more, weight in enumerate(weights[: len(found) - taken], taken):
                found[more] += number * weight
        sums = found
    return sum(sums)
