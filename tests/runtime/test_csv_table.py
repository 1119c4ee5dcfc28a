"""CSV: what is read, and every refusal with its place, compared whole."""

import io
from contextlib import ExitStack
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.runtime.csv_table import CsvResults, CsvTable
from netspec.runtime.faults import DataFault
from netspec.runtime.formats import open_table
from tests.runtime.networks import Array
from tests.runtime.reading import pipe, read, refusal


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "1,2\n3,4",
        "1,2\r\n3,4\r\n",
        "\ufeff1,2\n3,4\n",
        "1;2\n3;4\n",
        "1\t2\n3\t4\n",
        " 1 , 2 \n 3 ,\t4\n",
        '"1","2"\n3,"4"\n',
        '1, "2"\n3, 4\n',
        "\n\n1,2\n3,4\n\n \n\n",
        "+1,2.\n.3e1,4E0\n",
        '"1\n",2\n3,4\n',
    ],
)
@pytest.mark.parametrize("batch", [1, 2, None])
def test_commas_semicolons_tabs_quotes_and_blanks_are_read(text: str, batch: int | None) -> None:
    table, rows = read(text.encode(), 2, "csv", batch=batch)
    assert table.header is None
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        ("a_1;größe\n1;2\n", ("a_1", "größe")),
        ('"height, cm","a\nb"\n1,2\n', ("height, cm", "a\nb")),
        ('"height\n(cm)";b\n1;2\n', ("height\n(cm)", "b")),
        ('5" pipe;b\n1;2\n', ('5" pipe', "b")),
        (",\n1,2\n", ("", "")),
    ],
)
def test_a_first_row_without_numbers_is_a_header(text: str, header: tuple[str, ...]) -> None:
    table, rows = read(text.encode(), 2, "csv")
    assert table.header == header
    np.testing.assert_array_equal(rows, [[1, 2]])


def test_a_header_alone_is_a_table_without_rows() -> None:
    table, rows = read(b"a,b\n", 2, "csv")
    assert table.header == ("a", "b")
    assert rows.shape == (0, 2)


def test_not_a_number_and_infinity_are_numbers_of_a_row() -> None:
    table, rows = read(b"nan,-inf\nInfinity,1e999\n", 2, "csv")
    assert table.header is None
    np.testing.assert_array_equal(rows, [[np.nan, -np.inf], [np.inf, np.inf]])


def test_what_is_too_large_for_float32_becomes_infinite_without_a_warning() -> None:
    _, rows = read(b"1e39\n", 1, "csv", "float32")
    assert rows[0, 0] == np.inf


def test_a_delimiter_that_fits_the_width_wins_over_a_more_frequent_one() -> None:
    table, _ = read(b"length (a;b;c),width\n1,2\n", 2, "csv")
    assert table.header == ("length (a;b;c)", "width")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "error[data-empty]: there is nothing in it\n  --> data"),
        ("\n \n\n", "error[data-empty]: there is nothing in it\n  --> data"),
        (
            "1,2\n3\n",
            (
                "error[data-columns]: expected 2 columns, got 1\n  --> data:2:1\n"
                "   = help: columns are parted by `,`, `;` or a tab"
            ),
        ),
        ("1,2\n3,4,5\n", "error[data-columns]: expected 2 columns, got 3\n  --> data:2:5"),
        ("a,b,c\n1,2\n", "error[data-columns]: expected 2 columns, got 3\n  --> data:1:5"),
        ("1,2\n\n3,4\n", "error[data-columns]: expected 2 columns, got an empty line\n  --> data:2:1"),
        (
            "a,b\n1,2\n3,tall\n",
            (
                "error[data-not-a-number]: column 2 (`b`) is not a number: `tall`\n  --> data:3:3\n"
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        (
            '1,2\n3,  "\u0442\x1b[31m"\n',
            (
                "error[data-not-a-number]: column 2 is not a number: `U+0442U+001B[31m`\n  --> data:2:5\n"
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        (
            "1,2\n,4\n",
            "error[data-not-a-number]: column 1 is empty\n  --> data:2:1\n   = help: every row needs all its numbers",
        ),
        (
            "1;2\n3,5;4\n",
            (
                "error[data-not-a-number]: column 1 is not a number: `3,5`\n  --> data:2:1\n"
                "   = help: write the decimal point as `.`"
            ),
        ),
        (
            "1,2\n3,1_000\n",
            (
                "error[data-not-a-number]: column 2 is not a number: `1_000`\n  --> data:2:3\n"
                "   = help: write the digits without `_`"
            ),
        ),
        (
            "1,2\n3,\u0663\n",
            (
                "error[data-not-a-number]: column 2 is not a number: `U+0663`\n  --> data:2:3\n"
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        (
            "1,2\n3,\u0131nf\n",
            (
                "error[data-not-a-number]: column 2 is not a number: `U+0131nf`\n  --> data:2:3\n"
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        (
            '1,2\n"3\n",x\n',
            (
                "error[data-not-a-number]: column 2 is not a number: `x`\n  --> data:3:3\n"
                "   = help: leave out columns of text, labels among them"
            ),
        ),
        ('1,2\n"3"4,5\n', "error[data-unreadable]: text follows a closing quote\n  --> data:2:1"),
        ('"a"b,c\n1,2\n', "error[data-unreadable]: text follows a closing quote\n  --> data:1:1"),
        ('1,2\n3,"4\n5,6\n', "error[data-unreadable]: a quote is left open\n  --> data:2:1"),
        ("1,2\r3,4\r", "error[data-unreadable]: a carriage return stands inside the line\n  --> data:1:1"),
        (
            '1,2\n4,"' + "5" * 140_000 + '"\n',
            "error[data-unreadable]: a field is too long; is a quote left open?\n  --> data:2:1",
        ),
    ],
)
def test_what_is_refused_has_its_place(text: str, message: str) -> None:
    assert refusal(text.encode(), 2, "csv") == message


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_places_count_from_the_top_of_the_file_whatever_the_batch(batch: int) -> None:
    text = "a,b\n" + "1,2\n" * 5 + "3,x\n"
    assert "--> data:7:3" in refusal(text.encode(), 2, "csv", batch=batch)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\n\n2\n", "error[data-columns]: expected 1 column, got an empty line\n  --> data:2:1"),
        ("1\n  \n2\n", "error[data-columns]: expected 1 column, got an empty line\n  --> data:2:1"),
        (
            '1\n""\n2\n',
            "error[data-not-a-number]: column 1 is empty\n  --> data:2:1\n   = help: every row needs all its numbers",
        ),
    ],
)
def test_an_empty_line_between_rows_of_one_column_is_no_row(text: str, message: str) -> None:
    assert refusal(text.encode(), 1, "csv") == message


@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n", "  \n", " \n\n", "   "])
def test_empty_lines_at_the_end_are_nothing(tail: str) -> None:
    _, rows = read(("1\n2\n" + tail).encode(), 1, "csv")
    np.testing.assert_array_equal(rows, [[1], [2]])


def test_bytes_that_are_no_utf_8_are_refused_where_they_stand() -> None:
    latin = "größe,b\n1,2\n".encode("latin-1")
    assert refusal(latin, 2, "csv") == (
        "error[data-unreadable]: the header is not UTF-8\n  --> data:1:1\n   = help: save it as UTF-8"
    )
    assert refusal(b"1,2\n3,\xff\n", 2, "csv").startswith(
        "error[data-not-a-number]: column 2 is not a number: `U+DCFF`\n  --> data:2:3"
    )
    assert refusal("1,2\n".encode("utf-16"), 2, "csv") == (
        "error[data-unreadable]: it is UTF-16 text\n  --> data:1:1\n   = help: save it as UTF-8"
    )


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"1" * size

    stream = Endless()
    assert refusal(cast(BinaryIO, stream), 2, "csv") == (
        "error[data-unreadable]: the line is longer than 1,049,088 bytes\n  --> data:1:1"
    )
    assert stream.given < 1 << 23


def test_a_value_of_a_block_has_its_place() -> None:
    text = b'a,b\n1,2\n"3\n", 4\n5,6\n7,8\n'
    with ExitStack() as scratch:
        stream = cast(BinaryIO, io.BytesIO(text))
        table, _ = open_table(stream, "data", 2, np.dtype("f8"), scratch, kind="csv", batch=3)
        blocks = table.blocks()
        next(blocks)
        assert table.place(0, 1) == (2, 3)
        assert table.place(1, 0) == (3, 1)
        assert table.place(1, 1) == (4, 4)
        assert table.place(2, 1) == (5, 3)
        next(blocks)
        assert table.place(0, 0) == (6, 1)


numbers = st.floats(width=32) | st.integers(-1000, 1000).map(float) | st.sampled_from([0.0, -0.0, 1e-45, 3.4e38])
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1, max_size=12).map(
        lambda rows: np.array(rows, np.float32).reshape(-1, width)
    )
)


@given(tables, st.sampled_from(["float32", "float64"]), st.sampled_from(",;\t"), st.booleans(), st.integers(1, 5))
def test_what_is_written_reads_back_equal(x: Array, dtype: str, mark: str, header: bool, batch: int) -> None:
    stream = cast(BinaryIO, io.BytesIO())
    results = CsvResults(stream, x.shape[1], header, mark)
    results.write(x[: len(x) // 2].astype(dtype))
    results.write(x[len(x) // 2 :].astype(dtype))
    results.finish()
    stream.seek(0)
    table, rows = read(stream, x.shape[1], "csv", dtype, batch)
    np.testing.assert_array_equal(rows, x)
    np.testing.assert_array_equal(np.signbit(rows), np.signbit(x) & ~np.isnan(x))
    assert (table.header is not None) == header


@given(st.text(alphabet='0123456789.,;\t"-+einfaE_ \n\rx\u0661\udc80', max_size=60), st.integers(1, 3))
def test_any_text_gives_rows_or_a_fault_with_a_place_inside_it(text: str, width: int) -> None:
    lines = text.split("\n")
    try:
        read(text.encode("utf-8", "surrogateescape"), width, "csv", batch=2)
    except DataFault as fault:
        line, column = fault.line, fault.column
    else:
        line = column = None
    if line is not None and column is not None:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


@given(st.lists(st.floats(), min_size=1, max_size=9))
def test_every_float64_is_written_in_the_digits_that_give_it_back(values: list[float]) -> None:
    stream = io.BytesIO()
    CsvResults(cast(BinaryIO, stream), 1, False).write(np.array(values)[:, None])
    np.testing.assert_array_equal([float(line) for line in stream.getvalue().split()], values)


def test_a_pipe_is_read_as_a_file_is() -> None:
    _, rows = read(pipe(b"a,b\n1,2\n3,4\n"), 2)
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])


fields = st.tuples(st.integers(-99, 99), st.sampled_from(["{}", '"{}"', " {}", '  "{}"', '"{}\n"', '"\n{}"']))
written = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(fields, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(written, st.sampled_from(",;\t"), st.integers(1, 4))
def test_every_field_has_its_place_however_it_is_quoted(
    rows: list[list[tuple[int, str]]], mark: str, batch: int
) -> None:
    text = ""
    expected: list[tuple[int, int]] = []
    for row in rows:
        for column, (value, form) in enumerate(row):
            text += mark if column else ""
            begin = len(text) + len(form) - len(form.lstrip(" "))
            expected.append((text.count("\n", 0, begin) + 1, begin - text.rfind("\n", 0, begin)))
            text += form.format(value)
        text += "\n"
    width = len(rows[0])
    found = []
    with ExitStack() as scratch:
        stream = cast(BinaryIO, io.BytesIO(text.encode()))
        table, _ = open_table(stream, "data", width, np.dtype("f8"), scratch, kind="csv", batch=batch)
        for block in table.blocks():
            found += [table.place(row, column) for row in range(len(block)) for column in range(width)]
    assert found == expected


_FIELDS = st.sampled_from(
    ["1", "-2.5", "+.3e1", "4.", " 5 ", "\t6", "nan", "-Infinity", "1e999", "1e-999", "0.1", "9007199254740993", '"7"']
)
_STRANGE = st.sampled_from(
    ["", " ", "1_0", "0x1", "1d2", "x", "1\r", "\u0663", "1\xa0", "\0", "1 2", '"1\n"', "#", "1#2", "1j"]
)


@given(
    st.lists(st.lists(_FIELDS, min_size=2, max_size=2), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 1), _STRANGE), max_size=2),
    st.integers(0, 9),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 4),
)
def test_lines_read_at_once_are_read_as_by_the_parser(
    rows: list[list[str]], strange: list[tuple[int, int, str]], empty: int, end: str, batch: int
) -> None:
    """What NumPy reads of plain lines, and what it leaves, has the numbers and faults of field by field."""
    for row, column, field in strange:
        rows[row % len(rows)][column] = field
    lines = [",".join(row) for row in rows]
    lines[empty:empty] = [""] * (empty < len(lines))
    text = ("a,b" + end + end.join(lines) + end).encode()
    answers = []
    for plain in (True, False):
        table = CsvTable(cast(BinaryIO, io.BytesIO(text)), "data", 2, np.dtype(np.float64), batch)
        if not plain:
            table.readers = {0: str}  # a reader of fields keeps the table with the parser
        try:
            answers.append(repr(np.concatenate([np.empty((0, 2)), *table.blocks()]).tolist()))
        except DataFault as fault:
            answers.append(str(fault))
    assert answers[0] == answers[1]


def test_where_the_width_is_free_the_first_row_says_it() -> None:
    table = CsvTable(cast(BinaryIO, io.BytesIO(b"a;b;c\n1;2;3\n")), "data", 2, np.dtype(np.float64), None, free=True)
    assert (table.width, table.header, table.first()) == (3, ("a", "b", "c"), ["1", "2", "3"])
    assert (table.header_place(0), table.header_place(2)) == ((1, 1), (1, 5))
    np.testing.assert_array_equal(next(table.blocks()), [[1, 2, 3]])


def test_a_reader_makes_numbers_of_a_column_and_its_refusal_is_placed() -> None:
    def read_letter(field: str) -> str:
        if field == "z":
            raise ValueError("is the last letter", "take another")
        return str(ord(field))

    table = CsvTable(cast(BinaryIO, io.BytesIO(b"a,b\n1,A\n2,z\n")), "data", 2, np.dtype(np.float64), 1)
    table.readers = {1: read_letter}
    blocks = table.blocks()
    np.testing.assert_array_equal(next(blocks), [[1, 65]])
    with pytest.raises(DataFault) as caught:
        next(blocks)
    assert str(caught.value) == (
        "error[data-dtype]: column 2 (`b`) is the last letter\n  --> data:3:3\n   = help: take another"
    )


@pytest.mark.parametrize(("text", "line"), [("{}1,2\n", 1), ("1,2\n{}3,4\n", 2), ("1,2\n{}", 2)])
@pytest.mark.parametrize("empty", ["\n", "  \r\n"])
def test_empty_lines_without_end_are_refused(text: str, line: int, empty: str) -> None:
    said = f"error[data-unreadable]: 100,000 lines are empty from here on\n  --> data:{line}:1\n"
    assert refusal(text.format(empty * 100_001).encode(), 2, "csv") == f"{said}   = help: leave empty lines out"
    if line == 1 or text.endswith("{}"):
        assert len(read(text.format(empty * 99_999).encode(), 2, "csv")[1]) == 1
