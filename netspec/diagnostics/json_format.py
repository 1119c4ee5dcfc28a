"""Diagnostics as JSON for tools, in the form of `report.schema.json`: sorted keys, ASCII, the same bytes everywhere."""

import json
from collections.abc import Iterable
from typing import Final

from netspec.diagnostics.diagnostic import Diagnostic, Place
from netspec.diagnostics.order import by_file
from netspec.diagnostics.show import show
from netspec.limits import JSON_FAULTS

REPORT_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it


def report(
    diagnostics: Iterable[Diagnostic],
    *,
    checked: Iterable[str] = (),
    strict: bool = False,
    faults: int = JSON_FAULTS.value,
) -> dict[str, object]:
    """Return the report as plain data: the diagnostics in the order of their places, equal ones once, and counts.

    `checked` are the files that were to be checked, which are listed without faults too. Of each file at most `faults`
    are listed; `files` and `summary` count all of them. Where `strict`, it is not `ok` to have warnings. Every key is
    always there, and is null or empty where nothing is known. Lines and columns are as in `Span`.
    """
    asked = set(checked)
    found = dict(by_file(diagnostics))
    listed: list[dict[str, object]] = []
    files: list[dict[str, object]] = []
    all_errors = all_warnings = 0
    for file in sorted(asked | found.keys()):
        here = found.get(file, [])
        errors = sum(diagnostic.severity == "error" for diagnostic in here)
        all_errors += errors
        all_warnings += len(here) - errors
        files.append(
            {
                "file": _file(file),
                "checked": file in asked,
                "errors": errors,
                "warnings": len(here) - errors,
                "unlisted": max(len(here) - faults, 0),
            }
        )
        listed += map(_entry, here[:faults])
    summary = {
        "checked": len(asked),
        "errors": all_errors,
        "warnings": all_warnings,
        "strict": strict,
        "ok": not all_errors and not (strict and all_warnings),
    }
    return {"report": REPORT_VERSION, "files": files, "diagnostics": listed, "summary": summary}


def render_json(
    diagnostics: Iterable[Diagnostic],
    *,
    checked: Iterable[str] = (),
    strict: bool = False,
    faults: int = JSON_FAULTS.value,
) -> str:
    """Return the report as a JSON document that ends with a line feed."""
    whole = report(diagnostics, checked=checked, strict=strict, faults=faults)
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def _entry(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "headline": diagnostic.headline,
        "label": diagnostic.label,
        "help": diagnostic.help,
        "fix": [{"span": edit.span._asdict(), "text": edit.text} for edit in diagnostic.fix],
        "place": _place(diagnostic.place),
        "notes": [{"place": _place(note.place), "text": note.text} for note in diagnostic.notes],
    }


def _place(place: Place) -> dict[str, object]:
    span: dict[str, int] | None = None if place.span is None else place.span._asdict()
    return {"file": _file(place.file), "span": span}


def _file(file: str) -> str | None:
    """Return the name as it is, for a tool has to open it; bytes that are no text appear as `U+DC80`."""
    if not file:
        return None
    return "".join(show(c) if "\ud800" <= c <= "\udfff" else c for c in file)
