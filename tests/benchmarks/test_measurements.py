"""Every measurement runs once at a tiny size: what is measured works, and what is compared agrees. Nothing is timed."""

import importlib
import json
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, Measured, main, page
from benchmarks.harness import ROOT, Settings, Spread
from benchmarks.results import Goal, Result, as_json, section, spell_times

NEEDED = {"first_prediction": "onnxruntime", "inference": "onnxruntime", "large_model": "onnxruntime"}


@pytest.mark.parametrize("name", NAMES)
def test_a_measurement_runs(name: str, tmp_path: Path) -> None:
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
        pytest.importorskip("onnx")
    result: Result = importlib.import_module(f"benchmarks.{name}").measure(Settings(1, tmp_path, small=True))
    assert result.samples
    for systems in result.samples.values():
        assert all(len(taken) == 1 and taken[0].seconds > 0 for taken in systems.values())
    for table in result.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}
    assert result.title in section(result)
    json.dumps(as_json(result))


def test_a_measurement_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["start-up"])
    assert stopped.value.code == 2
    assert "there is no measurement 'start-up'" in capsys.readouterr().err


def test_make_bench_finds_what_it_needs() -> None:
    assert "bench = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_a_page_tells_the_goals_the_machine_and_its_noise() -> None:
    goal = Goal("ours : theirs", "at most 1 ×", Spread(1.2, 0.9, 1.3), 1.0, spell_times)
    found = Result("One thing", "How it was done.", [], [goal], {})
    text = page({"one": Measured(found, 0.5)}, {"processor": "a fast one"}, 7)
    assert "0 of 1 goals are met." in text
    assert "| ours : theirs | at most 1 × | 1.20 × (0.90–1.30) | missed, quartiles on both sides |" in text
    assert "| processor | a fast one |" in text
    assert "The machine was not quiet. Other programs used 50% (one) of it" in text
    assert "## One thing\n\nHow it was done.\n" in text
