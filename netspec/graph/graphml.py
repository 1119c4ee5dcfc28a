"""A graph as GraphML, written by networkx."""

from collections.abc import Iterable, Mapping

Scalars = Mapping[str, str | int | bool]


def graphml(
    about: Scalars, nodes: Iterable[tuple[str, Scalars]], edges: Iterable[tuple[str, str, int, Scalars]]
) -> str:
    """Return the document of a graph whose attributes are texts, numbers and switches, the same for the same graph."""
    import networkx

    graph = networkx.MultiDiGraph(**about)
    graph.add_nodes_from((name, dict(node)) for name, node in nodes)
    graph.add_edges_from((tail, head, key, dict(edge)) for tail, head, key, edge in edges)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', *networkx.generate_graphml(graph)]
    return "\n".join(lines) + "\n"
