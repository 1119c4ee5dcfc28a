"""The graph of a network as a Mermaid flowchart, which many pages and editors draw by themselves."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from netspec.diagnostics.magnitude import magnitude
from netspec.graph import Facts
from netspec.graph.view import Repeats, view
from netspec.operations import Graph
from netspec.pictures.caption import caption, in_a_sentence, part_title, sizes
from netspec.pictures.excerpt import LEFT_OUT, excerpt, left_out
from netspec.pictures.lettering import SYMBOL
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.graph.view import View

CHART_NODES: Final = 200
"""Nodes that a chart has at most: Mermaid refuses more than 500 edges, and takes long for fewer."""

_IN_A_ROW: Final = 8  # nodes side by side; a page shows a chart as wide as itself, and more would be too small to read

# A label is read as HTML, and for formulas and Markdown; as an entity each of these signs is only itself.
_ENTITIES: Final = {ord(sign): f"#{ord(sign)};" for sign in '"#&<>`$\\'}
_SUBSCRIPTS: Final = str.maketrans("0123456789k", "₀₁₂₃₄₅₆₇₈₉ₖ")
_COLOURS: Final = {"hidden": "#3d82cf", "affine": "#45a06a", "lone": "#b98020"}  # seen on light and on dark


def draw_mermaid(part: Part, graph: Graph, facts: Facts, *, repeats: Repeats = "body") -> str:
    """Return the flowchart of a network, the same for the same network; parts are subgraphs.

    Equal layers in a row are one node with their count, and the layers of a `repeat` stand once in a subgraph with
    theirs, unless `repeats` says otherwise, as for `netspec.graph.view`; of more than 200 nodes the first and the
    last are drawn, which a node between them says. Raises SystemFault `too-many-tensors` as `netspec.graph.view`.
    """
    whole = view(graph, repeats=repeats)
    drawn = excerpt(whole, CHART_NODES)
    lines = [
        "---",
        f'title: "{part.name}"',
        "---",
        f"flowchart {'LR' if len(drawn) <= _IN_A_ROW else 'TB'}",
        f"  accTitle: {part.name}",
        f"  accDescr: {in_a_sentence(facts)}",
        *(f"  %% {note}" for note in left_out(whole, drawn)),
        *_nodes(drawn),
        *_wires(drawn),
        *(f"  classDef {kind} stroke:{colour},stroke-width:2px" for kind, colour in _COLOURS.items()),
    ]
    return "\n".join(lines) + "\n"


def _nodes(graph: "View") -> Iterator[str]:
    """Yield the nodes, each within the subgraphs of its parts; a part's nodes are neighbours."""
    open_parts: tuple[str, ...] = ()
    titles: Mapping[str, Mapping[str, Any]] = graph.graph["parts"]
    numbers = {key: number for number, key in enumerate(titles)}
    for number, (name, node) in enumerate(graph.nodes.items()):
        parts: tuple[str, ...] = node["parts"]
        while open_parts != parts[: len(open_parts)]:
            yield f"{_indent(open_parts[:-1])}end"
            open_parts = open_parts[:-1]
        for key in parts[len(open_parts) :]:
            yield f'{_indent(open_parts)}subgraph p{numbers[key]}["{_text(part_title(titles[key]))}"]'
            open_parts = (*open_parts, key)
        yield f"{_indent(parts)}{_node(number, name, node)}"
    for depth in range(len(open_parts) - 1, -1, -1):
        yield f"{_indent(open_parts[:depth])}end"


def _node(number: int, name: str, node: Mapping[str, Any]) -> str:
    words = caption(name, node)
    title = words.title
    many = node["count"] > 1 and node["kind"] != LEFT_OUT
    if many:
        title += f" ×{magnitude(node['count'])}"
    label = "<br/>".join(_text(line) for line in (title, *words.lines))
    if node["kind"] in ("input", "output", LEFT_OUT):
        return f'n{number}(["{label}"])'
    plain = node["kind"] == "affine" or ("arguments" in node and node["tensors"])
    kind = ("hidden" if node["activation"] else "affine") if plain else "lone"
    return f'n{number}[["{label}"]]:::{kind}' if many else f'n{number}["{label}"]:::{kind}'


def _wires(graph: "View") -> Iterator[str]:
    numbers = {name: number for number, name in enumerate(graph)}
    for tail, head, edge in graph.edges(data=True):
        yield f'  n{numbers[tail]} -->|"{_text(sizes(edge["shape"]))}"| n{numbers[head]}'


def _text(words: str) -> str:
    """Return words as a label shows them, with subscripts as letters, since not every page lets HTML through."""
    with_subscripts = SYMBOL.sub(lambda found: found[1] + found[2].translate(_SUBSCRIPTS), words)
    return with_subscripts.translate(_ENTITIES)


def _indent(parts: tuple[str, ...]) -> str:
    return "  " * (len(parts) + 1)
