"""Differences for people: what changed, in which class, and what comes of it, for a terminal or a log."""

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Final, Literal

from netspec.diagnostics import show
from netspec.limits import PATH_LENGTH
from netspec.review.alone import Alone, sketch_rows
from netspec.review.changes import Change, Diff, FactChange
from netspec.review.telling import ADDED, ARROW, REMOVED, Row, fact_rows, key_rows, layer_rows, tensor_rows, verdict

_WIDTH: Final = 100  # columns where no terminal says otherwise
_LEAST: Final = 24  # columns that words have on however narrow a terminal
_LONGEST_SUBJECT: Final = 40  # columns of the first column; a longer name stands on a line of its own
MOST_ROWS: Final = 60
"""Rows of one section; a count beyond."""

Style = Literal["plain", "head", "part", "added", "removed", "changed", "strict", "mild"]
_COLOURS: Final[dict[Style, str]] = {
    "head": "\x1b[1m", "part": "\x1b[1;36m", "added": "\x1b[32m", "removed": "\x1b[31m", "changed": "\x1b[33m",
    "strict": "\x1b[1;31m", "mild": "\x1b[2m",
}  # fmt: skip
_SIGNS: Final[dict[str, Style]] = {ADDED: "added", REMOVED: "removed"}


class _Pen:
    """Writes lines: painted, spelled as the terminal can, and wrapped to its width."""

    def __init__(self, colour: bool, width: int | None, encode: Callable[[str], str]) -> None:
        self.colour, self.width = colour, _WIDTH if width is None else max(width, _LEAST)
        self.spell: Callable[[str], str] = encode if encode("≈−") != "≈−" else str

    def paint(self, text: str, style: Style) -> str:
        """Return a text in its colour."""
        return f"{_COLOURS[style]}{text}\x1b[0m" if self.colour and style in _COLOURS and text else text

    def line(self, text: str, style: Style = "plain") -> str:
        """Return one line."""
        return self.paint(self.spell(text).rstrip(), style) + "\n"

    def rows(self, rows: Sequence[Row]) -> Iterator[str]:
        """Yield rows: sign and subject, their words beside them, the class at the end."""
        shown = [row._replace(subject=self.spell(row.subject), text=self.spell(row.text)) for row in rows[:MOST_ROWS]]
        column = min(max((len(row.subject) for row in shown), default=0), _LONGEST_SUBJECT)
        for row in shown:
            style = _SIGNS.get(row.sign, "changed")
            mark = f"  [{row.level}]" if row.level else ""
            indent = 4 + column + 2
            room = max(self.width - indent, _LEAST)
            words = wrap(row.text.replace("  ", "\0\0"), room, break_on_hyphens=False) or [""]
            words = [each.replace("\0", " ") for each in words]
            if mark and len(words[-1]) + len(mark) > room:
                words.append("")
                mark = mark.lstrip()
            if len(row.subject) > column:
                yield self.paint(f"  {row.sign} {row.subject}", style) + "\n"
                head = " " * indent
            else:
                head = self.paint(f"  {row.sign} {row.subject:<{column}}", style) + "  "
            for number, each in enumerate(words):
                last = number == len(words) - 1
                end = self.paint(mark, "strict" if row.level in ("interface", "weights") else "mild") if last else ""
                yield ((head if number == 0 else " " * indent) + each + end).rstrip() + "\n"
        if len(rows) > MOST_ROWS:
            yield self.line(f"  … and {len(rows) - MOST_ROWS:,} more")


def render_text(
    diff: Diff, *, colour: bool = False, width: int | None = None, encode: Callable[[str], str] = str
) -> str:
    """Return a difference as text. `width` is the terminal's; `encode` spells what the terminal cannot show."""
    pen = _Pen(colour, width, encode)
    files = [show(side.file, PATH_LENGTH.value) for side in (diff.old, diff.new)]
    lines = [pen.line(files[0] if files[0] == files[1] else f"{files[0]} {ARROW} {files[1]}", "head")]
    style: Style = "strict" if diff.level in ("interface", "weights") else "plain"
    lines += [pen.line(line, style) for line in wrap(verdict(diff), pen.width, break_on_hyphens=False)]
    lines += _body(pen, diff.changes, diff.facts)
    for variant in diff.variants:
        lines += [pen.line(""), pen.line(f"variant {variant.name}", "part")]
        if not variant.changes:
            lines.append(pen.line("  the changes above, and these facts"))
        lines += _body(pen, variant.changes, variant.facts)
    return "".join(lines)


def render_alone(
    alone: Alone, *, colour: bool = False, width: int | None = None, encode: Callable[[str], str] = str
) -> str:
    """Return what a spec is that only one side has; its name alone where it is gone, or has no network."""
    pen = _Pen(colour, width, encode)
    rows = [] if alone.sketch is None else [Row(" ", *row) for row in sketch_rows(alone.sketch)]
    return pen.line(f"{show(alone.file, PATH_LENGTH.value)}: {alone.kind}", "head") + "".join(pen.rows(rows))


def _body(pen: _Pen, changes: Sequence[Change], facts: Sequence[FactChange]) -> Iterator[str]:
    for title, rows in (
        ("keys", key_rows(changes)),
        ("layers", layer_rows(changes)),
        ("tensors", tensor_rows(changes)),
    ):
        if rows:
            yield pen.line("")
            yield pen.line(title, "part")
            yield from pen.rows(rows)
    if facts:
        yield pen.line("")
        yield pen.line("facts", "part")
        yield from _facts(pen, facts)


def _facts(pen: _Pen, facts: Sequence[FactChange]) -> Iterator[str]:
    """Yield a line for each fact, its numbers one under the other; those that are too long on lines of their own."""
    rows = [[pen.spell(cell) for cell in row[:5]] for row in fact_rows(facts)]
    fits = [row for row in rows if sum(map(len, row)) + 14 <= pen.width]
    widths = [max((len(row[i]) for row in fits), default=0) for i in range(5)]
    arrow = pen.spell(ARROW)
    for row in rows:
        name, before, after, difference, share = row
        if row not in fits:
            yield f"  {name}\n      {before}\n    {arrow} {after}\n"
            continue
        text = f"  {name:<{widths[0]}}  {before:>{widths[1]}} {arrow} {after:>{widths[2]}}"
        text += f"  {difference:>{widths[3]}}  {share:>{widths[4]}}"
        yield text.rstrip() + "\n"
