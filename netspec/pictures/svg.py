"""The graph of a network as an SVG drawing: layers as boxes, values as wires, parts as frames around them."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from netspec.diagnostics.magnitude import magnitude
from netspec.graph import Facts
from netspec.graph.view import Repeats, view
from netspec.operations import Graph
from netspec.pictures import lettering
from netspec.pictures.caption import Caption, caption, describe, part_title, sizes, totals
from netspec.pictures.excerpt import LEFT_OUT, excerpt, left_out
from netspec.pictures.layout import Box, Layout, Rect, Route, Wire, lay_out, lay_out_down
from netspec.pictures.sheet import TEXT_SIZE, Header, box, document, number, text
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.graph.view import View

_TITLE_SIZE: Final = 17.0
_LINE_SIZE: Final = 12.0
_TITLE_HEIGHT: Final = 26.0
_LINE_HEIGHT: Final = 17.0
_PAD: Final = 13.0
_CARD: Final = 4.0  # by how much the cards behind a repeat show
_TIP: Final = 7.0
_CORNER: Final = 8.0
_END_HEIGHT: Final = 34.0
_ENDS: Final = ("input", "output")


def draw_svg(part: Part, graph: Graph, facts: Facts, *, repeats: Repeats = "body") -> str:
    """Return the drawing of a network as an SVG document, the same for the same network, light and dark in one.

    Equal layers in a row are one box with their count, and the layers of a `repeat` stand once in a frame with theirs,
    unless `repeats` says otherwise, as for `netspec.graph.view`; of more than 400 nodes the first and the
    last are drawn, which the drawing says. Raises SystemFault `too-many-tensors` as `netspec.graph.view`.
    """
    drawing = draw(graph, repeats=repeats)
    header = Header(part.name, totals(facts), describe(part, facts), drawing.notes)
    return document(header, drawing.body, drawing.width, drawing.height)


class Mark(NamedTuple):
    """What is said of a box besides, or of the frame of a part: a sign in its corner, a class, words for a pointer."""

    sign: str
    kind: str
    words: str


class Drawing(NamedTuple):
    """The markup of a network from (0, 0), its size, and what is to be said of it."""

    body: tuple[str, ...]
    width: float
    height: float
    notes: tuple[str, ...]


def draw(
    graph: Graph,
    *,
    repeats: Repeats = "body",
    marks: "Callable[[View], Mapping[str, Mark]] | None" = None,
    down: bool = False,
) -> Drawing:
    """Return the drawing of a network without a sheet, from top to bottom where it goes `down`.

    `marks` gives for a view what is to be said of its nodes besides.
    """
    whole = view(graph, repeats=repeats)
    drawn = excerpt(whole)
    captions = {name: caption(name, node) for name, node in drawn.nodes.items()}
    layout = _lay_out(drawn, captions, down=down)
    marked = {} if marks is None else marks(drawn)
    body = tuple(_body(drawn, captions, layout, marked))
    return Drawing(body, layout.width, layout.height, left_out(whole, drawn))


def _lay_out(graph: "View", captions: Mapping[str, Caption], *, down: bool) -> Layout:
    boxes = [Box(name, *_size(node, captions[name]), node["parts"]) for name, node in graph.nodes.items()]
    wires = [
        Wire(tail, head, edge["operand"], lettering.width(sizes(edge["shape"]), _LINE_SIZE))
        for tail, head, edge in graph.edges(data=True)
    ]
    titles = {
        key: lettering.width(part_title(said), TEXT_SIZE, bold=True) for key, said in graph.graph["parts"].items()
    }
    return lay_out_down(boxes, wires, titles) if down else lay_out(boxes, wires, titles)


def _size(node: Mapping[str, Any], words: Caption) -> tuple[float, float]:
    """Return width and height of a box, the cards behind it included."""
    title = lettering.width(words.title, _TITLE_SIZE, bold=True)
    if node["kind"] in _ENDS:
        return max(54.0, title + 2 * _PAD), _END_HEIGHT
    cards = _cards(node)
    if cards:
        title += lettering.width(_count(node), _LINE_SIZE, bold=True) + _PAD
    lines = max((lettering.width(line, _LINE_SIZE) for line in words.lines), default=0.0)
    height = _TITLE_HEIGHT + _LINE_HEIGHT * len(words.lines) + _PAD
    return max(80.0, title, lines) + 2 * _PAD + cards, height + cards


def _cards(node: Mapping[str, Any]) -> float:
    """Return how far the cards behind a box reach out: those of equal layers that it stands for."""
    return 2 * _CARD if node["count"] > 1 and node["kind"] != LEFT_OUT else 0.0


def _count(node: Mapping[str, Any]) -> str:
    return f"×{magnitude(node['count'])}"


def _body(graph: "View", captions: Mapping[str, Caption], layout: Layout, marks: Mapping[str, Mark]) -> Iterator[str]:
    """Yield the markup: frames first, wires over them, boxes last."""
    depths = {key: depth for node in graph.nodes.values() for depth, key in enumerate(node["parts"])}
    for key, rect in layout.parts.items():
        yield from _frame(graph.graph["parts"][key], rect, depths[key], marks.get(key))
    edges = [edge for _, _, edge in graph.edges(data=True)]
    for edge, route in zip(edges, layout.routes, strict=True):
        yield from _wire(sizes(edge["shape"]), route, down=layout.down)
    for name, node in graph.nodes.items():
        yield from _layer(node, captions[name], layout.boxes[name], marks.get(name))


def _frame(said: Mapping[str, Any], rect: Rect, depth: int, mark: Mark | None) -> Iterator[str]:
    kind = "part" + (" odd" if depth % 2 else "") + (" shared" if said["shared"] else "")
    yield box(*rect, 10, kind)
    yield text(part_title(said), rect.x + 14, rect.y + 22, "frame mark" if said["shared"] else "frame")
    if mark is not None:
        yield f"<g><title>{escape(mark.words)}</title>"
        yield from _sign(mark, rect.x + rect.width - 8, rect.y + 8)
        yield "</g>"


def _wire(label: str, route: Route, *, down: bool) -> Iterator[str]:
    """Yield the way of a value, its tip and its label: straight along columns, a curve between two heights."""
    yield f'<path class="wire" d="{_way_down(route) if down else _way(route)}"/>'
    last = route.stops[-1]
    if down:
        yield f'<path class="tip" d="M{number(last.y)} {number(last.right)}l-4 -{_TIP + 1:g}h8z"/>'
    else:
        yield f'<path class="tip" d="M{number(last.right)} {number(last.y)}l-{_TIP + 1:g} -4v8z"/>'
    if route.label is not None:
        yield text(label, *route.label, "small faint middle")


def _way(route: Route) -> str:
    first, *rest = route.stops
    way = f"M{number(first.left)} {number(first.y)}H{number(first.right)}"
    x, y = first.right, first.y
    for stop in rest:
        left = stop.left
        if stop.channel is not None:
            way += _return(x, y, stop.channel, left, stop.y)
        elif stop.y != y:
            middle = number((x + left) / 2)
            way += f"C{middle} {number(y)} {middle} {number(stop.y)} {number(left)} {number(stop.y)}"
        x, y = stop.right, stop.y
        way += f"H{number(x)}"
    return f"{way[: way.rindex('H')]}H{number(x - _TIP)}"


def _way_down(route: Route) -> str:
    """Return the way where the layout goes down; it has no rows to return to."""
    first, *rest = route.stops
    way = f"M{number(first.y)} {number(first.left)}V{number(first.right)}"
    x, y = first.y, first.right
    for stop in rest:
        if stop.y != x:
            middle, top, across = number((y + stop.left) / 2), number(stop.left), number(stop.y)
            way += f"C{number(x)} {middle} {across} {middle} {across} {top}"
        x, y = stop.y, stop.right
        way += f"V{number(y)}"
    return f"{way[: way.rindex('V')]}V{number(y - _TIP)}"


def _return(x: float, y: float, channel: float, left: float, end: float) -> str:
    """Return the way from the end of a row down, back to the left and down to the next, with round corners."""
    r = _CORNER
    corner = f"{r:g} {r:g} 0 0"
    return (
        f"H{number(x + r)}A{corner} 1 {number(x + 2 * r)} {number(y + r)}V{number(channel - r)}"
        f"A{corner} 1 {number(x + r)} {number(channel)}H{number(left - r)}"
        f"A{corner} 0 {number(left - 2 * r)} {number(channel + r)}V{number(end - r)}"
        f"A{corner} 0 {number(left - r)} {number(end)}H{number(left)}"
    )


def _layer(node: Mapping[str, Any], words: Caption, rect: Rect, mark: Mark | None) -> Iterator[str]:
    """Yield the box of a node, with all that is known of it as the text that a pointer shows."""
    x, y, width, height = rect
    said = words.details if mark is None else f"{mark.words}. {words.details}"
    more = "" if mark is None else f" {mark.kind}"
    yield f"<g><title>{escape(said)}</title>"
    if node["kind"] in _ENDS:
        yield box(x, y, width, height, height / 2, f"box end{more}")
        yield text(words.title, x + width / 2, y + height / 2 + 4.5, "middle")
        yield from _sign(mark, x + width, y)
        yield "</g>"
        return
    kind = _class(node) + more
    cards = _cards(node)
    for shift in (cards, cards / 2) if cards else ():
        yield box(x + shift, y + cards - shift, width - cards, height - cards, 7, kind)
    y, width, height = y + cards, width - cards, height - cards
    yield box(x, y, width, height, 7, kind)
    yield text(words.title, x + _PAD, y + _TITLE_HEIGHT, "title")
    if cards:
        yield text(_count(node), x + width - _PAD, y + _TITLE_HEIGHT - 2, "badge flush")
    for place, line in enumerate(words.lines, 1):
        style = "small" if place == 1 else "small faint"
        yield text(line, x + _PAD, y + _TITLE_HEIGHT + 2 + place * _LINE_HEIGHT, style)
    yield from _sign(mark, x + width, y)
    yield "</g>"


def _sign(mark: Mark | None, x: float, y: float) -> Iterator[str]:
    """Yield the sign in the corner of a box, on a disc."""
    if mark is not None:
        yield f'<circle class="disc {mark.kind}" cx="{number(x - 3)}" cy="{number(y + 3)}" r="9"/>'
        yield text(mark.sign, x - 3, y + 8, "sign middle")


def _class(node: Mapping[str, Any]) -> str:
    if node["kind"] == LEFT_OUT:
        return "box end"
    if "arguments" in node and node["kind"] != "repeat":
        return "box hidden" if node["activation"] else "box affine" if node["tensors"] else "box lone"
    if node["kind"] == "affine":
        return "box hidden" if node["activation"] else "box affine"
    return "box hidden" if node["kind"] == "repeat" else "box lone"
