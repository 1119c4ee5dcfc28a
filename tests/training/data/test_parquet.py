"""Parquet, where pyarrow is installed; and what is said where it is not."""

import importlib.util
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.diagnostics.faults import SystemFault
from tests.training.data.given import Ends, ends, read, refusal, taken

with_pyarrow = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")


def parquet(**columns: Any) -> bytes:
    """Return a Parquet file of the columns."""
    return written(columns, row_group_size=2)


def written(columns: dict[str, Any], **options: Any) -> bytes:
    """Return a Parquet file of the columns, written with these options."""
    import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]
    import pyarrow.parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]

    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), stream, **options)
    return stream.getvalue()


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SystemFault) as caught:
        read(tmp_path, "data.parquet", b"PAR1", ends())
    assert (caught.value.code, caught.value.headline, caught.value.help) == (
        "usage",
        "Parquet is read by pyarrow, which is not installed",
        'install it: pip install "netspec-lang[parquet]"',
    )


@with_pyarrow
def test_columns_are_inputs_and_targets(tmp_path: Path) -> None:
    data = parquet(a=[1, 2, 3], t=["x", "y", "x"], b=[0.5, 1.5, 2.5])
    examples = read(tmp_path, "data.parquet", data, ends(), targets=("t",))
    assert taken(examples) == [[[1, 0.5], [2, 1.5], [3, 2.5]], [0, 1, 0]]
    assert examples.labels == (("x", "y"),)


@with_pyarrow
def test_names_with_dots_are_names(tmp_path: Path) -> None:
    data = parquet(**{"a.b": [1, 2], "t": [5, 6], "a": [3, 4]})
    assert taken(read(tmp_path, "data.parquet", data, ends(outputs=(1,)), targets=("t",)))[0] == [[1, 3], [2, 4]]
    assert taken(read(tmp_path, "data.parquet", data, ends((1,), (2,)), targets=("a", "t")))[1] == [[3, 5], [4, 6]]


@with_pyarrow
def test_text_may_be_in_a_dictionary_and_truth_values_are_numbers(tmp_path: Path) -> None:
    import pyarrow

    data = parquet(a=[True, False], b=[1, 2], t=pyarrow.array(["no", "yes"]).dictionary_encode())
    assert taken(read(tmp_path, "data.parquet", data, ends(outputs=(1,)))) == [[[1, 1], [0, 2]], [[0], [1]]]


OF_ONE = ends(outputs=(1,))


@with_pyarrow
@pytest.mark.parametrize(
    ("columns", "network", "said"),
    [
        (
            {"a": [1, 2, 3], "b": [1, None, 2], "c": [1, 2, 3]},
            OF_ONE,
            (
                "error[data-not-a-number]: row 2, column 2 (`b`) is empty\n  --> data.parquet\n"
                "   = help: every row needs all its numbers"
            ),
        ),
        (
            {"a": [1.0, 2, np.nan], "b": [1, 2, 2], "c": [1, 2, 3]},
            OF_ONE,
            (
                "error[data-not-finite]: row 3, column 1 (`a`) is nan\n  --> data.parquet\n"
                "   = help: fill the numbers that are missing, or leave out their rows"
            ),
        ),
        (
            {"a": [1, 2], "b": ["u", "v"], "c": [1, 2]},
            OF_ONE,
            (
                "error[data-dtype]: column 2 (`b`) is of the type `string`, not of numbers\n  --> data.parquet\n"
                "   = help: leave it out, or make each of its values a number"
            ),
        ),
        (
            {"a": [1, 2], "b": [[1], [2]], "c": [1, 2]},
            OF_ONE,
            (
                "error[data-dtype]: column 2 (`b`) is of the type `list<element: int64>`, not of numbers\n"
                "  --> data.parquet\n   = help: leave it out, or make each of its values a number"
            ),
        ),
        (
            {"a": [1, 2], "b": [1, 2], "c": ["u", ""]},
            ends(),
            (
                "error[data-dtype]: row 2, column 3 (`c`) is empty\n  --> data.parquet\n"
                "   = help: every row needs its class"
            ),
        ),
        (
            {"a": [1, 2], "c": [0, 1]},
            ends(),
            (
                "error[data-columns]: expected 2 columns of inputs and 1 or 3 of targets, got 2 columns\n"
                "  --> data.parquet\n   = help: name the targets with --target, and leave out other columns"
            ),
        ),
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, columns: dict[str, Any], network: Ends, said: str) -> None:
    assert refusal(tmp_path, "data.parquet", parquet(**columns), network) == said


@with_pyarrow
def test_damage_is_refused(tmp_path: Path) -> None:
    data = parquet(a=[1, 2, 3], b=[4, 5, 6], c=[7, 8, 9])
    said = "error[data-unreadable]: it is no sound Parquet file\n  --> data.parquet"
    for damaged in (b"", b"PAR1", data[:-9], data[:50], data[:-8] + b"\xff\xff\xff\x7fPAR1"):
        assert refusal(tmp_path, "data.parquet", damaged, OF_ONE) == said


@with_pyarrow
@pytest.mark.parametrize(("column", "kind"), [([0, 1], "binary"), ([False, True], "binary"), ([0.0, 1.0], "numbers")])
def test_integers_of_0_and_1_are_two_classes_and_floats_are_numbers(tmp_path: Path, column: Any, kind: str) -> None:
    examples = read(tmp_path, "data.parquet", parquet(a=[1, 2], b=[3, 4], t=column), ends(outputs=(1,)))
    assert examples.kinds[0].kind == kind
    assert taken(examples)[1] == [[0], [1]]


@with_pyarrow
def test_a_long_text_that_is_repeated_is_in_memory_once(tmp_path: Path) -> None:
    import pyarrow

    text = pyarrow.DictionaryArray.from_arrays(np.zeros(40, np.int32), ["x" * 10_000_000])
    data = written({"a": [0.0] * 40, "b": [0.0] * 40, "t": text}, compression="zstd", store_schema=False)
    assert refusal(tmp_path, "data.parquet", data, ends()) == (
        "error[data-dtype]: row 1, column 3 (`t`) is a label of 10,000,000 characters, more than 256\n"
        "  --> data.parquet"
    )
    assert pyarrow.default_memory_pool().max_memory() < 200_000_000


@with_pyarrow
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": np.zeros(9_000_000)}, "its 9,000,000 rows expand more than 1,000 times"),
        ({"a": np.zeros(4), "t": [70_000_000 * "x", *"yzw"]}, "column 2 (`t`) expands more than 100 times"),
    ],
)
def test_what_expands_too_much_is_refused(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    columns = {"t": np.zeros(len(columns["a"])), **columns}
    data = written({name: columns[name] for name in ("a", "t")}, compression="zstd")
    assert refusal(tmp_path, "data.parquet", data, ends((1,))) == f"error[data-unreadable]: {said}\n  --> data.parquet"


@with_pyarrow
def test_labels_are_numbered_as_rows_have_them(tmp_path: Path) -> None:
    data = parquet(a=[1, 2, 3, 4], b=[1, 2, 3, 4], t=["y", "x", "x", "y"])
    examples = read(tmp_path, "data.parquet", data, ends())
    assert (taken(examples)[1], examples.labels) == ([1, 0, 0, 1], (("x", "y"),))
