"""Large positive numbers known from one side: integer arithmetic that always rounds the same way.

A bound such as 11^10000000 has ten million digits; its logarithm has a few that anybody reads. `Rounded` carries 192
binary digits and an exponent, and rounds every result outward, so a bound stays a bound; no result hangs on how a
machine rounds, so every machine finds the same digits.
"""

import math
from typing import Final

PRECISION: Final = 192
"""Binary digits kept. x^n loses about log2(n) of them, so 100 are left after n = 10^16 and further sums."""

_FRACTION: Final = 96
"""Binary digits found of a logarithm to base 2."""

_SAFE: Final = 1e-3
"""How far from a decimal of the sixth place a machine's logarithm is trusted: a thousand times its error, and more than
the margin of `_decimals`."""

_LOG10_OF_2: Final = 30102999566398119521373889472449302676
"""⌊10^38 log10(2)⌋."""


class Rounded:
    """A number that is at least the true one (`up`) or at most the true one (not `up`): mantissa · 2^exponent.

    Sums, products and powers of numbers rounded the same way are rounded that way again; `over` divides by a number
    rounded the other way. All are non-negative.
    """

    __slots__ = ("exponent", "mantissa", "up")

    def __init__(self, mantissa: int, up: bool, exponent: int = 0) -> None:
        excess = mantissa.bit_length() - PRECISION
        if excess > 0:
            mantissa = -(-mantissa >> excess) if up else mantissa >> excess
            exponent += excess
        self.mantissa, self.exponent, self.up = mantissa, exponent, up

    def __bool__(self) -> bool:
        return self.mantissa != 0

    def __mul__(self, other: "Rounded") -> "Rounded":
        return Rounded(self.mantissa * other.mantissa, self.up, self.exponent + other.exponent)

    def __add__(self, other: "Rounded") -> "Rounded":
        large, small = (self, other) if self.bits >= other.bits else (other, self)
        if not small.mantissa:
            return large
        gap = large.exponent - small.exponent
        if gap > 2 * PRECISION:  # the small one is far below the last digit kept: one unit there covers it
            return Rounded((large.mantissa << PRECISION) + self.up, self.up, large.exponent - PRECISION)
        if gap >= 0:
            return Rounded((large.mantissa << gap) + small.mantissa, self.up, small.exponent)
        return Rounded(large.mantissa + (small.mantissa << -gap), self.up, large.exponent)

    def __pow__(self, power: int) -> "Rounded":
        up, mantissa, exponent = self.up, 1, 0
        square, twice = self.mantissa, self.exponent
        while power:  # products of plain integers, rounded as every result is: there are tens of thousands of powers
            if power & 1:
                mantissa, exponent = mantissa * square, exponent + twice
                excess = mantissa.bit_length() - PRECISION
                if excess > 0:
                    mantissa = -(-mantissa >> excess) if up else mantissa >> excess
                    exponent += excess
            power >>= 1
            if power:
                square, twice = square * square, twice + twice
                excess = square.bit_length() - PRECISION
                if excess > 0:
                    square = -(-square >> excess) if up else square >> excess
                    twice += excess
        return Rounded(mantissa, up, exponent)

    def over(self, divisor: "Rounded") -> "Rounded":
        """Return the quotient; the divisor is positive and rounded the other way, or exact."""
        shifted = self.mantissa << (2 * PRECISION)
        quotient = -(-shifted // divisor.mantissa) if self.up else shifted // divisor.mantissa
        return Rounded(quotient, self.up, self.exponent - divisor.exponent - 2 * PRECISION)

    def __lt__(self, other: "Rounded") -> bool:
        if self.bits != other.bits or not self.mantissa:
            return self.bits < other.bits
        gap = self.exponent - other.exponent  # equal lengths in all, so the gap is at most PRECISION
        return self.mantissa << max(gap, 0) < other.mantissa << max(-gap, 0)

    @property
    def bits(self) -> int:
        """Binary digits of the integer part; 0 for a zero."""
        return self.mantissa.bit_length() + self.exponent if self.mantissa else 0

    def log10(self) -> float:
        """Return log10, rounded outward to six decimals (to twelve digits in all where it is beyond 10^6).

        The number is at least 1. Digits of log2 come one by one: squaring x in [1, 2) doubles its logarithm, and a
        square of 2 or more gives the next digit 1.
        """
        scaled = math.log10(self.mantissa) * 10**6 if not self.exponent and self.mantissa else 0.0
        whole = math.floor(scaled)
        if _SAFE < scaled - whole < 1 - _SAFE:  # else a machine's logarithm might have another sixth decimal
            return (whole + self.up) / 10**6
        length, one = self.mantissa.bit_length(), 1 << PRECISION
        x = self.mantissa << (PRECISION + 1 - length)
        log2 = self.exponent + length - 1
        for _ in range(_FRACTION):
            x = -(-x * x >> PRECISION) if self.up else x * x >> PRECISION
            log2 <<= 1
            if x >= 2 * one:
                log2 += 1
                x = -(-x >> 1) if self.up else x >> 1
        if self.up and x != one:
            log2 += 1  # what is left of the logarithm is at most one unit of the last digit found
        return _decimals(log2 * (_LOG10_OF_2 + self.up), self.up)


def _decimals(scaled: int, up: bool) -> float:
    """Return scaled / (10^38 · 2^96) as a float with few decimals, rounded outward.

    The float nearest to a decimal of 12 digits may lie on the inner side of it by 2^-53 of its size; 2^-12 units of
    the last decimal, added before rounding, are more than that.
    """
    if not scaled:
        return 0.0
    unit = 10**38 << _FRACTION
    decimals = 6
    while scaled * 10**decimals >= unit * 10**12 if decimals >= 0 else scaled >= unit * 10 ** (12 - decimals):
        decimals -= 1
    if decimals >= 0:
        numerator, denominator = scaled * 10**decimals, unit
    else:
        numerator, denominator = scaled, unit * 10**-decimals
    margin = denominator >> 12
    digits = -(-(numerator + margin) // denominator) if up else max(0, (numerator - margin) // denominator)
    return digits / 10**decimals if decimals >= 0 else float(digits * 10**-decimals)
