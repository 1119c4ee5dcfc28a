"""Diagnostics as GitHub workflow commands, which a workflow run shows as annotations beside the lines of a change.

Source: "Workflow commands for GitHub Actions", and `@actions/core`, `command.ts`, for what is percent-encoded.
"""

from collections.abc import Iterable

from netspec.diagnostics.diagnostic import Diagnostic, Place
from netspec.diagnostics.order import by_file
from netspec.diagnostics.show import show
from netspec.diagnostics.text import name_place
from netspec.limits import PATH_LENGTH, SHOWN_FAULTS


def render_github(diagnostics: Iterable[Diagnostic], *, strict: bool = False, faults: int = SHOWN_FAULTS.value) -> str:
    """Return one command a line, in the order of the places, equal ones once; of each file at most `faults`.

    Where `strict`, warnings are written as errors. The name of a file is escaped by `show`, so that an annotation of a
    file whose name has more than ASCII in it stands in the log only.
    """
    rows: list[str] = []
    for file, here in by_file(diagnostics):
        rows += [
            _command("error" if strict else d.severity, [*_position(d.place), ("title", d.code)], _message(d))
            for d in here[:faults]
        ]
        if len(here) > faults:
            left = len(here) - faults
            words = f"... and {left} more {'fault' if left == 1 else 'faults'}"
            rows.append(_command("notice", _position(Place(file)), words))
    return "".join(f"{row}\n" for row in rows)


def _message(diagnostic: Diagnostic) -> str:
    """Return the headline, then a line each for the label, the other places and the help."""
    lines = [diagnostic.headline]
    if diagnostic.label:
        lines.append(diagnostic.label)
    lines += [f"{name_place(note.place)}: {note.text}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def _position(place: Place) -> list[tuple[str, object]]:
    """Return the properties that place an annotation; columns only within one line, as GitHub takes no others."""
    if not place.file:
        return []
    properties: list[tuple[str, object]] = [("file", show(place.file, PATH_LENGTH.value))]
    if (span := place.span) is not None:
        properties += [("line", span.line), ("endLine", span.end_line)]
        if span.line == span.end_line:
            properties += [("col", span.column), ("endColumn", span.end_column)]
    return properties


def _command(kind: str, properties: list[tuple[str, object]], message: str) -> str:
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties)
    return f"::{kind} {written}::{_data(message)}" if written else f"::{kind}::{_data(message)}"


def _data(text: str) -> str:
    lines = ("".join(c if c.isprintable() else show(c) for c in line) for line in text.split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
