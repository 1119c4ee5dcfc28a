"""Points and ends of spans, as a command line gives them."""

import re
from fractions import Fraction
from typing import Final

from netspec.diagnostics import SystemFault, quote
from netspec.limits import PATH_LENGTH

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?\Z")
_QUOTIENT: Final = re.compile(r"[+-]?[0-9]{1,18}/[0-9]{1,18}\Z")
_ROW: Final = re.compile(r"(.+):([0-9]{1,12})\Z", re.DOTALL)


def number(text: str, option: str) -> Fraction:
    """Return a number as written: a decimal, or a quotient such as 1/3. SystemFault `usage` for what is none."""
    written = text.strip()
    if _QUOTIENT.match(written) and int(written.partition("/")[2]):
        return Fraction(written)
    if _NUMBER.match(written):
        found = Fraction(written)
        if abs(found) < 10**300:
            return found
    raise SystemFault("usage", f"{option}: {quote(text)} is no number", "such as 0.5, -1e3 or 1/3")


def span(text: str) -> tuple[Fraction, Fraction]:
    """Return the ends of a span LOW,HIGH. SystemFault `usage` where it is none, or where the second is no larger."""
    ends = text.split(",")
    if len(ends) != 2:
        raise SystemFault("usage", f"--box: {quote(text)} is no span", "write its ends, such as -1,1")
    low, high = (number(end, "--box") for end in ends)
    if low >= high:
        raise SystemFault("usage", f"--box: {quote(text)} does not go up", "the lower end comes first")
    return low, high


def point(text: str, width: int, option: str) -> list[Fraction]:
    """Return a point of so many numbers: written with commas between, or FILE:ROW, a row of a table from 1 on.

    Raises SystemFault `usage` for what is neither, and for another count of numbers; DataFault for a table's faults.
    """
    parts = text.split(",")
    if all(_NUMBER.match(part.strip()) or _QUOTIENT.match(part.strip()) for part in parts):
        if len(parts) != width:
            headline = f"{option}: {quote(text)} has {len(parts):,} numbers, and the network takes {width:,}"
            raise SystemFault("usage", headline, "write as many, or take a row of a table: FILE:ROW")
        return [number(part, option) for part in parts]
    row = _ROW.match(text)
    if row is None:
        raise SystemFault("usage", f"{option}: {quote(text)} is no point", "write x1,x2,… or FILE:ROW")
    if int(row[2]) < 1 or len(row[1]) > PATH_LENGTH.value:
        raise SystemFault("usage", f"{option}: rows of a table are counted from 1", "such as data.csv:1")

    from netspec.regions.rows import read_row

    return read_row(row[1], int(row[2]), width)
