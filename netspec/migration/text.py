"""Plans for people: one row a tensor, what of it keeps the function, and the counts, for a terminal or a log."""

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Final

from netspec.migration.rows import Row
from netspec.migration.steps import Act, Plan
from netspec.migration.telling import grounds, head, rows, summary, verdict

_WIDTH: Final = 100  # columns where no terminal says otherwise
_LEAST: Final = 24
_LONGEST: Final = 40  # columns of a name; what is longer stands on a line of its own
MOST_ROWS: Final = 60
"""Rows of tensors; tensors that are kept are left out first, and counted."""
MOST_GROUNDS: Final = 12

_COLOURS: Final[dict[Act | str, str]] = {
    "head": "\x1b[1m", "part": "\x1b[1;36m", "keeps": "\x1b[32m", "unproven": "\x1b[33m", "unknown": "\x1b[33m",
    "rename": "\x1b[36m", "permute": "\x1b[36m", "untie": "\x1b[36m", "pad": "\x1b[33m", "slice": "\x1b[31m",
    "initialise": "\x1b[32m", "drop": "\x1b[31m",
}  # fmt: skip


def render_text(
    plan: Plan, *, colour: bool = False, width: int | None = None, encode: Callable[[str], str] = str
) -> str:
    """Return a plan as text. `width` is the terminal's; `encode` spells what the terminal cannot show."""
    columns = _WIDTH if width is None else max(width, _LEAST)
    spell: Callable[[str], str] = encode if encode("→β") != "→β" else str

    def paint(text: str, style: str) -> str:
        return f"{_COLOURS[style]}{text}\x1b[0m" if colour and style in _COLOURS and text else text

    lines = [paint(spell(head(plan)), "head"), paint(spell(verdict(plan)), plan.verdict.outcome)]
    why = grounds(plan)
    for each in why[:MOST_GROUNDS]:
        lines += wrap(spell(each), columns, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    if len(why) > MOST_GROUNDS:
        lines.append(f"  … and {len(why) - MOST_GROUNDS:,} more")
    lines += ["", paint("tensors", "part")]
    table = rows(plan.steps)
    lines += [paint(spell(line), act) for act, line in _table(_shown(table), columns)]
    lines += list(_left_out(table))
    for note in plan.notes:
        lines += wrap(spell(f"note: {note}"), columns, subsequent_indent="  ", break_on_hyphens=False)
    lines += ["", spell(summary(plan))]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _shown(table: list[Row]) -> list[Row]:
    """Return the rows that are drawn: all, or as many as there is room for, kept ones left out."""
    if len(table) > MOST_ROWS:
        table = [row for row in table if row.act != "keep"]
    return table[:MOST_ROWS]


def _left_out(table: list[Row]) -> Iterator[str]:
    if len(table) > MOST_ROWS:
        kept = sum(row.times for row in table if row.act == "keep")
        if kept:
            yield f"  … {kept:,} kept"
        more = sum(row.times for row in [row for row in table if row.act != "keep"][MOST_ROWS:])
        if more:
            yield f"  … {more:,} more"


def _table(table: list[Row], columns: int) -> Iterator[tuple[Act, str]]:
    act = max((len(row.act) for row in table), default=0)
    name = min(max((len(row.name) for row in table), default=0), _LONGEST)
    shape = min(max((len(row.shapes) for row in table), default=0), _LONGEST)
    for row in table:
        head_ = f"  {row.act:<{act}}  {row.name:<{name}}"
        if len(row.name) > name:
            yield row.act, head_
            head_ = " " * (4 + act + name)
        line = f"{head_}  {row.shapes:<{shape}}".rstrip()
        indent = 8 + act + name + shape
        room = max(columns - indent, _LEAST)
        words = wrap(row.words, room, break_on_hyphens=False) or [""]
        for number, each in enumerate(words):
            start = f"{line:<{indent - 2}}  " if number == 0 else " " * indent
            yield row.act, f"{start}{each}"
