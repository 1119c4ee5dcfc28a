"""A program of any form takes what NumPy users pass, by place or by name, and refuses the rest naming both sides."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest

from netspec.runtime.ports import Port, port_of, result_name
from tests.runtime.graphs import ENDS, IMAGE, PAIR, TOKENS, array, computed, model, program

X = array((4, 2, 3))


def test_ports_say_what_enters_and_leaves() -> None:
    found = program(PAIR)
    assert found.inputs == (Port("tokens", ("T",), "int64"), Port("scale", ("T", 2), "float64"))
    assert found.outputs == (Port("total", (2,), "float64"), Port("scaled", ("T", 2), "float64"))
    assert (found.inputs, found.outputs) == (model(PAIR).inputs, model(PAIR).outputs)
    assert program(IMAGE).inputs == (Port("in", (2, 3), "float64"),)
    assert repr(program(IMAGE)) == "GraphProgram(image: in (batch, 2, 3) -> out (batch, 3, 2), float64)"


@pytest.mark.parametrize("item", [7, ["in"], ["in", 3, "float32"], ["in", [True], "float32"], [1, [1], "float32"]])
def test_what_is_no_port_is_refused(item: object) -> None:
    with pytest.raises(ValueError, match="no input and no output"):
        port_of(item)


def test_numbers_of_results_are_called_by_their_places() -> None:
    assert result_name(Port("out", (1,), "float32"), (0,)) == "y"
    assert result_name(Port("out", (3, 4), "float32"), (0, 3)) == "y_1_4"
    assert result_name(Port("logits", (2,), "float32"), (1,)) == "logits_2"
    assert result_name(Port("logits", (1,), "float32"), (0,)) == "logits"


@pytest.mark.parametrize(
    "x",
    [X.tolist(), X.astype("f4"), X.astype(">f8"), np.asfortranarray(X), X.astype("g"), np.repeat(X, 2, 2)[..., ::2]],
)
def test_any_real_dtype_and_any_memory_order_is_taken(x: Any) -> None:
    (y,) = computed(program(IMAGE), x)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, np.tanh(X.transpose(0, 2, 1)), atol=1e-6)


def test_one_example_gives_one_result_and_the_batch_may_be_empty() -> None:
    found = program(IMAGE)
    (y,) = computed(found, X)
    np.testing.assert_array_equal(computed(found, X[1])[0], y[1])
    assert computed(found, X[:0])[0].shape == (0, 3, 2)


def test_integers_are_taken_of_any_kind_and_floats_are_not() -> None:
    found = program(TOKENS)
    expected = computed(found, [[0, 4]])
    for dtype in ("i1", "u8", ">i2", "?"):
        np.testing.assert_array_equal(computed(found, np.array([[0, 1]], dtype))[0], computed(found, [[0, 1]])[0])
    assert expected[0].shape == (1, 2, 2)
    assert computed(found, np.zeros((0, 3)))[0].shape == (0, 3, 2)


def test_inputs_are_given_in_order_or_by_name() -> None:
    found = program(PAIR)
    tokens, scale = [[1, 2], [3, 4]], array((2, 2, 2))
    first = computed(found, tokens, scale)
    for results in (found(tokens, scale=scale), found(scale=scale, tokens=tokens)):
        assert isinstance(results, dict)
        assert list(results) == ["total", "scaled"]
        assert all(np.array_equal(a, b) for a, b in zip(first, results.values(), strict=True))


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        ([1], {}, "`scale` is missing; pair takes tokens, scale"),
        ([], {}, "`tokens`, `scale` are missing; pair takes tokens, scale"),
        ([1, 2, 3], {}, "3 inputs are given; pair takes tokens, scale"),
        ([1, 2], {"scale": 1}, "`scale` is given twice; pair takes tokens, scale"),
        ([1, 2], {"mask": 1}, "`mask` is no input; pair takes tokens, scale"),
    ],
)
def test_a_wrong_number_or_name_of_inputs_is_told(arguments: list[Any], named: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as refusal:
        program(PAIR)(*arguments, **named)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "inputs", "message"),
    [
        (IMAGE, [np.zeros((4, 3, 2))], "x has shape (4, 3, 2); expected (batch, 2, 3) or (2, 3)"),
        (IMAGE, [np.zeros((4, 3))], "x has shape (4, 3); expected (batch, 2, 3) or (2, 3)"),
        (IMAGE, [np.zeros(3)], "x has shape (3,); expected (batch, 2, 3) or (2, 3)"),
        (IMAGE, [[[1, 2], [3]]], "x is ragged: its rows differ in length; expected (batch, 2, 3)"),
        (
            IMAGE,
            [np.zeros((2, 3), "c8")],
            "x has dtype complex64 and shape (2, 3); expected real numbers of shape (batch, 2, 3) or (2, 3)",
        ),
        (
            TOKENS,
            [[[1.5]]],
            "`tokens` has dtype float64 and shape (1, 1); expected integers of shape (batch, T) or (T,)",
        ),
        (TOKENS, [np.array([[1 << 63]], "u8")], "`tokens` has 9223372036854775808, which is too large an integer"),
        (TOKENS, [[[1, 5]]], "`embedding` looks up 5; its indices are 0 to 4"),
        (TOKENS, [[[1, -1]]], "`embedding` looks up -1; its indices are 0 to 4"),
        (TOKENS, [np.zeros((2, 0), int)], "the check `T >= 1` does not hold: T is 0"),
        (
            PAIR,
            [[[1, 2]], np.zeros((1, 3, 2))],
            "`tokens` has T = 2 on axis 0, and `scale` has T = 3 on axis 0",
        ),
        (PAIR, [[[1]], np.zeros((2, 1, 2))], "`tokens` has 1 examples, and `scale` has 2"),
        (PAIR, [[1], np.zeros((2, 1, 2))], "`tokens` is one example, and `scale` is a batch"),
        (PAIR, [np.zeros((1, 5), int), np.zeros((1, 5, 2))], "the check `T <= 4` does not hold: T is 5"),
    ],
)
def test_what_does_not_fit_is_refused_naming_both_sides(text: str, inputs: list[Any], message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  the whole message is compared below
        program(text)(*inputs)
    assert str(refusal.value) == message


def test_a_large_batch_is_computed_in_tiles_of_bounded_memory() -> None:
    found = program(IMAGE)
    assert found.tile_for({}) == 4096
    x = np.random.default_rng(0).normal(0, 1, (2 * 4096 + 3, 2, 3))
    np.testing.assert_array_equal(computed(found, x)[0], np.tanh(x.transpose(0, 2, 1)))
    wide = program("name: wide\nsymbols: [H]\ninput: [1, H, H]\nlayers: [tanh]\noutput: [1, H, H]\n")
    assert wide.tile_for({"H": 1024}) == 2
    assert wide.tile_for({"H": 10**6}) == 1


def test_threads_do_not_disturb_each_other() -> None:
    found = program(ENDS)
    inputs = [(array((rows, 2, 2)), array((rows, 1))) for rows in (1, 2, 5)]
    expected = [computed(found, *x) for x in inputs]
    wrong: list[int] = []

    def work(start: int) -> None:
        for call in range(200):
            k = (start + call) % 3
            if not all(np.array_equal(a, b) for a, b in zip(computed(found, *inputs[k]), expected[k], strict=True)):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_program_travels_to_another_process() -> None:
    found = program(IMAGE)
    (expected,) = computed(found, X)
    for twin in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        np.testing.assert_array_equal(computed(twin, X)[0], expected)


def test_a_model_takes_inputs_in_order_or_by_name_and_refuses_what_it_has_not() -> None:
    import netspec

    pair = model(PAIR)
    assert list(pair([1], [[1, 2]])) == list(pair(scale=[[1, 2]], tokens=[1])) == ["total", "scaled"]
    with pytest.raises(TypeError, match="`out` is for a network with one output that has no name"):
        pair([1], [[1, 2]], out=np.zeros(2))
    plain = netspec.Network(input=2, widths=[3], output=1).build()
    out = np.zeros(1, np.float32)
    assert plain([1, 2], out=out) is out
    np.testing.assert_array_equal(plain(x=[1, 2]), out)
    for wrong in ({"y": [1, 2]}, {}):
        with pytest.raises(TypeError, match="network takes one input, x"):
            plain(**wrong)  # type: ignore[arg-type]  # lists are taken too
