"""The two arithmetics of regions: float64, and rationals in arrays of objects."""

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def rationals(values: object, *, decimal: bool = False) -> Array:
    """Return an array of fractions with the exact values; `decimal` takes floats as the decimals they print as.

    Raises ValueError for what is not finite.
    """
    array = np.asarray(values)
    found = np.empty(array.shape, object)
    flat = found.reshape(-1)
    for index, value in enumerate(array.reshape(-1)):
        flat[index] = _fraction(value, decimal)
    return found


def _fraction(value: Any, decimal: bool) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    if not np.isfinite(value):
        raise ValueError(f"{value} is no number")
    return Fraction(str(value)) if decimal else Fraction(float(value))


quotients: Final = np.frompyfunc(Fraction, 2, 1)
"""Exact quotients of arrays of integers or fractions."""

_numerators: Final = np.frompyfunc(lambda number: number.numerator, 1, 1)
_denominators: Final = np.frompyfunc(lambda number: number.denominator, 1, 1)


def signs_at(forms: Array, points: Array, threshold: Any = 0) -> Array:
    """Return numbers with the signs of forms (2, …, n) less a threshold at points (n,): integers where forms are."""
    constant = forms[0] if threshold == 0 else forms[0] - threshold
    found: Array = constant * _denominators(points) + forms[1] * _numerators(points)
    return found


def zeros(shape: tuple[int, ...], exact: bool) -> Array:
    """Return zeros in an arithmetic."""
    return np.full(shape, Fraction(0), object) if exact else np.zeros(shape)


def ratio(over: int, under: int, exact: bool) -> Any:
    """Return a quotient in an arithmetic."""
    return Fraction(over, under) if exact else over / under
