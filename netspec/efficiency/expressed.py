"""How many regions a family of networks can have: the maximum where the proven bounds meet, the bounds otherwise."""

from collections.abc import Sequence
from typing import NamedTuple

from netspec.bounds.bounds import Bound, region_bounds
from netspec.bounds.patient import patient_bounds
from netspec.bounds.shared import closer
from netspec.bounds.stages import Stage
from netspec.graph.facts import NO_CONSTRUCTION
from netspec.graph.filters import Filters


class Expressed(NamedTuple):
    """What is proven of the most linear regions over all parameters: lower bound ≤ maximum ≤ upper bound.

    serra and hinz are the two upper bounds by name, None where they were left out as too much work.
    """

    lower: Bound
    upper: Bound
    serra: Bound | None = None
    hinz: Bound | None = None

    met: bool = False

    @property
    def exact(self) -> bool:
        """Whether the bounds are known to meet, so that both are the maximum: one hidden layer, or one input and all
        widths 3 or more; whether or not its digits are few enough to be written out.
        """
        return self.met or (self.lower.value is not None and self.lower.value == self.upper.value)

    @property
    def maximum(self) -> int | None:
        """The exact maximum, where the bounds meet and its digits are written out."""
        return self.lower.value if self.exact else None


def expressed(inputs: int, widths: Sequence[tuple[int, int]], *, exact: bool = False) -> Expressed:
    """Return what is proven of a fully connected ReLU network on D_i inputs.

    widths: runs of (how many hidden layers, their width). With `exact` the bounds are exact integers up to 100,000
    digits even where that takes a minute. Raises ValueError for sizes below 1.
    """
    stages = [Stage(count, units, units, 1, collapses=True) for count, units in widths]
    return of_stages(inputs, stages, exact=exact)


def of_stages(
    inputs: int,
    stages: Sequence[Stage],
    *,
    exact: bool = False,
    free: bool = True,
    filters: Filters | None = None,
) -> Expressed:
    """Return what is proven of a chain of hidden layers; not `free` are weights that constructions cannot choose.

    `filters` are the one hidden layer's, where it is a convolution.
    """
    bounds = patient_bounds(inputs, stages) if exact else region_bounds(inputs, stages)
    relu = all(stage.breakpoints == 1 and stage.collapses and not stage.steps for stage in stages)
    met = free and relu and inputs == 1 and all(stage.units >= 3 for stage in stages)
    if not free:
        bounds = bounds._replace(lower=Bound(1, 0.0, NO_CONSTRUCTION))
    if filters is not None:
        bounds = closer(bounds, filters.windows, stages[0].breakpoints, free=filters.free)
    return Expressed(bounds.lower, bounds.upper, bounds.serra, bounds.hinz, met)
