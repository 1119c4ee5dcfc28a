"""A report as Markdown, for a comment on a pull request: the verdict, a table of all specs, and a section for each.

It is never longer than asked for: whole sections are left out at the end, and rows of the table where even these are
too many, and a line says so.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from netspec.diagnostics import Diagnostic
from netspec.diagnostics.text import render_text
from netspec.review.markdown import body, sketch_table
from netspec.review.marking import code, fenced, plain, sentence, tagged
from netspec.review.report import (
    COMMENT,
    LEAST,
    Entry,
    Report,
    address,
    cells,
    compared,
    counted,
    headline,
    ordered,
    verdict_of,
)
from netspec.review.telling import ARROW

_MOST_ROWS: Final = 200  # of the table
_MOST_FAULTS: Final = 20  # of one spec
_OPEN: Final = 3  # sections that are not folded, where there are no more
_RESERVED: Final = 600  # bytes for what is said of what is left out


def render_report(report: Report, *, most: int = COMMENT, base: str = "") -> str:
    """Return the report in at most `most` bytes, if that is not 0. `base` is the URL that paths are appended to."""
    room = (max(most, LEAST) - _RESERVED) if most else None
    head = "\n".join(_head(report)) + "\n"
    rows = [row for each in report.entries for row in _rows(each, base)]
    shown = _fitting(rows[:_MOST_ROWS], None if room is None else (room - len(head.encode())) // 2, 1)
    table = "".join(f"{row}\n" for row in shown)
    sections = ["\n" + "\n".join(_section(report, each, base)) + "\n" for each in report.entries]
    used = len((head + table).encode())
    fitted = _fitting(sections, None if room is None else room - used, 0)
    rest = [
        *_left(len(rows) - len(shown), "row", "rows", "of the table"),
        *_left(len(sections) - len(fitted), "section", "sections", "of single specs"),
    ]
    words = f"\n… left out: {' and '.join(rest)}, since there are at most {most:,} bytes.\n" if rest and most else ""
    if rest and not most:
        words = f"\n… left out: {' and '.join(rest)}.\n"
    return head + table + "".join(fitted) + words


def _left(count: int, noun: str, nouns: str, rest: str) -> Iterator[str]:
    if count:
        yield f"{count:,} {noun if count == 1 else nouns} {rest}"


def _fitting(texts: Sequence[str], room: int | None, each: int) -> list[str]:
    """Return the first of the texts that have room, each with so many bytes besides."""
    if room is None:
        return list(texts)
    found = []
    for text in texts:
        room -= len(text.encode()) + each
        if room < 0:
            break
        found.append(text)
    return found


def _head(report: Report) -> Iterator[str]:
    word, words = headline(report)
    yield f"## netspec: {f'{word}: {words}' if word else words}"
    yield ""
    words = counted(report)
    old, new = compared(report)
    new = new if report.new is None else code(new, table=False)
    yield f"{code(old, table=False)} {ARROW} {new}{f': {words}' if words else ''}."
    if report.entries:
        yield from (
            "",
            "| spec | class | parameters | by | macs | activation\\_bytes |",
            "|---|---|---:|---:|---:|---:|",
        )


def _rows(entry: Entry, base: str) -> Iterator[str]:
    """Yield the row of a spec: its parameters before and after, and by how much they and its other facts grew; and the
    same of each variant that changed by itself.
    """
    name = _linked(code(entry.path), base, entry.path) if entry.kind != "removed" else code(entry.path)
    level = {"added": "new", "invalid": "**invalid**", "uncompared": "not compared", "removed": "**gone**"}
    word = level.get(entry.kind) or f"**{entry.level}**" if entry.level != "cosmetic" else "cosmetic"
    yield f"| {name} | {word} | {' | '.join(map(plain, cells(entry)))} |"
    for each in entry.variants:
        word = f"**{each.level}**" if each.level != "cosmetic" else "cosmetic"
        yield f"| {name}, variant {code(each.name)} | {word} | {' | '.join(map(plain, cells(each)))} |"


def _section(report: Report, entry: Entry, base: str) -> Iterator[str]:
    folded = len(report.entries) > _OPEN
    words = verdict_of(entry)
    was = f"It was {code(entry.old, table=False)}." if entry.old else ""
    if folded:
        yield f"<details><summary>{tagged(entry.path)}: {words}</summary>"
        yield from ("", was) if was else ()
    else:
        yield f"### {_linked(code(entry.path, table=False), base, '' if entry.kind == 'removed' else entry.path)}"
        yield from ("", f"{words}. {was}".rstrip())
    if entry.kind == "invalid":
        yield ""
        yield from fenced(render_text(ordered(entry.faults), entry.sources), "text")
    else:
        yield from _faults(report, entry, base)
    if entry.picture:
        yield ""
        yield from fenced(entry.picture, "diff")
    if entry.sketch is not None:
        yield from sketch_table(entry.sketch)
    if entry.diff is not None:
        yield from body(entry.diff.changes, entry.diff.facts)
        for variant in entry.diff.variants:
            yield ""
            yield f"#### Variant {code(variant.name, table=False)}"
            if not variant.changes:
                yield from ("", "The changes above, and these facts.")
            yield from body(variant.changes, variant.facts)
    if folded:
        yield ""
        yield "</details>"


def _faults(report: Report, entry: Entry, base: str) -> Iterator[str]:
    """Yield the errors as a list, each with its code, its place, and what to do."""
    faults = ordered(entry.faults)
    if faults:
        yield ""
    for fault in faults[:_MOST_FAULTS]:
        place = _place(report, fault, base)
        help_ = f" ({sentence(fault.help)})" if fault.help else ""
        yield f"* **{fault.code}**{f' {place}' if place else ''}: {sentence(fault.headline)}{help_}"
    if len(faults) > _MOST_FAULTS:
        yield f"* … and {len(faults) - _MOST_FAULTS:,} more"


def _place(report: Report, fault: Diagnostic, base: str) -> str:
    """Return where an error stands: its file and line, as a link where they are of the new side."""
    file, span = fault.place.file, fault.place.span
    if span is None:
        return ""
    path = report.top(file)
    return _linked(code(f"{path}:{span.line}", table=False), base if report.is_new(file) else "", path, span.line)


def _linked(text: str, base: str, path: str, line: int = 0) -> str:
    """Return a text as a link to a file below the base, and to its line; as it is where there is no base."""
    if not base or not path:
        return text
    return f"[{text}]({address(base, path, line)})"
