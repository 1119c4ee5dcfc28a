"""`--box`: where functions are looked at."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import SystemFault, quote

if TYPE_CHECKING:
    from netspec.equivalence import Box

BOX_HELP: Final = "LOW:HIGH for every input, or one for each, as in -1:1,0:2."
_DIGITS: Final = 64  # characters of an end


def read_box(text: str | None) -> list[tuple[Fraction, Fraction]] | None:
    """Return the intervals that a text such as `-1:1` or `-1:1,0:5/2` says, exactly. SystemFault `usage` for others."""
    if text is None:
        return None
    found: list[tuple[Fraction, Fraction]] = []
    for side in text.split(","):
        ends = side.split(":")
        try:
            if len(ends) != 2 or not all(map(_readable, ends)):
                raise ValueError
            low, high = (Fraction(end.strip()) for end in ends)
        except (ValueError, ZeroDivisionError):
            raise _usage(f"{quote(side)} is no interval") from None
        if low >= high:
            raise _usage(f"{quote(side)} does not go up")
        found.append((low, high))
    return found


def box_for(sides: Sequence[tuple[Fraction, Fraction]] | None, inputs: int) -> "Box | None":
    """Return the box for so many inputs. SystemFault `usage` where the sides are neither one nor as many."""
    if sides is None:
        return None
    from netspec.equivalence import Box

    if len(sides) not in (1, inputs):
        raise _usage(f"{len(sides)} intervals for {inputs} {'input' if inputs == 1 else 'inputs'}")
    return Box.of(sides, inputs)


def _readable(end: str) -> bool:
    """Return whether a text is short, and so small a power of ten, that reading it as a fraction takes no time."""
    _, letter, exponent = end.lower().rpartition("e")
    return len(end) <= _DIGITS and (not letter or len(exponent.strip().lstrip("+-0")) <= 2)


def _usage(words: str) -> SystemFault:
    return SystemFault("usage", f"--box: {words}", "write LOW:HIGH, such as `--box -1:1`, or one for each input")
