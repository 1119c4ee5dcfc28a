"""The plans of the review's cases: rewrites plan.txt in each case that has one.

    python -m tests.review.update_plans [NAME ...]

What is told is the plan for the weights of `old.yaml`, as `build` would begin them, in a network that is `new.yaml`.
A case may have `plan-options`, what is typed besides. Review what the script changes by eye.
"""

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Final
from unittest import mock

from netspec.cli import main
from tests.review.update_cases import CASES, names

PLAN: Final = "plan.txt"
_WEIGHTS: Final = "old.safetensors"


def planned() -> list[str]:
    """Return the names of the cases that have a plan."""
    return [name for name in names() if (CASES / name / PLAN).exists()]


def options(name: str) -> list[str]:
    """Return what is typed besides."""
    path = CASES / name / "plan-options"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def plan(name: str) -> str:
    """Return what `netspec plan` says of a case, and `netspec migrate` when it carries that out."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as scratch:
        for file in ("old.yaml", "new.yaml"):
            Path(scratch, file).write_bytes((CASES / name / file).read_bytes())
        with contextlib.chdir(scratch), mock.patch.dict(os.environ, {"COLUMNS": "100"}):
            with contextlib.redirect_stdout(io.StringIO()):
                assert main(["build", "old.yaml", "-o", _WEIGHTS]) == 0
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                arguments = ["new.yaml", "--weights", _WEIGHTS, "--from", "old.yaml", *options(name)]
                if main(["plan", *arguments]) == 0:
                    printed.write("\n")
                    main(["migrate", *arguments, "-o", "new.safetensors"])
    lines = printed.getvalue().splitlines(keepends=True)
    # Sums of more terms may be rounded otherwise on another machine; and sizes of files are no matter of plans.
    left_out = ("new.safetensors:", "the outputs") if "\n  pad " in printed.getvalue() else ("new.safetensors:",)
    return "".join(line for line in lines if not line.startswith(left_out))


if __name__ == "__main__":
    for case in sys.argv[1:] or planned():
        path = CASES / case / PLAN
        text = plan(case)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(case)
