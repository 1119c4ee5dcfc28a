"""The graph as JSON: networkx reads it back, and no number is too large for other readers."""

import json

import networkx as nx
from hypothesis import given, settings

from netspec.graph.view import view
from netspec.pictures.json_graph import draw_json
from tests.pictures.networks import MILLION, checked, specs


@settings(max_examples=30, deadline=None)
@given(specs())
def test_networkx_reads_the_same_graph_back(text: str) -> None:
    network = checked(text)
    seen = view(network.graph)
    data = json.loads(draw_json(*network))
    back = nx.node_link_graph(data, edges="edges")
    assert list(back) == list(seen)
    assert json.loads(json.dumps(dict(back.nodes))) == json.loads(json.dumps(dict(seen.nodes)))
    assert list(back.edges(keys=True)) == list(seen.edges(keys=True))
    assert back.graph["parameters"] == network.facts.parameters
    assert back.graph["fingerprint"] == network.facts.fingerprint


def test_an_integer_that_a_double_cannot_hold_is_a_string() -> None:
    text = "netspec: 1\ninput: 1\nwidths: [1000000000, 1000000000]\noutput: 1\n"
    data = json.loads(draw_json(*checked(text)))
    assert data["graph"]["parameters"] == "1000000004000000001"
    assert data["graph"]["capacity"] == 2_000_000_000
    assert [node["parameters"] for node in data["nodes"]][1:4] == [2_000_000_000, "1000000001000000000", 1_000_000_001]


def test_a_million_layers_are_five_nodes() -> None:
    data = json.loads(draw_json(*checked(MILLION)))
    assert [(node["id"], node["count"]) for node in data["nodes"]] == [
        ("in", 1), ("h_1", 1), ("h_2", 999_999), ("y", 1), ("out", 1),
    ]  # fmt: skip
    assert data["graph"]["unrolled"] is False
