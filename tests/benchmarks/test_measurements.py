"""Every measurement runs once at a tiny size: what is measured works, and what is compared agrees. Nothing is timed."""

import importlib
import json
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, main
from benchmarks.harness import ROOT, Settings
from benchmarks.records import record, section
from benchmarks.results import Result, as_json

NEEDED = {"formatting": "yamllint", "large_model": "onnxruntime"}
UNTIMED = ("accuracy",)


@pytest.mark.parametrize("name", NAMES)
def test_a_measurement_runs(name: str, tmp_path: Path) -> None:
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    if name == "large_model":
        pytest.importorskip("onnx")
    result: Result = importlib.import_module(f"benchmarks.{name}").measure(Settings(1, tmp_path, "tiny"))
    assert bool(result.samples) == (name not in UNTIMED)
    for systems in result.samples.values():
        assert all(len(taken) == 1 and taken[0].seconds > 0 for taken in systems.values())
    for table in result.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}
    assert result.title in section(record(result, 1, None, {}), {})
    json.dumps(as_json(result))


def test_a_measurement_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["start-up"])
    assert stopped.value.code == 2
    assert "there is no measurement 'start-up'" in capsys.readouterr().err


def test_make_bench_finds_what_it_needs() -> None:
    assert "bench = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
