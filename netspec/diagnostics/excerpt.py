"""Lines of a source with marks under them: escaped, cut to the width around each mark, columns still pointing right."""

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from netspec.diagnostics.diagnostic import Span
from netspec.diagnostics.show import show

Style = Literal["plain", "frame", "headline", "error", "warning", "note", "help"]
Row = list[tuple[Style, str]]  # one drawn line, as stretches of one style each

_CUT: Final = "..."
_LEAST_ROOM: Final = 20  # columns of source kept on the narrowest terminal


class Mark(NamedTuple):
    """What stands under a stretch of source: `^^^` in the style of a severity for the fault, `---` for a note."""

    span: Span
    text: str
    style: Style


class Frame(NamedTuple):
    """How the blocks of one fault are drawn: `gutter` digits of line number, `width` columns in all."""

    gutter: int
    width: int
    encode: Callable[[str], str]

    def bar(self, *rest: tuple[Style, str]) -> Row:
        """Return a row without line number: `   | ` and what follows."""
        return [("frame", " " * (self.gutter + 2) + ("| " if rest else "|")), *rest]

    def numbered(self, number: int, text: str) -> Row:
        """Return a row of source under its line number."""
        return [("frame", f" {number:>{self.gutter}} |"), ("plain", f" {text}".rstrip())]


def draw_excerpt(lines: Sequence[str], marks: Sequence[Mark], frame: Frame) -> list[Row]:
    """Return the rows that show each marked line once, in the order of the file, its marks below it.

    A span of several lines is marked on its first. `...` stands for what lies between distant lines; a single line
    in between is shown, as it takes no more room. Every mark is on one of `lines`.
    """
    marked: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.span.line, mark.span.column)):
        marked.setdefault(mark.span.line, []).append(mark)
    rows: list[Row] = []
    before = 0
    for number, here in marked.items():
        if before and number - before == 2:
            between = _Stretch(lines[before], 0, frame)
            rows.append(frame.numbered(before + 1, between.shown))
        elif before and number - before > 2:
            rows.append([("frame", _CUT)])
        rows += _draw_line(number, lines[number - 1], here, frame)
        before = number
    return rows


def _draw_line(number: int, line: str, marks: Sequence[Mark], frame: Frame) -> list[Row]:
    """Return the line and its marks; a line too long for the width once more for each mark that its cut leaves out."""
    rows: list[Row] = []
    stretch: _Stretch | None = None
    for mark in marks:
        start = min(mark.span.column - 1, len(line))
        end = min(mark.span.end_column - 1, len(line)) if mark.span.end_line == mark.span.line else len(line.rstrip())
        if stretch is None or not stretch.has(start):
            stretch = _Stretch(line, start, frame)
            rows.append(frame.numbered(number, stretch.shown))
        indent, length = stretch.columns(start, end)
        sign = ("-" if mark.style == "note" else "^") * length
        rows.append(frame.bar(("plain", " " * indent), (mark.style, f"{sign} {mark.text}".rstrip())))
    return rows


class _Stretch:
    """The part of a line that is shown: the whole of it where it fits, else what surrounds the character at `around`.

    `shown` is the text as drawn. Every character takes the columns of its escape: `\\t` two, `U+041A` six.
    """

    __slots__ = ("_encode", "_high", "_line", "_low", "shown")

    def __init__(self, line: str, around: int, frame: Frame) -> None:
        self._line, self._encode = line, frame.encode
        room = max(frame.width - frame.gutter - 4, _LEAST_ROOM)
        self._low, self._high = 0, len(line)
        # Every character takes a column at least, so a line longer than the room is never escaped as a whole.
        if len(line) > room or self._room(0, len(line)) > room:
            self._cut(around, room - 2 * len(_CUT))
        before = _CUT if self._low > 0 else ""
        after = _CUT if self._high < len(line) else ""
        self.shown = before + self._escaped(self._low, self._high) + after

    def has(self, position: int) -> bool:
        """Tell whether a mark that begins at this character can be drawn."""
        return self._low <= position < self._high or position == self._high == len(self._line)

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """Return the indent and the length of the mark under `start:end`; an empty one is a column long."""
        indent = self._room(self._low, start) + (len(_CUT) if self._low > 0 else 0)
        return indent, max(self._room(start, min(end, self._high)), 1)

    def _cut(self, around: int, room: int) -> None:
        """Choose the characters that fit: a third of the room before `around`, then what follows, then what is left."""
        self._low = self._high = around
        left = self._grow_down(room // 3)
        left = self._grow_up(room - room // 3 + left)
        self._grow_down(left)

    def _grow_down(self, room: int) -> int:
        while self._low > 0 and (columns := self._room(self._low - 1, self._low)) <= room:
            self._low, room = self._low - 1, room - columns
        return room

    def _grow_up(self, room: int) -> int:
        while self._high < len(self._line) and (columns := self._room(self._high, self._high + 1)) <= room:
            self._high, room = self._high + 1, room - columns
        return room

    def _room(self, start: int, end: int) -> int:
        return len(self._escaped(start, end))

    def _escaped(self, start: int, end: int) -> str:
        # Character by character, because `show` cuts what is long.
        return self._encode("".join(map(show, self._line[start:end])))
