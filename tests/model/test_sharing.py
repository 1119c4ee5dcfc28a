"""A model in many threads, and in processes that share its parameters."""

import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.diagnostics import SystemFault
from netspec.model import load_model
from netspec.network import Network
from netspec.runtime.archive import Archive

SPECS = Path(__file__).parents[2] / "specs"
NETWORKS = ["vision/lenet_5", "recurrent/lstm_tagger", "deep"]

_WORKER = """
import sys
import numpy as np
from netspec.diagnostics import SystemFault
from netspec.model import load_model
model = load_model(sys.argv[1], mapped=True)
x = np.load(sys.argv[2])
np.save(sys.argv[3], model(x))
"""


def inputs(model: netspec.Model, rows: int, seed: int) -> np.ndarray[Any, Any]:
    """Return examples for a model of one input, steps of 7 where its length is free."""
    (port,) = model.inputs
    draw = np.random.default_rng(seed)
    shape = (rows, *(size if isinstance(size, int) else 7 for size in port.shape))
    return draw.integers(0, 9, shape) if port.dtype.startswith("int") else draw.standard_normal(shape)


def plain(y: object) -> np.ndarray[Any, Any]:
    """Return the only output."""
    return np.asarray(next(iter(y.values())) if isinstance(y, dict) else y)


@pytest.mark.parametrize("spec", NETWORKS)
def test_eight_threads_with_batches_of_all_sizes_get_what_one_gets(spec: str) -> None:
    """Each has memory of its own that is kept from call to call: what one writes no other reads."""
    model = netspec.load(SPECS / f"{spec}.yaml").build(seed=0)
    batches = [inputs(model, rows, rows) for rows in (1, 2, 3, 5, 8)]
    expected = [plain(model(x)) for x in batches]
    wrong: list[str] = []
    start = threading.Barrier(8)

    def call(number: int) -> None:
        start.wait()
        for turn in range(30):
            i = (number + turn) % len(batches)
            if not np.array_equal(plain(model(batches[i])), expected[i]):
                wrong.append(f"thread {number}, turn {turn}")

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("suffix", [".safetensors", ".pyz"])
def test_processes_share_the_parameters_of_a_model_by_its_path(tmp_path: Path, suffix: str) -> None:
    model = Network(input=6, K=2, widths=50, output=3).build(seed=3)
    path = str(tmp_path / f"model{suffix}")
    model.save(path)
    x = np.random.default_rng(0).standard_normal((5, 6), np.float32)
    np.save(tmp_path / "x.npy", x)
    workers = [
        subprocess.Popen([sys.executable, "-c", _WORKER, path, tmp_path / "x.npy", tmp_path / f"y{i}.npy"])
        for i in range(2)
    ]
    assert [worker.wait() for worker in workers] == [0, 0]
    for i in range(2):
        np.testing.assert_array_equal(np.load(tmp_path / f"y{i}.npy"), model(x))


@pytest.mark.parametrize("suffix", [".safetensors", ".pyz"])
def test_mapped_parameters_are_those_of_the_file_and_read_only(tmp_path: Path, suffix: str) -> None:
    model = Network(input=6, K=1, widths=4, output=3).build(seed=3)
    path = str(tmp_path / f"model{suffix}")
    model.save(path)
    mapped = load_model(path, mapped=True).parameters
    for name, array in load_model(path).parameters.items():
        np.testing.assert_array_equal(mapped[name], array)
        assert isinstance(_root(mapped[name]), np.memmap)
        assert not mapped[name].flags.writeable


def _root(array: np.ndarray[Any, Any]) -> object:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def test_a_graph_writes_its_output_where_it_is_told() -> None:
    model = netspec.load(SPECS / "vision" / "lenet_5.yaml").build(seed=0)
    x = inputs(model, 2, 0)
    out = np.empty((2, 10), np.float32)
    assert model(x, out=out) is out
    np.testing.assert_array_equal(out, model(x))
    odd: Any = [np.empty((3, 10), np.float32), np.empty((2, 10)), [[0.0]]]
    for wrong in odd:
        with pytest.raises(ValueError, match=r"^out is .*; expected a writeable float32 array of shape \(2, 10\)$"):
            model(x, out=wrong)


def test_a_compiled_text_is_taken_only_where_it_is_whole_and_of_its_text(tmp_path: Path) -> None:
    """Of another version, of another text, unchecked, or damaged: the text is compiled, or the damage is told."""
    model = Network(input=6, K=1, widths=20, output=3).build(seed=3)
    path = tmp_path / "model.pyz"
    model.save(str(path))
    x = np.random.default_rng(0).standard_normal((2, 6), np.float32)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    wrong = members["network.pyc"].replace(b"maximum", b"minimum")
    assert wrong != members["network.pyc"]
    for changed in (b"\0" * 4 + wrong[4:], wrong[:4] + b"\1" + wrong[5:], wrong[:8] + b"\0" * 8 + wrong[16:], b""):
        again = tmp_path / "again.pyz"
        with zipfile.ZipFile(again, "w") as archive:
            for name, data in (members | {"network.pyc": changed}).items():
                archive.writestr(name, data)
        np.testing.assert_array_equal(Archive(str(again)).program()(x), model(x))
    path.write_bytes(path.read_bytes().replace(members["network.pyc"], wrong))
    with pytest.raises(SystemFault, match="is damaged"):
        Archive(str(path)).program()
