"""Data of any shape through a run: every format in, every format out, and words for what does not fit."""

import io
import json
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest

from netspec.runtime.formats import Format
from netspec.runtime.run import Options, run
from netspec.runtime.streams import Streams
from tests.runtime.graphs import ENDS, IMAGE, PAIR, TOKENS, array, computed, program
from tests.runtime.reading import pipe
from tests.runtime.test_numpy_table import npy, npz

X = array((5, 2, 3))
T, S = np.array([[1, 2], [3, 4], [0, 1]]), array((3, 2, 2))
A, B = array((3, 2, 2)), array((3, 1))


class Outcome:
    """What a run left: its exit code and what it wrote."""

    def __init__(self, text: str, data: bytes | BinaryIO, options: Options = Options()) -> None:  # noqa: B008
        out, err = io.BytesIO(), io.StringIO()
        stdin = cast(BinaryIO, io.BytesIO(data)) if isinstance(data, bytes) else data
        streams = Streams(stdin, cast(BinaryIO, out), err)
        found = program(text)
        self.status = run(found, found.name, None, None, options, streams)
        self.out, self.err = out.getvalue(), err.getvalue()

    def arrays(self) -> Any:
        """Return an `.npy` or `.npz` that was written."""
        return np.load(io.BytesIO(self.out))


def ran(
    text: str, data: bytes | BinaryIO, to: Format | None = None, batch: int | None = None, kind: Format | None = None
) -> Outcome:
    """Return what a run leaves that is not refused."""
    found = Outcome(text, data, Options(format=kind, to=to, batch=batch))
    assert (found.status, found.err) == (0, "")
    return found


def refused(text: str, data: bytes, kind: Format | None = None, to: Format | None = None) -> str:
    """Return what is said to data that are refused, without the place and the help."""
    found = Outcome(text, data, Options(format=kind, to=to))
    assert found.status in (1, 2)
    assert found.out == b""
    return found.err.partition("\n")[0].removeprefix("error")


def jsonl(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def csv(*parts: Any) -> bytes:
    columns = np.concatenate([part.reshape(len(part), -1) for part in parts], 1)
    return "".join(",".join(map(str, row)) + "\n" for row in columns.tolist()).encode()


IMAGES: dict[str, tuple[bytes, Format]] = {
    "npy": (npy(X), "npy"),
    "npy in Fortran order": (npy(np.asfortranarray(X)), "npy"),
    "npy of floats": (npy(X.astype(">f4")), "npy"),
    "npz of one": (npz(anything=X), "npz"),
    "npz by name": (npz(False, **{"in": X, "labels": X[:, 0]}), "npz"),
    "compressed npz in Fortran order": (npz(True, x=np.asfortranarray(X)), "npz"),
    "json": (json.dumps(X.tolist()).encode(), "json"),
    "json by name": (json.dumps({"in": X.tolist()}).encode(), "json"),
    "jsonl": (jsonl(*X.tolist()), "jsonl"),
    "jsonl by name": (jsonl(*({"in": x} for x in X.tolist())), "jsonl"),
    "csv": (csv(X), "csv"),
    "csv with a header": (b"a,b,c,d,e,f\n" + csv(X), "csv"),
}


@pytest.mark.parametrize(("data", "kind"), IMAGES.values(), ids=IMAGES)
@pytest.mark.parametrize("batch", [None, 1, 2, 5])
@pytest.mark.parametrize("piped", [False, True])
def test_examples_of_a_shape_are_read_in_every_format(
    data: bytes, kind: Format, batch: int | None, piped: bool
) -> None:
    found = ran(IMAGE, pipe(data) if piped else data, "npy", batch, kind)
    np.testing.assert_allclose(found.arrays(), computed(program(IMAGE), X)[0], rtol=1e-6)


PAIRS: dict[str, tuple[bytes, Format]] = {
    "npz": (npz(scale=S, tokens=T), "npz"),
    "compressed npz": (npz(True, tokens=T.astype("u1"), scale=np.asfortranarray(S)), "npz"),
    "json": (json.dumps({"scale": S.tolist(), "tokens": T.tolist()}).encode(), "json"),
    "jsonl": (jsonl(*({"scale": s, "tokens": t} for s, t in zip(S.tolist(), T.tolist(), strict=True))), "jsonl"),
}


@pytest.mark.parametrize(("data", "kind"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("batch", [None, 1, 2])
def test_several_inputs_are_read_by_their_names_and_several_outputs_written(
    data: bytes, kind: Format, batch: int | None
) -> None:
    total, scaled = computed(program(PAIR), T, S)
    arrays = ran(PAIR, pipe(data), "npz", batch, kind).arrays()
    assert arrays.files == ["total", "scaled"]
    np.testing.assert_array_equal(arrays["total"], total)
    np.testing.assert_array_equal(arrays["scaled"], scaled)
    written = json.loads(ran(PAIR, data, "json", batch, kind).out)
    assert list(written) == ["total", "scaled"]
    np.testing.assert_array_equal(written["scaled"], scaled)
    lines = [json.loads(line) for line in ran(PAIR, data, "jsonl", batch, kind).out.splitlines()]
    np.testing.assert_array_equal([line["total"] for line in lines], total)


def test_columns_of_csv_are_the_numbers_of_all_inputs_and_of_all_outputs() -> None:
    u, v = computed(program(ENDS), A, B)
    found = ran(ENDS, b"a_1_1,a_1_2,a_2_1,a_2_2,b\n" + csv(A, B), "csv")
    header, *rows = found.out.decode().splitlines()
    assert header == "u_1_1,u_2_1,v"
    assert [[float(word) for word in row.split(",")] for row in rows] == np.column_stack([u[:, :, 0], v]).tolist()
    assert ran(IMAGE, b"a\tb\tc\td\te\tf\n" + csv(X).replace(b",", b"\t"), kind="tsv").out.startswith(
        b"y_1_1\ty_1_2\ty_2_1"
    )


def test_integers_are_read_in_every_format() -> None:
    fixed = "input: {shape: [2], dtype: int32}\nlayers: [{embedding: {vocabulary: 5, width: 1}}, flatten]\noutput: 2\n"
    fixed = fixed.replace("input: {", "inputs: {tokens: {").replace("}\nlayers", "}}\nlayers", 1)
    expected = computed(program(fixed), T)[0]
    for data, kind in (
        (npy(T), "npy"),
        (json.dumps(T.tolist()).encode(), "json"),
        (csv(T), "csv"),
        (jsonl(*T.tolist()), "jsonl"),
    ):
        np.testing.assert_array_equal(ran(fixed, data, "npy", kind=cast(Format, kind)).arrays(), expected)
    assert refused(fixed, b"1,2.5\n") == "[data-dtype]: column 2 is 2.5, and `tokens` is of integers"
    assert refused(fixed, npy(T * 1.0)) == "[data-dtype]: `tokens` is of integers, and the array is of dtype `float64`"
    large = "[data-dtype]: `tokens` has 18446744073709551615 in row 1, which is too large an integer"
    assert refused(fixed, npy(np.full(T.shape, 2**64 - 1, np.uint64))) == large
    assert refused(fixed, b"[[1, 2.5]]") == "[data-shape]: `tokens` at [1] is 2.5, and `tokens` is of integers"
    assert refused(fixed, b"[[1, 1e300]]") == "[data-shape]: `tokens` at [1] is 1e+300, and `tokens` is of integers"


def test_one_example_without_a_batch_axis_gives_one_result_without() -> None:
    y = computed(program(IMAGE), X[0])[0]
    for data in (npy(X[0]), npy(np.asfortranarray(X[0])), npz(x=X[0]), json.dumps(X[0].tolist()).encode()):
        np.testing.assert_array_equal(ran(IMAGE, data, "npy").arrays(), y)
        np.testing.assert_array_equal(json.loads(ran(IMAGE, data, "json").out), y)
    tokens = ran(TOKENS, b"[1, 2]").out
    np.testing.assert_array_equal(json.loads(tokens), computed(program(TOKENS), [1, 2])[0])
    both = ran(PAIR, npz(tokens=T[0], scale=S[0]), "json").out
    np.testing.assert_array_equal(json.loads(both)["total"], computed(program(PAIR), T[0], S[0])[0])


def test_no_examples_are_examples_too() -> None:
    for data in (npy(X[:0]), b"[]", b'{"in": []}'):
        assert ran(IMAGE, data, "npy").arrays().shape == (0, 3, 2)
        assert ran(IMAGE, data, "json").out == b"[]\n"
        assert ran(IMAGE, data, "csv").out == b""
    assert ran(TOKENS, b"[]", "npy").arrays().shape == (0, 0, 2)
    assert json.loads(ran(PAIR, b'{"tokens": [], "scale": []}').out) == {"total": [], "scaled": []}


def test_results_are_json_where_they_have_no_columns_and_csv_where_they_have() -> None:
    assert ran(IMAGE, npy(X)).out.count(b",") == 5 * 5
    assert ran(TOKENS, npy(T)).out.startswith(b"[\n[[")
    assert ran(PAIR, npz(tokens=T, scale=S)).out.startswith(b'{"total": [\n[')
    assert ran(IMAGE, jsonl(*X.tolist()), kind="jsonl").out.count(b"\n") == 5
    column = "input: [2, 3]\nlayers: [flatten, {dense: 1}]\noutput: 1\n"
    assert ran(column, b"a,b,c,d,e,f\n" + csv(X)).out.startswith(b"y\n")


def test_rows_go_in_and_shapes_come_out() -> None:
    text = "input: 4\nlayers: [{reshape: [2, 2]}]\noutput: [2, 2]\n"
    assert ran(text, b"a,b,c,d\n1,2,3,4\n").out == b"y_1_1,y_1_2,y_2_1,y_2_2\n1.0,2.0,3.0,4.0\n"
    assert ran(text, b"[[1, 2, 3, 4]]").out == b"[\n[[1.0, 2.0], [3.0, 4.0]]\n]\n"
    assert ran(text, b"[1, 2, 3, 4]").out == b"[[1.0, 2.0], [3.0, 4.0]]\n"
    assert ran(text, npy(array((4,))), "npy").arrays().shape == (2, 2)


def test_files_are_read_and_written_by_their_suffixes(tmp_path: Path) -> None:
    source, target = tmp_path / "x.npz", tmp_path / "y.npz"
    np.savez(source, tokens=T, scale=S)
    found = program(PAIR)
    assert run(found, "pair", str(source), str(target), Options(), Streams(None, None, io.StringIO())) == 0
    with np.load(target) as arrays:
        np.testing.assert_array_equal(arrays["total"], computed(found, T, S)[0])


NUMBER = "[data-not-a-number]"
SHAPE = "[data-shape]"


@pytest.mark.parametrize(
    ("text", "data", "message"),
    [
        (IMAGE, npy(X[:, :, :2]), f"{SHAPE}: x has shape (5, 2, 2); expected (batch, 2, 3) or (2, 3)"),
        (IMAGE, npy(X[0, 0]), f"{SHAPE}: x has shape (3,); expected (batch, 2, 3) or (2, 3)"),
        (IMAGE, npy(X)[:-1], "[data-unreadable]: it ends after row 4 of 5"),
        (IMAGE, npz(a=X, b=X), f"{SHAPE}: it holds 2 arrays: `a`, `b`"),
        (IMAGE, b"1,2,3\n", "[data-columns]: expected 6 columns, got 3"),
        (IMAGE, b"[[[1, 2, 3], [4, 5]]]", f"{SHAPE}: x at [1] has 2 elements, expected 3"),
        (IMAGE, b"[[[1, 2, 3]]]", f"{SHAPE}: x has 1 element, expected 2"),
        (IMAGE, b"[[[1, 2, 3], 4]]", f"{SHAPE}: x at [1] is `4.0`, expected an array; an example has the shape (2, 3)"),
        (IMAGE, b'[[[1, 2, 3], [4, 5, "6"]]]', f'{NUMBER}: x at [1, 2] is not a number, but `"6"`'),
        (IMAGE, b"[[[1, 2, 3], [4, 5, null]]]", f"{NUMBER}: x at [1, 2] is not a number, but `null`"),
        (IMAGE, b"[[[1, 2, 3], [4, 5, [6]]]]", f"{NUMBER}: x at [1, 2] is not a number, but an array"),
        (IMAGE, b"[[[1, 2, 3], [4, 5, 6]]", "[data-unreadable]: expected `,` or `]`, got the end"),
        (IMAGE, b"[[1, 2, 3], [4, 5, 6]] 7", "[data-unreadable]: text follows after the value"),
        (IMAGE, b'{"x": []}', f"{SHAPE}: `x` is no input; there is `in`"),
        (IMAGE, b'{"in": [], "in": []}', f"{SHAPE}: `in` is given twice"),
        (IMAGE, b"{}", f"{SHAPE}: `in` is missing"),
        (IMAGE, b"{1: 2}", f"{SHAPE}: `1.0` is no input; there is `in`"),
        (IMAGE, b'{"in": 3}', "[data-unreadable]: expected `[`, got `3`"),
        (IMAGE, b" ", "[data-empty]: there is nothing in it"),
        (TOKENS, b"[[1, 2], [3]]", f"{SHAPE}: `tokens` has 1 element, expected 2"),
        (TOKENS, b"[[1, 7]]", f"{SHAPE}: `embedding` looks up 7; its indices are 0 to 4"),
        (TOKENS, b"1,2\n", f"{SHAPE}: `tokens` has the shape (batch, T), and columns cannot tell its free sizes"),
        (PAIR, npy(T), f"{SHAPE}: the network has 2 inputs, `tokens`, `scale`, and an .npy holds one array"),
        (PAIR, npz(tokens=T), f"{SHAPE}: it holds 1 array: `tokens`"),
        (PAIR, npz(tokens=T, scale=S[:2]), f"{SHAPE}: `tokens` has 3 examples, and `scale` has 2 examples"),
        (PAIR, npz(tokens=T[0], scale=S), f"{SHAPE}: `tokens` is one example, and `scale` has 3 examples"),
        (
            PAIR,
            npz(tokens=T, scale=S[:, :1]),
            f"{SHAPE}: `tokens` has T = 2 on axis 0, and `scale` has T = 1 on axis 0",
        ),
        (PAIR, b"[1]", f"{SHAPE}: an array has no names for several inputs"),
        (PAIR, b'{"tokens": []}', f"{SHAPE}: `scale` is missing"),
        (PAIR, b'{"tokens": [[1]], "scale": []}', f"{SHAPE}: `tokens` has 1 example, and `scale` has 0 examples"),
        (PAIR, b'{"tokens": [[1]], "mask": []}', f"{SHAPE}: `mask` is no input; there are `tokens`, `scale`"),
    ],
)
def test_what_is_refused_is_told_in_words(text: str, data: bytes, message: str) -> None:
    assert refused(text, data) == message


@pytest.mark.parametrize(
    ("text", "data", "message"),
    [
        (IMAGE, b"", "[data-empty]: there is nothing in it"),
        (IMAGE, b"[1\n", "[data-unreadable]: the line is no JSON"),
        (IMAGE, b"[" * 100_000, "[data-unreadable]: it is nested too deeply"),
        (TOKENS, b"[1]\n\n[2]\n", "[data-unreadable]: the line is empty"),
        (TOKENS, b'{"x": [1]}\n', f"{SHAPE}: the line has the keys `x`; there is `tokens`"),
        (TOKENS, b"{}\n", f"{SHAPE}: the line has no keys; there is `tokens`"),
        (PAIR, b"[1]\n", f"{SHAPE}: expected an object of `tokens`, `scale`"),
        (TOKENS, b"[1]\n[2, 3]\n", f"{SHAPE}: `tokens` has 2 elements, expected 1"),
    ],
)
def test_a_refused_line_is_told_in_words(text: str, data: bytes, message: str) -> None:
    assert refused(text, data, "jsonl") == message


def test_json_that_is_empty_or_no_collection_is_told_in_words() -> None:
    assert refused(IMAGE, b" \n", "json") == "[data-empty]: there is nothing in it"
    assert refused(IMAGE, b"3", "json") == "[data-unreadable]: expected `[` or `{`, got `3`"


def test_empty_lines_may_end_json_lines() -> None:
    assert ran(TOKENS, b"[1]\n[2]\n\n \n", kind="jsonl").out.count(b"\n") == 2


def test_what_a_format_cannot_hold_is_told_before_anything_is_written() -> None:
    assert refused(PAIR, npz(tokens=T, scale=S), to="npy") == (
        "[usage]: the network has 2 outputs, and an .npy holds one array"
    )
    assert refused(TOKENS, npy(T), to="csv") == (
        "[usage]: y has the shape (batch, T, 2), and CSV has a fixed number of columns"
    )


def test_a_refused_shape_says_what_the_model_takes() -> None:
    assert Outcome(IMAGE, npy(X[0, 0])).err.endswith("   = help: `image` takes x (batch, 2, 3)\n")
    assert Outcome(PAIR, b'{"tokens": []}').err.endswith(
        "   = help: `pair` takes `tokens` (batch, T), `scale` (batch, T, 2)\n"
    )


def test_what_is_not_finite_is_reported_with_its_place() -> None:
    x = X.copy()
    x[3, 1, 2], x[4, 0, 0] = np.nan, np.inf
    said = "warning[data-not-finite]: 2 input values are not finite in float64; the first is nan in row 4, "
    assert Outcome(IMAGE, npy(x), Options(batch=2)).err == f"{said}x at [1, 2]\n  --> <stdin>\n"
    assert Outcome(IMAGE, csv(x), Options(batch=2)).err == f"{said}column 6\n  --> <stdin>:4:27\n"
    text = json.dumps(x.tolist(), indent=None).encode()
    assert Outcome(IMAGE, text, Options(batch=2)).err.startswith(f"{said}x at [1, 2]\n  --> <stdin>:1:")
    lines = jsonl(*x.tolist())
    assert Outcome(IMAGE, lines, Options(format="jsonl", batch=2)).err == f"{said}x at [1, 2]\n  --> <stdin>:4:1\n"
    large = "inputs: {a: [2, 2]}\nlayers: [{multiply: {from: [a, a], as: u}}]\noutputs: {u: [2, 2]}\n"
    said = said.replace("2 input values are not finite in float64; the first is nan in row 4, ", "4 results are ")
    said += "not finite in float64, though the inputs are; the first is inf in row 2, "
    data = np.stack([A[0], np.full((2, 2), 1e200)])
    assert Outcome(large, npy(data)).err == f"{said}`u` at [0, 0]\n  --> <stdin>\n"
    assert Outcome(large, csv(data)).err == f"{said}u_1_1\n  --> <stdin>:2:1\n"
    assert ran(large, npy(np.ones((2, 2, 2))), "json").err == ""
    assert b"NaN" in Outcome(IMAGE, npy(x), Options(to="json")).out


def test_a_single_row_of_numbers_under_a_name_is_read_as_a_table() -> None:
    text = "inputs: {a: 2}\nlayers: [{tanh: {as: u}}]\noutputs: {u: 2}\n"
    assert ran(text, b"p;q\n0;0\n").out == b"u_1,u_2\n0.0,0.0\n"
    assert json.loads(ran(text, b'{"columns": ["p", "q"], "rows": [[0, 0]]}').out) == {"u": [[0, 0]]}
    np.testing.assert_array_equal(ran(text, npz(a=B[:, [0, 0]]), "npz").arrays()["u"], np.tanh(B[:, [0, 0]]))
