"""Layers as rows."""

from math import prod

from hypothesis import given
from hypothesis import strategies as st

from netspec.summary.rows import Row, Section, rows, sections
from tests.summary.networks import AFFINE, DEEP, MILLION, SHARED, TWO_LAYER, network

widths = st.integers(1, 4)
activations = st.sampled_from(["relu", "tanh", "identity", "{leaky_relu: {slope: 0.5}}"])


def test_a_layer_is_an_affine_map_with_the_activation_on_it() -> None:
    _, graph, _ = network(TWO_LAYER)
    first, second, last = rows(graph)
    assert [(row.k, row.operation, row.output, dict(row.tensors), row.parameters) for row in (first, second, last)] == [
        (0, "affine, relu", (3,), {"beta": (3,), "Omega": (3, 1)}, 6),
        (1, "affine, relu", (3,), {"beta": (3,), "Omega": (3, 3)}, 12),
        (2, "affine", (1,), {"beta": (1,), "Omega": (1, 3)}, 4),
    ]
    assert [row.last for row in (first, second, last)] == [False, False, True]


def test_equal_neighbours_are_one_row() -> None:
    _, graph, _ = network(DEEP)
    assert [(row.k, row.layers, row.total) for row in rows(graph)] == [(0, 1, 20), (1, 4, 440), (5, 1, 11)]


def test_a_million_equal_layers_are_one_row() -> None:
    _, graph, facts = network(MILLION)
    found = rows(graph)
    assert [(row.k, row.layers) for row in found] == [(0, 1), (1, 999_999), (1_000_000, 1)]
    assert sum(row.total for row in found) == facts.parameters


def test_the_first_layer_joins_the_others_where_it_is_as_wide_as_the_input() -> None:
    _, graph, _ = network("{netspec: 1, input: 7, K: 3, widths: 7, output: 7, output_activation: relu}")
    assert [(row.k, row.layers, row.last) for row in rows(graph)] == [(0, 3, False), (3, 1, True)]


def test_layers_that_differ_in_the_activation_alone_stay_apart() -> None:
    _, graph, _ = network("{netspec: 1, input: 2, widths: [2, 2, 2], activation: [relu, tanh, tanh], output: 2}")
    assert [(row.k, row.layers, row.operation) for row in rows(graph)] == [
        (0, 1, "affine, relu"),
        (1, 2, "affine, tanh"),
        (3, 1, "affine"),
    ]


def test_without_hidden_layers_the_affine_map_is_the_only_row() -> None:
    _, graph, _ = network(AFFINE)
    (row,) = rows(graph)
    assert (row.k, row.operation, row.last, row.total) == (0, "affine", True, 10)


def test_a_shared_network_is_entered_once() -> None:
    _, graph, _ = network(SHARED)
    assert [(s.level, s.name, s.first, len(s.rows)) for s in sections(graph)] == [
        (0, "", True, 0),
        (1, "fold", True, 2),
        (1, "bend", True, 3),
        (1, "pair", True, 0),
        (2, "bend", False, 0),
        (2, "pair.tilt", True, 1),
        (2, "bend", False, 0),
        (1, "pair", False, 0),
    ]


def test_the_rows_of_a_composition_hold_its_parameters() -> None:
    _, graph, facts = network(SHARED)
    assert sum(row.total for section in sections(graph) for row in section.rows) == facts.parameters


@given(st.lists(st.tuples(widths, activations), max_size=8), widths, widths)
def test_rows_written_out_are_the_layers_of_the_spec(layers: list[tuple[int, str]], before: int, after: int) -> None:
    listed = ", ".join(str(width) for width, _ in layers)
    chosen = ", ".join(activation for _, activation in layers)
    body = f"widths: [{listed}], activation: [{chosen}]" if layers else "K: 0"
    _, graph, facts = network(f"{{netspec: 1, input: {before}, {body}, output: {after}}}")
    (section,) = sections(graph)
    assert section == Section(0, "", True, rows(graph))
    written = [(row.k + i, row) for row in section.rows for i in range(row.layers)]
    assert [k for k, _ in written] == list(range(len(layers) + 1))
    sizes = [before, *(width for width, _ in layers), after]
    assert [dict(row.tensors) for _, row in written] == [
        {"beta": (sizes[k + 1],), "Omega": (sizes[k + 1], sizes[k])} for k in range(len(layers) + 1)
    ]
    assert [_activation(row) for _, row in written] == [*(activation for _, activation in layers), "none"]
    assert sum(row.total for row in section.rows) == facts.parameters
    assert all(row.parameters == sum(prod(shape) for _, shape in row.tensors) for row in section.rows)


def _activation(row: Row) -> str:
    found = "none" if row.activation is None else str(row.activation)
    return "{leaky_relu: {slope: 0.5}}" if found == "leaky_relu(slope=0.5)" else found
