"""Diagnostics drawn for people: the headline, the lines of source with marks under them, what to type instead."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from netspec.diagnostics.diagnostic import Diagnostic, Place
from netspec.diagnostics.excerpt import Frame, Mark, Row, Style, draw_excerpt
from netspec.diagnostics.order import by_file
from netspec.diagnostics.show import show
from netspec.limits import PATH_LENGTH, SHOWN_BYTES, SHOWN_FAULTS

_WIDTH: Final = 120  # columns where no terminal says otherwise: the same in every log
_SHOWN_NOTES: Final = 8  # other places drawn for one fault; a count beyond
_COLOURS: Final[dict[Style, str]] = {
    "frame": "\x1b[1;34m",
    "headline": "\x1b[1m",
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;34m",
    "help": "\x1b[1;36m",
}


def render_text(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    *,
    colour: bool = False,
    width: int | None = None,
    encode: Callable[[str], str] = str,
    faults: int = SHOWN_FAULTS.value,
    size: int = SHOWN_BYTES.value,
) -> str:
    """Return the diagnostics as text, in the order of their places, equal ones once, a blank line between two.

    `sources` maps a file to its text; a file that is not in it is named without an excerpt. `width` is the
    terminal's, in columns; `encode` spells what the terminal cannot show (`ascii_only`). Of each file at most
    `faults` faults and `size` bytes are drawn, the first whatever its size, and the rest are counted.
    """
    lines: dict[str, list[str]] = {}
    drawn: list[list[Row]] = []
    for file, here in by_file(diagnostics):
        taken = 0
        for position, diagnostic in enumerate(here):
            rows = _draw(diagnostic, sources, lines, _WIDTH if width is None else width, encode)
            taken += sum(len(text.encode()) for row in rows for _, text in row) + len(rows)
            if position and (position >= faults or taken > size):
                drawn.append([[("plain", encode(_count(len(here) - position, file)))]])
                break
            drawn.append(rows)
    return "\n".join("".join(_paint(row, colour) for row in rows) for rows in drawn)


def name_place(place: Place) -> str:
    """Return `file:line:column`, or the file alone where no span is known; the name of the file is escaped."""
    file = show(place.file, PATH_LENGTH.value)
    return file if place.span is None else f"{file}:{place.span.line}:{place.span.column}"


def _count(left: int, file: str) -> str:
    where = f" in {show(file, PATH_LENGTH.value)}" if file else ""
    return f"... and {left} more {'fault' if left == 1 else 'faults'}{where}"


def _paint(row: Row, colour: bool) -> str:
    if not colour:
        return "".join(text for _, text in row).rstrip() + "\n"
    painted = (f"{_COLOURS[style]}{text}\x1b[0m" if style in _COLOURS and text else text for style, text in row)
    return "".join(painted) + "\n"


def _draw(
    diagnostic: Diagnostic,
    sources: Mapping[str, str],
    lines: dict[str, list[str]],
    width: int,
    encode: Callable[[str], str],
) -> list[Row]:
    """Return the rows of one diagnostic; `lines` keeps the files that were split."""

    def clean(text: str) -> str:
        # Whoever made the diagnostic has escaped user text; this is the second lock on the same door.
        return encode(text if text.isprintable() else "".join(c if c.isprintable() else show(c) for c in text))

    style: Style = diagnostic.severity
    marks: dict[str, list[Mark]] = {diagnostic.place.file: []}
    places: dict[str, Place] = {diagnostic.place.file: diagnostic.place}
    loose: dict[str, list[str]] = {}  # words whose place cannot be drawn, by file
    notes = [(note.place, note.text, "note") for note in diagnostic.notes[:_SHOWN_NOTES]]
    for place, text, mark_style in [(diagnostic.place, diagnostic.label, style), *notes]:
        places.setdefault(place.file, place)
        source = sources.get(place.file)
        if source is not None and place.file not in lines:
            lines[place.file] = [line.removesuffix("\r") for line in source.split("\n")]
        if place.span is not None and 1 <= place.span.line <= len(lines.get(place.file, ())):
            mark: Style = "note" if mark_style == "note" else style
            marks.setdefault(place.file, []).append(Mark(place.span, clean(text), mark))
        elif text:
            loose.setdefault(place.file, []).append(clean(text))

    last = max((mark.span.line for group in marks.values() for mark in group), default=1)
    frame = Frame(len(str(last)), width, encode)
    rows: list[Row] = [[(style, f"{style}[{diagnostic.code}]"), ("headline", f": {clean(diagnostic.headline)}")]]
    for file, place in places.items():
        if file:
            arrow = "-->" if file == diagnostic.place.file else ":::"
            rows.append([("frame", " " * (frame.gutter + 1) + arrow), ("plain", f" {encode(name_place(place))}")])
        block = draw_excerpt(lines.get(file, ()), marks.get(file, ()), frame)
        if block:
            rows += [frame.bar(), *block, frame.bar()]
        rows += [_remark(frame, "note", text) for text in loose.get(file, ())]
    if rows[-1] == frame.bar() and not diagnostic.help and len(diagnostic.notes) <= _SHOWN_NOTES:
        rows.pop()
    if len(diagnostic.notes) > _SHOWN_NOTES:
        rows.append(_remark(frame, "note", f"and {len(diagnostic.notes) - _SHOWN_NOTES} more places"))
    if diagnostic.help:
        rows.append(_remark(frame, "help", clean(diagnostic.help)))
    return rows


def _remark(frame: Frame, kind: Style, text: str) -> Row:
    return [("frame", " " * (frame.gutter + 2) + "= "), (kind, kind), ("plain", f": {text}")]
