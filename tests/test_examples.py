"""The examples run as their first lines say, and print what they promise."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(*arguments: str) -> tuple[int, str]:
    """Run Python in the project's folder; return the exit code and what was printed, errors included."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PATH": ""},
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def command(path: Path) -> list[str]:
    """Return the arguments of the first command that an example's docstring shows."""
    found = re.search(r"^    python (examples/.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, f"{path.name} does not say how to run it"
    return shlex.split(found[1])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_runs_as_it_says(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    status, printed = run(*command(path))
    assert status == 0, printed
    assert len(printed.splitlines()) > 5


def test_the_line_is_folded_at_the_joints_of_figure_4_1() -> None:
    _, printed = run("examples/fold_a_line.py")
    rows = re.findall(r"^ +(-?\d\.\d{4}) +(-?\d\.\d{4}) +(-?\d+\.\d{4})$", printed, re.MULTILINE)
    assert [float(row[1]) for row in rows] == [-0.6, -0.35, 0, 0.21, 0.36, 0.6, 0.76, 0.86, 1]
    assert printed.endswith("9 linear regions on [-1, 1]\n")


def test_the_budget_of_figure_4_7_buys_its_deep_network() -> None:
    _, printed = run("examples/budget.py", "471")
    assert "     5     10         471            50          10^5.2\n" in printed
    _, printed = run("examples/budget.py", "3")
    assert printed.count("none fits") == 6


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["budget.py"], "budget.py PARAMETERS"),
        (["budget.py", "many"], "budget.py PARAMETERS"),
        (["gate_in_ci.py"], "gate_in_ci.py FOLDER PARAMETERS"),
        (["gate_in_ci.py", "specs", "many"], "gate_in_ci.py FOLDER PARAMETERS"),
    ],
)
def test_an_example_says_what_it_takes(arguments: list[str], usage: str) -> None:
    name, *rest = arguments
    assert run(f"examples/{name}", *rest) == (1, f"usage: python examples/{usage}\n")


def test_the_gate_refuses_what_is_wrong_too_large_or_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "fine.yaml").write_text("netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nexpect: {parameters: 10}\n")
    (tmp_path / "silent.yaml").write_text("netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\n")
    (tmp_path / "vast.yaml").write_text("netspec: 1\ninput: 1\nK: 2\nwidths: 99\noutput: 1\nexpect: {depth: 2}\n")
    (tmp_path / "wrong.yaml").write_text("netspec: 1\ninput: 1\nK: 2\nwidths: [3]\noutput: 1\n")
    status, printed = run("examples/gate_in_ci.py", str(tmp_path), "1_000")
    assert status == 1
    assert [line for line in printed.splitlines() if line.startswith(("ok", "FAIL"))] == [
        "ok    fine.yaml",
        "FAIL  silent.yaml",
        "FAIL  vast.yaml",
        "FAIL  wrong.yaml",
    ]
    assert "10,198 parameters, 9,198 over the budget\n" in printed
    assert "error[widths-count]: K is 2, but widths lists 1\n" in printed
    assert printed.endswith("3 refused\n")
