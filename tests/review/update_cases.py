"""The cases of the review, and what is told of them: rewrites expected.txt in each.

    python -m tests.review.update_cases [NAME ...]

A case is a folder with `old.yaml` and `new.yaml`, whose first line says what it shows. `expected.txt` is the
difference, and below it every error of `netspec breaking` at its mildest level. Review what the script changes by
eye: the tests compare with it.
"""

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import Final
from unittest import mock

from netspec.cli import main

CASES: Final = Path(__file__).parent / "cases"


def names() -> list[str]:
    """Return the names of all cases, sorted."""
    return sorted(path.name for path in CASES.iterdir() if path.is_dir())


def told(name: str) -> str:
    """Return what netspec says of a case."""
    difference = _printed(name, "diff", "old.yaml", "new.yaml")
    errors = _printed(name, "breaking", "old.yaml", "new.yaml", "--level", "cosmetic")
    headlines = [line for line in errors.splitlines() if line.startswith(("error[", "warning["))]
    return "\n".join([difference, *headlines, ""]) if headlines else difference


def _printed(name: str, *arguments: str) -> str:
    printed = io.StringIO()
    with (
        contextlib.chdir(CASES / name),
        mock.patch.dict(os.environ, {"COLUMNS": "100"}),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        main(arguments)
    return printed.getvalue()


if __name__ == "__main__":
    for case in sys.argv[1:] or names():
        path = CASES / case / "expected.txt"
        text = told(case)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(case)
