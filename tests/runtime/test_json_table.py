"""JSON and JSON lines: the forms that are read, how y is written, and every refusal with its place."""

import io
import json
from contextlib import ExitStack
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.runtime.faults import DataFault
from netspec.runtime.formats import Format, open_results, open_table
from tests.runtime.networks import Array
from tests.runtime.reading import pipe, read, refusal

FORMS = 'write [[1, 2], [3, 4]], or {"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}'


@pytest.mark.parametrize(
    "text",
    [
        "[[1,2],[3,4]]",
        "\ufeff [ [1, 2.0] ,\n [3e0, 4] ]\n\n",
        '{"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}',
        '{"rows": [[1, 2], [3, 4]],\n "columns": ["a", "b"]}',
        json.dumps([[1, 2], [3, 4]], indent=4),
    ],
)
@pytest.mark.parametrize("batch", [1, 2, None])
def test_arrays_of_arrays_and_objects_of_columns_and_rows_are_read(text: str, batch: int | None) -> None:
    for data in (text.encode(), pipe(text.encode(), 1)):
        table, rows = read(data, 2, "json", batch=batch)
        np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])
        assert table.header == (("a", "b") if "{" in text else None)
        assert not table.flat


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("[1, 2, 3]", 1, [[1], [2], [3]]),
        ("[1, 2, 3]", 3, [[1, 2, 3]]),
        ("[5]", 1, [[5]]),
        ("[12345678901234567890, 1e999, -Infinity, NaN]", 1, [[12345678901234567890], [np.inf], [-np.inf], [np.nan]]),
        ("[" + "9" * 5000 + "]", 1, [[np.inf]]),
    ],
)
@pytest.mark.parametrize("batch", [1, 2, None])
def test_an_array_of_numbers_is_a_column_or_a_row(text: str, width: int, rows: object, batch: int | None) -> None:
    for data in (text.encode(), pipe(text.encode(), 1)):
        table, found = read(data, width, "json", batch=batch)
        np.testing.assert_array_equal(found, rows)
        assert table.flat


def test_no_rows_are_rows_too() -> None:
    for text in ("[]", '{"columns": ["a", "b"], "rows": []}', '{"rows": [], "columns": ["a", "b"]}'):
        _, rows = read(text.encode(), 2, "json")
        assert rows.shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "error[data-empty]: there is nothing in it\n  --> data"),
        (" \n", "error[data-empty]: there is nothing in it\n  --> data"),
        ("3", f"error[data-shape]: expected an array of rows\n  --> data:1:1\n   = help: {FORMS}"),
        ("[[1, 2], 3]", f"error[data-shape]: expected a row, got `3`\n  --> data:1:10\n   = help: {FORMS}"),
        (
            '[{"a": 1, "b": 2}]',
            f'error[data-shape]: expected a row, got `{{"a": 1, "b": 2}}`\n  --> data:1:2\n   = help: {FORMS}',
        ),
        ("[[1, 2],\n [3]]", "error[data-columns]: expected 2 columns, got 1\n  --> data:2:2"),
        ("[1]", "error[data-columns]: expected 2 numbers, got 1\n  --> data"),
        (
            "[1, 2,\n3, 4]",
            f"error[data-columns]: expected 2 numbers, got more\n  --> data:2:1\n   = help: {FORMS}",
        ),
        (
            "[[1, 2],\n [3,\n  null]]",
            (
                "error[data-not-a-number]: column 2 is not a number: `null`\n  --> data:3:3\n"
                "   = help: every row needs all its numbers"
            ),
        ),
        ("[[1, true]]", "error[data-not-a-number]: column 2 is not a number: `true`\n  --> data:1:6"),
        ("[1, false]", "error[data-not-a-number]: column 2 is not a number: `false`\n  --> data:1:5"),
        ("[1, [2]]", "error[data-not-a-number]: column 2 is not a number: `[2]`\n  --> data:1:5"),
        (
            '{"columns": ["a", "b"],\n"rows": [[1, "2"]]}',
            (
                'error[data-not-a-number]: column 2 (`b`) is not a number: `"2"`\n  --> data:2:14\n'
                "   = help: write numbers without quotes"
            ),
        ),
        (
            '[["x\\u001b", 2]]',
            (
                'error[data-not-a-number]: column 1 is not a number: `"x\\\\u001b"`\n  --> data:1:3\n'
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        ("[[1, 2]", "error[data-unreadable]: expected `,` or `]`, got the end\n  --> data:1:8"),
        ("[[1, 2", "error[data-unreadable]: it ends too early\n  --> data:1:7"),
        ("[[1, 2] [3, 4]]", "error[data-unreadable]: expected `,` or `]`, got `[`\n  --> data:1:9"),
        ("[[1, 2],]", "error[data-unreadable]: it is no JSON\n  --> data:1:9"),
        ("[[1,\n 02]]", None),
        (
            "[[1, 2]]\n[[3, 4]]",
            (
                "error[data-unreadable]: text follows after the value\n  --> data:2:1\n"
                "   = help: for several values, one to a line, say --format jsonl"
            ),
        ),
        (
            '{"a": 1}',
            f"error[data-shape]: expected the key `columns` or `rows`, got `a`\n  --> data:1:2\n   = help: {FORMS}",
        ),
        (
            '{"columns": ["a", "b"], "data": []}',
            f"error[data-shape]: expected the key `rows`, got `data`\n  --> data:1:25\n   = help: {FORMS}",
        ),
        (
            '{"rows": [], "rows": []}',
            f"error[data-shape]: expected the key `columns`, got `rows`\n  --> data:1:14\n   = help: {FORMS}",
        ),
        (
            '{"columns": 2, "rows": []}',
            f"error[data-shape]: `columns` is not an array of names\n  --> data:1:13\n   = help: {FORMS}",
        ),
        (
            '{"columns": ["a", 2], "rows": []}',
            f"error[data-shape]: `columns` is not an array of names\n  --> data:1:13\n   = help: {FORMS}",
        ),
        (
            '{"columns": ["a"], "rows": []}',
            "error[data-columns]: expected 2 columns, got 1\n  --> data:1:13",
        ),
        ('{"rows": []}', "error[data-unreadable]: expected `,`, got `}`\n  --> data:1:12"),
        ("[" * 100_000, "error[data-unreadable]: it is nested too deeply\n  --> data:1:2"),
    ],
)
def test_what_is_refused_has_its_place(text: str, message: str | None) -> None:
    found = refusal(text.encode(), 2, "json")
    if message is None:
        assert "--> data:" in found
    else:
        assert found == message
    assert refusal(pipe(text.encode(), 3), 2, "json") == found


def test_a_refused_number_in_a_column_is_in_column_1() -> None:
    assert refusal(b"[1,\n2,\n null]", 1, "json") == (
        "error[data-not-a-number]: column 1 is not a number: `null`\n  --> data:3:2\n"
        "   = help: every row needs all its numbers"
    )


def test_a_row_without_end_is_refused_before_it_fills_the_memory() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            data = b"[[" if not self.given else b"1," * (size // 2)
            self.given += len(data)
            return data

    stream = Endless()
    assert refusal(cast(BinaryIO, stream), 2, "json") == (
        "error[data-unreadable]: it is no JSON, or a row is longer than 1,049,088 characters\n  --> data:1:2"
    )
    assert stream.given < 1 << 23


def test_rows_longer_than_what_is_read_at_once_are_read_whole() -> None:
    row = [float(number) for number in range(30_000)]
    text = json.dumps([row, row[::-1]])
    _, rows = read(text.encode(), 30_000, "json")
    np.testing.assert_array_equal(rows, [row, row[::-1]])


@pytest.mark.parametrize("batch", [1, 2, 3, None])
@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("[[1,2],\n [3,\n 4], [5,6]]", 2),
        ('{"columns": ["a",\n"b"], "rows": [[1,2], [3,\n\n4]]}', 2),
        ("[1,\n\n 2,  3]", 1),
        ("[1,\n 2,  3]", 3),
    ],
)
def test_every_value_of_a_block_has_its_place(text: str, width: int, batch: int | None) -> None:
    lines = text.split("\n")
    expected = 1
    with ExitStack() as scratch:
        stream = cast(BinaryIO, io.BytesIO(text.encode()))
        table, _ = open_table(stream, "data", width, np.dtype("f8"), scratch, kind="json", batch=batch)
        for block in table.blocks():
            for row in range(len(block)):
                for column in range(width):
                    line, character = table.place(row, column)
                    assert line is not None
                    assert character is not None
                    assert lines[line - 1][character - 1] == str(expected)
                    expected += 1


@pytest.mark.parametrize("batch", [1, 2, None])
def test_json_lines_are_read_line_by_line(batch: int | None) -> None:
    table, rows = read(b"\xef\xbb\xbf[1, 2]\n [3,4] \r\n[5, 6]", 2, "jsonl", batch=batch)
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4], [5, 6]])
    assert not table.flat
    table, rows = read(b"1\n2.5\n[3]\n\n\n", 1, "jsonl", batch=batch)
    np.testing.assert_array_equal(rows, [[1], [2.5], [3]])
    assert table.flat


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "error[data-empty]: there is nothing in it\n  --> data"),
        ("[1, 2]\n[3]\n", "error[data-columns]: expected 2 columns, got 1\n  --> data:2:1"),
        ("[1, 2]\n 3\n", f"error[data-shape]: expected a row, got `3`\n  --> data:2:1\n   = help: {FORMS}"),
        ("[1, 2]\n [3, true]\n", "error[data-not-a-number]: column 2 is not a number: `true`\n  --> data:2:6"),
        ("[1, 2]\n[3, 4\n", "error[data-unreadable]: the line is no JSON\n  --> data:2:6"),
        (
            "[1, 2]\n\n\n[3, 4]\n",
            "error[data-unreadable]: the line is empty\n  --> data:2:1\n   = help: write one row to a line",
        ),
        ("[1, 2]\n" + "[" * 100_000, "error[data-unreadable]: it is nested too deeply\n  --> data:2:1"),
    ],
)
@pytest.mark.parametrize("batch", [1, None])
def test_a_refused_line_has_its_place(text: str, message: str, batch: int | None) -> None:
    assert refusal(text.encode(), 2, "jsonl", batch=batch) == message


def test_a_value_in_a_line_has_its_place() -> None:
    with ExitStack() as scratch:
        stream = cast(BinaryIO, io.BytesIO(b"[1, 2]\n[3, 4]\n [5,  6]"))
        table, _ = open_table(stream, "data", 2, np.dtype("f8"), scratch, kind="jsonl", batch=2)
        blocks = table.blocks()
        next(blocks)
        assert table.place(1, 0) == (2, 2)
        next(blocks)
        assert table.place(0, 1) == (3, 7)
        table, _ = open_table(cast(BinaryIO, io.BytesIO(b"1\n 2")), "data", 1, np.dtype("f8"), scratch, kind="jsonl")
        assert len(next(table.blocks())) == 2
        assert table.place(1, 0) == (2, 2)


def written(data: bytes, width: int, kind: Format, y: Array, to: Format = "json") -> str:
    """Return y written as the answer to the data."""
    stream = io.BytesIO()
    with ExitStack() as scratch:
        table, _ = open_table(cast(BinaryIO, io.BytesIO(data)), "data", width, np.dtype("f8"), scratch, kind=kind)
        results = open_results(cast(BinaryIO, stream), to, y.shape[1], y.dtype, scratch, table)
        for start in range(0, len(y), 2):
            results.write(y[start : start + 2])
        results.finish()
    return stream.getvalue().decode()


Y = np.array([[0.1, 2], [np.nan, -np.inf], [1e-45, np.inf]], np.float32)


def test_y_has_the_form_of_the_input() -> None:
    rows = "[0.1, 2.0],\n[NaN, -Infinity],\n[1e-45, Infinity]\n"
    assert written(b"[[1, 2]]", 2, "json", Y) == f"[\n{rows}]\n"
    assert written(b'{"columns": ["a", "b"], "rows": []}', 2, "json", Y) == (
        f'{{"columns": ["y_1", "y_2"],\n"rows": [\n{rows}]}}\n'
    )
    assert written(b'{"rows": [], "columns": ["a", "b"]}', 2, "json", Y).startswith('{"columns": ["y_1", "y_2"]')
    assert written(b"a,b\n1,2\n", 2, "csv", Y).startswith('{"columns": ["y_1", "y_2"]')
    assert written(b"[1, 2, 3]", 1, "json", Y[:, :1]) == "[\n0.1,\nNaN,\n1e-45\n]\n"
    assert written(b"[1, 2]", 2, "json", Y[:1]) == "[\n0.1, 2.0\n]\n"
    assert written(b"[1, 2]", 1, "json", Y[:2]) == "[\n[0.1, 2.0],\n[NaN, -Infinity]\n]\n"
    assert written(b"[]", 2, "json", Y[:0]) == "[]\n"
    assert written(b"[1, 2]\n", 2, "jsonl", Y, "jsonl") == rows.replace(",\n", "\n")
    assert written(b"1\n", 1, "jsonl", Y[:, :1], "jsonl") == "0.1\nNaN\n1e-45\n"


@given(st.lists(st.lists(st.floats(), min_size=2, max_size=2), max_size=9), st.integers(1, 4), st.integers(1, 20))
def test_what_is_written_reads_back_equal(values: list[list[float]], batch: int, piece: int) -> None:
    y = np.array(values, np.float64).reshape(-1, 2)
    forms: list[tuple[Format, bytes]] = [("json", b"[[1,2]]"), ("jsonl", b"[1,2]\n")]
    for kind, data in forms:
        text = written(data, 2, kind, y, kind)
        if text:
            _, rows = read(pipe(text.encode(), piece), 2, kind, batch=batch)
            np.testing.assert_array_equal(rows, y)
        if kind == "json":
            np.testing.assert_array_equal(np.array(json.loads(text)).reshape(-1, 2), y)


@given(st.text(alphabet='[]{},:"0123456789.eE+- \ntruefalsnNIcolumsw\udcff', max_size=40), st.integers(1, 3))
def test_any_text_gives_rows_or_a_fault_with_a_place_inside_it(text: str, width: int) -> None:
    lines = text.split("\n")
    kinds: list[Format] = ["json", "jsonl"]
    for kind in kinds:
        for start in ("", "[[", '{"columns": ["a"], "rows": ['):
            data = (start + text).encode("utf-8", "surrogateescape")
            try:
                read(data, width, kind, batch=2)
            except DataFault as fault:
                line, column = fault.line, fault.column
            else:
                line = column = None
            if line is not None and column is not None:
                assert 1 <= line <= len(lines)
                assert 1 <= column <= len((start if line == 1 else "") + lines[line - 1]) + 1
