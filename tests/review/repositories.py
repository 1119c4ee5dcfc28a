"""Real repositories: files written and committed, and what netspec says in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.cli import main

Git = Callable[..., str]


def commit(git: Git, files: dict[str, str]) -> None:
    """Write files and commit all that is there."""
    for name, text in files.items():
        write(name, text)
    git("add", "-A")
    git("commit", "-q", "-m", "specs")


def write(name: str, text: str) -> None:
    """Write one file, its folders made."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of a command, and what it wrote."""
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err
