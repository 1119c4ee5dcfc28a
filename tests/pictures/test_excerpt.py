"""The excerpt of a large network: bounded, still without cycles, and open about what it leaves out."""

import networkx as nx
import pytest

from netspec.graph.view import view
from netspec.pictures.excerpt import LEFT_OUT, excerpt, left_out
from tests.pictures.networks import NESTED, branched, checked


@pytest.mark.parametrize("most", [3, 4, 7, 20])
def test_an_excerpt_has_as_many_nodes_as_it_may_and_no_cycle(most: int) -> None:
    whole = view(branched(8))
    short = excerpt(whole, most)
    assert len(short) == most
    assert nx.is_directed_acyclic_graph(short)
    assert nx.is_weakly_connected(short)
    assert short.nodes[LEFT_OUT]["count"] == len(whole) - most + 1
    assert left_out(whole, short) == ("The first and the last of 26 nodes are drawn.",)
    drawn = sum(node["parameters"] for node in short.nodes.values())
    assert drawn == sum(node["parameters"] for node in whole.nodes.values())


def test_a_small_network_is_drawn_whole() -> None:
    whole = view(branched(8))
    assert excerpt(whole, 26) is whole
    assert left_out(whole, whole) == ()


def test_what_is_left_out_stands_in_the_parts_that_all_of_it_stands_in() -> None:
    whole = view(checked(NESTED).graph)
    assert excerpt(whole, len(whole) - 1).nodes[LEFT_OUT]["parts"] == ("inner", "inner.narrow")
    assert excerpt(whole, 5).nodes[LEFT_OUT]["parts"] == ()
