"""What is wrong, as data, and the renderers that draw it: text for people, JSON for tools, lines for GitHub."""

from netspec.diagnostics.diagnostic import Diagnostic, Edit, Note, Place, Severity, Span
from netspec.diagnostics.faults import FileFault, NetspecError, SpecError, SystemFault
from netspec.diagnostics.show import quote, show
from netspec.diagnostics.suggest import Mend, did_you_mean

__all__ = [
    "Diagnostic",
    "Edit",
    "FileFault",
    "Mend",
    "NetspecError",
    "Note",
    "Place",
    "Severity",
    "Span",
    "SpecError",
    "SystemFault",
    "did_you_mean",
    "quote",
    "show",
]
