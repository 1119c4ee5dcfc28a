"""The kinds of layers: laws that every one keeps, their tensors, and each clause in which one refuses what it reads."""

import re
from collections.abc import Callable, Iterator
from inspect import cleandoc
from itertools import product
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from netspec.layers.dense import Dense
from netspec.layers.dropout import Dropout
from netspec.layers.faults import Details
from netspec.layers.registry import KEYWORDS, KINDS, kind
from netspec.layers.scope import Scope
from netspec.operations import FUNCTIONS, Builder, Call, Cost, Elementwise, Graph, Operation, OperationFault, Repeat
from netspec.sizes import Polynomial, Size, evaluate, symbol
from netspec.source import REFUSED
from tests.layers.rows import NUMBERS, ROWS, Row, built

COMMON = {"from", "as", "shape", "tie"}
T, H = symbol("T"), symbol("H")

each_row = pytest.mark.parametrize("row", ROWS, ids=str)
each_kind = pytest.mark.parametrize("keyword", sorted(KINDS))
each_keyword = pytest.mark.parametrize("keyword", KEYWORDS)


def graph_of(row: Row, *, free: bool) -> Graph:
    """Return the graph of a row with its letters free, or as numbers."""
    return built(row.keyword, row.fields, *row.reads(free=free), integers=row.integers)[0]


def total(graph: Graph) -> Cost:
    """Return the cost of all operations, rounds of a repeat included."""
    macs: Size = 0
    flops: Size = 0
    for index, node in enumerate(graph.operations):
        times, cost = (node.times, total(node.body)) if isinstance(node, Repeat) else (1, cost_of(graph, index))
        macs, flops = macs + times * cost.macs, flops + times * cost.flops
    return Cost(macs, flops)


def cost_of(graph: Graph, index: int) -> Cost:
    """Return the cost of one operation."""
    node = graph.operations[index]
    assert not isinstance(node, Repeat | Call)
    return node.cost(*graph.operand_shapes(index))


def items(page: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the word and the own arguments of each item of a docstring's example."""
    for item in yaml.safe_load(page.partition("Example:")[2]):
        ((word, given),) = item.items() if isinstance(item, dict) else ((item, {}),)
        shorthand = kind(word).shorthand
        if not isinstance(given, dict):
            given = {} if shorthand is None else {shorthand: given}
        yield word, {key: value for key, value in given.items() if key not in COMMON or key in kind(word).model_fields}


def refused(keyword: str, fields: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the code and the words of each fault of a layer's fields."""
    with pytest.raises(ValidationError) as raised:
        kind(keyword).model_validate(fields, context=Scope({"rate": 0.5, "bias": True}))
    found: list[tuple[str, str]] = []
    for error in raised.value.errors():
        details = error.get("ctx", {}).get("details")
        found.append((error["type"], details.words if isinstance(details, Details) else error["msg"]))
    return found


def test_every_kind_has_a_row() -> None:
    assert {row.keyword for row in ROWS} == set(KINDS)


@each_keyword
def test_every_kind_has_a_page_with_formula_source_and_example(keyword: str) -> None:
    page = kind(keyword).__doc__ or ""
    assert re.match(r"\S.* = ", page), "a page begins with the formula"
    assert re.search(r"^ *Source: \S", page, re.MULTILINE)
    assert re.search(r"^ *Example:$", page, re.MULTILINE)
    assert kind(keyword).keyword == keyword


@each_kind
def test_a_page_names_the_tensors_of_its_rows(keyword: str) -> None:
    if keyword == "mlp":  # its tensors are numbered
        return
    page = cleandoc(kind(keyword).__doc__ or "")
    for row in ROWS:
        if row.keyword == keyword:
            graph = graph_of(row, free=False)
            for parameter in (each for parameters in graph.parameters for each in parameters):
                name = "".join(map(str, parameter.name)).removesuffix("_reverse")
                assert f"`{name}`" in page


@each_keyword
def test_the_example_of_every_page_is_read(keyword: str) -> None:
    found = list(items(kind(keyword).__doc__ or ""))
    assert keyword in [word for word, _ in found]
    for word, given in found:
        kind(word).model_validate(given, context=Scope({}))


@each_keyword
def test_every_field_is_described(keyword: str) -> None:
    of = kind(keyword)
    assert of.shorthand is None or of.shorthand in of.model_fields
    assert of.reads != "many" or of.shorthand is None
    assert all(field.description for field in of.model_fields.values())
    assert set(of.model_json_schema()["properties"] if of.model_fields else ()) == set(of.model_fields)


@each_keyword
def test_a_default_that_is_written_out_changes_nothing(keyword: str) -> None:
    of = kind(keyword)
    defaults = {name: field.default for name, field in of.model_fields.items()}
    written = {name: value for name, value in defaults.items() if isinstance(value, bool | int | float | str)}
    for fields in [row.fields for row in ROWS if row.keyword == keyword] or [{}]:
        layer = of.model_validate(fields, context=Scope({}))
        assert of.model_validate({**written, **fields}, context=Scope({})) == layer


@each_keyword
def test_no_key_is_ignored_and_nothing_is_coerced(keyword: str) -> None:
    assert ("extra_forbidden", "Extra inputs are not permitted") in refused(keyword, {"colour": 1})


@each_row
def test_where_sizes_are_known_all_shapes_and_costs_are_integers(row: Row) -> None:
    graph = graph_of(row, free=False)
    assert all(type(size) is int and size > 0 for shape in graph.shapes for size in shape)
    macs, flops = total(graph)
    assert isinstance(macs, int)
    assert isinstance(flops, int)
    assert 0 <= 2 * macs <= flops


@each_row
def test_free_sizes_give_what_their_numbers_give(row: Row) -> None:
    known, free = graph_of(row, free=False), graph_of(row, free=True)
    found = [tuple([evaluate(size, NUMBERS) for size in shape]) for shape in free.output_shapes]
    assert found == list(known.output_shapes)
    assert [evaluate(cost, NUMBERS) for cost in total(free)] == list(total(known))
    assert free.parameters == known.parameters or row.keyword == "split"


@each_row
def test_tensors_have_shapes_of_integers_and_names_of_their_own(row: Row) -> None:
    graph = graph_of(row, free=True)
    found = [each for parameters in graph.parameters for each in parameters]
    assert all(type(size) is int and size > 0 for each in found for size in each.shape)
    assert len({each.name for each in found}) == len(found)
    assert all(each.fan_in > 0 and each.fan_out > 0 for each in found if each.init.endswith("_normal"))


def others(value: object) -> Iterator[object]:
    """Yield values that differ from a field's in one place."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float | Polynomial):
        yield value + 1
    elif isinstance(value, tuple):
        for i, each in enumerate(value):
            for other in others(each):
                yield (*value[:i], other, *value[i + 1 :])
        yield (*value, 1)
    elif isinstance(value, str):
        yield {"max": "average", "nearest": "linear", "tanh": "relu", "relu": "tanh", "lstm": "gru"}.get(value, "max")
    else:
        yield 1


def operations() -> list[Operation]:
    """Return every operation that a row is made of, once. (Tuples of different operations may be equal.)"""
    met: dict[tuple[type, object], Operation] = {}
    for row in ROWS:
        for free in (False, True):
            for node in graph_of(row, free=free).operations:
                if not isinstance(node, Repeat | Call):
                    met[type(node), node] = node
    return list(met.values())


def test_a_record_differs_when_any_field_does() -> None:
    for node in operations():
        if not isinstance(node, Elementwise):  # its fields are bound together by the table of functions
            make: Callable[..., Operation] = type(node)
            fields = tuple(node) if isinstance(node, tuple) else ()
            for i, value in enumerate(fields):
                for other in others(value):
                    assert make(*fields[:i], other, *fields[i + 1 :]).record() != node.record()


def test_records_of_different_operations_differ() -> None:
    met = operations()
    assert len({node.record() for node in met}) == len(met)


LACKING = "it reads (channels, positions …) with one to three axes of positions"
SHAPES = [(5,), (4, 6), (T, 6), (4, T), (T, H), (4, 6, 8), (4, H, T), (H, 4, 6), (4, 5, 6, 7), (H, H, H, H), (2,) * 6]


@each_kind
def test_whatever_it_reads_a_layer_builds_or_says_why(keyword: str) -> None:
    for row in (row for row in ROWS if row.keyword == keyword):
        for shapes in product(SHAPES, repeat=min(2, len(row.shapes))):
            words = ""
            try:
                graph, _ = built(keyword, row.fields, *shapes, integers=row.integers)
            except OperationFault as fault:
                words = str(fault)
            assert not words or re.fullmatch(r"[a-z`0-9].*[^.]", words)
            if not words:
                assert all(size > 0 for shape in graph.shapes for size in shape if isinstance(size, int))
                total(graph)


@each_kind
def test_what_is_refused_elsewhere_is_not_blamed(keyword: str) -> None:
    for name in kind(keyword).model_fields:
        assert "held-back" in (codes := {code for code, _ in refused(keyword, {name: REFUSED})})
        assert codes <= {"held-back", "missing", "missing-key"}, name


@pytest.mark.parametrize(
    ("keyword", "fields", "shapes", "tensors"),
    [
        ("conv", {"channels": 6, "kernel": 3, "groups": 2}, [(4, 9, 9)], {"beta": (6,), "Omega": (6, 2, 3, 3)}),
        (
            "conv_transpose",
            {"channels": 6, "kernel": 3, "groups": 2},
            [(4, 9, 9)],
            {"beta": (6,), "Omega": (4, 3, 3, 3)},
        ),
        ("depthwise_conv", {"kernel": 3, "multiplier": 2}, [(4, 9)], {"beta": (8,), "Omega": (8, 1, 3)}),
        ("pointwise_conv", {"channels": 6, "bias": False}, [(4, 9, 9)], {"Omega": (6, 4, 1, 1)}),
        ("batch_norm", {}, [(4, 9)], {"gamma": (4,), "beta": (4,), "mean": (4,), "variance": (4,)}),
        ("batch_norm", {"affine": False}, [(4, 9)], {"mean": (4,), "variance": (4,)}),
        ("layer_norm", {"axes": 2}, [(4, 5, 6)], {"gamma": (5, 6), "beta": (5, 6)}),
        ("layer_norm", {"bias": False}, [(4, 5)], {"gamma": (5,)}),
        ("group_norm", {"groups": 2}, [(4, 9)], {"gamma": (4,), "beta": (4,)}),
        ("instance_norm", {}, [(4, 9)], {}),
        ("rms_norm", {}, [(4, 9)], {"gamma": (9,)}),
        ("prelu", {}, [(4, 9)], {"slope": (1,)}),
        ("prelu", {"each": "channel"}, [(4, 9)], {"slope": (4,)}),
        ("embedding", {"vocabulary": 20, "width": 3}, [(7,)], {"Omega": (20, 3)}),
        ("positional_embedding", {"length": 12}, [(7, 3)], {"Omega": (12, 3)}),
        ("learned", {"shape": 8}, [], {"Omega": (8,)}),
        (
            "attention",
            {"heads": 4, "key_heads": 2, "width": 3, "output": 5},
            [(7, 8), (9, 6)],
            {
                "beta_query": (12,),
                "Omega_query": (12, 8),
                "beta_key": (6,),
                "Omega_key": (6, 6),
                "beta_value": (6,),
                "Omega_value": (6, 6),
                "beta_output": (5,),
                "Omega_output": (5, 12),
            },
        ),
        ("rnn", {"width": 3, "bias": False}, [(7, 5)], {"Omega_input": (3, 5), "Omega_hidden": (3, 3)}),
        (
            "lstm",
            {"width": 3},
            [(7, 5)],
            {"beta_input": (12,), "Omega_input": (12, 5), "beta_hidden": (12,), "Omega_hidden": (12, 3)},
        ),
        (
            "gru",
            {"width": 3, "bidirectional": True, "bias": False},
            [(7, 5)],
            {
                "Omega_input": (9, 5),
                "Omega_hidden": (9, 3),
                "Omega_input_reverse": (9, 5),
                "Omega_hidden_reverse": (9, 3),
            },
        ),
    ],
)
def test_tensors_are_called_and_shaped_as_in_pytorch(
    keyword: str, fields: dict[str, Any], shapes: list[tuple[int, ...]], tensors: dict[str, tuple[int, ...]]
) -> None:
    graph, _ = built(keyword, fields, *shapes, integers=keyword == "embedding")
    found = {"".join(map(str, each.name)): each.shape for parameters in graph.parameters for each in parameters}
    assert list(found.items()) == list(tensors.items())


def test_what_is_kept_and_not_learned_is_state() -> None:
    graph, _ = built("batch_norm", {}, (4, 9))
    (parameters,) = graph.parameters
    assert [(each.role, each.init, each.learned) for each in parameters] == [
        ("gamma", "ones", True),
        ("beta", "zeros", True),
        ("mean", "zeros", False),
        ("variance", "ones", False),
    ]
    graph, _ = built("prelu", {}, (4, 9))
    assert [each.init for each in graph.parameters[0]] == ["quarters"]


def shape_of(keyword: str, fields: dict[str, Any], *shapes: tuple[Size, ...]) -> tuple[Size, ...]:
    """Return the shape of the one thing that a layer gives."""
    graph, _ = built(keyword, fields, *shapes)
    (shape,) = graph.output_shapes
    return shape


@pytest.mark.parametrize(
    ("keyword", "fields", "shapes", "shape"),
    [
        ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}, [(64, 112, 112)], (64, 56, 56)),
        ("max_pool", {"kernel": 2, "ceil": True}, [(4, 5, 7)], (4, 3, 4)),
        ("max_pool", {"kernel": [2, 1]}, [(4, 5, 7)], (4, 2, 7)),
        ("average_pool", {"kernel": 3, "stride": 2, "padding": 1, "ceil": True}, [(4, 4)], (4, 3)),
        ("conv_transpose", {"channels": 8, "kernel": 4, "stride": 2, "padding": 1}, [(4, 7, 7)], (8, 14, 14)),
        (
            "conv_transpose",
            {"channels": 8, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1},
            [(4, 7)],
            (8, 14),
        ),
        ("conv_transpose", {"channels": 8, "kernel": 4, "padding": "same"}, [(4, H)], (8, H)),
        ("depthwise_conv", {"kernel": 3, "padding": "same", "multiplier": 2}, [(4, H, 5)], (8, H, 5)),
        ("adaptive_average_pool", {"size": 7}, [(4, H, T)], (4, 7, 7)),
        ("global_average_pool", {}, [(4, H, T)], (4,)),
        ("global_average_pool", {"keep": True}, [(4, H, T)], (4, 1, 1)),
        ("mean", {"axes": 0}, [(T, 8)], (8,)),
        ("sum", {"axes": [-1, 0], "keep": True}, [(T, 8, 3)], (1, 8, 1)),
        ("flatten", {}, [(4, 5, 6)], (120,)),
        ("flatten", {"start": -2}, [(4, 5, H)], (4, 5 * H)),
        ("flatten", {"start": 2}, [(4, 5, 6)], (4, 5, 6)),
        ("reshape", {"shape": ["rest", 6]}, [(T, 4, 3)], (2 * T, 6)),
        ("reshape", {"shape": [12]}, [(4, 3)], (12,)),
        ("transpose", {}, [(T, 8)], (8, T)),
        ("transpose", {"axes": [-1, 0, 1]}, [(4, 5, T)], (T, 4, 5)),
        ("pad", {"widths": [1, [0, 2]]}, [(4, T)], (6, T + 2)),
        ("crop", {"widths": [1, [0, 2]]}, [(4, T)], (2, T - 2)),
        ("slice", {"axis": 0, "start": 1}, [(T, 4)], (T - 1, 4)),
        ("slice", {"axis": 0, "start": -3}, [(T, 4)], (3, 4)),
        ("slice", {"axis": -1, "stop": 7, "step": 3}, [(T, 8)], (T, 3)),
        ("slice", {"axis": 0, "index": -1}, [(T, 4)], (4,)),
        ("upsample", {"factor": 2}, [(4, H, 5)], (4, 2 * H, 10)),
        ("upsample", {"factor": 2, "mode": "linear"}, [(4, 5)], (4, 10)),
        ("upsample", {"factor": 2, "mode": "trilinear"}, [(4, 5, 6, 7)], (4, 10, 12, 14)),
        ("concat", {"axis": 0}, [(1, 8), (T, 8)], (T + 1, 8)),
        ("stack", {"axis": -1}, [(4, 5), (4, 5), (4, 5)], (4, 5, 3)),
        ("matmul", {"transpose_second": True}, [(T, 8), (T, 8)], (T, T)),
        ("matmul", {}, [(1, 4, 5), (3, 5, 6)], (3, 4, 6)),
        ("attention", {"heads": 2}, [(T, 8)], (T, 8)),
        ("attention", {"heads": 2, "output": 5}, [(T, 8), (9, 6)], (T, 5)),
        ("lstm", {"width": 3, "bidirectional": True}, [(T, 5)], (T, 6)),
        ("lstm", {"width": 3, "bidirectional": True, "give": "last"}, [(T, 5)], (6,)),
        ("gru", {"width": 3, "give": "last"}, [(7, 5)], (3,)),
        ("learned", {"shape": [2, 3]}, [], (2, 3)),
    ],
)
def test_a_layer_gives_what_pytorch_does(
    keyword: str, fields: dict[str, Any], shapes: list[tuple[Size, ...]], shape: tuple[Size, ...]
) -> None:
    assert shape_of(keyword, fields, *shapes) == shape


@pytest.mark.parametrize(
    ("fields", "shapes"),
    [
        ({"into": ["a", "b", "c"]}, {"a": (4, 5), "b": (4, 5), "c": (4, 5)}),
        ({"into": ["only"], "axis": 1}, {"only": (12, 5)}),
        ({"sizes": {"a": 2, "b": 3}, "axis": -1}, {"a": (12, 2), "b": (12, 3)}),
        ({"sizes": {"a": 1, "b": "rest"}}, {"a": (1, 5), "b": (11, 5)}),
        ({"sizes": {"a": "rest", "b": 2, "c": 1}}, {"a": (9, 5), "b": (2, 5), "c": (1, 5)}),
    ],
)
def test_a_split_gives_its_parts_by_name(fields: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> None:
    graph, result = built("split", fields, (12, 5))
    assert isinstance(result, dict)
    assert {name: graph.shapes[part] for name, part in result.items()} == shapes


def test_a_split_of_a_free_axis_takes_what_follows_from_the_end() -> None:
    graph, result = built("split", {"sizes": {"token": 1, "others": "rest", "end": 2}}, (T, 5))
    assert isinstance(result, dict)
    assert {name: graph.shapes[part] for name, part in result.items()} == {
        "token": (1, 5),
        "others": (T - 3, 5),
        "end": (2, 5),
    }
    graph, result = built("split", {"into": ["a", "b"]}, (2 * T, 5))
    assert isinstance(result, dict)
    assert [graph.shapes[part] for part in result.values()] == [(T, 5), (T, 5)]


@pytest.mark.parametrize(
    ("keyword", "fields", "shape"),
    [
        ("dropout", {"rate": 0.5}, (4, T)),
        ("flatten", {}, (T,)),
        ("reshape", {"shape": [4, 5]}, (4, 5)),
        ("transpose", {"axes": [0, 1]}, (4, 5)),
        ("pad", {"widths": [0, 0]}, (4, 5)),
        ("crop", {"widths": [0, 0]}, (4, 5)),
        ("slice", {"axis": 0}, (T, 5)),
        ("slice", {"axis": 0, "start": -4, "stop": 4}, (4, 5)),
    ],
)
def test_what_changes_nothing_is_no_operation(keyword: str, fields: dict[str, Any], shape: tuple[Size, ...]) -> None:
    graph, result = built(keyword, fields, shape)
    assert (len(graph), result) == (0, 0)


@pytest.mark.parametrize(
    ("keyword", "one", "other", "shape"),
    [
        ("softmax", {"axis": -1}, {"axis": 1}, (4, 5)),
        ("mean", {"axes": [-1, 0]}, {"axes": [0, 2]}, (4, 5, 6)),
        ("slice", {"axis": 0, "index": -1}, {"axis": -2, "index": 3}, (4, 5)),
        ("slice", {"axis": 0, "start": -2, "stop": 4}, {"axis": 0, "start": 2}, (4, 5)),
        ("crop", {"widths": [1, 0]}, {"widths": [[1, 1], 0]}, (4, 5)),
        ("max_pool", {"kernel": 2}, {"kernel": [2], "stride": 2, "padding": "valid"}, (4, 6)),
        ("reshape", {"shape": [2, "rest"]}, {"shape": [2, 10]}, (4, 5)),
        ("attention", {"heads": 2, "rotary": True}, {"heads": 2, "key_heads": 2, "width": 4, "rotary": 10000}, (7, 8)),
        ("pointwise_conv", {"channels": 3}, {"channels": 3, "stride": [1, 1], "groups": 1}, (4, 5, 6)),
    ],
)
def test_spellings_of_one_thing_are_one_record(
    keyword: str, one: dict[str, Any], other: dict[str, Any], shape: tuple[int, ...]
) -> None:
    assert built(keyword, one, shape)[0].operations == built(keyword, other, shape)[0].operations


def test_a_pointwise_and_a_depthwise_convolution_are_convolutions() -> None:
    plain = built("conv", {"channels": 6, "kernel": 1, "activation": "relu"}, (4, 5, 5))[0]
    assert built("pointwise_conv", {"channels": 6, "activation": "relu"}, (4, 5, 5))[0].operations == plain.operations
    plain = built("conv", {"channels": 4, "kernel": 3, "groups": 4}, (4, 5, 5))[0]
    assert built("depthwise_conv", {"kernel": 3}, (4, 5, 5))[0].operations == plain.operations


@pytest.mark.parametrize(
    ("keyword", "fields", "shapes", "clause"),
    [
        ("add", {}, [(4,), (4, 5)], "it joins 4 and [4, 5], which have 1 and 2 axes"),
        ("add", {}, [(4, T), (4, 5)], "it joins [4, T] and [4, 5], which differ on axis 1: T and 5"),
        ("subtract", {}, [(4,)] * 3, "it joins two values, and gets 3"),
        ("abs_difference", {}, [(4,)] * 3, "it joins two values, and gets 3"),
        ("concat", {}, [(4,), (4, 5)], "it joins 4 and [4, 5], which have 1 and 2 axes"),
        ("concat", {}, [(4, 6), (4, 5)], "it joins [4, 6] and [4, 5] on axis 0, which differ on axis 1: 6 and 5"),
        ("concat", {"axis": 2}, [(4, 6), (4, 5)], "there is no axis 2: there are 2, from 0 to 1 or from -1 back to -2"),
        ("stack", {}, [(4, 6), (4, 5)], "it stacks [4, 6] and [4, 5], which differ"),
        ("stack", {"axis": 3}, [(4,), (4,)], "there is no axis 3: there are 2, from 0 to 1 or from -1 back to -2"),
        ("matmul", {}, [(4, 6), (4, 5)], "it multiplies [4, 6] and [4, 5], whose inner sizes are 6 and 4"),
        ("matmul", {}, [(4, 5), (5,)], "it multiplies [4, 5] and 5, which have 2 and 1 axes"),
        ("matmul", {}, [(5,), (5,)], "it multiplies 5 and 5, which are no matrices"),
        (
            "matmul",
            {},
            [(2, 4, 5), (3, 5, 4)],
            "it multiplies [2, 4, 5] and [3, 5, 4], which differ on axis 0: 2 and 3",
        ),
        ("matmul", {}, [(4, 5)] * 3, "it multiplies two matrices, and gets 3"),
        (
            "conv",
            {"channels": 6, "kernel": 3},
            [(784,)],
            f"{LACKING}; a `flatten` went before it, or the axis of channels is missing",
        ),
        ("conv", {"channels": 6, "kernel": 5}, [(4, 3)], "a window of 5 does not fit into 3 positions"),
        ("conv", {"channels": 6, "kernel": 5}, [(4, 1)], "a window of 5 does not fit into 1 position"),
        (
            "conv",
            {"channels": 6, "kernel": 3, "dilation": 3, "padding": 1},
            [(4, 4)],
            "a window of 3 (spread to 7 by its dilation) does not fit into 4 positions, padded to 6",
        ),
        (
            "conv",
            {"channels": 6, "kernel": 3},
            [(T, 5)],
            "the axis of channels is T, which is known only when it runs, and a tensor's size must be known",
        ),
        (
            "conv",
            {"channels": 6, "kernel": 3, "groups": 3},
            [(4, 5)],
            "it reads 4 channels, which 3 groups do not divide",
        ),
        (
            "conv",
            {"channels": 6, "kernel": 3, "groups": 4},
            [(4, 5)],
            "it gives 6 channels, which 4 groups do not divide",
        ),
        ("conv", {"channels": 6, "kernel": [3]}, [(4, 5, 5)], "`kernel` lists 1 for 2 axes of positions"),
        (
            "conv",
            {"channels": 6, "kernel": 3, "padding": [1, 1]},
            [(4, 5)],
            "`padding` lists 2 for 1 axis of positions",
        ),
        (
            "conv",
            {"channels": 6, "kernel": 3, "stride": 2, "padding": "same"},
            [(4, 5)],
            "`padding: same` is for a stride of 1: with another, write how much",
        ),
        (
            "conv_transpose",
            {"channels": 6, "kernel": 3, "groups": 3},
            [(4, 5)],
            "it reads 4 channels, which 3 groups do not divide",
        ),
        (
            "conv_transpose",
            {"channels": 6, "kernel": 3, "output_padding": 1},
            [(4, 5)],
            "an output padding of 1 is too much: below the stride or the dilation, 1",
        ),
        (
            "conv_transpose",
            {"channels": 6, "kernel": 3, "padding": 4},
            [(4, 5)],
            "a padding of 4 and 4 leaves nothing of 7 positions",
        ),
        ("max_pool", {"kernel": 3, "padding": 2}, [(4, 5)], "a padding of 2 is more than half a window of 3"),
        ("max_pool", {"kernel": 3}, [(4, 2)], "a window of 3 does not fit into 2 positions"),
        ("adaptive_max_pool", {"size": [2, 2]}, [(4, 5)], "`size` lists 2 for 1 axis of positions"),
        ("mean", {"axes": 0}, [(4,)], "no axis would be left; with `keep: true` each stays as 1"),
        ("mean", {"axes": [0, -2]}, [(4, 5)], "an axis is named twice"),
        ("sum", {"axes": 2}, [(4, 5)], "there is no axis 2: there are 2, from 0 to 1 or from -1 back to -2"),
        ("layer_norm", {"axes": 3}, [(4, 5)], "it normalises the last 3 axes, and gets [4, 5]"),
        (
            "layer_norm",
            {},
            [(4, T)],
            "an axis that is normalised is T, which is known only when it runs, and a tensor's size must be known",
        ),
        ("group_norm", {"groups": 3}, [(4, 5)], "it reads 4 channels, which 3 groups do not divide"),
        ("reshape", {"shape": [3, 5]}, [(4, 5)], "it reads [4, 5], 20 elements, and [3, 5] has 15"),
        ("reshape", {"shape": [3, "rest"]}, [(4, 5)], "`rest` is not found: 3 does not divide the elements of [4, 5]"),
        (
            "reshape",
            {"shape": [3, "rest"]},
            [(4, T)],
            "it reads [4, T], 4*T elements, and [3, 4*T // 3] has 3*(4*T // 3)",
        ),
        ("transpose", {}, [(4, 5, 6)], "it exchanges two axes, and gets [4, 5, 6]: `axes` says their order"),
        ("transpose", {"axes": [0, 0]}, [(4, 5)], "`axes` names each of the 2 axes of [4, 5] once"),
        ("pad", {"widths": [1]}, [(4, 5)], "`widths` lists 1 for 2 axes"),
        ("crop", {"widths": [1, 1]}, [(4,)], "`widths` lists 2 for 1 axis"),
        ("crop", {"widths": [[1, 3]]}, [(4,)], "a crop of 1 and 3 leaves nothing of axis 0, which has 4"),
        ("slice", {"axis": 0, "stop": 5}, [(4,)], "axis 0 has 4 elements, and there is no 5 among them"),
        ("slice", {"axis": 0, "start": -5}, [(4,)], "axis 0 has 4 elements, and there is no -5 among them"),
        ("slice", {"axis": 0, "start": 4}, [(4,)], "nothing is left of axis 0 from 4 to 4"),
        ("slice", {"axis": 0, "start": 3, "stop": 2}, [(T,)], "nothing is left of axis 0 from 3 to 2"),
        ("slice", {"axis": 0, "index": 4}, [(4, 5)], "axis 0 has 4 elements, and there is no 4 among them"),
        ("slice", {"axis": 0, "index": 0}, [(4,)], "no axis would be left; `start` and `stop` keep it"),
        (
            "slice",
            {"axis": 0, "index": 0, "stop": 1},
            [(4, 5)],
            "`index` takes one element, and `start`, `stop` and `step` a stretch: only one can be",
        ),
        ("split", {"into": ["a", "b", "c"]}, [(4,)], "axis 0 has 4 elements, which 3 equal parts do not divide"),
        ("split", {"into": ["a", "b"]}, [(T,)], "it reads T, T elements, and [2, T // 2] has 2*(T // 2)"),
        ("split", {"sizes": {"a": 1, "b": 2}}, [(4,)], "axis 0 has 4 elements, and the parts 3"),
        ("split", {"sizes": {"a": 1, "b": 2}}, [(T,)], "axis 0 has T elements, and the parts 3"),
        (
            "split",
            {"sizes": {"a": 4, "b": "rest"}},
            [(4,)],
            "axis 0 has 4 elements, and without the rest the parts have 4",
        ),
        (
            "split",
            {},
            [(4,)],
            "it needs one of the two: `into`, names of equal parts, or `sizes`, a size for each name",
        ),
        (
            "upsample",
            {"factor": 2, "mode": "bilinear"},
            [(4, 5)],
            "`bilinear` is for other shapes: with 1 axis of positions it is `linear`",
        ),
        (
            "embedding",
            {"vocabulary": 20, "width": 3},
            [(4,)],
            "it reads integers, and gets numbers: an input of integers says `dtype: int32`",
        ),
        ("positional_embedding", {"length": 12}, [(20, 3)], "it reads 20 positions, and has 12"),
        ("positional_embedding", {"length": 12}, [(20,)], "it reads (positions, features), and gets 20"),
        ("sinusoidal_embedding", {}, [(20,)], "it reads (positions, features), and gets 20"),
        ("rotary", {"heads": 3}, [(T, 8)], "it reads 8 features, which 3 heads do not divide"),
        ("rotary", {"heads": 8}, [(T, 8)], "it turns features in pairs, and a head has 1"),
        ("rotary", {"heads": 2}, [(8,)], "it reads (positions, features), and gets 8"),
        ("attention", {"heads": 3}, [(T, 8)], "it reads 8 features, which 3 heads do not divide"),
        ("attention", {"heads": 4, "key_heads": 3}, [(T, 8)], "3 heads of keys do not divide 4 heads"),
        ("attention", {"heads": 2}, [(4, 5, 8)], "it reads (positions, features), and gets [4, 5, 8]"),
        (
            "attention",
            {"heads": 2, "causal": True},
            [(T, 8), (T, 8)],
            "`causal` is about positions of one sequence, and `memory` is another",
        ),
        ("gru", {"width": 3}, [(8,)], "it reads (positions, features), and gets 8"),
    ],
)
def test_what_does_not_fit_is_said_in_one_clause(
    keyword: str, fields: dict[str, Any], shapes: list[tuple[Size, ...]], clause: str
) -> None:
    with pytest.raises(OperationFault) as raised:
        built(keyword, fields, *shapes)
    assert str(raised.value) == clause


def test_names_of_hyperparameters_stand_for_numbers_and_switches() -> None:
    scope = Scope({"rate": 0.1, "bias": False, "D": 3, "T": T})
    assert kind("dropout").model_validate({"rate": "rate"}, context=scope) == Dropout(rate=0.1)
    layer = kind("dense").model_validate({"width": "2*D", "bias": "bias"}, context=scope)
    assert layer == Dense(width=6, bias=False)
    with pytest.raises(ValidationError) as raised:
        kind("dense").model_validate({"width": "2*T"}, context=scope)
    ((code, words),) = [(each["type"], each["ctx"]["details"].words) for each in raised.value.errors()]
    assert (code, words) == ("free-size", "expects a number that is known before any run, and `T` is free")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_activation_is_a_layer(name: str) -> None:
    graph, _ = built(name, {}, (4, T))
    defaults = tuple(argument.default for argument in FUNCTIONS[name].arguments)
    assert graph.operations == [Elementwise(name, defaults)]
    assert graph.output_shapes == ((4, T),)


def test_a_free_size_is_not_divided_by() -> None:
    context = Scope({"T": T, "S": symbol("S")})
    layer = kind("reshape").model_validate({"shape": ["T", "rest"]}, context=context)
    graph = Graph(((4, T, 3),))
    assert graph.shapes[0] == (4, T, 3)
    result = layer.build(Builder(graph), 0)
    assert isinstance(result, int)
    assert graph.shapes[result] == (T, 12)
    layer = kind("reshape").model_validate({"shape": ["S", "rest"]}, context=context)
    with pytest.raises(
        OperationFault, match=r"^`rest` is not found: no axis of \[4, T, 3\] is S, by which it would be"
    ):
        layer.build(Builder(Graph(((4, T, 3),))), 0)


@pytest.mark.parametrize(
    ("keyword", "fields", "code", "words"),
    [
        ("dropout", {"rate": 1}, "out-of-range", "is 1; it must be at least 0 and below 1"),
        ("dropout", {"rate": -0.1}, "out-of-range", "is -0.1; it must be at least 0 and below 1"),
        ("dropout", {"rate": "bias"}, "wrong-type", "expects a number, and `bias` is the switch `true`"),
        ("layer_norm", {"epsilon": 0}, "out-of-range", "is 0; it must be above 0"),
        ("layer_norm", {"axes": 0}, "out-of-range", "is 0; at least 1 is needed"),
        ("layer_norm", {"bias": 1}, "wrong-type", "expects `true` or `false`, got the integer 1"),
        (
            "layer_norm",
            {"bias": "rate"},
            "wrong-type",
            "expects `true` or `false` or the name of a switch, got the text `rate`",
        ),
        (
            "conv",
            {"channels": 1, "kernel": 3, "padding": {}},
            "wrong-type",
            "expects numbers, `same` or `valid`, got an empty mapping",
        ),
        (
            "upsample",
            {"factor": 2, "mode": "cubic"},
            "unknown-word",
            "expects how positions are filled, got the text `cubic`",
        ),
        ("gru", {"width": 3, "give": "first"}, "unknown-word", "expects which states are given, got the text `first`"),
        ("rnn", {"width": 3, "function": "sin"}, "unknown-word", "expects a function of the state, got the text `sin`"),
        ("prelu", {"each": "axis"}, "unknown-word", "expects what has a slope of its own, got the text `axis`"),
        ("attention", {"heads": 2, "rotary": 0}, "out-of-range", "is 0; it must be above 0"),
        (
            "attention",
            {"heads": 2, "rotary": "yes"},
            "wrong-type",
            "expects a number or the name of one, got the text `yes`",
        ),
        ("reshape", {"shape": ["rest", "rest"]}, "wrong-type", "says `rest` twice"),
        ("reshape", {"shape": 4}, "wrong-type", "expects a list of 1 to 8 sizes, got the integer 4"),
        ("reshape", {"shape": [0]}, "out-of-range", "is 0; at least 1 is needed"),
        ("reshape", {"shape": ["rest", "5"]}, "quoted-number", "expects a size, got the quoted text `5`"),
        ("reshape", {"shape": [10**10]}, "width-too-large", "is 10,000,000,000; the limit is 1,000,000,000"),
        ("learned", {"shape": []}, "wrong-type", "expects a shape of 1 to 8 sizes, got an empty list"),
        ("pad", {"widths": 1}, "wrong-type", "expects a list with one entry for each axis, got the integer 1"),
        ("pad", {"widths": [[1]]}, "wrong-type", "expects the padding before and behind, got a list of 1"),
        ("pad", {"widths": [-1]}, "out-of-range", "is -1; 0 or more is needed"),
        ("split", {"into": []}, "wrong-type", "expects a list of names, got an empty list"),
        ("split", {"into": ["a", "b-c"]}, "bad-name", "`b-c` is not a name"),
        ("split", {"into": ["a", 3]}, "wrong-type", "expects a name, got the integer 3"),
        ("split", {"into": ["a", "a"]}, "name-taken", "the name `a` is taken: it is listed twice"),
        ("split", {"into": [REFUSED]}, "held-back", "held back"),
        ("split", {"sizes": []}, "wrong-type", "expects sizes by name, got an empty list"),
        ("split", {"sizes": {"a": 0}}, "out-of-range", "is 0; at least 1 is needed"),
        ("split", {"sizes": {"a": "rest", "b": "rest"}}, "wrong-type", "says `rest` twice"),
        ("split", {"sizes": {"2a": 1}}, "bad-name", "`2a` is not a name"),
        ("hard_tanh", {"low": 2}, "out-of-range", "is 2.0; it must be below `high`, 1.0"),
        ("hard_tanh", {"high": -1}, "out-of-range", "is -1.0; it must be above `low`, -1.0"),
        ("hard_tanh", {"low": 2, "high": 1.5}, "out-of-range", "is 1.5; it must be above `low`, 2.0"),
        ("soft_shrink", {"bound": 0}, "out-of-range", "is 0; it must be above 0"),
    ],
)
def test_a_field_at_fault_is_one_fault(keyword: str, fields: dict[str, Any], code: str, words: str) -> None:
    assert refused(keyword, fields) == [(code, words)]
