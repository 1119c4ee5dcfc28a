"""The graph of a network as JSON: nodes and edges, for programs in any language.

    {
      "format": "netspec-graph-1",
      "directed": true,
      "multigraph": true,
      "graph": {"name": …, "unrolled": …, "parameters": …, "tensors": …, "capacity": …, "depth": …,
                "fingerprint": …, "parts": {"fold": {"name": …, "network": …, "shared": …, "path": …, "file": …,
                                                     "line": …, "column": …}}},
      "nodes": [{"id": "h_1", "kind": "affine", …}],
      "edges": [{"source": "in", "target": "h_1", "key": 0, "operand": 0, "shape": [1], "depth": 1}]
    }

What nodes, edges and parts say is what `netspec.graph.view` says of them. Nodes are in topological order. An integer
beyond 2^53, which many readers of JSON round, is a string of its digits; a size known only when it runs is its text.
A `repeat` has its layers once, in a part with a `count`.
"""

import json
from typing import Any, Final

from netspec.diagnostics.magnitude import decimal
from netspec.graph import Facts
from netspec.graph.view import Repeats, view
from netspec.operations import Graph
from netspec.sizes import Size
from netspec.spec import Part

FORMAT: Final = "netspec-graph-1"
_EXACT: Final = 1 << 53


def draw_json(part: Part, graph: Graph, facts: Facts, *, repeats: Repeats = "body") -> str:
    """Return the graph as a JSON document, the same for the same network; all of it, however large.

    `networkx.node_link_graph(json.loads(text), edges="edges")` reads it. Raises SystemFault `too-many-tensors` as
    `netspec.graph.view`.
    """
    seen = view(graph, repeats=repeats)
    found: dict[str, Any] = {
        "format": FORMAT,
        "directed": True,
        "multigraph": True,
        "graph": {
            "name": part.name,
            "unrolled": repeats == "unrolled",
            "parameters": facts.parameters,
            "tensors": facts.tensors,
            "capacity": _written(facts.capacity),
            "depth": facts.depth,
            "fingerprint": facts.fingerprint,
            "parts": seen.graph["parts"],
        },
        "nodes": [{"id": name, **node} for name, node in seen.nodes.items()],
        "edges": [
            {"source": tail, "target": head, "key": key, **edge}
            for tail, head, key, edge in seen.edges(keys=True, data=True)
        ],
    }
    return json.dumps(_exact(found), indent=2, ensure_ascii=True) + "\n"


def _written(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)


def _exact(value: object) -> object:
    """Return a value with the integers that a double cannot hold as strings."""
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    if isinstance(value, int) and abs(value) > _EXACT:
        return decimal(value)
    return value
