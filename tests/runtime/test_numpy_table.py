"""`.npy` and `.npz`: every layout that NumPy saves is read in bounded memory, and damage is a message."""

import io
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.runtime.faults import DataFault
from netspec.runtime.formats import Format, open_results, open_table
from tests.runtime.networks import Array
from tests.runtime.reading import pipe, read, refusal

X = np.arange(12.0).reshape(4, 3)


def npy(array: Array) -> bytes:
    """Return the array as np.save writes it."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(compressed: bool = False, /, **arrays: Array) -> bytes:
    """Return the arrays as np.savez writes them."""
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)  # type: ignore[arg-type]  # names are free
    return stream.getvalue()


def header(text: str, version: bytes = b"\x01\x00") -> bytes:
    """Return a header around the text."""
    size = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
    return b"\x93NUMPY" + version + size + text.encode("latin-1")


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", ">f8", "i1", "u2", ">i4", "i8", "u8", "g"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("batch", [1, 3, None])
def test_every_real_dtype_byte_order_and_memory_order_is_read(dtype: str, order: str, batch: int | None) -> None:
    data = npy(np.array(X, dtype, order=order))  # type: ignore[call-overload]  # order is a letter of two
    for stream in (data, pipe(data), npz(x=np.array(X, dtype)), npz(True, x=np.array(X, dtype)), pipe(npz(x=X))):
        table, rows = read(stream, 3, dtype="float32", batch=batch)
        np.testing.assert_array_equal(rows, X)
        assert table.rows == 4
        assert not table.flat
        assert table.place(0, 0) == (None, None)


def test_an_array_in_fortran_order_within_an_archive_or_a_pipe_is_read() -> None:
    fortran = np.asfortranarray(X)
    for stream in (npz(x=fortran), npz(True, x=fortran), pipe(npz(x=fortran)), pipe(npy(fortran))):
        np.testing.assert_array_equal(read(stream, 3, batch=3)[1], X)


def test_truth_values_are_0_and_1() -> None:
    np.testing.assert_array_equal(read(npy(X > 5), 3)[1], X > 5)


def test_one_dimension_is_a_column_or_a_row() -> None:
    for array, width, rows in [(X[0], 1, X[0][:, None]), (X[0], 3, X[:1]), (X[0][:0], 1, np.empty((0, 1)))]:
        table, found = read(npy(array), width)
        np.testing.assert_array_equal(found, rows)
        assert table.flat


def test_no_rows_are_rows_too_and_headers_of_version_2_are_read() -> None:
    assert read(npy(X[:0]), 3)[1].shape == (0, 3)
    text = "{'descr':'<f8','fortran_order':False,'shape':(1,3)}\n"
    np.testing.assert_array_equal(read(header(text, b"\x02\x00") + X[0].tobytes(), 3)[1], X[:1])
    text = "{'shape': (1, 3), 'fortran_order': True, 'descr': '=f8', }"
    np.testing.assert_array_equal(read(header(text, b"\x03\x00") + X[0].tobytes(), 3)[1], X[:1])


def test_the_array_named_like_the_input_is_chosen_among_several() -> None:
    data = npz(False, **{"labels": X[:, 0], "in": X})
    np.testing.assert_array_equal(read(data, 3)[1], X)
    with ExitStack() as scratch:
        stream = cast(BinaryIO, io.BytesIO(data))
        table, kind = open_table(stream, "data", 1, np.dtype("f4"), scratch, name="labels")
        assert (table.rows, kind) == (4, "npz")


GOOD = "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 3), }"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "error[data-empty]: there is nothing in it\n  --> data"),
        (b"1,2,3\n", "error[data-unreadable]: it is no .npy file of version 1, 2 or 3\n  --> data"),
        (b"\x93NUMPY\x01", "error[data-unreadable]: it is no .npy file of version 1, 2 or 3\n  --> data"),
        (header(GOOD, b"\x04\x00"), "error[data-unreadable]: it is no .npy file of version 1, 2 or 3\n  --> data"),
        (b"\x93NUMPY\x01\x00\x40", "error[data-unreadable]: its header is damaged\n  --> data"),
        (header(GOOD)[:-1], "error[data-unreadable]: its header is damaged\n  --> data"),
        (
            header(GOOD.ljust(20_000), b"\x02\x00"),
            "error[data-unreadable]: its header has 20,000 bytes, more than 10,240\n  --> data",
        ),
        (header(GOOD.replace("(4, 3)", "(4, -3)")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (header(GOOD.replace("(4, 3)", "[4, 3]")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (
            header(GOOD.replace("(4, 3)", f"({'9' * 5000}, 3)")),
            "error[data-unreadable]: its header is damaged\n  --> data",
        ),
        (header(GOOD.replace("(4, 3)", "(4 4, 3)")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (header(GOOD.replace("<f8", "<f3")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (header(GOOD.replace("False", "'x'")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (header(GOOD.replace("shape", "descr")), "error[data-unreadable]: its header is damaged\n  --> data"),
        (header("__import__('os').abort()"), "error[data-unreadable]: its header is damaged\n  --> data"),
        (npy(X)[:-1], "error[data-unreadable]: it ends after row 3 of 4\n  --> data"),
        (npy(np.asfortranarray(X))[:-1], "error[data-unreadable]: it ends in column 3 of 3\n  --> data"),
        (npy(X) + b"\0", "error[data-unreadable]: bytes follow after the array\n  --> data"),
        (npy(np.asfortranarray(X)) + b"\0", "error[data-unreadable]: bytes follow after the array\n  --> data"),
        (npy(X[:, :2]), "error[data-columns]: expected 3 columns, got 2: the array has shape (4, 2)\n  --> data"),
        (
            npy(X.T),
            (
                "error[data-columns]: expected 3 columns, got 4: the array has shape (3, 4)\n  --> data\n"
                "   = help: is it transposed?"
            ),
        ),
        (npy(X[0, :2]), "error[data-columns]: expected 3 numbers, got 2\n  --> data"),
        (
            npy(np.float64(1)),  # type: ignore[arg-type]  # np.save takes numbers too
            (
                "error[data-shape]: the array has shape (); expected rows and columns\n  --> data\n"
                "   = help: give it the shape (rows, 3)"
            ),
        ),
        (
            npy(X.reshape(2, 2, 3)),
            (
                "error[data-shape]: the array has shape (2, 2, 3); expected rows and columns\n  --> data\n"
                "   = help: give it the shape (rows, 3)"
            ),
        ),
        *(
            (
                header(GOOD.replace("<f8", dtype)),
                (
                    f"error[data-dtype]: the array is of dtype `{dtype}`, not of real numbers\n  --> data\n"
                    "   = help: save numbers, one array of one dtype"
                ),
            )
            for dtype in ("<c16", "<U5", "|O", "|S3", "<M8[s]", "|V8")
        ),
        (
            npy(np.zeros(4, [("a", "f8"), ("b", "f4")])),
            (
                "error[data-dtype]: the array is of dtype `[('a', '<f8'), ('b', '<f4')]`, not of real numbers\n"
                "  --> data\n"
                "   = help: save numbers, one array of one dtype"
            ),
        ),
    ],
)
def test_what_is_refused_is_told_in_words(data: bytes, message: str) -> None:
    assert refusal(data, 3, "npy") == message
    assert refusal(pipe(data), 3, "npy") == message


def test_a_forged_number_of_rows_allocates_nothing() -> None:
    data = header(GOOD.replace("(4, 3)", "(1000000000000000000, 3)")) + X.tobytes()
    assert refusal(data, 3, "npy", batch=100) == (
        "error[data-unreadable]: it ends after row 4 of 1,000,000,000,000,000,000\n  --> data"
    )


def test_an_object_array_is_refused_and_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[type[Path], tuple[str]]:
            raise AssertionError

    stream = io.BytesIO()
    np.save(stream, np.array([[1, None, "x"]], object), allow_pickle=True)
    assert "the array is of dtype `|O`" in refusal(stream.getvalue(), 3, "npy")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            npz(a=X, b=X),
            (
                "error[data-shape]: it holds 2 arrays: `a`, `b`\n  --> data\n"
                "   = help: save one array, or call the input `in`"
            ),
        ),
        (
            npz(False, **dict.fromkeys("abcdef", X)),
            (
                "error[data-shape]: it holds 6 arrays: `a`, `b`, `c`, `d`, `e`, ...\n  --> data\n"
                "   = help: save one array, or call the input `in`"
            ),
        ),
        (
            npz(),
            "error[data-shape]: it holds 0 arrays\n  --> data\n   = help: save one array, or call the input `in`",
        ),
        (
            b"PK\x03\x04 and no more",
            "error[data-unreadable]: it is no sound .npz file: it is too short for a zip archive\n  --> data",
        ),
        (
            npz(x=X).replace(X[1].tobytes(), X[2].tobytes()),
            (
                "error[data-unreadable]: it is no sound .npz file: "
                "its member `x.npy` is damaged: the checksum is wrong\n"
                "  --> data"
            ),
        ),
    ],
)
def test_an_archive_that_is_refused_is_told_in_words(data: bytes, message: str) -> None:
    assert refusal(data, 3, "npz") == message


def test_a_damaged_compressed_member_is_told_in_words() -> None:
    data = bytearray(npz(True, x=np.random.default_rng(0).standard_normal((40, 3))))
    data[len(data) // 2] ^= 255
    assert refusal(bytes(data), 3).startswith("error[data-unreadable]: it is no sound .npz file: ")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255), st.sampled_from(["npy", "npz", "compressed"]))
def test_any_changed_byte_gives_rows_or_a_fault(at: int, change: int, form: str) -> None:
    data = bytearray(npy(X) if form == "npy" else npz(form == "compressed", x=X))
    at %= len(data)
    data[at] ^= change
    kind: Format = "npy" if form == "npy" else "npz"
    try:
        _, rows = read(bytes(data), 3, kind)
    except DataFault:
        return
    if form != "npy":
        np.testing.assert_array_equal(rows, X)


def written(data: bytes, width: int, y: Array, to: Format) -> bytes:
    """Return y written as the answer to the data."""
    stream = io.BytesIO()
    with ExitStack() as scratch:
        table, _ = open_table(cast(BinaryIO, io.BytesIO(data)), "data", width, np.dtype("f8"), scratch)
        results = open_results(cast(BinaryIO, stream), to, y.shape[1], y.dtype, scratch, table)
        for start in range(0, len(y), 2):
            results.write(y[start : start + 2])
        results.finish()
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_y_is_an_array_that_numpy_loads(dtype: str, rows: int) -> None:
    y = np.arange(rows * 2).reshape(rows, 2).astype(dtype)
    known, unknown = npy(X[:rows]), b"a,b,c\n" + b"1,2,3\n" * rows
    for data in (known, unknown):
        saved = written(data, 3, y, "npy")
        loaded = np.load(io.BytesIO(saved))
        np.testing.assert_array_equal(loaded, y)
        assert loaded.dtype == dtype
        assert len(saved) == 128 + y.nbytes
        packed = written(data, 3, y, "npz")
        assert packed == written(data, 3, y, "npz")
        with np.load(io.BytesIO(packed)) as archive:
            assert archive.files == ["y"]
            np.testing.assert_array_equal(archive["y"], y)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
    assert written(known, 3, y, "npy") == written(unknown, 3, y, "npy")


def test_y_of_flat_data_is_flat() -> None:
    column, row = npy(X[:, 0]), b"[1, 2, 3]"
    assert np.load(io.BytesIO(written(column, 1, X[:, :1], "npy"))).shape == (4,)
    assert np.load(io.BytesIO(written(column, 1, X, "npy"))).shape == (4, 3)
    assert np.load(io.BytesIO(written(row, 3, X[:1, :2], "npy"))).shape == (2,)
