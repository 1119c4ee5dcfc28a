"""The view for networkx: what a node and an edge say, and that it says the same as the facts."""

import subprocess
import sys
from math import prod
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

from netspec.diagnostics import SystemFault
from netspec.graph import tensors
from netspec.graph.view import Repeats, generations, view
from netspec.operations import Builder, Elementwise, Graph, Round
from tests.pictures.networks import LAYERED, MILLION, NESTED, TWO_LAYER, branched, checked, specs


def seen(text: str, *, unrolled: bool = False) -> nx.MultiDiGraph:
    return view(checked(text).graph, unrolled=unrolled)


def test_a_layer_is_an_affine_map_with_its_activation() -> None:
    assert seen(TWO_LAYER).nodes["h_2"] == {
        "kind": "affine",
        "label": "h_2",
        "activation": "relu",
        "shape": (3,),
        "count": 1,
        "tensors": {"beta_1": (3,), "Omega_1": (3, 3)},
        "last": ("beta_1", "Omega_1"),
        "parameters": 12,
        "shared": False,
        "parts": (),
        "path": "widths[0]",
        "file": "spec.yaml",
        "line": 4,
        "column": 10,
        "generation": 2,
    }


def test_values_come_in_and_leave_at_nodes_of_their_own() -> None:
    graph = seen(TWO_LAYER)
    assert list(graph) == ["in", "h_1", "h_2", "y", "out"]
    assert [graph.nodes[name]["kind"] for name in graph] == ["input", "affine", "affine", "affine", "output"]
    assert (graph.nodes["in"]["path"], graph.nodes["out"]["path"]) == ("input", "output")
    assert graph.nodes["y"]["activation"] == ""


def test_an_edge_is_a_value_with_its_shape_and_operand() -> None:
    assert list(seen(TWO_LAYER).edges(keys=True, data=True)) == [
        ("in", "h_1", 0, {"operand": 0, "shape": (1,), "depth": 1}),
        ("h_1", "h_2", 0, {"operand": 0, "shape": (3,), "depth": 1}),
        ("h_2", "y", 0, {"operand": 0, "shape": (3,), "depth": 0}),
        ("y", "out", 0, {"operand": 0, "shape": (1,), "depth": 0}),
    ]


def test_a_repeat_is_one_node_with_its_count() -> None:
    node = seen(MILLION).nodes["h_2"]
    assert (node["count"], node["label"]) == (999_999, "h_2 … h_1000000")
    assert node["tensors"] == {"beta_1": (3,), "Omega_1": (3, 3)}
    assert node["last"] == ("beta_999999", "Omega_999999")
    assert node["parameters"] == 999_999 * 12


def test_a_repeat_of_several_layers_is_one_node_too() -> None:
    def tanh(net: Builder, x: int, _level: int) -> int:
        return net.activate(x, Elementwise("tanh"))

    def body(net: Builder, x: int, level: int) -> int:
        h = net.activate(net.affine(x, 5, init="zeros", tag=Round(level, 0)), Elementwise("relu"))
        return net.repeat(net.affine(h, 2, init="zeros", tag=Round(level, 4)), 3, tanh)

    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).repeat(0, 4, body),)
    rolled, unrolled = view(graph), view(graph, unrolled=True)
    node = rolled.nodes["h_1"]
    assert (node["kind"], node["count"], node["label"]) == ("repeat", 4, "h_1 … h_20")
    assert node["parameters"] == 4 * (5 * 3 + 2 * 6)
    assert (list(node["tensors"]), node["last"][-1]) == (["beta_0", "Omega_0", "beta_4", "Omega_4"], "Omega_7")
    assert len(unrolled) == 20 + 2
    assert nx.dag_longest_path_length(rolled, "depth") == nx.dag_longest_path_length(unrolled, "depth") == 15


def test_unrolled_every_layer_is_a_node_with_tensors_of_its_own() -> None:
    text = "netspec: 1\ninput: 1\nK: 9\nwidths: 3\noutput: 1\n"
    graph = seen(text, unrolled=True)
    assert list(graph) == ["in", *(f"h_{k}" for k in range(1, 10)), "y", "out"]
    assert list(graph.nodes["h_9"]["tensors"]) == ["beta_8", "Omega_8"]
    assert graph.nodes["h_9"]["shape"] == (3,)


def test_unrolling_too_much_is_refused_before_it_is_begun() -> None:
    with pytest.raises(SystemFault, match="2,000,002 tensors; the limit is 20,000") as caught:
        seen(MILLION, unrolled=True)
    assert caught.value.code == "too-many-tensors"


def test_parts_stand_around_their_layers_and_each_use_of_a_network_has_names_of_its_own() -> None:
    graph = seen(NESTED)
    assert list(graph.graph["parts"]) == [
        "tower", "inner", "inner.tower", "inner.narrow", "inner.tower_2", "tower_2",
    ]  # fmt: skip
    assert graph.graph["name"] == "nested"
    assert graph.nodes["inner.tower_2.h_1"]["parts"] == ("inner", "inner.tower_2")
    assert graph.graph["parts"]["inner.narrow"] == {
        "name": "narrow",
        "network": "narrow",
        "shared": False,
        "path": "networks.inner.compose[1]",
        "file": "spec.yaml",
        "line": 9,
        "column": 22,
    }
    assert graph.graph["parts"]["tower_2"]["network"] == "tower"


def test_tensors_of_a_shared_network_are_the_same_at_each_use_and_counted_once() -> None:
    nodes = seen(NESTED).nodes
    assert nodes["tower.h_1"]["tensors"] == nodes["inner.tower.h_1"]["tensors"] == nodes["tower_2.h_1"]["tensors"]
    assert [nodes[name]["shared"] for name in ("tower.h_1", "inner.tower.h_1", "tower_2.h_1")] == [False, True, True]


def test_the_number_of_a_further_use_is_one_that_no_part_has() -> None:
    body = "{input: 1, widths: [3], output: 1}"
    text = f"netspec: 1\nnetworks:\n  a: {body}\n  a_2: {body}\ncompose: [a, a, a_2, a, a_2]\n"
    assert list(seen(text).graph["parts"]) == ["a", "a_3", "a_2", "a_4", "a_2_2"]


def test_networkx_lays_the_view_out_by_generations() -> None:
    places = nx.multipartite_layout(seen(NESTED), "generation")
    columns = [round(float(place[0]), 6) for place in places.values()]
    assert columns == sorted(set(columns))


def test_where_a_composition_says_no_input_the_network_that_reads_it_does() -> None:
    assert seen(NESTED).nodes["in"]["path"] == "networks.tower.input"


def test_a_graph_without_a_spec_has_no_places() -> None:
    node = view(branched(1)).nodes["h_1"]
    assert {node[key] for key in ("path", "file", "line", "column")} == {None}


def test_an_activation_that_others_than_its_own_map_feed_stands_alone() -> None:
    graph = view(branched(2))
    assert [node["kind"] for node in graph.nodes.values()] == [
        "input", "affine", "affine", "identity", "affine", "affine", "identity", "output",
    ]  # fmt: skip


def test_the_operands_of_a_merge_are_numbered() -> None:
    graph = view(branched(2))
    into = sorted(graph.in_edges("h_3", keys=True, data="operand"), key=lambda edge: edge[3])
    assert into == [("h_2", "h_3", 0, 0), ("in", "h_3", 1, 1), ("h_2", "h_3", 2, 2)]


def test_a_map_that_two_read_is_no_layer_with_one_of_them() -> None:
    graph = Graph(((2,),))
    net = Builder(graph)
    z = net.affine(0, 3, init="zeros")
    graph.outputs = (net.activate(z, Elementwise("relu")), z)
    assert [node["kind"] for node in view(graph).nodes.values()] == ["input", "affine", "relu", "output", "output"]


def test_generations_are_in_the_order_given() -> None:
    assert generations("cabd", [("c", "d"), ("a", "d")]) == [["c", "a", "b"], ["d"]]


def shapes(graph: nx.MultiDiGraph) -> dict[str, Any]:
    return {name: shape for node in graph.nodes.values() for name, shape in node["tensors"].items()}


@settings(max_examples=60, deadline=None)
@given(specs())
def test_the_view_agrees_with_the_facts(text: str) -> None:
    network = checked(text)
    rolled, unrolled = view(network.graph), view(network.graph, unrolled=True)
    for graph in (rolled, unrolled):
        assert nx.is_directed_acyclic_graph(graph)
        assert list(nx.lexicographical_topological_sort(graph, list(graph).index)) == list(graph)
        assert nx.dag_longest_path_length(graph, "depth") == network.facts.depth
        counted = sum(node["parameters"] for node in graph.nodes.values() if not node["shared"])
        assert counted == network.facts.parameters
        assert graph.nodes["in"]["shape"] == network.facts.input
        assert graph.nodes["out"]["shape"] == network.facts.output
        for tail, head, key, edge in graph.edges(keys=True, data=True):
            assert edge["shape"] == graph.nodes[tail]["shape"]
            assert edge["operand"] == key == 0
            assert graph.nodes[tail]["generation"] < graph.nodes[head]["generation"]
    layers = [node for node in rolled.nodes.values() if node["kind"] not in ("input", "output")]
    assert len(unrolled) == 2 + sum(node["count"] for node in layers)
    assert sum(prod(shape) for shape in shapes(unrolled).values()) == network.facts.parameters
    assert len(shapes(unrolled)) == network.facts.tensors


def test_networkx_is_loaded_only_when_a_view_is_made() -> None:
    code = "import sys, netspec.graph.view; print('networkx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", LAYERED)
@pytest.mark.parametrize("repeats", ["node", "body", "rounds", "unrolled"])
def test_the_view_of_a_list_of_layers_agrees_with_the_facts(name: str, repeats: Repeats) -> None:
    network = checked(LAYERED[name])
    graph = view(network.graph, repeats=repeats)
    assert nx.is_directed_acyclic_graph(graph)
    assert list(nx.lexicographical_topological_sort(graph, list(graph).index)) == list(graph)
    assert nx.dag_longest_path_length(graph, "depth") == network.facts.depth
    counted = sum(node["parameters"] for node in graph.nodes.values() if not node["shared"])
    assert counted == network.facts.parameters
    for tail, head, edge in graph.edges(data=True):
        assert edge["shape"] == graph.nodes[tail]["shape"]
        assert graph.nodes[tail]["generation"] < graph.nodes[head]["generation"]
    if repeats == "unrolled":
        assert set(shapes(graph)) == {tensor.name for tensor in tensors(network.graph)}


def test_layers_of_a_list_are_named_as_their_tensors_are() -> None:
    graph = seen(LAYERED["gpt2"], unrolled=True)
    node = graph.nodes["decoder.11.attention"]
    assert (node["kind"], node["label"], node["shape"]) == ("attention", "attention", ("T", 768))
    assert node["arguments"] == "heads 12, causal true"
    assert node["parts"] == ("repeat", "decoder.11")
    assert (node["path"], node["line"]) == ("blocks.decoder.layers[1]", 12)
    assert next(iter(node["tensors"])) == "decoder.11.attention.beta_query"
    assert [graph.nodes[name]["kind"] for name in ("tokens", "out.logits")] == ["input", "output"]


def test_a_repeat_of_a_list_is_one_node_or_its_layers_once() -> None:
    node = seen(LAYERED["gpt2"]).nodes["repeat"]
    assert (node["kind"], node["count"], node["parameters"]) == ("repeat", 12, 85054464)
    assert node["last"][0] == "decoder.11.layer_norm.gamma"
    opened = view(checked(LAYERED["gpt2"]).graph, repeats="body")
    assert opened.graph["parts"]["repeat"]["count"] == 12
    assert (opened.nodes["decoder.0.mlp"]["parameters"], opened.nodes["decoder.0.mlp"]["rounds"]) == (56669184, 12)


def test_values_from_around_a_repeat_and_skips_are_edges() -> None:
    edges = set(seen(LAYERED["rounds"]).edges(keys=True))
    assert {("memory", "repeat", 0), ("memory", "repeat", 1)} <= edges
    skips = set(seen(LAYERED["u-net"]).edges())
    assert {("level_2.conv_2", "concat"), ("level_1.conv_2", "concat_2")} <= skips


def test_a_tied_tensor_is_counted_where_it_is_first() -> None:
    node = seen(LAYERED["gpt2"]).nodes["logits"]
    assert (list(node["tensors"]), node["shared"]) == (["words.Omega"], True)


def test_unrolling_too_many_rounds_is_refused() -> None:
    text = "netspec: 1\ninput: 4\nlayers: [repeat: {times: 100000, layers: [relu]}]\noutput: 4\n"
    with pytest.raises(SystemFault, match="unrolled, the graph has 100,000 operations; the limit is 40,000"):
        seen(text, unrolled=True)


def test_arguments_are_told_by_their_values_where_those_are_the_same_in_every_round() -> None:
    text = """netspec: 1
hyperparameters: {kernel: 3, wide: 4, rate: 0.5, biased: false}
symbols: [T]
input: [4, T]
layers:
  - conv: {channels: wide, kernel: kernel, padding: kernel // 2, bias: biased}
  - max_pool: {kernel: [kernel - 2], padding: valid}
  - leaky_relu: {slope: rate}
  - repeat: {times: 2, index: i, layers: [{average_pool: {kernel: 1, stride: 1 + i - i}}]}
  - reshape: [wide, rest]
  - reshape: [rest]
output: 4*T
"""
    graph = seen(text, unrolled=True)
    told = {name: node["arguments"] for name, node in graph.nodes.items() if "arguments" in node}
    assert told == {
        "conv": "kernel 3, padding 1, bias false",
        "max_pool": "kernel 1, padding valid",
        "leaky_relu": "slope 0.5",
        "average_pool.0": "kernel 1, stride 1 + i - i",
        "average_pool.1": "kernel 1, stride 1 + i - i",
        "reshape_2": "shape rest",
    }
