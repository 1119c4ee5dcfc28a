"""The hooks for pre-commit, run by pre-commit itself in a repository that has YAML of all kinds.

pre-commit would install netspec from this repository first. Here `netspec` on the path is the one under test, and the
hooks are those of `.pre-commit-hooks.yaml` as hooks of the repository's own.
"""

import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from netspec.cli.arguments import COMMANDS
from tests.integration.runner import ROOT

HOOKS: Final[list[dict[str, Any]]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
IDS: Final = [hook["id"] for hook in HOOKS]

GOOD: Final = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
BAD: Final = GOOD.replace("widths", "K: 3\nwidths")
ODD: Final = GOOD.replace("[3, 3]", "[3,  3]")
TOLD: Final = """\
error[widths-count]: K is 3, but widths lists 2
  --> nets/bad.yaml:5:9
   |
 4 | K: 3
   |    - 3 hidden layers declared here
 5 | widths: [3, 3]
   |         ^^^^^^ 2 widths here
   |
   = help: list 3 widths, or set K to 2
"""

OTHERS: Final = {
    "compose.yaml": "services:\n  netspec: &a {image: x}\n  web: *a\n",
    "many.yml": "--- !Ref a\nb: 1\n---\nc: 2\n",
    "chart.yaml": "{{- range .Values }}\nname: {{ . }}\n{{- end }}\n",
    "tabs.yaml": "a:\t1\n",
}

runs_pre_commit = pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, a repository with a spec that refers to a file of another folder, and other YAML."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "netspec").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m netspec.cli "$@"\n', encoding="utf-8")
    (tools / "netspec").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "repository"
    (folder / "nets").mkdir(parents=True)
    monkeypatch.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    local = [{**hook, "language": "system"} for hook in HOOKS]
    Path(".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}), encoding="utf-8"
    )
    files = OTHERS | {"part.yaml": GOOD, "nets/top.yaml": "netspec: 1\nname: top\ncompose: [../part.yaml]\n"}
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    return folder


def run(hook: str) -> tuple[int, str]:
    """Return the exit code of pre-commit, and what it prints, when a hook is run on all files that git knows of."""
    subprocess.run(["git", "add", "."], check=True)
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never", hook]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=120)
    return done.returncode, done.stdout


def needs_its_command(hook: str) -> None:
    """Hold a hook to a command that there is."""
    words = shlex.split(next(each["entry"] for each in HOOKS if each["id"] == hook))
    assert words[1] in COMMANDS


def test_hooks_are_of_this_distribution_and_say_what_they_do() -> None:
    assert len(set(IDS)) == len(IDS)
    for hook in HOOKS:
        program, command, *options = shlex.split(hook["entry"])
        assert (program, hook["id"], hook["name"]) == ("netspec", f"netspec-{command}", f"netspec {command}")
        assert (hook["language"], hook["types"], hook["require_serial"]) == ("python", ["yaml"], True)
        assert "--specs-only" in options
        assert hook["description"].endswith(".")


@runs_pre_commit
@pytest.mark.parametrize("hook", IDS)
def test_a_hook_passes_where_all_is_well_and_leaves_other_files_alone(hook: str, repository: Path) -> None:
    needs_its_command(hook)
    if hook == "netspec-facts":
        subprocess.run(["netspec", "facts", "--specs-only", "--root", "."], check=True)
    status, out = run(hook)
    assert (status, out.endswith("Passed\n")) == (0, True), out
    assert {name: Path(name).read_text(encoding="utf-8") for name in OTHERS} == OTHERS


@runs_pre_commit
def test_a_spec_that_is_not_valid_is_refused(repository: Path) -> None:
    Path("nets/bad.yaml").write_text(BAD, encoding="utf-8")
    status, out = run("netspec-validate")
    assert status == 1
    assert f"- exit code: 1\n\n{TOLD}\n3 files: 1 error, 5 left out\n" in out


@runs_pre_commit
def test_a_spec_is_written_in_the_canonical_layout(repository: Path) -> None:
    Path("nets/odd.yaml").write_text(ODD, encoding="utf-8")
    status, out = run("netspec-fmt")
    assert status == 1
    assert "- files were modified by this hook\n\nnets/odd.yaml\n1 file changed, 2 as they were, 5 left out\n" in out
    assert Path("nets/odd.yaml").read_text(encoding="utf-8") == GOOD
    assert run("netspec-fmt")[0] == 0


@runs_pre_commit
def test_a_spec_without_its_facts_is_refused(repository: Path) -> None:
    needs_its_command("netspec-facts")
    status, out = run("netspec-facts")
    assert (status, "- exit code: 1\n" in out) == (1, True), out


@runs_pre_commit
def test_a_commit_without_specs_passes(repository: Path) -> None:
    for path in ("part.yaml", "nets/top.yaml"):
        Path(path).unlink()
    for hook in IDS[:2]:
        status, out = run(hook)
        assert (status, out.endswith("Passed\n")) == (0, True), out
