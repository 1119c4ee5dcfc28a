"""An outline as the lines of the canonical layout.

What fits on a line and was written on one stands on one; lists of scalars, and the arguments of a layer, do so however
they were written, and a list of numbers takes as many lines as it needs. All else has a line for each key or item.
"""

from typing import Final

from netspec.formatting.brackets import arranged, inline, is_pair
from netspec.formatting.comments import Beside
from netspec.formatting.order import Site
from netspec.formatting.outline import Block, Entry, Outline, entries_of
from netspec.formatting.scalars import key_of, lines_of, text_of
from netspec.source import Mapping, Scalar, Sequence

WIDTH: Final = 120
"""Columns of a line, a comment behind its values left out."""

_INDENT: Final = 2
_LONGEST_LEAD: Final = 60  # columns of a key behind which a list begins; behind a longer one, left of its end
_UNBOUNDED: Final = 1 << 30
_MARK: Final = "netspec: ignore["  # what silences a finding, on its line or the next
_GAP: Final = 2  # blanks before a comment at least


def write(outline: Outline, root: Site, source: list[str]) -> str:
    """Return the text of a file in the canonical layout.

    `root` is the site of its outline, and `source` the lines that it was made of.
    """
    layout = _Layout(source)
    layout.file(outline, root)
    return layout.text()


class _Layout:
    """The lines of one file in the making, and the comments behind them by the number of the line."""

    def __init__(self, source: list[str]) -> None:
        self._source = source
        self._rows: list[str] = []
        self._beside: dict[int, Beside] = {}
        self._runs: list[list[int]] = []

    def file(self, outline: Outline, root: Site) -> None:
        """Append a whole file."""
        head, written = list(outline.head), outline.block.entries
        entries = arranged(written, root)
        if entries and entries[0] is not written[0]:
            while head and _MARK in head[-1]:  # it speaks of the line below it
                written[0].above.insert(0, head.pop())
        self._rows += head
        if head and entries and entries[0].above:
            self._rows.append("")
        self._entries(entries, 0, root)
        if head and not entries and outline.block.after:
            self._rows.append("")
        self._rows += outline.block.after
        if not written:
            self._rows.append("{}")
        while self._rows and not self._rows[-1]:
            self._rows.pop()

    def text(self) -> str:
        """Return the lines as a text."""
        rows = self._rows
        columns: dict[int, int] = {}
        for run in self._runs:  # that of an outer collection comes later, and goes before those within
            column = _column([(rows[i], self._beside[i]) for i in run])
            columns.update(dict.fromkeys(run, column))
        for i, beside in self._beside.items():
            rows[i] = f"{rows[i]:<{columns[i]}}{beside.text}"
        return "\n".join(rows) + "\n"

    def _entries(self, entries: list[Entry], indent: int, site: Site) -> None:
        """Append keys or items, each from the column `indent` on, and find the runs of lines with comments behind."""
        margin = " " * indent
        run: list[int] = []
        for i, entry in enumerate(entries):
            above = entry.above
            if above and not i:
                above = _without_blanks(above)
            if above:
                run = self._ended(run)
                self._rows += [margin + text if text else "" for text in above]
            key = entry.key
            lead = f"{margin}-" if key is None else f"{margin}{key_of(key)}:"
            start = len(self._rows)
            mark = self._entry(lead, entry, indent, site.other if key is None else site.below(key.text))
            single = len(self._rows) == start + 1
            if not single:
                run = self._ended(run)
            if mark is not None:
                run.append(mark)
            if not single:
                run = self._ended(run)
        self._ended(run)

    def _ended(self, run: list[int]) -> list[int]:
        if run:
            self._runs.append(run)
        return []

    def _entry(self, lead: str, entry: Entry, indent: int, site: Site) -> int | None:
        """Append a key or a dash with its value, and return which line has a comment behind that is about all of it."""
        value = entry.value
        room = WIDTH - len(lead) - 1
        mark = len(self._rows)
        if isinstance(value, Scalar):
            rows = lines_of(value, lead, indent + _INDENT, room, self._source)
            self._rows += rows
            if rows[0][len(lead) + 1] not in "|>":
                mark = len(self._rows) - 1
        elif (text := _braced(entry, value, site, room)) is not None:
            self._rows.append(f"{lead} {text}")
        elif _flows(value, site):
            self._filled(lead, entries_of(value), indent)
            mark = len(self._rows) - 1
        elif entry.key is not None:
            self._rows.append(lead)
            self._below(value, arranged(entries_of(value), site), indent + _INDENT, site)
        else:
            return self._item(entry, value, indent, site)
        if entry.beside is None:
            return None
        self._beside[mark] = entry.beside
        return mark

    def _item(self, entry: Entry, value: Mapping | Sequence | Block, indent: int, site: Site) -> int | None:
        """Append an item of a list whose first line is that of its first entry, and return what `_entry` does.

        What stands behind the item goes behind its first key, if there is room for it, or above the dash.
        """
        margin = " " * indent
        inner = arranged(entries_of(value), site)
        inner[0].held = entry.held or _is_silenced(entry)
        if entry.beside is not None and inner[0].key is not None and inner[0].beside is None:
            inner[0].beside = entry.beside
        elif entry.beside is not None:
            self._rows.append(margin + entry.beside.text)
        start = len(self._rows)
        self._below(value, inner, indent + _INDENT, site)
        self._rows[start] = f"{margin}- {self._rows[start][indent + _INDENT :]}"
        return start if start in self._beside else None

    def _below(self, value: Mapping | Sequence | Block, inner: list[Entry], indent: int, site: Site) -> None:
        """Append the entries of a collection, one below the other, and the comments that end it."""
        self._entries(inner, indent, site)
        if isinstance(value, Block):
            self._rows += [" " * indent + text if text else "" for text in value.after]

    def _filled(self, lead: str, entries: list[Entry], indent: int) -> None:
        """Append a list of scalars in brackets, as many on a line as fit."""
        row = f"{lead} ["
        margin = " " * (len(row) if len(lead) <= _LONGEST_LEAD else indent + 2 * _INDENT)
        texts = [text_of(entry.value, flow=True) for entry in entries if isinstance(entry.value, Scalar)]
        for i, text in enumerate(texts):
            piece = text + ("," if i + 1 < len(texts) else "]")
            if len(row) + 1 + len(piece) > WIDTH and not row.endswith("[") and row != margin:
                self._rows.append(row)
                row = margin
            row += piece if row.endswith("[") or row == margin else f" {piece}"
        self._rows.append(row)


def _braced(entry: Entry, value: Mapping | Sequence | Block, site: Site, room: int) -> str | None:
    """Return a collection in brackets, or None where each of its entries has a line.

    A comment that silences a finding keeps what it stands with on one line, or on several, as they are.
    """
    if entry.key is None and site.bare and is_pair(value):
        return None
    silenced = entry.held or _is_silenced(entry)
    if silenced and isinstance(value, Block) and not value.flow:
        return None
    return inline(value, site, _UNBOUNDED if silenced else room)


def _is_silenced(entry: Entry) -> bool:
    """Return whether a comment behind an entry, or on the line above it, silences what is found on its line."""
    behind = [] if entry.beside is None else [entry.beside.text]
    return any(_MARK in text for text in (*entry.above[-1:], *behind))


def _flows(part: Mapping | Sequence | Block, site: Site) -> bool:
    """Return whether this is a list of scalars that takes as many lines in brackets as it needs.

    One of numbers is, and others are where they were written in brackets.
    """
    if isinstance(part, Block) and part.commented:
        return False
    in_brackets = not isinstance(part, Block) or part.flow
    return not site.lines and all(
        entry.key is None
        and isinstance(entry.value, Scalar)
        and "\n" not in entry.value.text
        and (in_brackets or isinstance(entry.value.value, int | float))
        for entry in entries_of(part)
    )


def _without_blanks(above: list[str]) -> list[str]:
    """Return what stands above the first entry of a block, without the blank lines that it begins with."""
    start = next((i for i, text in enumerate(above) if text), len(above))
    return above[start:]


def _column(lines: list[tuple[str, Beside]]) -> int:
    """Return the column of the comments behind some lines.

    They stay in a column that they stand in already, moved as the longest line has grown or shrunk; else they stand
    behind the longest.
    """
    longest, beside = max(lines, key=lambda line: len(line[0]))
    least = len(longest) + _GAP
    if any(each.column != beside.column for _, each in lines):
        return least
    return max(beside.column + len(longest) - beside.behind, least)
