"""How a summary writes shapes, amounts of bytes, and integers of any size."""

from typing import Final

from netspec.diagnostics.magnitude import WHOLE_DIGITS, byte_size, decimal, magnitude
from netspec.operations import Shape
from netspec.regions.bounds import Bound

_WHOLE_EXPONENT: Final = 10**9  # a logarithm of 12 digits has too few decimals beyond it to tell the leading ones


def number(value: int, *, exact: bool = False) -> str:
    """Return an integer as people read it: 161,051; beyond 20 digits ≈ 1.8·10^41, or with `exact` every digit."""
    if exact and abs(value) >= 10**WHOLE_DIGITS:
        return decimal(value)
    return magnitude(value)


def bound(found: Bound, *, exact: bool = False) -> str:
    """Return a bound on regions; where only its logarithm is known, that as a power of ten."""
    if found.value is not None:
        return number(found.value, exact=exact)
    exponent = int(found.log10)
    if exponent >= _WHOLE_EXPONENT:
        return f"≈ 10^{exponent}"
    leading = f"{10 ** (found.log10 - exponent):.1f}"
    return f"≈ 1.0·10^{exponent + 1}" if leading == "10.0" else f"≈ {leading}·10^{exponent}"


def dimensions(shape: Shape) -> str:
    """Return a shape without the batch axis: 3, or 3×1."""
    return "×".join(map(str, shape))


def amount(size: int) -> str:
    """Return a number of bytes beside the exact one: rounded, in a larger unit; nothing below 1 kB."""
    return byte_size(size) if size >= 1000 else ""
