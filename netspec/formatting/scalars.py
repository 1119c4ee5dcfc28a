"""How a scalar and a key are written in the canonical layout: plain where that is the same text, else quoted."""

import re
from typing import Final

from netspec.source import Scalar
from netspec.source.spelling import is_plain, key_text, quoted

# What unquoted text may hold outside brackets and not always within.
_SUSPECT: Final = re.compile(r"[,\[\]{}?:]")


def key_of(key: Scalar) -> str:
    """Return a key, which is written alike in brackets and outside."""
    return key.text if not key.quoted and not _SUSPECT.search(key.text) else key_text(key.text)


def text_of(scalar: Scalar, *, flow: bool) -> str:
    """Return a scalar on one line, in brackets or outside."""
    text, value = scalar.text, scalar.value
    if not scalar.quoted:
        if isinstance(value, bool):
            return "true" if value else "false"
        if not flow or not isinstance(value, str) or not _SUSPECT.search(text):
            return text
    return text if is_plain(text, flow=flow) else quoted(text)


def lines_of(scalar: Scalar, lead: str, indent: int, room: int, source: list[str]) -> list[str]:
    """Return the lines of a scalar behind its key or dash; `indent` is where further lines of it begin.

    A text of several lines keeps them, and a quoted one that takes several lines of the `source` and would fit stands
    on one, `room` columns being left for it.
    """
    line, column, end_line, end_column = scalar.span
    if line == end_line:
        return [f"{lead} {text_of(scalar, flow=False)}"]
    style = source[line - 1][column - 1]
    if style in "|>":
        last = end_line - 1 if end_column == 1 else end_line
        head = source[line - 1][column:].split("#", 1)[0].strip()
        rows = _below(head, source[line:last], indent)
        return [f"{lead} {style}{head}", *rows] if rows else [f"{lead} {quoted(scalar.text)}"]
    text = text_of(scalar, flow=False)
    if "\n" not in scalar.text and len(text) <= room:
        return [f"{lead} {text}"]
    rows = source[line - 1 : end_line]
    rows[-1] = rows[-1][: end_column - 1]
    rows[0] = rows[0][column - 1 :]
    first, *more = (_stripped(row) for row in rows)
    return [f"{lead} {first}", *(" " * indent + row if row else "" for row in more)]


def _below(head: str, rows: list[str], indent: int) -> list[str]:
    """Return the lines of a text block moved to the column `indent`.

    None, if its head says more than that the last line end is dropped, or if lines of it are longer blanks: whether
    those are text hangs on details of the layout that are better written out.
    """
    first = next((len(row) - len(row.lstrip(" ")) for row in rows if row.strip(" ")), 0)
    if head not in ("", "-") or any(not row.strip(" ") and len(row) > first for row in rows):
        return []
    last = next((i for i in range(len(rows), 0, -1) if rows[i - 1].strip(" ")), 0)
    return [" " * indent + row[first:] if row.strip(" ") else "" for row in rows[:last]]


def _stripped(row: str) -> str:
    """Return a line of a quoted text without the blanks around it, which are no part of it unless they are escaped."""
    left = row.strip(" ")
    escapes = len(left) - len(left.rstrip("\\"))
    return left + " " if escapes % 2 and row.endswith(" ") else left
