"""Diagnostics as SARIF 2.1.0, which GitHub code scanning and many editors read; ASCII, the same bytes everywhere.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and for what GitHub asks besides,
"SARIF support for code scanning".
"""

import json
import re
from collections.abc import Iterable, Mapping
from posixpath import normpath
from typing import Final

from netspec.diagnostics.diagnostic import Diagnostic, Edit, Place, Span
from netspec.diagnostics.lines import NOWHERE, Line, fingerprints
from netspec.diagnostics.order import bounded
from netspec.diagnostics.pages import page, summary
from netspec.diagnostics.show import show
from netspec.diagnostics.text import name_place
from netspec.limits import JSON_FAULTS, REPORTED_FAULTS
from netspec.version import __version__

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT: Final = "%SRCROOT%"
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
_PLACEHOLDER: Final = re.compile(r"\{[0-9]+\}")
_PLACES: Final = 100  # other places of one fault: as many as GitHub shows


def render_sarif(
    diagnostics: Iterable[Diagnostic],
    *,
    command: str,
    status: int,
    strict: bool = False,
    lines: Mapping[Diagnostic, Line] | None = None,
    faults: int = JSON_FAULTS.value,
    most: int = REPORTED_FAULTS.value,
) -> str:
    """Return a log of one run, in the order of the places, equal diagnostics once.

    `status` is the exit code of the command. A diagnostic without a file says why something could not be done, and is
    a notification of the run. Of each file at most `faults` are results, and at most `most` in all, errors first; what
    is left out is counted in a notification. Where `strict`, warnings are errors. `lines` are what fingerprints are
    made of.
    """
    found = list(diagnostics)
    notices = [_notice(fault) for fault in sorted(found, key=Diagnostic.order) if not fault.place.file]
    listed, left = bounded((fault for fault in found if fault.place.file), faults, most)
    if left:
        words = f"{left:,} more {'fault is' if left == 1 else 'faults are'} not listed"
        notices.append({"level": "warning", "message": {"text": words}})
    known = {} if lines is None else lines
    codes = {code: index for index, code in enumerate(sorted({fault.code for fault in listed}))}
    names = fingerprints(listed, known)
    results = [
        _result(fault, codes[fault.code], name, known.get(fault, NOWHERE), strict=strict)
        for fault, name in zip(listed, names, strict=True)
    ]
    run = {
        "tool": {"driver": {"name": "netspec", "version": __version__, "rules": list(map(_rule, codes))}},
        "automationDetails": {"id": f"netspec-{command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the folder that netspec was run in"}}},
        "invocations": [{"executionSuccessful": status < 2, "exitCode": status, "toolExecutionNotifications": notices}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, sort_keys=True) + "\n"


def uri(file: str) -> str:
    """Return the reference to a file, percent-encoded byte by byte: relative as it is named, or `file://…`."""
    named = normpath(file).encode(errors="surrogateescape")
    path = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in named)
    return f"file://{path}" if path.startswith("/") else path


def _rule(code: str) -> dict[str, object]:
    """Return what a code means, of its page; the level is that of each result."""
    text = page(code) or ""
    return {
        "id": code,
        "shortDescription": {"text": summary(code) or code},
        "help": {"text": text, "markdown": text},
    }


def _notice(fault: Diagnostic) -> dict[str, object]:
    text = "\n".join([fault.headline, *([f"help: {fault.help}"] if fault.help else [])])
    return {"level": "error", "descriptor": {"id": fault.code}, "message": {"text": _literal(text)}}


def _result(fault: Diagnostic, index: int, name: str, line: Line, *, strict: bool) -> dict[str, object]:
    related, message = _related(fault)
    prints = {"netspec/v1": name}
    if line.hash:
        prints["primaryLocationLineHash"] = line.hash
    result: dict[str, object] = {
        "ruleId": fault.code,
        "ruleIndex": index,
        "level": "error" if strict else fault.severity,
        "message": {"text": message},
        "locations": [{"physicalLocation": _location(fault.place)}],
        "partialFingerprints": prints,
    }
    if related:
        result["relatedLocations"] = related
    if fault.fix:
        result["fixes"] = [_fix(fault)]
    return result


def _related(fault: Diagnostic) -> tuple[list[dict[str, object]], str]:
    """Return the other places, and the message, whose lines lead to them; label and help stand there too."""
    related: list[dict[str, object]] = []
    lines = [_literal(fault.headline)]
    if fault.label:
        lines.append(_literal(fault.label))
    for note in fault.notes[:_PLACES]:
        text = note.text or "here"
        if not note.place.file:
            lines.append(_literal(text))
            continue
        number = len(related) + 1
        lines.append(f"{_escaped(name_place(note.place))}: [{_escaped(text)}]({number})")
        place = _location(note.place)
        related.append({"id": number, "message": {"text": _literal(text)}, "physicalLocation": place})
    if fault.help:
        lines.append(f"help: {_literal(fault.help)}")
    return related, "\n".join(lines)


def _location(place: Place) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": _artifact(place.file)}
    if place.span is not None:
        location["region"] = _region(place.span)
    return location


def _artifact(file: str) -> dict[str, object]:
    found: dict[str, object] = {"uri": uri(file)}
    if not file.startswith(("/", "<")):
        found["uriBaseId"] = _ROOT
    return found


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fault: Diagnostic) -> dict[str, object]:
    def replacement(edit: Edit) -> dict[str, object]:
        return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}

    change = {"artifactLocation": _artifact(fault.place.file), "replacements": list(map(replacement, fault.fix))}
    fix: dict[str, object] = {"artifactChanges": [change]}
    if fault.help:
        fix["description"] = {"text": _literal(fault.help)}
    return fix


def _literal(text: str) -> str:
    """Return text as a message has it, in which nothing leads elsewhere.

    Brackets are escaped only where they would be a link: there are consumers that show the escapes.
    """
    return _escaped(text) if "](" in text else _visible(text)


def _escaped(text: str) -> str:
    return re.sub(r"([\[\]])", r"\\\1", _visible(text))


def _visible(text: str) -> str:
    """Return text in which nothing is invisible or a placeholder; other braces stay, as with brackets."""
    plain = "".join(c if c.isprintable() or c == "\n" else show(c) for c in text)
    return _PLACEHOLDER.sub(r"{\g<0>}", plain)
