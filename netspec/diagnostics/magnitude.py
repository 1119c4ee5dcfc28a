"""How integers of any size are written: whole while a person reads them, as a power of ten beyond; and bytes."""

from typing import Final

WHOLE_DIGITS: Final = 20
_UNITS: Final = ("kB", "MB", "GB", "TB", "PB", "EB")
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


def byte_size(count: int) -> str:
    """Return a number of bytes as people read it, in powers of a thousand.

    >>> byte_size(88), byte_size(1884), byte_size(404_601_803)
    ('88 bytes', '1.9 kB', '405 MB')
    """
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    power = min((digit_count(count) - 1) // 3, len(_UNITS))
    tenths = (count * 10 + 1000**power // 2) // 1000**power
    if tenths >= 10_000 and power < len(_UNITS):
        power, tenths = power + 1, 10
    whole = f"{(tenths + 5) // 10:,}" if tenths >= 1000 else f"{tenths // 10}.{tenths % 10}"
    return f"{whole} {_UNITS[power - 1]}"
