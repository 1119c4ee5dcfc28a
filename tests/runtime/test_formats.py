"""Which format data have: by suffix, by their first bytes; and every pair of formats agrees on a round trip."""

import io
import os
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest

from netspec.diagnostics.faults import SystemFault
from netspec.runtime import usage
from netspec.runtime.faults import DataFault, draw
from netspec.runtime.formats import FORMATS, Format, format_for, format_of, open_input, open_results, open_table, sniff
from tests.runtime.reading import pipe, read

Y = np.array([[0.1, -2.5e-8], [1e30, np.nan], [-0.0, 3.0]], np.float32)


@pytest.mark.parametrize("first", FORMATS)
@pytest.mark.parametrize("second", FORMATS)
@pytest.mark.parametrize("piped", [False, True])
def test_y_reads_back_equal_through_any_two_formats(first: Format, second: Format, piped: bool) -> None:
    data = b"1,2\n"
    rows = Y
    for kind in (first, second):
        stream = io.BytesIO()
        with ExitStack() as scratch:
            table, _ = open_table(cast(BinaryIO, io.BytesIO(data)), "data", 2, np.dtype("f4"), scratch)
            results = open_results(cast(BinaryIO, stream), kind, 2, rows.dtype, scratch, table)
            if table.rows in (None, len(rows)):
                results.write(rows)
                results.finish()
        data = stream.getvalue()
        _, rows = read(pipe(data) if piped else data, 2, dtype="float32")
        np.testing.assert_array_equal(rows, Y)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", "csv"),
        (b"1,2\n", "csv"),
        (b"a,b\n", "csv"),
        (b"\x93NUMPY\x01\x00", "npy"),
        (b"PK\x03\x04", "npz"),
        (b"PK\x05\x06", "npz"),
        (b"[[1, 2]]", "json"),
        (b"\xef\xbb\xbf\n [[1, 2]]", "json"),
        (b'{"columns": []}', "json"),
        (b"[1, 2]\n", "json"),
        (b"[1, 2]\n  \n", "json"),
        (b"[1,\n2]\n", "json"),
        (b"[1, 2]\n[3, 4]\n", "jsonl"),
        (b"[1, 2] \r\n\n [3, 4]\n", "jsonl"),
    ],
)
def test_the_first_bytes_tell_the_format(head: bytes, expected: str) -> None:
    assert sniff(head) == expected


def test_the_suffix_tells_the_format() -> None:
    names = ["a.csv", "a.TXT", "a.tsv", "a.json", "a.b.jsonl", "a.ndjson", "a.npy", "a.npz", "csv", "a.xls", ".csv"]
    kinds = ["csv", "csv", "tsv", "json", "jsonl", "jsonl", "npy", "npz", None, None, None]
    assert [format_of(name) for name in names] == kinds
    assert format_for("out.npy") == "npy"
    with pytest.raises(SystemFault) as caught:
        format_for("out.x\x1bls")
    assert (caught.value.code, caught.value.headline, caught.value.help) == (
        "usage",
        "the name of `out.xU+001Bls` does not say what format to write",
        "end its name in one of .csv, .txt, .tsv, .json, .jsonl, .ndjson, .npy, .npz, or say --to",
    )


def test_the_command_line_names_the_same_formats() -> None:
    assert usage.FORMATS == FORMATS


def test_a_pipe_with_a_name_is_read_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(b"1,2\n3,4\n"))
    writer.start()
    with open_input(str(path)) as stream:
        np.testing.assert_array_equal(read(stream, 2)[1], [[1, 2], [3, 4]])
    writer.join()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for name in ("none.csv", "nul\0.csv"):
        with pytest.raises(SystemFault) as caught:
            open_input(str(tmp_path / name))
        assert caught.value.code == "no-such-file"
    with pytest.raises(DataFault) as refused:
        open_input(str(tmp_path))
    assert (refused.value.code, refused.value.headline) == ("data-unreadable", "it is a folder, not a regular file")


def test_a_fault_is_data_and_draws_itself() -> None:
    fault = DataFault("data-empty", "there is nothing in it", "a\nb.csv", 3, 2, "write something")
    assert (fault.code, fault.headline, fault.file, fault.line, fault.column, fault.help) == fault.args
    assert str(fault) == ("error[data-empty]: there is nothing in it\n  --> a\\nb.csv:3:2\n   = help: write something")
    assert draw("warning", "code", "headline") == "warning[code]: headline"
