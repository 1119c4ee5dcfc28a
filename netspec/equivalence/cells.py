"""Two piecewise linear networks over a box of up to six dimensions: where both are affine, so is their difference."""

from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SpecError, SystemFault
from netspec.equivalence.box import Box
from netspec.model import Model
from netspec.regions import domains
from netspec.regions.comparing import largest_difference
from netspec.regions.cuts import TooMany
from netspec.regions.lowering import lower
from netspec.regions.steps import Chain, jumps

_MOST_PARAMETERS: Final = 20_000
_MOST_EXACT: Final = 1_500
"""Cells of both together that are gone through in rationals: a second or some."""
_MOST: Final = 200_000
_MOST_DIMENSIONS: Final = 6


class Apart(NamedTuple):
    """The largest |f - g| on the box, and an x where it is so, both exact or both of float64; `words` say which."""

    value: Any
    x: tuple[Any, ...]
    exact: bool
    words: str


def apart(f: Model, g: Model, box: Box | None, *, decimal: bool = False) -> Apart | None:
    """Return how far two models are apart on a box, by the vertices of the cells that they have together.

    In rationals where the cells are few; else in float64, where the value is right to rounding. None where there is no
    box, where one is not piecewise linear, or where the cells are too many. `decimal` takes numbers as a spec writes
    them.
    """
    large = max(f.facts.parameters, g.facts.parameters) > _MOST_PARAMETERS
    if box is None or len(box.low) > _MOST_DIMENSIONS or large:
        return None
    for exact in (True, False):
        try:
            one, other = (lower(model, exact=exact, decimal=decimal) for model in (f, g))
            if any(jumps(step) for step in (*one.steps, *other.steps)):
                return None  # at a jump they may differ, which no cell has inside
            found = largest_difference(one, other, domain_of(one, box), _MOST_EXACT if exact else _MOST)
        except TooMany:
            continue
        except (SpecError, SystemFault, ValueError):
            return None
        words = "at the vertices of the cells that both have together"
        x = tuple(found.point.tolist())
        return Apart(found.value, x, exact, f"{words}, in rationals" if exact else f"{words}, in float64")
    return None


def domain_of(chain: Chain, box: Box | None) -> domains.Domain:
    """Return a box, or all of R^n, as a domain of a chain, in its arithmetic."""
    if box is None:
        return domains.everywhere(chain)
    ends: list[tuple[Any, Any]] = list(zip(box.low, box.high, strict=True))
    if not chain.exact:
        low, high = box.bounds()
        ends = list(zip(low.tolist(), high.tolist(), strict=True))
    return domains.box(chain, ends)


def floats_near(x: tuple[Any, ...]) -> NDArray[np.float64]:
    """Return the float64 next to a point."""
    return np.array([float(Fraction(value)) for value in x])
