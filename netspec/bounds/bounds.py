"""Proven bounds on the number of linear regions that a network's family can have.

The number is the most pieces, over all parameters: maximal connected parts on which the network is one affine map. The
upper bounds hold for its cells too (patterns of the activations' pieces), of which there are never fewer. Exact
integers throughout; what is too long or too much work is a logarithm, rounded outward, the same on every machine.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from netspec.bounds.arrangements import MOST_BITS, MOST_WORK, cells, cells_at_most, sum_work
from netspec.bounds.magnitude import Rounded
from netspec.bounds.recursion import Counted, regions
from netspec.bounds.stages import Stage, dimensions, joined
from netspec.bounds.zigzag import fewest_regions, product
from netspec.limits import REGION_DIGITS

__all__ = ["Bound", "RegionBounds", "Stage", "region_bounds"]

ZASLAVSKY = "Zaslavsky 1975"
SERRA = "Serra et al. 2018, theorem 1"
HINZ = "Hinz 2021"
PRODUCT = "product of the layers' cells (Raghu et al. 2017)"
_ZIGZAG = "zig-zag construction (Montúfar et al. 2014; Serra et al. 2018, theorem 6)"
_AFFINE = "an affine map"


_MOST_WORK: Final = 8 * MOST_WORK
"""Steps spent on the exact cells of all layers that differ; those of the layers beyond are rounded up."""


class Bound(NamedTuple):
    """A bound: `value`, its log10 rounded outward, and the source of the formula.

    The value is None where it has more than REGION_DIGITS digits or is too much work; the logarithm is always there.
    """

    value: int | None
    log10: float
    source: str


class RegionBounds(NamedTuple):
    """What is proven: `lower` ≤ maximum ≤ `upper`; and two upper bounds by name, None where they are too much work."""

    lower: Bound
    upper: Bound
    serra: Bound | None
    hinz: Bound | None


def region_bounds(inputs: int, stages: Sequence[Stage]) -> RegionBounds:
    """Return proven bounds on the most linear regions of a chain of hidden layers on D_i inputs.

    The affine map behind the last hidden layer is free. The upper bound is Hinz's where it is within a bounded amount
    of work, else Serra's, else the product of the layers' cells; see `histograms` for the proofs, also for activations
    other than relu: where none or more than one piece has a slope no dimension is taken to be lost, and a cell count is
    Σ_j C(n, j) b^j for b breakpoints. Behind a layer that steps nothing is cut. The lower bound is `zigzag`'s.
    """
    if inputs < 1:
        raise ValueError(f"a network has at least one input, got {inputs}")
    runs = joined(stages)
    if not runs:
        one = Bound(1, 0.0, _AFFINE)
        return RegionBounds(one, one, one, one)
    cut = cut_by_steps(runs)
    by_cells = product_of_cells(inputs, cut)
    most = bound_of(*by_cells, PRODUCT)
    shallow = len(cut) == 1 and cut[0].count == 1
    by_serra = regions(inputs, cut, hinz=False, by_cells=by_cells)
    by_hinz = regions(inputs, cut, hinz=True, by_cells=by_cells)
    serra = None if by_serra is None else bound_of(*by_serra, SERRA)
    hinz = None if by_hinz is None else bound_of(*by_hinz, HINZ)
    upper = min(
        (bound for bound in (hinz, serra, most) if bound is not None),
        key=lambda bound: (bound.log10, bound.value is None),
    )
    if shallow:
        upper = most._replace(source=ZASLAVSKY)
    value, rounded = fewest_regions(inputs, runs)
    lower = bound_of(value, rounded, ZASLAVSKY if shallow and len(runs) == 1 else _ZIGZAG)
    return RegionBounds(lower, upper, serra, hinz)


def cut_by_steps(runs: Sequence[Stage]) -> list[Stage]:
    """Return the stages up to the first layer that steps: its output has no dimension left to be cut."""
    for index, stage in enumerate(runs):
        if stage.steps:
            return [*runs[:index], stage._replace(count=1)]
    return list(runs)


def bound_of(value: int | None, rounded: Rounded, source: str) -> Bound:
    """Return a bound, its value only if it has no more digits than are shown."""
    if value is not None and value.bit_length() >= MOST_BITS and value >= 10**REGION_DIGITS.value:
        value = None
    most = rounded if value is None else Rounded(value, rounded.up)
    return Bound(value, most.log10(), source)


def product_of_cells(inputs: int, stages: Sequence[Stage]) -> Counted:
    """Return Π Z(n_l, d_l, b_l), where d_l is the smallest of the inputs and the ranks up to layer l.

    Source: Raghu et al. 2017, with the dimensions of Montúfar 2017.
    """
    layers: dict[tuple[int, int, int], int] = {}
    for stage, dimension in zip(stages, dimensions(inputs, stages), strict=True):
        key = (stage.units, dimension, stage.breakpoints)
        layers[key] = layers.get(key, 0) + stage.count
    rounded = Rounded(1, up=True)
    bases: list[tuple[int, int]] = []
    left = _MOST_WORK
    for key, count in layers.items():
        work = sum_work(*key)
        base = cells(*key, work=min(left, MOST_WORK))
        if base is not None:
            bases.append((base, count))
            left -= work
        rounded = rounded * (cells_at_most(*key, work=0) if base is None else Rounded(base, up=True)) ** count
    value = None
    if rounded.bits <= MOST_BITS and len(bases) == len(layers):
        value = product([base**count for base, count in bases])
    return value, rounded
