"""A model as a file: the same bytes everywhere, the same model when it is read back, and damage that is noticed."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file

from netspec import SpecError, SystemFault, load, load_model
from netspec.files.archive import Member, write_zip
from netspec.files.safetensors import read_header
from netspec.files.zip_directory import MemberReader, read_directory
from netspec.model import Model
from netspec.model.module import MOST_INLINE
from netspec.model.saving import save
from netspec.network import Network
from netspec.runtime.archive import PARAMETERS_MEMBER
from netspec.version import __version__
from tests.compiler.random_specs import EXAMPLES, specs
from tests.model.specs import network
from tests.specs.test_specs import FILES, SPECS

SUFFIXES = (".safetensors", ".pyz", ".py")
READ_BACK = (".safetensors", ".pyz")

SHARED = """
description: "β, \\"quotes\\" and 'more': none of it is code"
networks:
  fold: {input: 2, widths: [4], output: 2, parameters: {seed: 3}}
  squash: {input: 2, K: 300, widths: 3, activation: tanh, output: 2, output_activation: {leaky_relu: {slope: 0.1}}}
compose: [fold, squash, fold]
"""
BODIES = {
    "shared": SHARED,
    "inline": "input: 3\nwidths: [4, 2]\noutput: 2\nparameters: {init: he_uniform, seed: 5}\n",
    "affine": "input: 2\nK: 0\noutput: 3\n",
    "large": f"input: 3\nwidths: [{MOST_INLINE}]\noutput: 2\n",
}


def models(folder: Path) -> Iterator[Model]:
    for name, body in BODIES.items():
        net = network(folder / name, {f"{name}.yaml": body}, f"{name}.yaml")
        yield net.build()
        yield net.build(seed=11, dtype="float64")


def rows(model: Model, count: int = 9) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.random.default_rng(4).normal(0, 1, (count, model.inputs[0].size or 0))


# -- read back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", READ_BACK)
def test_a_model_is_read_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    for model in models(tmp_path):
        path = tmp_path / f"model{suffix}"
        model.save(str(path))
        again = load_model(path)
        assert (again.name, again.dtype, again.seed) == (model.name, model.dtype, model.seed)
        assert again.facts.fingerprint == model.facts.fingerprint
        assert list(again.parameters) == list(model.parameters)
        for name, array in model.parameters.items():
            assert np.array_equal(again.parameters[name], array)
            assert again.parameters[name].dtype == array.dtype
            assert not again.parameters[name].flags.writeable
        assert again.source == model.source
        assert np.array_equal(again(rows(model)), model(rows(model)))


@pytest.mark.parametrize("suffix", READ_BACK)
def test_a_model_read_back_is_saved_with_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for model in models(tmp_path):
        first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
        model.save(str(first))
        load_model(first).save(str(second))
        assert second.read_bytes() == first.read_bytes()


@settings(EXAMPLES, max_examples=25)
@given(specs(), st.sampled_from(READ_BACK))
def test_any_model_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Any], suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    model = Network(**keys).build(seed=1)
    model.save(str(path))
    again = load_model(path)
    assert again.facts.fingerprint == model.facts.fingerprint
    assert list(again.parameters) == list(model.parameters)
    assert again.source == model.source
    assert np.array_equal(again(rows(model)), model(rows(model)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SPECS).with_suffix("").as_posix())
def test_every_network_of_the_book_is_read_back(tmp_path: Path, path: Path) -> None:
    network = load(path)
    if network.facts.parameters > 3_000_000:
        pytest.skip("a network too large to be written in a test")
    model = network.build()
    file = str(tmp_path / "model.safetensors")
    model.save(file)
    again = load_model(file)
    assert again.facts.fingerprint == model.facts.fingerprint
    assert all(np.array_equal(again.parameters[name], array) for name, array in model.parameters.items())


def test_whether_tensors_are_streamed_or_held_does_not_show(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        net = Network(input=40, widths=[300, 301], output=3)
        streamed, held = net.build(), net.build()
        assert held.parameters
        streamed.save(str(tmp_path / f"in_pieces{suffix}"))
        held.save(str(tmp_path / f"held_whole{suffix}"))
        name = "in_pieces" if suffix == ".py" else "held_whole"  # it stands in the module, as its .npz is called by it
        text = (tmp_path / f"held_whole{suffix}").read_bytes().replace(b"held_whole", name.encode())
        assert text == (tmp_path / f"in_pieces{suffix}").read_bytes()


def test_a_variant_and_settings_are_saved_as_what_they_are(tmp_path: Path) -> None:
    model = load(SPECS / "deep.yaml", variant="small").build()
    path = str(tmp_path / "small.safetensors")
    model.save(path)
    assert load_model(path).facts.parameters == 93


# -- the same bytes ---------------------------------------------------------------------------------------------------

_BUILD = """
import sys
from netspec import load
spec, folder = sys.argv[1:]
model = load(spec).build(seed=2)
for suffix in (".safetensors", ".pyz", ".py"):
    model.save(f"{folder}/model{suffix}")
"""


@pytest.mark.parametrize("name", BODIES)
def test_bytes_do_not_depend_on_process_hash_seed_locale_or_folder(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "specs" / f"{name}.yaml"
    network(spec.parent, {spec.name: BODIES[name]}, spec.name)
    found: list[dict[str, str]] = []
    for seed, locale, place in (("0", "C", "one"), ("1", "C.UTF-8", "another/place")):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": f"UTC+{seed}"}
        subprocess.run(
            [sys.executable, "-W", "error", "-c", _BUILD, str(spec), str(folder)], check=True, env=environment
        )
        found.append({file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())})
    assert found[0] == found[1]
    assert len(found[0]) == (4 if name in ("large", "shared") else 3)


def test_the_golden_artefact(tmp_path: Path) -> None:
    """One artefact to the byte, but for the version of netspec in it: a change here is a change for every user."""
    path = tmp_path / "model.safetensors"
    load(SPECS / "notebook_4_3.yaml").build(seed=0).save(str(path))
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    said = header.pop("__metadata__")
    assert said.pop("netspec") == __version__
    digest = sha256(json.dumps([header, said], sort_keys=True).encode() + data[8 + size :])
    assert digest.hexdigest() == "d7437ce5c2f960d90c2c7145db19a3865c2553910196ceac7f334cd021a30616"


# -- other readers ----------------------------------------------------------------------------------------------------


def test_the_official_library_reads_a_model(tmp_path: Path) -> None:
    for model in models(tmp_path):
        path = tmp_path / "model.safetensors"
        model.save(str(path))
        arrays = load_file(path)
        assert set(arrays) == set(model.parameters)
        assert all(np.array_equal(arrays[name], array) for name, array in model.parameters.items())
        with safe_open(path, "np") as file:
            said = file.metadata()
        assert said["fingerprint"] == model.facts.fingerprint
        assert said["format"] == "netspec-model-1"
        assert said["netspec"] == __version__
        assert said["seed"] == str(model.seed)
        assert "parameters:" not in said["spec"]


def test_numpy_reads_the_arrays_beside_a_module(tmp_path: Path) -> None:
    model = Network(input=30, widths=[40], output=3).build()
    model.save(str(tmp_path / "model.py"))
    (beside,) = tmp_path.glob("model-*.npz")
    with np.load(beside, allow_pickle=False) as arrays:
        assert sorted(arrays.files) == sorted(model.parameters)
        assert all(np.array_equal(arrays[name], array) for name, array in model.parameters.items())


# -- refused ----------------------------------------------------------------------------------------------------------


def test_a_suffix_that_means_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemFault) as caught:
        Network(input=1, K=0, output=1).build().save(str(tmp_path / "model.onnx"))
    assert caught.value.code == "output-suffix"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code"), [("model.py", "not-a-model"), ("model", "not-a-model"), ("none.pyz", "no-such-file")]
)
def test_what_is_no_model_by_its_name_or_not_there_is_refused(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(SystemFault) as caught:
        load_model(tmp_path / name)
    assert caught.value.code == code


def test_tensors_without_a_spec_are_no_model(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"beta_0": np.zeros(1, np.float32)}, tmp_path / "w.safetensors")
    with pytest.raises(SpecError) as caught:
        load_model(tmp_path / "w.safetensors")
    (fault,) = caught.value.diagnostics
    assert fault.code == "not-a-model"
    assert fault.place.file == str(tmp_path / "w.safetensors")


def _saved_by_others(path: Path, change: dict[str, str]) -> None:
    """Save a model anew by the official library, with other metadata."""
    from safetensors.numpy import save_file

    with safe_open(path, "np") as file:
        said = file.metadata()
    save_file(load_file(path), path, metadata={**said, **change})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fingerprint": "sha256:0"}, "not-a-model"),
        ({"format": "netspec-model-2"}, "not-a-model"),
        ({"spec": "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\n"}, "not-a-model"),
        ({"spec": "netspec: 1\ninput: 1\nwidths: [0]\noutput: 1\n"}, "out-of-range"),
        ({"spec": "netspec: 1\ncompose: [other.yaml]\n"}, "no-root"),
        ({"spec": "netspec: 1\ninput: 1\nK: 10000000\nwidths: 1\noutput: 1\n"}, "not-a-model"),
    ],
)
def test_a_model_whose_texts_were_changed_is_refused(tmp_path: Path, change: dict[str, str], code: str) -> None:
    path = tmp_path / "model.safetensors"
    Network(input=1, widths=[2], output=1).build().save(str(path))
    _saved_by_others(path, {})
    assert load_model(path).facts.parameters == 7
    _saved_by_others(path, change)
    with pytest.raises(SpecError) as caught:
        load_model(path)
    assert [fault.code for fault in caught.value.diagnostics] == [code]


def test_memory_is_refused_before_a_model_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.pyz"
    Network(input=1, widths=[2], output=1).build().save(str(path))
    with pytest.raises(SystemFault, match="needs 28 bytes of memory, but --max-memory allows 27 bytes"):
        load_model(path, max_memory=27)
    assert load_model(path, max_memory=28).facts.parameters == 7


def test_nothing_is_written_where_saving_fails(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_text("before")
    model = Network(input=1, widths=[2], output=1).build()
    del model.sources["beta_0"]  # type: ignore[attr-defined]  # a dict, where nobody is to change it
    model.sources["beta_0"] = model.sources["beta_1"]  # type: ignore[index]  # of another shape than it says
    object.__setattr__(model, "byte_chunks", lambda name: iter([memoryview(b"1")]))
    with pytest.raises(ValueError, match="bytes, its shape says otherwise"):
        model.save(str(path))
    assert [file.name for file in tmp_path.iterdir()] == ["model.safetensors"]
    assert path.read_text() == "before"


def _large() -> Model:
    return Network(input=30, widths=[40], output=3).build()


@pytest.mark.parametrize("target", ["folder", "input"])
def test_a_module_s_target_is_refused_before_its_arrays_are_drawn(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.py"
    path.mkdir() if target == "folder" else path.write_text("before")
    monkeypatch.setattr(Model, "byte_chunks", lambda *_: pytest.fail("drawn for nothing"))
    with pytest.raises(SystemFault) as caught:
        save(_large(), str(path), protect=[str(path)])
    assert caught.value.code == {"folder": "bad-target", "input": "target-is-input"}[target]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("before", [False, True])
def test_arrays_stay_beside_a_module_only_where_it_is_written(
    tmp_path: Path, call: str, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrays that were there before belong to a module that stands: they stay."""
    path = tmp_path / "model.py"
    if before:
        _large().save(str(path))
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    genuine, calls = getattr(os, call), []

    def third(*arguments: Any, **keywords: Any) -> None:
        """Fail for the module: after the arrays' own call, and for fsync that of their folder."""
        calls.append(arguments)
        if len(calls) == {"fsync": 3, "replace": 2}[call]:
            raise OSError(errno.ENOSPC, "full")
        genuine(*arguments, **keywords)

    monkeypatch.setattr(os, call, third)
    with pytest.raises(SystemFault, match=r"no space left on the device for `.*` \(needs [\d,]+ bytes\)"):
        _large().save(str(path))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == files


def test_a_module_that_is_in_place_keeps_its_arrays_whatever_fails_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine, calls = os.fsync, []

    def last(number: int) -> None:
        calls.append(number)
        if len(calls) == 4:
            raise OSError(errno.EIO, "the folder is not synchronised")
        genuine(number)

    monkeypatch.setattr(os, "fsync", last)
    with pytest.raises(SystemFault):
        _large().save(str(tmp_path / "model.py"))
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".npz", ".py"]


@pytest.mark.parametrize("suffix", [".safetensors", ".py"])
def test_a_full_disk_is_told_with_what_is_needed(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _large()
    model.save(str(tmp_path / f"whole{suffix}"))
    (size,) = (file.stat().st_size for file in tmp_path.iterdir() if file.suffix in (".safetensors", ".npz"))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SystemFault) as caught:
        model.save(str(tmp_path / f"model{suffix}"))
    needed = int(re.sub(r".*needs ([\d,]+) bytes.*", r"\1", caught.value.headline).replace(",", ""))
    assert (needed == size) if suffix == ".safetensors" else size // 2 < needed <= size  # of which some is the archive
    assert {file.name.partition("-")[0].partition(".")[0] for file in tmp_path.iterdir()} == {"whole"}


# -- damage -----------------------------------------------------------------------------------------------------------


def _verdict(path: Path) -> "dict[str, bytes] | None":
    """Return the arrays' bytes, or None where the file is refused as it should be: by diagnostics."""
    try:
        return {name: array.tobytes() for name, array in load_model(path).parameters.items()}
    except SpecError:
        return None


def test_a_changed_byte_of_an_archive_is_refused_in_its_parameters_and_of_no_account_elsewhere(tmp_path: Path) -> None:
    """What the parameters are not read from need not be whole to read them; running the archive is another matter."""
    path = tmp_path / "model.pyz"
    Network(name="small", input=1, widths=[2], output=1).build().save(str(path))
    whole = path.read_bytes()
    before = _verdict(path)
    assert before is not None
    with path.open("rb") as stream:
        (member,) = (m for m in read_directory(stream, len(whole), 100) if m.name == PARAMETERS_MEMBER)
        start = MemberReader(stream, member).start
    end = start + member.size
    directory = whole.index(b"PK\x01\x02", end)
    for place in (*range(0, start, 1501), *range(start, end, 5), *range(directory, len(whole), 41)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        found = _verdict(path)
        assert found is None or (found == before and not start <= place < end), place


def test_a_changed_byte_of_a_safetensors_file_is_refused_or_is_one_element(tmp_path: Path) -> None:
    """The format has no checksum: a change within a number is another number. All else is noticed, or of no account."""
    path = tmp_path / "model.safetensors"
    Network(name="small", input=1, widths=[2], output=1).build().save(str(path))
    whole = path.read_bytes()
    before = _verdict(path)
    assert before is not None
    with path.open("rb") as stream:
        start = min(entry.offset for entry in read_header(stream, len(whole), 4).entries.values())
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x11
        path.write_bytes(damaged)
        after = _verdict(path)
        if place >= start and after is not None:
            assert sum(after[name] != before[name] for name in before) == 1
        else:
            assert after in (None, before), place


@pytest.mark.parametrize("suffix", READ_BACK)
def test_a_file_cut_short_or_with_more_behind_it_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    Network(input=1, widths=[2], output=1).build().save(str(path))
    whole = path.read_bytes()
    for length in (*range(0, len(whole), max(1, len(whole) // 97)), len(whole) - 1):
        path.write_bytes(whole[:length])
        assert _verdict(path) is None, length
    path.write_bytes(whole + b"\0")
    assert _verdict(path) is None


def test_an_archive_without_parameters_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "model.pyz"
    with path.open("wb") as stream:
        write_zip(stream, [Member("network.py", 1, (b"1",))])
    with pytest.raises(SpecError) as caught:
        load_model(path)
    assert [fault.code for fault in caught.value.diagnostics] == ["not-a-model"]


LABELS = {"out": ("no", "yes β", "perhaps")}


@pytest.mark.parametrize("suffix", READ_BACK)
def test_labels_and_how_it_was_trained_stay_with_a_model(tmp_path: Path, suffix: str) -> None:
    told = {"epochs": 3, "loss": 0.25, "recipe": {"batch": None}}
    model = Network(input=2, widths=[3], output=3).build().replaced(labels=LABELS, training=told)
    path = str(tmp_path / f"model{suffix}")
    model.save(path)
    found = load_model(path)
    assert (found.labels, found.training) == (LABELS, told)
    again = str(tmp_path / f"again{suffix}")
    found.save(again)
    assert Path(again).read_bytes() == Path(path).read_bytes()


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"out": ("a", "b", "c", "d")}, "the labels of y are not those of its classes"),
        ({"out": ("a", "b", "a")}, "the labels of y are not those of its classes"),
        ({"out": (1, 2, 3)}, "the labels of y are no list of words"),
        ({"other": ("a", "b", "c")}, "it has labels of `other`, which is no output"),
    ],
)
def test_labels_that_fit_no_output_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: dict[str, Any], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model = Network(input=2, widths=[3], output=3).build().replaced(labels=labels)
    model.save("model.safetensors")
    with pytest.raises(SpecError) as refused:
        load_model("model.safetensors")
    assert [fault.headline for fault in refused.value.diagnostics] == [f"`model.safetensors`: {reason}"]
