"""The cases, and what they print: rewrites expected.txt in each case and the example in the page of each code.

    python tests/update_cases.py [CODE ...]

Run it after a message has changed, and review the difference by eye: the tests compare with what it writes.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from netspec.cli import main
from netspec.cli.arguments import COMMANDS
from netspec.diagnostics import show

CASES: Final = Path(__file__).parent / "cases"
PAGES: Final = Path(__file__).parent.parent / "netspec" / "diagnostics" / "pages"

_BOOKKEEPING: Final = ("expected.txt", "command")
_LONGEST_EXAMPLE: Final = 2_000  # bytes of a spec that a page repeats; a longer one is described there by hand


class Case(NamedTuple):
    """A folder of `cases/invalid` or `cases/valid`: the files of a user, and what netspec says to them."""

    folder: Path

    @property
    def name(self) -> str:
        """Return `invalid/widths-count--short`."""
        return self.folder.relative_to(CASES).as_posix()

    @property
    def code(self) -> str:
        """Return the code that the case is of: its name up to `--`."""
        return self.folder.name.partition("--")[0]

    @property
    def command(self) -> str:
        """Return the command line, `netspec validate spec.yaml` where the case has none of its own."""
        path = self.folder / "command"
        return path.read_text(encoding="utf-8").strip() if path.exists() else "netspec validate spec.yaml"

    @property
    def expected(self) -> str | None:
        """Return what netspec printed when it was last reviewed, or None where it never was."""
        path = self.folder / "expected.txt"
        return path.read_text(encoding="utf-8") if path.exists() else None

    @property
    def awaited(self) -> bool:
        """Tell whether the case was written ahead of its command."""
        return self.expected is None and shlex.split(self.command)[1] not in COMMANDS


def cases() -> list[Case]:
    """Return all cases, sorted by name."""
    return [Case(folder) for kind in ("invalid", "valid") for folder in sorted((CASES / kind).glob("*"))]


def run(case: Case) -> tuple[int, str]:
    """Return the exit code, and standard output and standard error as one text, of the case's command.

    It runs in a copy of the folder, so that what a command writes does not stay.
    """
    program, *arguments = shlex.split(case.command)
    assert program == "netspec", f"{case.name}: the command begins with netspec"
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "case")
        # No repository is found, neither one around the scratch folder nor that of a hook that runs this.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"COLUMNS": "80", "GIT_CEILING_DIRECTORIES": scratch}
        shutil.copytree(case.folder, folder, symlinks=True, ignore=shutil.ignore_patterns(*_BOOKKEEPING))
        with (
            contextlib.chdir(folder),
            mock.patch.dict(os.environ, environment, clear=True),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            status = main(arguments)
    return status, printed.getvalue()


def example(case: Case) -> str | None:
    """Return what the page of the case's code gives as its example: the spec, or the command where that is the fault.

    A spec with characters that do not print is escaped as in a message. None for one that is too long for a page.
    """
    path = case.folder / "spec.yaml"
    if not path.is_file():
        return f"{case.command}\n"
    if path.stat().st_size > _LONGEST_EXAMPLE:
        return None
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(f"{show(line, 100)}\n" for line in text.removesuffix("\n").split("\n"))


def example_blocks(page: str) -> list[re.Match[str]]:
    """Return the two fenced blocks of a page's example: what is wrong, and what netspec says."""
    start, end = page.index("\n## Example\n"), page.index("\n## Mend\n")
    pattern = re.compile(r"^```(?:yaml|sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return list(pattern.finditer(page, start, end))


def _updates(wanted: list[str]) -> Iterator[tuple[Path, str]]:
    """Yield each file and what belongs into it."""
    for case in cases():
        if wanted and case.code not in wanted:
            continue
        _, printed = run(case)
        yield case.folder / "expected.txt", printed
        path = PAGES / f"{case.folder.name}.md"
        if case.folder.parent.name == "invalid" and path.exists():
            page = path.read_text(encoding="utf-8")
            given, said = example_blocks(page)
            text = example(case)
            before = page[: given.start(1)] + (given[1] if text is None else text)
            yield path, before + page[given.end(1) : said.start(1)] + printed + page[said.end(1) :]


def _update(wanted: list[str]) -> None:
    for path, text in _updates(wanted):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    _update(sys.argv[1:])
