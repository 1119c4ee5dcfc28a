"""The classic neuron diagram: a column of circles for each layer, a line for each weight."""

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from netspec.diagnostics import SystemFault, show
from netspec.graph import Facts
from netspec.graph.view import view
from netspec.graph.walk import is_plain
from netspec.operations import FUNCTIONS, Call, Graph, Repeat
from netspec.pictures import lettering
from netspec.pictures.caption import counted, describe, does, tensor_names, totals
from netspec.pictures.sheet import TEXT_SIZE, Header, document, number, text
from netspec.spec import Part

COLUMNS: Final = 16
"""Columns that a diagram has at most, that of x among them; more would not be told apart."""

UNITS: Final = 16
"""Circles that a column has at most; of more units the first and the last are drawn, and the rest is counted."""

_RADIUS: Final = 13.0
_PITCH: Final = 36.0  # from circle to circle in a column
_SPACE: Final = 96.0  # from column to column, at least
_SLOPE: Final = 0.3  # of the tallest column's height: columns stand as far apart, so that lines are not too steep
_DENSE: Final = 60  # lines between two columns beyond which they are drawn fainter
_DOTS: Final = 46.0  # height of the ellipsis in a column
_BRACKET: Final = 30.0  # height of the row with the names of parts
_SYMBOLS: Final = 32.0  # height of the row with x, h_k and y
_SYMBOL_SIZE: Final = 17.0
_LINE: Final = 18.0
_LONGEST_NAME: Final = 40
_CONNECTED: Final = ("input", "output", "affine", "dense", "mlp", "repeat", *FUNCTIONS)


class _Column(NamedTuple):
    """A layer: its symbol, its units, what is written under it and over the lines that lead to it."""

    symbol: str
    units: int
    does: str
    tensors: str
    kind: str
    part: str

    @property
    def drawn(self) -> int:
        return min(self.units, UNITS)

    @property
    def upper(self) -> int:
        """How many circles stand over the ellipsis."""
        return (self.drawn + 1) // 2

    @property
    def dots(self) -> float:
        """The height of the ellipsis, 0 where every unit is drawn."""
        return _DOTS if self.units > self.drawn else 0.0

    @property
    def height(self) -> float:
        return self.drawn * _PITCH + self.dots

    def centres(self, middle: float) -> list[float]:
        """Return how high each circle stands in a column around the middle."""
        top = middle - self.height / 2
        return [top + _PITCH * (n + 0.5) + (self.dots if n >= self.upper else 0.0) for n in range(self.drawn)]


def draw_units(part: Part, graph: Graph, facts: Facts) -> str:
    """Return the diagram of the units of a network as an SVG document, light and dark in one.

    A layer of more than 16 units shows the first and the last of them, and the number of the rest. Raises SystemFault
    `usage` where there are more than 15 layers behind x, or one that is not fully connected units.
    """
    columns = _columns(graph)
    names = [(_shown(key), len(list(group))) for key, group in groupby(column.part for column in columns)]
    tallest = max(column.height for column in columns)
    space = max(
        _SPACE,
        *(lettering.width(line, TEXT_SIZE) + 16 for c in columns for line in (c.does, counted(c.units, "unit"))),
        *(lettering.width(c.tensors + c.symbol, TEXT_SIZE) + 44 for c in columns),
        *((lettering.width(name, TEXT_SIZE, bold=True) + 16) / count for name, count in names),
        tallest * _SLOPE,
    )
    top = (_BRACKET if any(name for name, _ in names) else 0.0) + _SYMBOLS
    body = _body(columns, names, space, top, top + tallest / 2)
    header = Header(part.name, totals(facts), describe(part, facts))
    return document(header, body, space * len(columns), top + tallest + 2 * _LINE + 6)


def _shown(part: str) -> str:
    """Return the name of a part as the diagram shows it: with those around it where that is short."""
    return show(part if len(part) <= _LONGEST_NAME else part.rsplit(".", 1)[-1], _LONGEST_NAME)


def _columns(graph: Graph) -> list[_Column]:
    """Return the columns of the diagram, or refuse."""
    if any(graph.layers):
        if not is_plain(graph):
            raise SystemFault(
                "usage",
                f"a diagram of units is for fully connected layers alone{_other(graph)}",
                "draw the graph, without `--units`",
            )
        graph = _without_items(graph)
    layers = sum(node["count"] for _, node in view(graph).nodes(data=True) if node["kind"] != "output")
    if layers > COLUMNS:
        raise SystemFault(
            "usage",
            f"a diagram of units has up to {COLUMNS - 1} layers, and this network {layers - 1:,}",
            "draw the graph, without `--units`",
        )
    units = view(graph, unrolled=True)
    columns: list[_Column] = []
    for name, node in units.nodes.items():
        if node["kind"] == "output":
            continue
        fully_connected = node["kind"] == "affine" and units.in_degree(name) == 1
        if len(node["shape"]) != 1 or not (fully_connected or node["kind"] == "input"):
            words = f"a diagram of units is for fully connected layers, and `{show(name)}` is none"
            raise SystemFault("usage", words, "draw the graph, without `--units`")
        columns.append(_column(node))
    return columns


def _other(graph: Graph) -> str:
    """Return in words the first layer that is seen to be something else."""
    seen = view(graph, repeats="body")
    for name, node in seen.nodes.items():
        if len(node["shape"]) != 1 or seen.in_degree(name) > 1 or node["kind"] not in _CONNECTED:
            return f", and `{show(name)}` is none"
    return ""


def _without_items(graph: Graph) -> Graph:
    """Return a plain graph as if no list had made it: its layers are its affine maps with their activations."""
    found = Graph(graph.inputs, graph.part, graph.input_names)
    found.operations = [
        node._replace(body=_without_items(node.body)) if isinstance(node, Repeat | Call) else node
        for node in graph.operations
    ]
    found.operands, found.results, found.parameters = graph.operands, graph.results, graph.parameters
    found.shapes, found.paths, found.outputs = graph.shapes, graph.paths, graph.outputs
    found.layers = [()] * len(graph)
    return found


def _column(node: Mapping[str, Any]) -> _Column:
    part = node["parts"][-1] if node["parts"] else ""
    (units,) = node["shape"]
    if node["kind"] == "input":
        return _Column("x", units, "", "", "end", part)
    kind = "hidden" if node["activation"] else "affine"
    return _Column(node["label"], units, does(node), tensor_names(node), kind, part)


def _body(
    columns: list[_Column], names: list[tuple[str, int]], space: float, top: float, middle: float
) -> Iterator[str]:
    """Yield the markup: names of parts, lines, circles, and what is written over and under the columns."""
    start = 0
    for name, count in names:
        if name:
            left, right = space * start + 8, space * (start + count) - 8
            yield text(name, (left + right) / 2, 12, "frame middle")
            yield f'<path class="wire" d="M{number(left)} 24v-4H{number(right)}v4"/>'
        start += count
    centres = [space * (place + 0.5) for place in range(len(columns))]
    for (x, tail), (end, head) in pairwise(zip(centres, columns, strict=True)):
        lines = (
            f"M{number(x)} {number(y)}L{number(end)} {number(z)}"
            for y in tail.centres(middle)
            for z in head.centres(middle)
        )
        kind = "wire web dense" if tail.drawn * head.drawn > _DENSE else "wire web"
        yield f'<path class="{kind}" d="{"".join(lines)}"/>'
        yield text(head.tensors, (x + end) / 2, top - 12, "small faint middle")
    bottom = middle + max(column.height for column in columns) / 2
    for x, column in zip(centres, columns, strict=True):
        yield text(column.symbol, x, top - 11, "title middle")
        for y in column.centres(middle):
            yield f'<circle class="box {column.kind}" cx="{number(x)}" cy="{number(y)}" r="{_RADIUS:g}"/>'
        if column.dots:
            y = middle - column.height / 2 + _PITCH * column.upper + _DOTS / 2
            yield text(f"… {column.units - column.drawn:,} more", x, y + 4, "halo middle")
        yield text(counted(column.units, "unit"), x, bottom + _LINE, "small middle")
        yield text(column.does, x, bottom + 2 * _LINE, "small faint middle")
