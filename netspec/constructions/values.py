"""Exact numbers as a spec writes them: whole, as a quotient of integers, or as the nearest float64 in few digits."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from netspec.limits import INTEGER_DIGITS

_MOST: Final = 10**INTEGER_DIGITS.value
_ROW: Final = 100  # columns of a line


def as_written(value: Fraction) -> Fraction:
    """Return the number that the text of a value means: itself, or where that is too long, the nearest float64."""
    return value if _is_short(value) else Fraction(float(value))


def text(value: Fraction) -> str:
    """Return the value as a spec writes it; it is in the range of float64."""
    if not _is_short(value):
        return rounded(value)
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def rounded(value: Fraction) -> str:
    """Return the nearest float64 in its shortest digits, with a point, which YAML 1.1 asks for."""
    mantissa, mark, exponent = repr(float(value)).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{exponent}"


def vector(values: Sequence[Fraction], indent: int) -> str:
    """Return a list of values in brackets, over several lines where it is long."""
    return wrapped([text(value) for value in values], indent)


def column(values: Sequence[Fraction], indent: int) -> str:
    """Return a matrix of one column."""
    return wrapped([f"[{text(value)}]" for value in values], indent)


def matrix(rows: Sequence[Sequence[Fraction]], indent: int) -> str:
    """Return a matrix, a row to a line where there are several."""
    written = [wrapped([text(value) for value in row], indent + 1) for row in rows]
    return "[" + f",\n{' ' * (indent + 1)}".join(written) + "]"


def wrapped(items: Sequence[str], indent: int) -> str:
    """Return texts as a list in brackets that begins at a column, over as many lines as it takes."""
    lines, used = [""], indent + 1
    for number, item in enumerate(items):
        end = "," if number + 1 < len(items) else ""
        if lines[-1] and used + len(item) + 2 > _ROW:
            lines.append("")
            used = indent + 1
        lines[-1] += (" " if lines[-1] else "") + item + end
        used += len(item) + 2
    return "[" + f"\n{' ' * (indent + 1)}".join(lines) + "]"


def _is_short(value: Fraction) -> bool:
    return bool(max(abs(value.numerator), value.denominator) < _MOST)
