"""The bounds on one hidden layer whose units share weights: those on any layer of its size, made closer."""

from typing import Final

from netspec.bounds.bounds import RegionBounds, bound_of
from netspec.bounds.convolution import fewest_with_biases, most_regions
from netspec.bounds.windows import Windows

XIONG: Final = "Xiong et al. 2020, theorem 2"
_MATCHINGS: Final = "units matched to inputs (Xiong et al. 2020)"
_NARROW: Final = "windows that overlap on one axis (Xiong et al. 2020)"


def closer(bounds: RegionBounds, windows: Windows, breakpoints: int, *, free: bool) -> RegionBounds:
    """Return the bounds on the network with one hidden layer, a convolution of these windows, where it is the better.

    `bounds` hold for any layer with as many units. Where all weights and biases are `free`, and something behind reads
    every unit, the lower bound is at least that of filters whose windows overlap on one axis.
    """
    most = most_regions(windows, breakpoints)
    if most is not None:
        upper = bound_of(*most, _MATCHINGS)
        if (upper.log10, upper.value is None) < (bounds.upper.log10, bounds.upper.value is None):
            bounds = bounds._replace(upper=upper)
    least = fewest_with_biases(windows, breakpoints) if free else None
    if least is None:
        return bounds
    lower = bound_of(*least, _NARROW)
    if lower.value is not None and lower.value == bounds.upper.value:
        return bounds._replace(lower=lower._replace(source=XIONG), upper=bounds.upper._replace(source=XIONG))
    return bounds._replace(lower=lower) if lower.log10 > bounds.lower.log10 else bounds
