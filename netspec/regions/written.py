"""Numbers as text, rationals of any length among them: Python writes no integer of more than some thousand digits."""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np

LONGEST: Final = 28
"""Characters up to which a rational is written out for people."""


def exact(value: Fraction | int) -> str:
    """Return a rational as it is, such as `-1/6`."""
    numerator, denominator = _digits(value.numerator), _digits(value.denominator)
    return numerator if denominator == "1" else f"{numerator}/{denominator}"


def near(value: Any, digits: int) -> str:
    """Return a number to so many digits, a rational too where no float64 is near it: `1e+616`."""
    number = as_float(value)
    if np.isfinite(number) and (number or not value):
        return f"{number:.{digits}g}"
    if not isinstance(value, Fraction | int):
        return f"{number}"
    context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    quotient = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{quotient.normalize(context):.{digits}g}"


def short(value: Fraction | int, digits: int) -> str:
    """Return a rational whole where it is short, else what it is nearly: `≈ 0.6180340`."""
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    whole = exact(value) if bits < 4 * LONGEST else ""
    return whole if whole and len(whole) <= LONGEST else f"≈ {near(value, digits)}"


def as_float(value: Any) -> float:
    """Return the float64 nearest to a number, an infinite one where it is beyond them."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _digits(number: int) -> str:
    return f"{Decimal(number):f}"
