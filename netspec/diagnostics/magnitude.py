"""How integers of any size are written: whole while a person reads them, as a power of ten beyond."""

from typing import Final

WHOLE_DIGITS: Final = 20
_PIECE: Final = 4_000  # digits that CPython converts without its own limit (4,300) being asked


def magnitude(number: int) -> str:
    """Return the integer with its thousands apart, or beyond 20 digits its power of ten.

    >>> magnitude(161051), magnitude(10**41 * 18 // 10)
    ('161,051', '≈ 1.8·10^41')
    """
    if abs(number) < 10**WHOLE_DIGITS:
        return f"{number:,}"
    sign, number = ("-", -number) if number < 0 else ("", number)
    exponent = digit_count(number) - 1
    leading = (number // 10 ** (exponent - 2) + 5) // 10
    if leading == 100:
        leading, exponent = 10, exponent + 1
    return f"≈ {sign}{leading // 10}.{leading % 10}·10^{exponent}"


def digit_count(number: int) -> int:
    """Return how many decimal digits a positive integer has, without writing it out."""
    estimate = max(1, (number.bit_length() - 1) * 30103 // 100_000)
    while 10**estimate <= number:
        estimate += 1
    while estimate > 1 and 10 ** (estimate - 1) > number:
        estimate -= 1
    return estimate


def decimal(number: int) -> str:
    """Return every digit of an integer, however many: halves are written apart, so the time stays bounded."""
    if number < 0:
        return f"-{decimal(-number)}"
    digits = digit_count(number) if number else 1
    if digits <= _PIECE:
        return str(number)
    half = digits // 2
    upper, lower = divmod(number, 10**half)
    return decimal(upper) + decimal(lower).rjust(half, "0")
