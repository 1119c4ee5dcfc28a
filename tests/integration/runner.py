"""A runner for `action.yml`: it does with a composite action what GitHub's does, as far as ours asks for it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

ROOT: Final = Path(__file__).parent.parent.parent
ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: Final[list[dict[str, Any]]] = ACTION["runs"]["steps"]

_INPUT: Final = re.compile(r"\$\{\{ inputs\.([a-z]+) \}\}")
_TERM: Final = re.compile(r"inputs\.([a-z]+) (==|!=) '([a-z]*)'")

# What stands in for Python where a step makes an environment: it has netspec as it is here, and notes what pip is told.
# As with an installed program, nothing of the working folder is a module (-P).
_PYTHON: Final = """\
#!/usr/bin/env bash
if [ "$1 $2 $3" = "-I -m venv" ]; then
    mkdir -p "$4/bin"
    printf '#!/usr/bin/env bash\\necho "$@" >> "$RUNNER_TEMP/pip"\\n' > "$4/bin/python"
    printf '#!/usr/bin/env bash\\nexec "{python}" -P -m netspec.cli "$@"\\n' > "$4/bin/netspec"
    chmod +x "$4/bin/python" "$4/bin/netspec"
else
    exec "{python}" "$@"
fi
"""


class Done(NamedTuple):
    """What became of a step: its exit code, and what it wrote to the log."""

    status: int
    log: str


class Runner:
    """The run of a job with the action as a step, in the repository at `folder`; `temporary` is the runner's own."""

    def __init__(self, folder: Path, temporary: Path, inputs: Mapping[str, str], **variables: str) -> None:
        for name in ("tools", "temp"):
            (temporary / name).mkdir(parents=True)
        self.folder, self.temporary = folder, temporary
        self.outputs, self.summary = temporary / "output", temporary / "summary"
        python = temporary / "tools" / "python3"
        python.write_text(_PYTHON.replace("{python}", sys.executable), encoding="utf-8")
        python.chmod(0o755)
        assert set(inputs) <= set(ACTION["inputs"])
        self._inputs: dict[str, str] = {name: each["default"] for name, each in ACTION["inputs"].items()} | dict(inputs)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "COV_"))}
        self._environment = {
            **kept,
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "RUNNER_TEMP": str(temporary / "temp"),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.outputs),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            **variables,
        }
        self._installed = False

    def run(self) -> dict[str, Done]:
        """Return what became of each step that was run, by its name."""
        found: dict[str, Done] = {}
        for step in STEPS:
            if not self._wanted(step.get("if", "")):
                continue
            found[step["name"]] = done = self._step(step)
            if step.get("id") == "install":
                self._installed = done.status == 0
        return found

    def _step(self, step: Mapping[str, Any]) -> Done:
        values = {name: self._value(text) for name, text in step["env"].items()}
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # what `shell: bash` is on a runner
            cwd=self.folder,
            env=self._environment | values,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        return Done(done.returncode, done.stdout)

    def _value(self, text: str) -> str:
        """Return what a variable is set to: an input, and nothing but that."""
        match = _INPUT.fullmatch(text)
        assert match is not None, text
        return self._inputs[match[1]]

    def _wanted(self, condition: str) -> bool:
        """Tell whether a step is run: all terms hold. AssertionError for a term that is none of ours."""
        return all(map(self._holds, condition.removeprefix("${{ ").removesuffix(" }}").split(" && ")))

    def _holds(self, term: str) -> bool:
        if term in ("", "!cancelled()"):
            return True
        if term == "steps.install.outcome == 'success'":
            return self._installed
        match = _TERM.fullmatch(term)
        assert match is not None, term
        return (self._inputs[match[1]] == match[3]) == (match[2] == "==")
