"""What lies in a built model: everything that a run imports, and nothing that a run could trip over."""

import ast
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.diagnostics.faults import SystemFault
from netspec.runtime.archive import CARRIED, FACTS_MEMBER, PARAMETERS_MEMBER, SOURCE_MEMBER, Archive, archive_members
from netspec.runtime.entry import enter
from netspec.runtime.facts import Facts, read_facts
from netspec.runtime.main import main
from netspec.runtime.ports import Port
from tests.runtime.models import build
from tests.runtime.networks import affine, n1, n1_twin

ROOT = Path(netspec.__file__).parent.parent

PORTS = {dtype: ((Port("in", (1,), dtype),), (Port("out", (1,), dtype),)) for dtype in ("float32", "float64")}


def test_the_fixed_members_are_the_packages_files_word_for_word() -> None:
    members = dict(archive_members())
    assert archive_members() == archive_members()
    assert members.pop("__main__.py") == (ROOT / "netspec/runtime/entry.py").read_bytes()
    for name, data in members.items():
        if name.endswith("__init__.py"):
            assert data == b'"""The part of netspec that a built model needs to run."""\n'
        else:
            assert data == (ROOT / name).read_bytes()
    carried = {path.stem for path in (ROOT / "netspec/runtime").glob("*.py")} - {"__init__", "entry"}
    assert set(CARRIED["netspec.runtime"]) == carried


def test_every_module_that_a_carried_one_imports_is_carried() -> None:
    carried = {f"{package}.{name}" for package, names in CARRIED.items() for name in names}
    carried.add("netspec.diagnostics.text")  # draws a SpecError, which no model raises
    others = {*sys.stdlib_module_names, "numpy", "_typeshed", "threadpoolctl"}  # the last where it is installed
    for name, data in archive_members():
        for node in ast.walk(ast.parse(data)):
            modules: list[str] = []
            if isinstance(node, ast.ImportFrom):
                modules.append(str(node.module))
            elif isinstance(node, ast.Import):
                modules += [alias.name for alias in node.names]
            for module in modules:
                first = module.partition(".")[0]
                assert module in carried if first == "netspec" else first in others, f"{name} imports {module}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_built_model_is_opened_as_it_was_written(tmp_path: Path, dtype: str) -> None:
    archive = Archive(str(build(tmp_path / "n1.pyz", n1(dtype))))
    assert archive.facts == Facts("N1", *PORTS[dtype], 10, dtype, "ns1:" + "5e" * 32, "0.1.0")  # type: ignore[arg-type]
    assert read_facts(archive.facts.to_json().encode(), "n1.pyz") == archive.facts
    x = np.linspace(-1, 1, 101)
    y: Any = archive.program()(x)
    np.testing.assert_allclose(y, n1_twin(x), atol=1e-6)


def test_a_model_that_was_packed_anew_runs_too(tmp_path: Path) -> None:
    path = build(tmp_path / "n1.pyz", n1())
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new.pyz", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert Archive(str(tmp_path / "new.pyz")).program()([1.0]) == pytest.approx([1.069], abs=1e-6)


@pytest.mark.parametrize(
    ("member", "data", "message"),
    [
        (FACTS_MEMBER, None, "`broken.pyz` is damaged: it has no member `model.json`"),
        *(
            (FACTS_MEMBER, data, "`broken.pyz` is damaged: its member `model.json`")
            for data in (b"", b"{}", b"[]", b"3", b"\xff", b"[" * 100_000)
        ),
        (SOURCE_MEMBER, None, "`broken.pyz` is damaged: it has no member `network.py`"),
        *(
            (SOURCE_MEMBER, data, "`broken.pyz` is damaged: its member `network.py` is no program")
            for data in (b"def (", b"\xff", b"INPUT = 2", b"")
        ),
        (PARAMETERS_MEMBER, None, "`broken.pyz` is damaged: it has no member `parameters.safetensors`"),
        (
            PARAMETERS_MEMBER,
            b"{}",
            "the parameters in `broken.pyz` are damaged: it is too short for a safetensors file",
        ),
    ],
)
def test_damage_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str, data: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    build(Path("broken.pyz"), affine(2, 3), {member: data})
    with pytest.raises(SystemFault) as caught:
        Archive("broken.pyz").program()
    assert caught.value.headline == message


def test_facts_of_the_wrong_type_are_damage() -> None:
    facts = Facts("N1", *PORTS["float32"], 10, "float32", "ns1:", "0.1.0").to_json()
    assert read_facts(facts.encode(), "n1.pyz").inputs == PORTS["float32"][0]
    for old, new in (
        ('"N1"', "7"),
        ('"parameters": 10', '"parameters": true'),
        ('"name": "in"', '"name": 7'),
        ('"shape": [\n        1\n      ]', '"shape": [true]'),
        ('"shape": [\n        1\n      ]', '"shape": 1'),
        ('"inputs": [', '"inputs": [7, '),
        ('"inputs": [', '"inputs": [], "other": ['),
        ('"inputs": [', '"inputs": {}, "other": ['),
    ):
        assert old in facts
        with pytest.raises(SystemFault, match="is damaged"):
            read_facts(facts.replace(old, new).encode(), "n1.pyz")


def test_what_is_no_archive_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.pyz").write_text("no archive, and long enough to look for its end")
    for path, message in (
        ("text.pyz", "`text.pyz` is damaged: the end of its directory is missing or damaged"),
        (".", "`.` is damaged: it is a folder, not a regular file"),
        ("none.pyz", "there is no file `none.pyz`"),
    ):
        with pytest.raises(SystemFault) as caught:
            Archive(path)
        assert caught.value.headline == message


def test_the_command_line_answers_in_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    build(Path("n1.pyz"), n1())
    Path("x.csv").write_text("x\n1\n")
    for arguments, status, out, err in (
        (["x.csv"], 0, "y\n1.069\n", ""),
        (["x.csv", "--to", "json"], 0, '{"columns": ["y"],\n"rows": [\n[1.069]\n]}\n', ""),
        (["--version"], 0, f"N1 ns1:{'5e' * 32} (netspec 0.1.0)\n", ""),
        (["none.csv"], 2, "", "error[no-such-file]: there is no file `none.csv`\n"),
        (
            ["x.csv", "--to", "xls"],
            2,
            "",
            (
                "error[usage]: argument --to: invalid choice: 'xls' "
                "(choose from 'csv', 'tsv', 'json', 'jsonl', 'npy', 'npz')\n"
                "   = help: say --help to see what there is\n"
            ),
        ),
    ):
        assert main(arguments, "n1.pyz") == status
        captured = capsys.readouterr()
        assert captured.out == out
        assert (
            captured.err.replace("csv, tsv, json, jsonl, npy, npz", "'csv', 'tsv', 'json', 'jsonl', 'npy', 'npz'")
            == err
        )


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, ""),
        (MemoryError(), 2, "error: not enough memory\n"),
        (ImportError("No module named 'numpy'", name="numpy"), 2, "error: `n1.pyz` needs NumPy: pip install numpy\n"),
        (SystemExit(143), 143, ""),
    ],
)
def test_what_ends_a_run_from_outside_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    message: str,
) -> None:
    def fail(path: str) -> Archive:
        raise error

    monkeypatch.setattr("netspec.runtime.main.Archive", fail)
    assert main([], "n1.pyz") == status
    assert capsys.readouterr().err == message


def test_the_entry_says_in_one_line_what_nobody_foresaw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error, status, message in (
        (KeyboardInterrupt(), 130, ""),
        (RuntimeError("a\x1bb"), 2, "error: the model failed: RuntimeError: 'a\\x1bb'\n"),
        (ImportError("no other", name="other"), 2, "error: the model failed: ImportError: 'no other'\n"),
    ):

        def fail(argv: list[str], path: str, error: BaseException = error) -> int:
            raise error

        monkeypatch.setattr("netspec.runtime.main.main", fail)
        assert enter() == status
        assert capsys.readouterr().err == message
    monkeypatch.setattr(sys, "version_info", (3, 10, 2, "final", 0))
    assert enter() == 2
    assert capsys.readouterr().err == "error: this model needs Python 3.11 or newer, this is 3.10\n"
