"""The graph of a network as GraphML, for programs that read graphs: every attribute is a text, a number or a switch."""

import re
from collections.abc import Mapping
from typing import Any, Final

from netspec.diagnostics.magnitude import decimal
from netspec.graph import Facts
from netspec.graph.graphml import graphml
from netspec.graph.view import Repeats, view
from netspec.operations import Graph
from netspec.pictures.caption import sizes
from netspec.spec import Part

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no XML has these
_LARGEST: Final = 1 << 63  # what GraphML's `long` holds is below it


def draw_graphml(part: Part, graph: Graph, facts: Facts, *, repeats: Repeats = "body") -> str:
    """Return the graph as a GraphML document, the same for the same network; all of it, however large.

    `networkx.read_graphml` reads it. Shapes are written `16×28×28`, parts and tensors as names with a space between,
    what is not known is left out, and the parts are in the attribute `parts` of nodes alone. Raises SystemFault
    `too-many-tensors` as `netspec.graph.view`.
    """
    seen = view(graph, repeats=repeats)
    about = {
        "name": part.name,
        "parameters": facts.parameters,
        "tensors": facts.tensors,
        "capacity": str(facts.capacity),
        "depth": facts.depth,
        "fingerprint": facts.fingerprint,
    }
    nodes = [(name, _scalars({**node, "shape": sizes(node["shape"])})) for name, node in seen.nodes.items()]
    edges = [
        (tail, head, key, _scalars({**edge, "shape": sizes(edge["shape"])}))
        for tail, head, key, edge in seen.edges(keys=True, data=True)
    ]
    return graphml(_scalars(about), nodes, edges)


def _scalars(attributes: Mapping[str, Any]) -> dict[str, str | int | bool]:
    """Return the attributes as texts, numbers and switches; those that are None are left out."""
    found: dict[str, str | int | bool] = {}
    for key, value in attributes.items():
        if isinstance(value, int) and abs(value) >= _LARGEST:
            found[key] = decimal(value)
        elif isinstance(value, int):
            found[key] = value
        elif isinstance(value, str):
            found[key] = _FORBIDDEN.sub("\ufffd", value)
        elif value is not None:
            found[key] = " ".join(map(str, value))
    return found
