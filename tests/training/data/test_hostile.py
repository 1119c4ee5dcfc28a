"""Files that somebody broke: each is read or refused, never a traceback."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.diagnostics.faults import SystemFault
from netspec.runtime.faults import DataFault
from netspec.training.data.reading import read_examples
from tests.training.data.given import PAIR, ends, taken


def _archive() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, x=np.arange(6.0).reshape(3, 2), y=np.array([0, 1, 2]))
    return stream.getvalue()


def _array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.arange(6.0).reshape(3, 2))
    return stream.getvalue()


_SOUND = {
    "data.csv": b'a,b,"c d"\n1,2,x\n3,4,"y"\n5,6,x\n',
    "numbers.csv": b"a_1;a_2;b;u;v\n1;2;3;4;2\n1;2;3;4;1\n",
    "data.npz": _archive(),
    "x.npy": _array(),
}
_changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=4)), min_size=1, max_size=4)


@pytest.mark.parametrize("name", _SOUND)
@given(_changes)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_file_is_read_or_refused(tmp_path: Path, name: str, changes: list[tuple[float, int, bytes]]) -> None:
    data = bytearray(_SOUND[name])
    for place, gone, new in changes:
        at = int(place * len(data))
        data[at : at + gone] = new
    path = tmp_path / name
    path.write_bytes(data)
    np.save(tmp_path / "y.npy", np.array([0, 1, 2]))
    paths = [str(path), str(tmp_path / "y.npy")] if name == "x.npy" else [str(path)]
    network = PAIR if name == "numbers.csv" else ends()
    try:
        examples = read_examples(paths, *network)
    except DataFault:
        return
    assert 0 < len(examples) <= 6
    for array in (*examples.inputs, *examples.targets):
        assert np.isfinite(array.take(np.arange(len(examples)))).all()


@pytest.mark.parametrize("name", ["data.csv", "data.npz"])
def test_a_pipe_is_read_as_it_comes(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    writer = threading.Thread(target=lambda: (tmp_path / name).write_bytes(_SOUND[name]))
    writer.start()
    examples = read_examples([str(tmp_path / name)], *ends())
    writer.join()
    assert taken(examples)[1] == ([0, 1, 0] if name == "data.csv" else [0, 1, 2])


@pytest.mark.parametrize("suffix", ["", ".dat"])
@pytest.mark.parametrize("name", ["data.csv", "data.npz"])
def test_the_first_bytes_tell_the_format_where_the_suffix_does_not(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(_SOUND[name])
    assert len(read_examples([str(path)], *ends())) == 3


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFault) as refused:
        read_examples([str(tmp_path)], *ends())
    assert refused.value.headline == "it is a folder, not a regular file"
    with pytest.raises(SystemFault) as missing:
        read_examples([str(tmp_path / "data.csv")], *ends())
    assert missing.value.code == "no-such-file"


def test_columns_are_named_in_tables_only(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(_SOUND["data.npz"])
    with pytest.raises(SystemFault) as caught:
        read_examples([str(tmp_path / "data.npz")], *ends(), targets=("y",))
    assert caught.value.headline == "columns are named in CSV, TSV and Parquet"
