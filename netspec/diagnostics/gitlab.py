"""Diagnostics as a GitLab Code Quality report, which a merge request shows beside the lines of its change.

Source: "Code Quality", "Code Quality report format", in GitLab's documentation.
"""

import json
from collections.abc import Iterable, Mapping
from posixpath import normpath
from typing import Final

from netspec.diagnostics.diagnostic import Diagnostic, Place
from netspec.diagnostics.lines import Line, fingerprints
from netspec.diagnostics.order import bounded
from netspec.diagnostics.show import show
from netspec.limits import JSON_FAULTS, REPORTED_FAULTS

_SEVERITIES: Final = {"error": "major", "warning": "minor"}
_NOT_DONE: Final = "blocker"  # what could not be read or searched may hide anything


def render_gitlab(
    diagnostics: Iterable[Diagnostic],
    *,
    strict: bool = False,
    lines: Mapping[Diagnostic, Line] | None = None,
    faults: int = JSON_FAULTS.value,
    most: int = REPORTED_FAULTS.value,
) -> str:
    """Return an array with an issue for each diagnostic, in the order of the places, equal ones once.

    Of each file at most `faults` are listed, and at most `most` in all, errors first; what is left out is counted in an
    issue of its own. A diagnostic without a file is an issue of the whole, as GitLab knows none without a path. Where
    `strict`, warnings are as severe as errors.
    """
    listed, left = bounded(diagnostics, faults, most)
    names = fingerprints(listed, {} if lines is None else lines)
    issues = [_issue(fault, name, strict) for fault, name in zip(listed, names, strict=True)]
    if left:
        words = f"{left:,} more {'fault is' if left == 1 else 'faults are'} not listed"
        issues.append(_entry(words, "netspec", "netspec-not-listed", "info", Place("")))
    return json.dumps(issues, indent=2, sort_keys=True) + "\n"


def _issue(fault: Diagnostic, name: str, strict: bool) -> dict[str, object]:
    severity = _SEVERITIES["error" if strict else fault.severity] if fault.place.file else _NOT_DONE
    words = "; ".join(filter(None, (fault.headline, fault.help)))
    text = "".join(c if c.isprintable() else show(c) for c in words)
    return _entry(text, fault.code, name, severity, fault.place)


def _entry(text: str, check: str, name: str, severity: str, place: Place) -> dict[str, object]:
    return {
        "description": text,
        "check_name": check,
        "fingerprint": name,
        "severity": severity,
        "location": {
            "path": _path(place.file),
            "lines": {"begin": 1 if place.span is None else place.span.line},
        },
    }


def _path(file: str) -> str:
    """Return the name as it is, for GitLab looks for it among its own; bytes that are no text appear as `U+DC80`."""
    return "".join(show(c) if "\ud800" <= c <= "\udfff" else c for c in normpath(file or "."))
