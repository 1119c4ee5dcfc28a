"""A summary for people: the table, the equations and the facts, as plain text for a terminal or a log."""

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
    lines += [Line(spell(head.setting))] if head.setting else []
    lines += [Line(""), *_table(table(graph, exact=exact), spell)]
    lines += [Line(""), *(line._replace(text=spell(line.text)) for line in equation_lines(equations(graph)))]
    lines += [Line(""), *_totals(totals(graph, facts, exact=exact), _WIDTH if width is None else width, spell)]
    lines += [Line("fingerprint"), Line(f"  {facts.fingerprint}")]
    return "".join(f"{_paint(line) if colour else line.text}\n" for line in lines)


def _paint(line: Line) -> str:
    return f"{_COLOURS[line.style]}{line.text}\x1b[0m" if line.style in _COLOURS and line.text else line.text


def _table(table: Table, spell: Callable[[str], str]) -> Iterator[Line]:
    spelled = [line if isinstance(line, Band) else tuple(map(spell, line)) for line in table.lines]
    heads = tuple(spell(column.head) for column in table.columns)
    cells = [heads, *(line for line in spelled if not isinstance(line, Band))]
    widths = [max(len(row[i]) for row in cells if len(row[i]) <= _LONGEST_NUMBER) for i in range(len(heads))]

    # The layers of a part stand a little to the right of its name.
    margin = "  " if any(isinstance(line, Band) for line in table.lines) else ""

    def aligned(row: Sequence[str]) -> str:
        columns = zip(row, widths, table.columns, strict=True)
        texts = (f"{cell:>{width}}" if column.right else f"{cell:<{width}}" for cell, width, column in columns)
        return (margin + "  ".join(texts)).rstrip()

    yield Line(aligned(heads), "head")
    for line in spelled:
        yield _band(line, spell) if isinstance(line, Band) else Line(aligned(line))
    if table.left_out:
        yield Line(spell(table.left_out))


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
