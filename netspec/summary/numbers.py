"""How a summary writes shapes, amounts of bytes, and integers of any size."""

from typing import Final

from netspec.bounds.bounds import Bound
from netspec.diagnostics.magnitude import WHOLE_DIGITS, byte_size, decimal, magnitude
from netspec.operations import Shape
from netspec.sizes import Polynomial, Size

_WHOLE_EXPONENT: Final = 10**9  # a logarithm of 12 digits has too few decimals beyond it to tell the leading ones


def number(value: Size, *, exact: bool = False) -> str:
    """Return an integer as people read it: 161,051; beyond 20 digits ≈ 1.8·10^41, or with `exact` every digit.

    What depends on free sizes is the expression that a spec would say: `768*T*(24*T + 160849)`.
    """
    if isinstance(value, Polynomial):
        return str(value)
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
    """Return a shape without the batch axis: 3, or 3×1, or with free sizes T×768 and (T + 1)×768; `one` has no axis."""
    if not shape:
        return "one"
    texts = [str(size) for size in shape]
    return "×".join([text if text.replace("_", "").isalnum() or len(texts) == 1 else f"({text})" for text in texts])


def amount(size: Size) -> str:
    """Return a number of bytes beside the exact one: rounded, in a larger unit; nothing below 1 kB."""
    return "" if isinstance(size, Polynomial) or size < 1000 else byte_size(size)


def plain(value: object) -> str:
    """Return a value of a hyperparameter as a spec has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
