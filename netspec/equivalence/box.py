"""A box of inputs: an interval for each, with exact ends."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Box(NamedTuple):
    """Where a function is looked at: `low[i]` ≤ x_i ≤ `high[i]`, ends included."""

    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]

    @classmethod
    def of(cls, ends: Sequence[tuple[float | Fraction, float | Fraction]], inputs: int) -> "Box":
        """Return the box with these ends, one pair for all inputs or one for each.

        Raises ValueError where their number is another, where an end is not finite, and where a low end is not below
        the high one.
        """
        if len(ends) not in (1, inputs):
            raise ValueError(f"the box has {len(ends)} intervals, and there are {inputs} inputs")
        try:
            pairs = [(Fraction(low), Fraction(high)) for low, high in ends]
        except (OverflowError, ValueError) as error:
            raise ValueError("the ends of a box are finite numbers") from error
        if any(low >= high for low, high in pairs):
            raise ValueError("the low end of an interval lies below its high end")
        low, high = zip(*(pairs * inputs if len(pairs) == 1 else pairs), strict=True)
        return cls(low, high)

    def bounds(self) -> "tuple[NDArray[Any], NDArray[Any]]":
        """Return the ends as float64 arrays, rounded to the inside."""
        import numpy as np

        low = np.array([_inward(end, up=True) for end in self.low])
        high = np.array([_inward(end, up=False) for end in self.high])
        return low, high

    def __str__(self) -> str:
        """Return `[-1, 1]`, `[-1, 1]^3` or `[-1, 1] × [0, 2]`; a box of many sides is cut short."""
        sides = [f"[{number(low)}, {number(high)}]" for low, high in zip(self.low, self.high, strict=True)]
        if len(set(sides)) == 1:
            return sides[0] if len(sides) == 1 else f"{sides[0]}^{len(sides)}"
        return " × ".join([*sides[:4], *(["…"] if len(sides) > 4 else [])])


def number(value: Fraction) -> str:
    """Return a number as people write it: an integer, a decimal that is exact, or the nearest with 17 digits."""
    if value.denominator == 1 and abs(value) < 10**16:
        return str(value.numerator)
    return repr(float(value))


def _inward(end: Fraction, *, up: bool) -> float:
    from math import inf, nextafter

    near = float(end)
    if up and Fraction(near) < end:
        return nextafter(near, inf)
    if not up and Fraction(near) > end:
        return nextafter(near, -inf)
    return near
