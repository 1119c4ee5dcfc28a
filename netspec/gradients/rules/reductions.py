"""Sums, means and maxima over axes, softmax, and the rectifier whose slope is learned: in either layout."""

from typing import Any

from netspec.gradients.rule import Site
from netspec.gradients.rules.axes import axis_of
from netspec.gradients.rules.called import called


def _axes(site: Site) -> dict[str, Any]:
    operation: Any = site.entry.operation
    return {"axes": tuple([axis_of(site, axis) for axis in operation.axes]), "keep": operation.keep}


def _axis(site: Site) -> dict[str, Any]:
    return {"axis": axis_of(site, site.entry.operation.axis)}


def _channels(site: Site) -> dict[str, Any]:
    """Return the axis that has a slope for each of its elements, or None where there is one for all."""
    return {"axis": axis_of(site, 0) if site.entry.operation.channels else None}


MEAN = called("mean", numbers=_axes, saves=False)
SUM = called("sum", numbers=_axes, saves=False)
MAX = called("max", numbers=_axes, reads=True, result=True, saves=False)
SOFTMAX = called("softmax", numbers=_axis, result=True, saves=False)
LOG_SOFTMAX = called("log_softmax", numbers=_axis, result=True, saves=False)
PRELU = called("prelu", tensors=("slope",), numbers=_channels, reads=True, saves=False)
