"""The cases of the review, and what is told of them: rewrites expected.txt in each.

    python -m tests.review.update_cases [NAME ...]

A case is a folder with `old.yaml` and `new.yaml`, whose first line says what it shows. `expected.txt` is the
difference, and below it every error of `netspec breaking` at its mildest level; `report.md`, in those that have one,
is the section of `netspec report` on it. Review what the script changes by eye: the tests compare with it.
"""

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from unittest import mock

from netspec.cli import main
from netspec.review.changes import Level
from netspec.review.many import Drawing, Portrait, outcome
from netspec.review.opening import ALLOWED, Opened
from netspec.review.report import FACTS, Gathering, Report
from netspec.review.report_markdown import render_report
from netspec.review.standard import Standard
from netspec.review.strip import strip, strip_new
from netspec.spec import Library
from netspec.validation import check_family

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


def reports() -> list[str]:
    """Return the names of the cases that have a report, sorted."""
    return [name for name in names() if (CASES / name / "report.md").exists()]


def reported(name: str) -> Report:
    """Return the report on a case, as if its spec had changed since the revision `main`."""
    old, new = ((CASES / name / file).read_bytes() for file in ("old.yaml", "new.yaml"))
    return report_of([("net.yaml", old, new)])


def report_of(
    changed: Sequence[tuple[str, bytes | None, bytes | None]],
    level: Level = "weights",
    drawing: Drawing = strip,
    portrait: Portrait = strip_new,
) -> Report:
    """Return the report on specs that are the one text in `main` and the other in the working tree, or only one."""
    gathering = Gathering("main", standard=Standard(level))
    for path, before, after in changed:
        old = None if before is None else _opened(before, path, f"main:{path}")
        new = None if after is None else _opened(after, path, path)
        gathering.add(outcome(old, new, FACTS, drawing, portrait)._replace(path=path))
    return gathering.done()


def _opened(data: bytes, path: str, file: str) -> Opened:
    return Opened(file, check_family(Library(None), data, path, file, ALLOWED))


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
        wanted = {"expected.txt": told(case)}
        if case in reports():
            wanted["report.md"] = render_report(reported(case))
        for file, text in wanted.items():
            path = CASES / case / file
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(f"{case}/{file}")
