"""The graph of a network as Graphviz DOT, for those who lay it out by their own tools; parts are clusters."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from netspec.graph import Facts
from netspec.graph.view import Repeats, view
from netspec.operations import Graph
from netspec.pictures.caption import caption, part_title, sizes
from netspec.pictures.excerpt import LEFT_OUT
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.graph.view import View

_ESCAPES: Final = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r"}
_ENDS: Final = ("input", "output", LEFT_OUT)


def draw_dot(part: Part, graph: Graph, facts: Facts, *, repeats: Repeats = "body") -> str:  # noqa: ARG001 - as its like
    """Return the graph as a DOT document, the same for the same network; all of it, however large.

    Every name and label is a quoted string, in which a backslash and a quote are escaped, so that nothing of a spec is
    read as DOT. Raises SystemFault `too-many-tensors` as `netspec.graph.view`.
    """
    seen = view(graph, repeats=repeats)
    lines = [
        f"digraph {_quoted(part.name)} {{",
        '  graph [rankdir="TB", fontname="sans-serif"];',
        '  node [shape="box", style="rounded", fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize="10"];',
        *_nodes(seen),
        *(
            f"  {_quoted(tail)} -> {_quoted(head)} [label={_label(sizes(edge['shape']))}];"
            for tail, head, edge in seen.edges(data=True)
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _nodes(graph: "View") -> Iterator[str]:
    """Yield the nodes, each within the clusters of its parts; a part's nodes are neighbours."""
    titles: Mapping[str, Mapping[str, Any]] = graph.graph["parts"]
    numbers = {key: number for number, key in enumerate(titles)}
    around: tuple[str, ...] = ()
    for name, node in graph.nodes.items():
        parts: tuple[str, ...] = node["parts"]
        while around != parts[: len(around)]:
            around = around[:-1]
            yield f"{_indent(around)}}}"
        for key in parts[len(around) :]:
            yield f"{_indent(around)}subgraph {_quoted(f'cluster_{numbers[key]}')} {{"
            around = (*around, key)
            yield f"{_indent(around)}label={_label(part_title(titles[key]))};"
        words = caption(name, node)
        many = f" ×{node['count']:,}" if node["count"] > 1 else ""
        label = "\n".join((words.title + many, *words.lines))
        shape = ', shape="ellipse"' if node["kind"] in _ENDS else ""
        yield f"{_indent(around)}{_quoted(name)} [label={_label(label)}{shape}];"
    while around:
        around = around[:-1]
        yield f"{_indent(around)}}}"


def _indent(parts: tuple[str, ...]) -> str:
    return "  " * (len(parts) + 1)


def _label(text: str) -> str:
    """Return a text as a label, in which Graphviz would read entities too."""
    return _quoted(text.replace("&", "&amp;"))


def _quoted(text: str) -> str:
    """Return a text as a quoted string of DOT."""
    return f'"{text.translate(_ESCAPES)}"'
