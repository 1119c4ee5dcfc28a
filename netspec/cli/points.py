"""Points and boxes, as a command line gives them."""

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import SystemFault, quote
from netspec.limits import PATH_LENGTH

if TYPE_CHECKING:
    from netspec.equivalence import Box
    from netspec.model import Model

BOX_HELP: Final = "An interval such as -1,1: once for all inputs, or once for each."
BOX_FORM: Final = "LOW,HIGH"

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


def intervals(texts: Sequence[str] | None) -> list[tuple[Fraction, Fraction]]:
    """Return the intervals that `--box` gives, exactly. SystemFault `usage` for what is none."""
    return [_interval(text) for text in texts or ()]


def box_for(sides: Sequence[tuple[Fraction, Fraction]], inputs: int) -> "Box | None":
    """Return the box for so many inputs, None for no sides. SystemFault `usage` for another number of sides."""
    if not sides:
        return None
    from netspec.equivalence import Box

    if len(sides) not in (1, inputs):
        what = f"{len(sides)} intervals for {inputs:,} {'input' if inputs == 1 else 'inputs'}"
        raise SystemFault("usage", f"--box: {what}", "one for all inputs, or one for each: `--box 0,1 --box -1,1`")
    return Box.of(sides, inputs)


def _interval(text: str) -> tuple[Fraction, Fraction]:
    """Return the ends of an interval LOW,HIGH. SystemFault `usage` where the second is not the larger one."""
    ends = text.split(",")
    if len(ends) != 2:
        raise SystemFault("usage", f"--box: {quote(text)} is no interval", "write its ends, such as `--box -1,1`")
    low, high = (number(end, "--box") for end in ends)
    if low >= high:
        raise SystemFault("usage", f"--box: {quote(text)} does not go up", "the lower end comes first")
    return low, high


def inputs_of(model: "Model") -> int:
    """Return how many numbers a network reads; free sizes are refused elsewhere."""
    return sum(math.prod(size for size in port.shape if isinstance(size, int)) for port in model.inputs)


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
