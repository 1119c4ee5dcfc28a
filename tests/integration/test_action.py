"""The action for GitHub: its steps are run as a runner runs them, on good and on hostile repositories and inputs."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from netspec.version import __version__
from tests.integration.runner import ACTION, ROOT, STEPS, Done, Runner

GOOD = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
BAD = GOOD.replace("widths", "K: 3\nwidths")
REPORT = "## netspec: no spec changed\n\n`HEAD` → the working tree.\n"
COMPOSE = "services:\n  web: {image: nginx}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository with a spec and a YAML file of another program, cloned from one that is its origin."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "net.yaml").write_text(GOOD, encoding="utf-8")
    (origin / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "a network")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{origin}", str(clone))
    return clone


def git(folder: Path, *arguments: str) -> str:
    """Return what git prints, run with nobody's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "a", f"GIT_{role}_EMAIL": "a@example.org"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def statuses(found: dict[str, Done]) -> dict[str, int]:
    return {name.removeprefix("netspec "): done.status for name, done in found.items()}


def muffled(log: str) -> str:
    """Return a log without what stands between lines that make the runner deaf, which have to be a pair."""
    return re.sub(r"^::stop-commands::([0-9a-f]{32})\n.*?^::\1::\n", "", log, flags=re.MULTILINE | re.DOTALL)


# What it is made of


def test_no_input_is_part_of_a_script_and_no_step_is_from_elsewhere() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS:
        assert set(step) <= {"name", "id", "if", "shell", "env", "run"}
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_input_is_told_has_a_default_and_is_read() -> None:
    read = set(re.findall(r"inputs\.([a-z]+)", json.dumps(STEPS)))
    assert read == set(ACTION["inputs"])
    for name, each in ACTION["inputs"].items():
        assert each["description"].endswith("."), name
        assert isinstance(each["default"], str), name


def test_the_documentation_has_every_input_and_what_it_is_unless_given() -> None:
    text = (ROOT / "docs" / "continuous_integration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+)` \| (?:`([^`]*)`|nothing) \|", text.partition("| input |")[2], re.MULTILINE)
    assert dict(rows) == {name: each["default"] for name, each in ACTION["inputs"].items()}


def test_every_variable_of_the_script_is_given_by_the_steps_that_read_it() -> None:
    script = (ROOT / ".ci" / "action.sh").read_text(encoding="utf-8")
    read = set(re.findall(r"\bNETSPEC_[A-Z]+", script))
    given = {name for step in STEPS[1:] for name in step["env"]}
    assert read == given


def test_the_environment_is_made_of_the_checkout_of_the_action(folder: Path, tmp_path: Path) -> None:
    runner = Runner(folder, tmp_path / "runner", {"validate": "false", "fmt": "false"})
    assert runner.run() == {"Install netspec": Done(0, f"netspec {__version__}\n")}
    told = (tmp_path / "runner" / "temp" / "pip").read_text(encoding="utf-8")
    assert told == f"-I -m pip install --quiet --disable-pip-version-check {ROOT}\n"
    assert runner.outputs.read_text(encoding="utf-8") == "sarif=\n"


def test_without_a_python_that_is_new_enough_nothing_else_is_run(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexec python3 -c 'import sys; sys.version_info = (3, 10); exec(sys.argv[1])' \"$3\"\n")
    old.chmod(0o755)
    found = Runner(folder, tmp_path / "runner", {"python": str(old)}).run()
    assert statuses(found) == {"Install netspec": 1}
    assert found["Install netspec"].log.startswith("netspec needs Python 3.11 or newer")


# What it finds


def test_where_all_is_well_the_steps_pass_and_say_so_on_the_page_of_the_run(folder: Path, tmp_path: Path) -> None:
    runner = Runner(folder, tmp_path / "runner", {"sarif": "build/sarif", "against": "HEAD"})
    found = runner.run()
    assert statuses(found) == {"Install netspec": 0, "validate": 0, "fmt": 0, "breaking": 0, "report": 0}
    assert [muffled(done.log) for done in found.values()][1:] == ["", "", "", ""]
    assert runner.summary.read_text(encoding="utf-8") == (
        "### netspec validate: passed\n\n    valid: net.yaml (22 parameters), 1 left out\n\n"
        "### netspec fmt: passed\n\n    1 file in the canonical layout, 1 left out\n\n"
        "### netspec breaking: passed\n\n    0 specs compared: nothing new of class interface or weights\n\n"
        f"{REPORT}"
    )
    assert runner.outputs.read_text(encoding="utf-8") == "sarif=build/sarif\n"
    for command in ("validate", "fmt", "breaking"):
        log = json.loads((folder / "build" / "sarif" / f"netspec-{command}.sarif").read_text(encoding="utf-8"))
        assert (log["version"], log["runs"][0]["results"]) == ("2.1.0", [])


def test_faults_are_annotations_and_results_and_every_step_has_its_say(folder: Path, tmp_path: Path) -> None:
    """As in a pull request from a branch, in a clone as shallow as the runner's."""
    git(folder, "checkout", "-q", "-b", "wider")
    (folder / "net.yaml").write_text(GOOD.replace("[3, 3]", "[3,  4]"), encoding="utf-8")
    (folder / "bad.yaml").write_text(BAD, encoding="utf-8")
    git(folder, "add", ".")
    inputs = {"sarif": "sarif", "against": "base"}
    runner = Runner(folder, tmp_path / "runner", inputs, GITHUB_BASE_REF="main")
    found = runner.run()
    assert statuses(found) == {"Install netspec": 0, "validate": 1, "fmt": 1, "breaking": 1, "report": 0}
    begins = [[line.partition(",")[0] for line in muffled(done.log).splitlines()] for done in found.values()]
    assert begins[1:] == [
        ["::error file=bad.yaml"],
        ["::error file=net.yaml"],
        ["::error file=bad.yaml", "::error file=net.yaml"],
        [],
    ]
    summary = runner.summary.read_text(encoding="utf-8")
    assert re.findall(r"^### (netspec .*)$", summary, re.MULTILINE) == [
        "netspec validate: failed",
        "netspec fmt: failed",
        "netspec breaking: failed",
    ]
    assert "\n* **breaking-weights** `net.yaml:4`: `h_2`: width 3 → 4; 3 tensors" in summary
    assert "\n    error[widths-count]: K is 3, but widths lists 2\n      --> bad.yaml:5:9\n" in summary
    results = json.loads((folder / "sarif" / "netspec-breaking.sarif").read_text(encoding="utf-8"))["runs"][0][
        "results"
    ]
    assert {result["ruleId"] for result in results} == {"breaking-weights", "widths-count"}


def test_the_level_is_that_of_the_configuration_unless_it_is_given(folder: Path, tmp_path: Path) -> None:
    (folder / "netspec.toml").write_text('[breaking]\nlevel = "function"\n', encoding="utf-8")
    (folder / "net.yaml").write_text(GOOD + "activation: gelu\n", encoding="utf-8")
    asked = {"against": "HEAD", "validate": "false", "fmt": "false"}
    told = {
        level: Runner(folder, tmp_path / f"runner{level}", {**asked, "level": level}).run()["netspec breaking"].status
        for level in ("", "weights")
    }
    assert told == {"": 1, "weights": 0}


def test_where_there_is_no_pull_request_nothing_is_compared(folder: Path, tmp_path: Path) -> None:
    inputs = {"against": "base", "validate": "false", "fmt": "false"}
    found = Runner(folder, tmp_path / "runner", inputs, GITHUB_BASE_REF="").run()
    assert found["netspec breaking"] == Done(0, "this is no pull request: there is nothing to hold changes against\n")


def test_without_annotations_the_log_has_the_text_to_which_the_runner_is_deaf(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.yaml").write_text(f"{BAD}# ##[add-mask]1\n", encoding="utf-8")
    inputs = {"annotations": "false", "summary": "false", "fmt": "false", "strict": "true"}
    runner = Runner(folder, tmp_path / "runner", inputs)
    log = runner.run()["netspec validate"].log
    assert "error[widths-count]: K is 3, but widths lists 2\n" in log
    assert muffled(log) == ""
    assert not runner.summary.exists()


# What nobody should be able to


def test_no_input_is_taken_for_a_command(folder: Path, tmp_path: Path) -> None:
    evil = "; touch pwned #\n$(touch pwned)\n`touch pwned`\n--help\n\"' | touch pwned"
    inputs = {"paths": evil, "strict": evil, "level": evil, "against": evil, "sarif": f"sarif{evil}/x"}
    runner = Runner(folder, tmp_path / "runner", inputs)
    found = runner.run()
    assert statuses(found) == {"Install netspec": 0, "validate": 2, "fmt": 2, "breaking": 2, "report": 2}
    assert list(tmp_path.rglob("pwned")) == []
    (line,) = runner.outputs.read_text(encoding="utf-8").splitlines()
    assert line.startswith("sarif=sarif; touch pwned")
    for done in found.values():
        assert "Usage:" not in done.log


def test_an_input_that_is_an_option_is_none(folder: Path, tmp_path: Path) -> None:
    inputs = {"paths": "--version", "against": "--output=net.yaml", "level": "-h"}
    found = Runner(folder, tmp_path / "runner", inputs).run()
    assert statuses(found) == {"Install netspec": 0, "validate": 2, "fmt": 2, "breaking": 2, "report": 2}
    assert "there is no file `--version`" in found["netspec validate"].log
    assert (folder / "net.yaml").read_text(encoding="utf-8") == GOOD


def test_no_python_of_the_repository_is_run(folder: Path, tmp_path: Path) -> None:
    for name in ("venv", "pip", "sys", "typer", "netspec", "sitecustomize"):
        (folder / f"{name}.py").write_text("open('pwned', 'w')\n", encoding="utf-8")
    real = tmp_path / "python"
    real.write_text('#!/bin/sh\necho "$@" >> asked\nexec python3 "$@"\n', encoding="utf-8")
    real.chmod(0o755)
    Runner(folder, tmp_path / "runner", {"python": str(real)}).run()
    asked = (folder / "asked").read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[0] for line in asked] == ["-I", "-I"]
    assert list(tmp_path.rglob("pwned")) == []


def test_no_file_commands_the_runner_or_ends_its_page(folder: Path, tmp_path: Path) -> None:
    name = "::error::\n::set-output name=x::y%0A```\n<script>.yaml"
    (folder / name).write_text(f'netspec: 1\n"</code>``` ::warning::x": 1\n{GOOD}', encoding="utf-8")
    runner = Runner(folder, tmp_path / "runner", {"sarif": "sarif"})
    found = runner.run()
    assert statuses(found)["validate"] == 1
    for done in found.values():
        assert all(line.startswith("::error file=") for line in muffled(done.log).splitlines() if "::" in line)
    for line in runner.summary.read_text(encoding="utf-8").splitlines():
        assert line == "" or line.startswith(("### netspec ", "    "))
