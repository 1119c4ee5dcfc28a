"""A summary for people: the table, the equations and the facts, as plain text for a terminal or a log."""

import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Final, Literal, NamedTuple

from netspec.diagnostics import show
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.summary.equations import Block, equations
from netspec.summary.table import Band, Table, table
from netspec.summary.totals import Total, heading, totals

_WIDTH: Final = 80  # columns where no terminal says otherwise
_LEAST_REMARK: Final = 24  # columns that a remark has on however narrow a terminal
_LONGEST_NUMBER: Final = 32  # characters; a longer one stands on a line of its own, and widens nothing
_MOST_BLOCKS: Final = 24  # parts whose equations are written; a count beyond
_NAMED_USES: Final = 3  # names of a part that is used more than once
_DEEPEST: Final = 8  # levels that are indented; deeper ones as that
_BREAKS: Final = re.compile(r"(?<=[,;:]) ")  # where a cell may go on in another line
_KEPT: Final = re.compile(r"(?<![,;:]) ")
Style = Literal["plain", "head", "part"]
_COLOURS: Final[dict[Style, str]] = {"head": "\x1b[1m", "part": "\x1b[1;36m"}


class Line(NamedTuple):
    """One line of text, and how it is painted on a terminal with colours."""

    text: str
    style: Style = "plain"


def render_text(
    part: Part,
    graph: Graph,
    facts: Facts,
    *,
    exact: bool = False,
    colour: bool = False,
    width: int | None = None,
    encode: Callable[[str], str] = str,
) -> str:
    """Return the summary as text. `exact` writes integers beyond 20 digits whole.

    `width` is the terminal's, in columns: remarks keep within it, tables take what they need. `encode` spells what the
    terminal cannot show (`ascii_only`).
    """
    plain = encode("≈") != "≈"

    def spell(text: str) -> str:
        return encode(text) if plain else text

    head = heading(part, facts)
    lines = [Line(spell(f"{head.name}: {head.mapping}"), "head")]
    lines += [Line(spell(text)) for text in (head.setting, head.training) if text]
    columns = _WIDTH if width is None else width
    lines += [Line(""), *_table(table(graph, exact=exact), columns, spell)]
    written = [line._replace(text=spell(line.text)) for line in equation_lines(equations(graph))]
    lines += [Line(""), *written] if written else []
    lines += [Line(""), *_totals(totals(graph, facts, exact=exact), columns, spell)]
    lines += [Line("fingerprint"), Line(f"  {facts.fingerprint}")]
    return "".join(f"{_paint(line) if colour else line.text}\n" for line in lines)


def _paint(line: Line) -> str:
    return f"{_COLOURS[line.style]}{line.text}\x1b[0m" if line.style in _COLOURS and line.text else line.text


def _table(table: Table, columns: int, spell: Callable[[str], str]) -> Iterator[Line]:
    spelled = [line if isinstance(line, Band) else tuple(map(spell, line)) for line in table.lines]
    heads = tuple(spell(column.head) for column in table.columns)
    cells = [heads, *(line for line in spelled if not isinstance(line, Band))]
    widths = [max(len(row[i]) for row in cells if len(row[i]) <= _LONGEST_NUMBER) for i in range(len(heads))]

    # The layers of a part stand a little to the right of its name.
    margin = "  " if any(isinstance(line, Band) for line in table.lines) else ""

    for i in reversed([i for i, column in enumerate(table.columns) if column.wraps]):
        least = max(len(piece) for row in cells for piece in _BREAKS.split(row[i]))
        widths[i] = max(widths[i] - max(len(margin) + sum(widths) + 2 * (len(widths) - 1) - columns, 0), least)

    def aligned(row: Sequence[str]) -> str:
        found = zip(row, widths, table.columns, strict=True)
        texts = (f"{cell:>{width}}" if column.right else f"{cell:<{width}}" for cell, width, column in found)
        return (margin + "  ".join(texts)).rstrip()

    def drawn(row: Sequence[str]) -> Iterator[Line]:
        """Yield the line of a row, and those on which its longest cell goes on."""
        found = zip(row, widths, table.columns, strict=True)
        cells = [_broken(cell, width) if column.wraps else [cell] for cell, width, column in found]
        for i in range(max(map(len, cells))):
            yield Line(aligned([cell[i] if i < len(cell) else "" for cell in cells]))

    yield Line(aligned(heads), "head")
    for line in spelled:
        if isinstance(line, Band):
            yield _band(line, spell)
        else:
            yield from drawn(line)
    if table.left_out:
        yield Line(spell(table.left_out))


def _broken(text: str, width: int) -> list[str]:
    """Return a cell as lines: broken behind a comma, a semicolon or a colon, where it has to be."""
    kept = "\u00a0".join(_KEPT.split(text))  # no line ends within `Ω 10×10`
    return [line.replace("\u00a0", " ") for line in wrap(kept, width, break_on_hyphens=False)] or [""]


def _band(band: Band, spell: Callable[[str], str]) -> Line:
    remark = f"  {band.remark}" if band.remark else ""
    return Line(spell(f"{'  ' * min(band.level, _DEEPEST)}{show(band.name)}{remark}"), "part")


def equation_lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """Yield the equations of a network, those of its parts below their names; beyond 24 parts the rest is counted."""
    for block in blocks[:_MOST_BLOCKS]:
        named = block.parts != ("",)
        if named:
            yield Line(_uses(block), "part")
        for line in block.lines:
            yield Line(f"  {line}" if named else line)
    if len(blocks) > _MOST_BLOCKS:
        yield Line(f"… and the equations of {len(blocks) - _MOST_BLOCKS:,} more parts")


def _uses(block: Block) -> str:
    """Return the names of a part's uses, the first few of them."""
    names = ", ".join(show(name) for name in block.parts[:_NAMED_USES])
    more = len(block.parts) - _NAMED_USES
    return f"{names}, … {more:,} more" if more > 0 else names


def _totals(found: Sequence[Total], width: int, spell: Callable[[str], str]) -> Iterator[Line]:
    """Yield a line for each fact, its number at the right edge of theirs and its remark beside it."""
    words = max(len(total.word) for total in found)
    values = [spell(total.value) for total in found]
    numbers = max(len(value) for value in values if len(value) <= _LONGEST_NUMBER)
    indent = words + 2 + numbers + 2
    for total, value in zip(found, values, strict=True):
        remark = wrap(spell(total.remark), max(width - indent, _LEAST_REMARK), break_on_hyphens=False) or [""]
        if len(value) > _LONGEST_NUMBER:
            yield Line(f"{total.word:<{indent}}{remark[0]}".rstrip())
        else:
            yield Line(f"{total.word:<{words}}  {value:>{numbers}}  {remark[0]}".rstrip())
        for rest in remark[1:]:
            yield Line(f"{'':<{indent}}{rest}")
        if len(value) > _LONGEST_NUMBER:
            yield Line(f"  {value}")
