"""The cases of merges, and what comes of them: rewrites expected.yaml and expected.txt in each.

    python -m tests.merging.update_cases [NAME ...]

A case is a folder with `base.yaml`, `ours.yaml` and `theirs.yaml`, and a first line in each that says what it shows.
`expected.yaml` is the merge, conflicts and all, and `expected.txt` the exit code and what is said. Review what the
script changes by eye: the tests compare with it.
"""

import contextlib
import functools
import io
import os
import sys
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from netspec.cli import main

CASES: Final = Path(__file__).parent / "cases"


class Told(NamedTuple):
    """What came of a case: the merged text, and what was said."""

    text: str
    said: str


def names() -> list[str]:
    """Return the names of all cases, sorted."""
    return sorted(path.name for path in CASES.iterdir() if path.is_dir())


@functools.cache
def merged(name: str, ours: str = "ours.yaml", theirs: str = "theirs.yaml") -> Told:
    """Return what netspec makes of a case."""
    printed, said = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        contextlib.chdir(CASES / name),
        mock.patch.dict(os.environ, {"COLUMNS": "100"}),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(said),
    ):
        status = main(["merge", "base.yaml", ours, theirs])
    printed.flush()
    buffer = printed.buffer
    assert isinstance(buffer, io.BytesIO)
    data = buffer.getvalue()
    return Told(data.decode(), f"exit code {status}\n{said.getvalue()}")


if __name__ == "__main__":
    for case in sys.argv[1:] or names():
        found = merged(case)
        for path, text in ((CASES / case / "expected.yaml", found.text), (CASES / case / "expected.txt", found.said)):
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(path.relative_to(CASES))
