"""The rows of a network as a table of texts, which text, Markdown and HTML draw each in its own way."""

from typing import Final, NamedTuple

from netspec.operations import Graph
from netspec.summary.listing import Line, Listed, is_listed, listing
from netspec.summary.numbers import dimensions, number, plain
from netspec.summary.owned import told
from netspec.summary.rows import Row, sections

MOST_LINES: Final = 200
"""Rows and parts that are drawn of a network; the rest is counted."""

_SHARED: Final = "shared, counted once"


class Column(NamedTuple):
    """The head of a column, whether its cells stand at its right edge, and whether a long one may take more lines."""

    head: str
    right: bool = True
    wraps: bool = False


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
_LAYERS: Final = (
    Column("layer", right=False),
    Column("operation", right=False, wraps=True),
    Column("output", right=False),
    Column("tensors", right=False, wraps=True),
    Column("parameters"),
)
_OUTPUTS: Final = 3  # values that a row names as given; a count beyond
_SETTINGS: Final = 4  # settings of a part that its section names; a count beyond
_RUNS: Final = 1  # the column that only a table with equal layers in a row has


def table(graph: Graph, *, exact: bool = False, most: int = MOST_LINES) -> Table:
    """Return the table of a network: at most `most` lines, and in words how many layers and parts follow them.

    One row for each layer, equal neighbours together: k counts from 0 within each part, and the last layer gives y.
    `parameters` are those of all the layers of a row. A network that is a list of layers has one row for each item of
    it, named as its tensors are, and below it those of the parts that it applies, each once.
    """
    if is_listed(graph):
        return _listed(graph, exact=exact, most=most)
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


def _listed(graph: Graph, *, exact: bool, most: int) -> Table:
    """Return the table of a network that is a list of layers."""
    lines: list[Band | tuple[str, ...]] = []
    layers = parts = 0
    found = listing(graph)
    names = [section.name for section in found]
    for section in found:
        if section.key:
            if len(lines) < most:
                lines.append(Band(0, section.name, _remark(section)))
            else:
                parts += 1
        drawn = section.lines[: most - len(lines)]
        lines += [_line(line, names, exact) for line in drawn]
        layers += len(section.lines) - len(drawn)
    return Table(_LAYERS, tuple(lines), _left_out(layers, parts))


def _remark(section: Listed) -> str:
    """Return what is said of a part: what it maps, and under which settings."""
    graph = section.graph
    reads, gives = (", ".join(map(dimensions, shapes)) for shapes in (graph.inputs, graph.output_shapes))
    settings = [f"{name} = {plain(value)}" for name, value in section.settings.items()]
    more = len(settings) - _SETTINGS
    shown = [*settings[:_SETTINGS], f"… {more} more"] if more > 0 else settings
    return ", ".join([f"{reads} → {gives}", *shown, *([_SHARED] if section.shared else [])])


def _line(line: Line, names: list[str], exact: bool) -> tuple[str, ...]:
    word = line.word if line.part is None else names[line.part]
    return (
        "  " * line.level + line.layer,
        operation(line, word),
        _outcomes(line),
        "shared, see above" if line.again else "shared" if line.shared else told(line.tensors),
        number(line.parameters, exact=exact) if line.parameters else "",
    )


def operation(line: Line, word: str) -> str:
    """Return what a row computes: `conv 5×5, relu`, `add(branch, in)`, `res ×4`."""
    times = "" if line.times == 1 or (line.layer[:1].isdecimal()) else f" ×{line.times:,}"
    detail = f"{', ' if ' ' in line.detail else ' '}{line.detail}" if line.detail else ""
    activation = f", {line.activation}" if line.activation else ""
    return f"{word}{line.read}{detail}{times}{activation}"


def _outcomes(line: Line) -> str:
    """Return the shapes that a row gives, with their names where they have some."""
    texts = [f"{each.name} {dimensions(each.shape)}".strip() for each in line.outcomes]
    more = len(texts) - _OUTPUTS
    return ", ".join([*texts[:_OUTPUTS], f"… {more} more"] if more > 0 else texts)


def _left_out(layers: int, parts: int) -> str:
    counts = [
        f"{count:,} more {noun}{'' if count == 1 else 's'}"
        for count, noun in ((layers, "layer"), (parts, "part"))
        if count
    ]
    return f"… and {' and '.join(counts)}" if counts else ""
