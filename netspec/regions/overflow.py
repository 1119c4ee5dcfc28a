"""Forms that are larger than any number of float64: refused, for what is infinite crosses nowhere."""

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.regions.steps import Array, Forms


def finite(forms: Forms) -> Forms:
    """Return the forms. Raises SystemFault `too-large-to-count` where one of float64 is not finite."""
    if forms.dtype == object:
        return forms
    with np.errstate(over="ignore", invalid="ignore"):
        suspect = not np.isfinite(forms.sum())
    if suspect and not np.isfinite(forms).all():
        raise too_large()
    return forms


def bounded(reach: Array) -> bool:
    """Return whether numbers are finite, and add up to a number that is."""
    with np.errstate(over="ignore", invalid="ignore"):
        return reach.dtype == object or bool(np.isfinite(reach.sum()))


def too_large(help_: str = "count with `--rational`") -> SystemFault:
    """Return the fault for maps that float64 does not hold."""
    headline = "the network's affine maps are larger than any number of float64"
    return SystemFault("too-large-to-count", headline, help_)
