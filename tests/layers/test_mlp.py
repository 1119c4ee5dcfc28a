"""The fully connected network as a layer: its runs, its operations, the names of its tensors."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from netspec.graph import tensors
from netspec.layers.mlp import Mlp
from netspec.operations import Affine, Builder, Elementwise, Graph, Repeat

WIDTHS = st.lists(st.integers(1, 3), max_size=8)


def built(input_width: int, **keys: Any) -> Graph:
    """Return the graph of a network on `input_width` numbers."""
    graph = Graph(((input_width,),))
    graph.outputs = (Mlp.model_validate(keys).build(Builder(graph), 0),)
    return graph


@given(WIDTHS)
def test_runs_are_the_layers_with_equal_neighbours_together(widths: list[int]) -> None:
    layer = Mlp.model_validate({"widths": widths, "output": 1})
    runs = list(layer.runs())
    assert [run.width for run in runs for _ in range(run.times)] == widths
    assert all(a.width != b.width for a, b in pairwise(runs))
    assert layer.depth == len(widths)


def test_a_list_of_activations_parts_runs() -> None:
    layer = Mlp.model_validate({"K": 4, "widths": 3, "activation": ["relu", "relu", "tanh", "relu"], "output": 1})
    assert [(run.times, run.width, run.activation.name) for run in layer.runs()] == [
        (2, 3, "relu"),
        (1, 3, "tanh"),
        (1, 3, "relu"),
    ]


@given(st.integers(1, 4), WIDTHS, st.integers(1, 4))
def test_tensors_are_numbered_in_order_and_shaped_outputs_first(inputs: int, widths: list[int], outputs: int) -> None:
    sizes = [inputs, *widths, outputs]
    expected = [
        each
        for k in range(len(sizes) - 1)
        for each in ((f"beta_{k}", (sizes[k + 1],)), (f"Omega_{k}", (sizes[k + 1], sizes[k])))
    ]
    graph = built(inputs, widths=widths, output=outputs)
    assert sorted((tensor.name, tensor.shape) for tensor in tensors(graph)) == sorted(expected)


def test_equal_layers_are_one_repeat_however_many() -> None:
    graph = built(1, K=10**6, widths=3, output=1)
    assert len(graph) == 4
    assert [node.times for node in graph.operations if isinstance(node, Repeat)] == [10**6 - 1]


def test_without_hidden_layers_it_is_an_affine_map() -> None:
    ways: list[dict[str, Any]] = [{"K": 0}, {"widths": []}, {"K": 0, "widths": 7}, {"K": 0, "widths": []}]
    for keys in ways:
        assert built(3, output=2, **keys).operations == [Affine(2)]


def test_the_output_is_activated_where_it_says_so() -> None:
    graph = built(3, K=0, output=2, output_activation="tanh")
    assert graph.operations == [Affine(2), Elementwise("tanh")]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"K": 3, "widths": [3, 3]}, "widths-count"),
        ({"K": 0, "widths": [3]}, "widths-count"),
        ({"K": 3}, "missing-key"),
        ({}, "missing-key"),
        ({"widths": 3}, "missing-key"),
        ({"widths": [3], "activation": []}, "activation-count"),
        ({"K": 2, "widths": 3, "activation": ["relu"]}, "activation-count"),
    ],
)
def test_depth_widths_and_activations_must_agree(keys: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Mlp.model_validate({"output": 1, **keys})
    assert [error["type"] for error in raised.value.errors()] == [code]
