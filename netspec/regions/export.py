"""What the files of regions have in common."""

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.regions.overflow import too_large
from netspec.regions.written import exact

_SUFFIXES: Final = (".json", ".npz")


def refuse_suffix(path: str) -> None:
    """Raise SystemFault `output-suffix` where a name says no form that regions are written in."""
    if not path.endswith(_SUFFIXES):
        raise SystemFault("output-suffix", f"regions are written as {' or '.join(_SUFFIXES)}", "name such a file")


def floats(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers in float64. Raises SystemFault `too-large-to-count` where it does not hold a rational."""
    try:
        return values.astype(np.float64)
    except OverflowError:
        raise too_large("write them as .json, which has rationals as they are") from None


def number(value: Any) -> float | str | None:
    """Return a number as JSON has it: a rational as a text such as `-1/6`, one that is not finite as null."""
    if isinstance(value, Fraction | int):
        return exact(value)
    return float(value) if np.isfinite(value) else None
