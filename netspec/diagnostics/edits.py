"""Edits made in a text."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from netspec.diagnostics.diagnostic import Edit, Span


def edited(text: str, edits: Iterable[Edit]) -> tuple[str, list[Span]]:
    """Return a text with the edits made, and where each stands in it now; none may overlap.

    The ends of lines, LF or CRLF, stay what they are.
    """
    starts = _starts(text)
    parts: list[str] = []
    found: list[tuple[int, int]] = []
    done = length = 0
    for span, put in sorted(edits):
        start = starts[span.line - 1] + span.column - 1
        parts += [text[done:start], put]
        length += start - done + len(put)
        found.append((length - len(put), length))
        done = starts[span.end_line - 1] + span.end_column - 1
    now = "".join([*parts, text[done:]])
    starts = _starts(now)
    return now, [Span(*_position(starts, start), *_position(starts, end)) for start, end in found]


def overlap(one: Span, other: Span) -> bool:
    """Return whether two stretches have a character in common, or begin at the same one."""
    first, second = sorted((one, other))
    return (first.end_line, first.end_column) > (second.line, second.column) or first[:2] == second[:2]


def _starts(text: str) -> list[int]:
    """Return the offset of each line."""
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]


def _position(starts: list[int], offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, counted from 1."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1
