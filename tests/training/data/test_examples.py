"""Examples: rows taken in any order, parts of them, and memory that stays bounded."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netspec.diagnostics.faults import SystemFault
from netspec.files import spool
from netspec.training.data.columns import HeldColumn, MappedColumn, Store
from netspec.training.data.kinds import target_kind
from netspec.training.data.reading import examples_of
from netspec.training.data.splits import split
from tests.training.data.given import ends, read, taken

X = np.random.default_rng(0).normal(size=(1_000, 2)).astype(np.float32)
Y = np.arange(1_000) % 3


def test_rows_are_taken_in_any_order_and_more_than_once() -> None:
    examples = examples_of(X, Y, *ends())
    rows = np.array([7, 0, 999, 7])
    (x,), (y,) = examples.take(rows)
    np.testing.assert_array_equal(x, X[rows])
    np.testing.assert_array_equal(y, Y[rows])
    assert len(examples) == 1_000
    x[:] = 0
    np.testing.assert_array_equal(examples.take(rows)[0][0], X[rows])  # what was taken was a copy


def test_a_part_counts_its_own_rows() -> None:
    part = examples_of(X, Y, *ends()).part(np.arange(100, 200)).part(np.array([5, 3]))
    assert len(part) == 2
    np.testing.assert_array_equal(part.rows, [105, 103])
    np.testing.assert_array_equal(part.take(np.array([1]))[0][0], X[[103]])
    np.testing.assert_array_equal(part.classes(), Y[[105, 103]])


def test_there_are_no_classes_where_targets_are_numbers() -> None:
    assert examples_of(X, X, *ends(outputs=(2,))).classes() is None


def test_a_negative_row_is_no_row_beyond_the_part() -> None:
    with pytest.raises(IndexError):
        examples_of(X, Y, *ends()).part(np.arange(10)).take(np.array([10]))


@pytest.mark.parametrize("labels", [("0", "1", "2"), ("u", "w", "v")])
def test_examples_in_a_file_are_those_in_memory(tmp_path: Path, labels: tuple[str, ...]) -> None:
    rows = [f"{a!s},{b!s},{labels[k]}\n" for (a, b), k in zip(X.tolist(), Y.tolist(), strict=True)]
    held = read(tmp_path, "data.csv", "".join(rows), ends())
    mapped = read(tmp_path, "data.csv", "".join(rows), ends(), limit=100)
    assert {type(column) for column in (*held.inputs, *held.targets)} == {HeldColumn}
    assert {type(column) for column in (*mapped.inputs, *mapped.targets)} == {MappedColumn}
    assert taken(mapped) == taken(held)
    assert mapped.labels == held.labels


def test_rows_of_a_single_one_become_classes_in_a_file_too(tmp_path: Path) -> None:
    from netspec.training.data.kinds import TargetKind

    text = "".join(f"1,2,{int(k == 0)},{int(k == 1)},{int(k == 2)}\n" for k in Y.tolist())
    examples = read(tmp_path, "data.csv", text, ends(), limit=100, wanted=[TargetKind("classes", (), 3)])
    assert taken(examples)[1] == Y.tolist()


def test_a_column_that_lets_go_of_its_memory_keeps_its_numbers() -> None:
    with Store([(2,)], [np.dtype(np.float32)], 0) as store:
        for start in range(0, 1_000, 300):
            store.add([X[start : start + 300]])
        (column,) = store.columns()
    rows = np.random.default_rng(1).integers(0, 1_000, 5_000)
    for _ in range(5):
        np.testing.assert_array_equal(column.take(rows), X[rows])


def test_no_space_for_a_temporary_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: memoryview) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "TemporaryFile", Full)
    with Store([(2,)], [np.dtype(np.float32)], 0) as store, pytest.raises(SystemFault) as caught:
        store.add([X])
    assert (caught.value.code, caught.value.headline) == ("no-space", "no space left for a temporary file")


_SHUFFLED = """
import json, sys
import numpy as np
from netspec.runtime.ports import Port
from netspec.training.data.reading import read_examples

def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096

limit = int(sys.argv[2])
before = resident()
inputs, outputs = (Port("in", (64,), "float32"),), (Port("out", (10,), "float32"),)
examples = read_examples([sys.argv[1]], inputs, outputs, limit=limit)
read = resident()
most = 0
for rows in np.random.default_rng(0).permutation(len(examples)).reshape(-1, 64):
    examples.take(rows)
    most = max(most, resident())
print(json.dumps([len(examples), read - before, most - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
def test_shuffled_rows_of_data_larger_than_the_limit_take_bounded_memory(tmp_path: Path) -> None:
    """160,000 rows of 64 floats are 41 MB; with a limit of 4 MB the process grows by less than half of that."""
    rng = np.random.default_rng(0)
    digits = [",".join(map(str, row)) for row in rng.integers(-9, 10, (1_000, 64)).tolist()]
    with (tmp_path / "data.csv").open("w") as stream:
        for _ in range(160):
            stream.writelines(f"{line},{number % 10}\n" for number, line in enumerate(digits))
    grown = {}
    for limit in (4 << 20, 1 << 30):
        done = subprocess.run(
            [sys.executable, "-c", _SHUFFLED, str(tmp_path / "data.csv"), str(limit)],
            capture_output=True,
            text=True,
            check=True,
        )
        rows, after_reading, most = json.loads(done.stdout)
        assert rows == 160_000
        grown[limit] = max(after_reading, most)
    assert grown[4 << 20] < 20 << 20
    assert grown[1 << 30] > 41 << 20  # what is measured is measured


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("classes", [None, Y, (np.arange(1_000) > 989).astype(int)])
def test_a_split_parts_the_rows_and_is_the_same_each_time(share: float, classes: np.ndarray | None) -> None:
    training, held = split(1_000, share, 3, classes)
    np.testing.assert_array_equal(np.sort(np.concatenate([training, held])), np.arange(1_000))
    assert len(held) == 1_000 * share
    assert (np.diff(training) > 0).all()
    assert (np.diff(held) > 0).all()
    np.testing.assert_array_equal(held, split(1_000, share, 3, classes)[1])
    assert held.tolist() != split(1_000, share, 4, classes)[1].tolist()
    assert held.tolist() != list(range(len(held)))
    if classes is not None:
        counts, there = np.bincount(classes[held]), np.bincount(classes)
        assert (np.abs(counts - there * share) <= 1).all()


def test_a_class_of_one_row_is_trained_on() -> None:
    training, held = split(9, 0.5, 0, np.array([0] * 4 + [1] + [2] * 4))
    assert 4 in training
    assert len(held) == 4
    with pytest.raises(ValueError, match=r"^each class has a single row, which is trained on$"):
        split(3, 0.5, 0, np.array([0, 1, 2]))


@pytest.mark.parametrize(("rows", "share"), [(1, 0.5), (10, 0.01), (10, 0.99)])
def test_a_split_leaves_rows_on_both_sides(rows: int, share: float) -> None:
    with pytest.raises(ValueError, match="leaves nothing on one side"):
        split(rows, share, 0)


@pytest.mark.parametrize("shape", [(20,), (20, 1)])
def test_the_classes_of_one_number_are_0_and_1(shape: tuple[int, ...]) -> None:
    """So that a part that is held back has its share of each."""
    y = (np.arange(20) < 4).astype(int)
    examples = examples_of(np.zeros((20, 2)), y.reshape(shape), *ends(outputs=(1,)))
    found = examples.classes()
    assert found is not None
    np.testing.assert_array_equal(found, y)
    _, held = split(20, 0.25, 0, found)
    assert y[held].sum() == 1


def test_probabilities_and_numbers_are_no_classes() -> None:
    wanted = [target_kind("binary_cross_entropy", (1,))]
    y = np.array([0.0, 0.5, 1.0])
    assert examples_of(np.zeros((3, 2)), y, *ends(outputs=(1,)), wanted).classes() is None
    assert examples_of(np.zeros((3, 2)), y > 0.7, *ends(outputs=(1,)), wanted).classes() is not None
    assert examples_of(np.zeros((3, 2)), np.floor(y), *ends(outputs=(1,))).classes() is None
