"""The rows of a network as a table of texts, which text, Markdown and HTML draw each in its own way."""

from typing import Final, NamedTuple

from netspec.operations import Graph
from netspec.summary.numbers import dimensions, number
from netspec.summary.rows import Row, sections

MOST_LINES: Final = 200
"""Rows and parts that are drawn of a network; the rest is counted."""

_SHARED: Final = "shared, counted once"


class Column(NamedTuple):
    """The head of a column, and whether its cells stand at its right edge."""

    head: str
    right: bool = True


class Band(NamedTuple):
    """The line that begins a part: its level of nesting, its name, and what is to be said of it."""

    level: int
    name: str
    remark: str


class Table(NamedTuple):
    """Lines with a cell for each column, and the bands of parts between; `left_out` says what is not drawn."""

    columns: tuple[Column, ...]
    lines: tuple[Band | tuple[str, ...], ...]
    left_out: str


_COLUMNS: Final = (
    Column("k"),
    Column("layers"),
    Column("operation", right=False),
    Column("h_{k+1}"),
    Column("β_k"),
    Column("Ω_k"),
    Column("parameters"),
)
_RUNS: Final = 1  # the column that only a table with equal layers in a row has


def table(graph: Graph, *, exact: bool = False, most: int = MOST_LINES) -> Table:
    """Return the table of a network: at most `most` lines, and in words how many layers and parts follow them.

    One row for each layer, equal neighbours together: k counts from 0 within each part, and the last layer gives y.
    `parameters` are those of all the layers of a row.
    """
    lines: list[Band | tuple[str, ...]] = []
    layers = parts = 0
    runs = False
    for section in sections(graph):
        if section.level:
            if len(lines) < most:
                lines.append(Band(section.level - 1, section.name, "" if section.first else _SHARED))
            else:
                parts += 1
        drawn = section.rows[: most - len(lines)]
        runs = runs or any(row.layers > 1 for row in drawn)
        lines += [_cells(row, exact) for row in drawn]
        layers += sum(row.layers for row in section.rows[len(drawn) :])
    if runs:
        return Table(_COLUMNS, tuple(lines), _left_out(layers, parts))
    rest = (*_COLUMNS[:_RUNS], *_COLUMNS[_RUNS + 1 :])
    fewer = (line if isinstance(line, Band) else (*line[:_RUNS], *line[_RUNS + 1 :]) for line in lines)
    return Table(rest, tuple(fewer), _left_out(layers, parts))


def _cells(row: Row, exact: bool) -> tuple[str, ...]:
    tensors = dict(row.tensors)
    many = row.layers > 1
    return (
        f"{row.k:,} … {row.k + row.layers - 1:,}" if many else f"{row.k:,}",
        f"×{row.layers:,}" if many else "",
        row.operation,
        dimensions(row.output),
        dimensions(tensors["beta"]) if "beta" in tensors else "–",
        dimensions(tensors["Omega"]),
        number(row.total, exact=exact),
    )


def _left_out(layers: int, parts: int) -> str:
    counts = [
        f"{count:,} more {noun}{'' if count == 1 else 's'}"
        for count, noun in ((layers, "layer"), (parts, "part"))
        if count
    ]
    return f"… and {' and '.join(counts)}" if counts else ""
