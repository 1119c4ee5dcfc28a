"""The part of a large network that is drawn: its beginning and its end, with one node for what is left out."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netspec.graph.view import View

DRAWN_NODES: Final = 400
"""Nodes that a picture has at most; a drawing of more is read by nobody."""

LEFT_OUT: Final = "left-out"
"""The name and kind of the node that stands for those left out; no layer has a name with a hyphen."""


def excerpt(view: "View", most: int = DRAWN_NODES) -> "View":
    """Return a view of `netspec.graph.view` with at most so many nodes: itself, or its first and last ones.

    What is left out are neighbours in topological order, so that one node in their place closes no cycle. Its `count`
    says how many they are, and it stands in the parts that all of them stand in.
    """
    names = list(view)
    if len(names) <= most:
        return view
    first = most // 2
    last = len(names) - (most - first - 1)
    inside = names[first:last]
    omitted = set(inside)
    short = view.__class__(**view.graph)
    for name in (*names[:first], LEFT_OUT, *names[last:]):
        short.add_node(name, **(_left_out(view, inside) if name == LEFT_OUT else view.nodes[name]))
    for tail, head, value in view.edges(data=True):
        ends = (LEFT_OUT if tail in omitted else tail, LEFT_OUT if head in omitted else head)
        if ends != (LEFT_OUT, LEFT_OUT):
            short.add_edge(*ends, **value)
    return short


def left_out(whole: "View", drawn: "View") -> tuple[str, ...]:
    """Return what a picture says where it is an excerpt: one line or none."""
    return () if drawn is whole else (f"The first and the last of {len(whole):,} nodes are drawn.",)


def _left_out(view: "View", names: list[str]) -> dict[str, object]:
    nodes = [view.nodes[name] for name in names]
    parts = nodes[0]["parts"]
    for node in nodes:
        while node["parts"][: len(parts)] != parts:
            parts = parts[:-1]
    return {
        "kind": LEFT_OUT,
        "label": f"… {len(names):,} more",
        "activation": "",
        "shape": nodes[-1]["shape"],
        "count": len(names),
        "tensors": {},
        "last": (),
        "parameters": sum(node["parameters"] for node in nodes if not node["shared"]),
        "shared": False,
        "parts": parts,
        "path": None,
        "file": None,
        "line": None,
        "column": None,
        "generation": nodes[0]["generation"],
    }
