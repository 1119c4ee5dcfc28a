"""GraphML: networkx reads the same graph back, whatever is in a name or a number."""

import io

import networkx as nx
import pytest

from netspec.graph.view import view
from netspec.pictures.graphml import draw_graphml
from netspec.validation import check_text
from tests.pictures.networks import LAYERED, NESTED, checked


@pytest.mark.parametrize("text", [NESTED, *LAYERED.values()])
def test_networkx_reads_the_same_graph_back(text: str) -> None:
    network = checked(text)
    seen = view(network.graph, repeats="body")
    back = nx.read_graphml(io.BytesIO(draw_graphml(*network).encode()), force_multigraph=True)
    assert list(back) == list(seen)
    assert sorted((tail, head) for tail, head, _ in back.edges) == sorted((tail, head) for tail, head, _ in seen.edges)
    assert [node["parameters"] for node in back.nodes.values()] == [node["parameters"] for node in seen.nodes.values()]
    assert back.graph["fingerprint"] == network.facts.fingerprint


def test_what_xml_cannot_hold_is_replaced_and_its_signs_are_escaped() -> None:
    verdict = check_text("netspec: 1\nname: a\ninput: 1\nwidths: [3]\noutput: 1\n", 'a<b>&"\x01.yaml')
    assert verdict.part is not None
    assert verdict.graph is not None
    assert verdict.facts is not None
    back = nx.read_graphml(io.BytesIO(draw_graphml(verdict.part, verdict.graph, verdict.facts).encode()))
    assert "\x01" not in back.nodes["in"]["file"]
    assert back.nodes["in"]["file"].startswith("a<b>&")
