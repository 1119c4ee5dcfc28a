"""Things side by side: facts down the side and a column for each thing, as text, Markdown or CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

WIDTH: Final = 80  # columns of a page where no terminal says otherwise
_GAP: Final = "  "


class Fact(NamedTuple):
    """One fact of every thing: its words, and a cell for each thing, empty where it is not known or not defined."""

    word: str
    cells: tuple[str, ...]


def render_text(heads: Sequence[str], facts: Sequence[Fact], *, columns: int | None = None) -> str:
    """Return blocks of as many things as fit side by side on the page, numbers at the right edge of their columns."""
    words = [fact.word for fact in facts]
    margin = max(map(len, words), default=0)
    widths = [
        max(len(head), *(len(fact.cells[i]) or 1 for fact in facts)) if facts else len(head)
        for i, head in enumerate(heads)
    ]
    room = (WIDTH if columns is None else columns) - margin
    blocks: list[list[int]] = []
    used = 0
    for i, width in enumerate(widths):
        taken = width + len(_GAP)
        if blocks and used + taken <= room:
            blocks[-1].append(i)
            used += taken
        else:
            blocks.append([i])
            used = taken
    texts = []
    for block in blocks:
        lines = [" " * margin + "".join(f"{_GAP}{heads[i]:>{widths[i]}}" for i in block)]
        for fact in facts:
            cells = "".join(f"{_GAP}{fact.cells[i] or '–':>{widths[i]}}" for i in block)
            lines.append(f"{fact.word:<{margin}}{cells}")
        texts.append("".join(f"{line.rstrip()}\n" for line in lines))
    return "\n".join(texts)


def render_markdown(heads: Sequence[str], facts: Sequence[Fact]) -> str:
    """Return one table, a column for each thing."""
    lines = [_row(["", *heads]), _row(["---", *["---:"] * len(heads)])]
    lines += [_row([fact.word, *(cell or "–" for cell in fact.cells)]) for fact in facts]
    return "".join(f"{line}\n" for line in lines)


def table_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Return plain data as CSV, a row for each thing under its keys; nothing stands where there is no value.

    A mapping within one is told by both keys, and a list by its elements with blanks between.
    """
    flat = [dict(_flat(row)) for row in rows]
    head = list(dict.fromkeys(key for row in flat for key in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([row.get(key, "") for key in head] for row in flat)
    return text.getvalue()


def _flat(row: Mapping[str, object], lead: str = "") -> Iterator[tuple[str, object]]:
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{lead}{key}_")
        else:
            yield f"{lead}{key}", _cell(value)


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return " ".join(
            ("x".join(str(part) for part in item) if isinstance(item, list | tuple) else str(item)) for item in value
        )
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def table_text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of texts at the right edges of their columns."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = (_GAP.join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in [head, *rows])
    return "".join(f"{line.rstrip()}\n" for line in lines)


def table_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of texts in Markdown."""
    return "".join(f"{_row(row)}\n" for row in [head, ["---:"] * len(head), *rows])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
