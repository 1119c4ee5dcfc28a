"""The peer that searches cells in a process of its own, with a stand-in that tells a number of cells."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import relucent
from benchmarks.harness import Settings
from benchmarks.regions import drawn, measure

STAND_IN = """#!{python}
import sys
import numpy as np
isolated, program, path, *start = sys.argv[1:]
assert isolated == "-I" and program.endswith("relucent_search.py")
cells = {{1: 16, 2: 25}}[len(start)]
with np.load(path) as tensors:
    assert tensors["Omega_0"].shape[1] == len(start)
for line in sys.stdin:
    print(0.25, cells, flush=True)
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> str:
    """Return an interpreter that runs nothing but what it is."""
    path = tmp_path / "python"
    path.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_interpreter_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(relucent.VARIABLE, "/elsewhere/python")
    assert relucent.interpreter() == "/elsewhere/python"
    monkeypatch.delenv(relucent.VARIABLE)
    monkeypatch.setattr(relucent, "find_spec", lambda _: None)
    assert relucent.interpreter() is None
    monkeypatch.setattr(relucent, "find_spec", lambda _: object())
    assert relucent.interpreter() == sys.executable


def test_a_search_is_timed_where_it_runs_and_has_to_find_as_many(stand_in: str, tmp_path: Path) -> None:
    model = drawn((2, 3, 3))
    with relucent.searching(stand_in, model, [0.5, 0.5], tmp_path / "two.npz", 25) as search:
        assert [search().seconds, search().seconds] == [0.25, 0.25]
    with np.load(tmp_path / "two.npz") as written:
        assert sorted(written.files) == sorted(model.parameters)
    with (
        relucent.searching(stand_in, model, [0.5, 0.5], tmp_path / "two.npz", 24) as search,
        pytest.raises(RuntimeError, match=r"^relucent finds 25 cells, and not 24$"),
    ):
        search()


def test_a_search_that_ends_early_is_told(tmp_path: Path) -> None:
    with (
        relucent.searching("/bin/true", drawn((2, 3, 3)), [0.5, 0.5], tmp_path / "two.npz", 25) as search,
        pytest.raises(RuntimeError, match=r"^relucent finds no cells, and not 25$"),
    ):
        search()


def test_its_rows_and_its_goals_stand_in_the_section(
    monkeypatch: pytest.MonkeyPatch, stand_in: str, tmp_path: Path
) -> None:
    monkeypatch.setenv(relucent.VARIABLE, stand_in)
    result = measure(Settings(1, tmp_path, "tiny"))
    rows = {row[0]: row[1] for row in result.tables[0].rows}
    assert rows["D = 3, K = 2, relucent"] == rows["D = 3, K = 2, a call of `count`"] == "16"
    assert rows["2-3-3, all of R^2, relucent"] == rows["2-3-3, all of R^2, a call of `count`"] == "25"
    assert result.samples["relucent, 2-3-3, all of R^2"]["relucent"][0].seconds == 0.25
    goals = {goal.what for goal in result.goals if "relucent" in goal.what}
    assert goals == {"D = 3, K = 2: relucent : netspec", "2-3-3, all of R^2: relucent : netspec"}
