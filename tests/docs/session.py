"""A page carried out: its specs are checked, its commands and its Python run, in a folder that begins like a clone.

What a block asks for stands behind its fence:

    ```yaml two_layer.yaml      a spec, saved under that name for the blocks that follow, and valid
    ```yaml bad.yaml fails      likewise, and refused
    ```yaml                     a spec, or some of its keys, which then stand in the smallest spec
    ```yaml workflow            YAML for another program; its `run: netspec …` is carried out
    ```toml netspec.toml        a configuration, saved under that name
    ```toml                     some lines of one
    ```console                  commands after `$ `, each with all that it prints
    ```console exit=1           likewise, and the last one gives back that exit code
    ```console close            likewise; numbers agree to five digits, and sizes of artefacts by half
    ```python                   one program through the page, or its doctests
    ```python netspec/a.py      lines of that file
    ```sh                       what a reader types outside of a clone: not carried out
    ```text                     neither code nor output

`Session.replay` gives back what the block's text has to be, so that the tests compare and `update.py` writes it.
"""

import contextlib
import doctest
import math
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import yaml

from netspec.validation import check_file
from tests.docs.blocks import Block

ROOT: Final = Path(__file__).parent.parent.parent
SMALLEST: Final = {"input": "input: 1\n", "widths": "widths: [3, 3]\n", "output": "output: 1\n"}

_NOT_CODE: Final = ("sh", "text")
_BODY: Final = frozenset({"compose", "layers", "K", "widths"})
_NUMBER: Final = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?(?:e-?[0-9]+)?")
_SIZE: Final = re.compile(r"([0-9.,]+) (bytes|kB|MB)\b")


class Session:
    """The blocks of one page, one after the other, in a scratch folder of their own."""

    def __init__(self, scratch: Path) -> None:
        self.folder = scratch
        self.names: dict[str, Any] = {"__name__": "__page__"}
        shutil.copytree(ROOT / "specs", scratch / "specs")
        (scratch / "examples").mkdir()
        for path in (ROOT / "examples").iterdir():
            if path.suffix in (".csv", ".fi"):
                shutil.copy(path, scratch / "examples")

    def replay(self, block: Block) -> str:
        """Return the text that the block has to have: its own where all is as it says. AssertionError where it fails.

        The working folder is the scratch folder meanwhile.
        """
        with contextlib.chdir(self.folder):
            if block.language == "yaml":
                self._check(block)
            elif block.language == "toml":
                self._save(block)
            elif block.language == "console":
                return self._type(block)
            elif block.language == "python":
                return self._run(block)
            else:
                known = block.language in _NOT_CODE or block.language.startswith("{")
                assert known, f"line {block.line}: no block is of the language {block.language!r}"
        return block.text

    def _check(self, block: Block) -> None:
        if block.words == ("workflow",):
            for command in re.findall(r"run: (netspec .*)", block.text):
                printed = _shell(command)
                assert printed.returncode == 0, f"line {block.line}: {printed.stdout}"
            assert isinstance(yaml.safe_load(block.text), dict)
            return
        name = next((word for word in block.words if word.endswith(".yaml")), "spec_of_the_page.yaml")
        Path(name).write_text(_completed(block.text), encoding="utf-8")
        verdict = check_file(name)
        told = "\n".join(f"{found.code}: {found.headline}" for found in verdict.diagnostics)
        assert verdict.valid == ("fails" not in block.words), f"line {block.line}: {told or 'valid'}"

    def _save(self, block: Block) -> None:
        tomllib.loads(block.text)
        for name in block.words:
            Path(name).write_text(block.text, encoding="utf-8")

    def _type(self, block: Block) -> str:
        wanted_status = next((int(word.removeprefix("exit=")) for word in block.words if word.startswith("exit=")), 0)
        text = ""
        typed = list(_commands(block.text))
        assert typed, f"line {block.line}: no command"
        for number, (command, said) in enumerate(typed, 1):
            done = _shell(command)
            status = wanted_status if number == len(typed) else 0
            assert done.returncode == status, f"line {block.line}: `{command}` gives {done.returncode}: {done.stdout}"
            agrees = "close" in block.words and close(said, done.stdout)
            text += f"$ {command}\n{said if agrees else done.stdout}"
        return text

    def _run(self, block: Block) -> str:
        if block.words:
            source = (ROOT / block.words[0]).read_text(encoding="utf-8")
            assert _bare(block.text).rstrip() in _bare(source), f"line {block.line}: not in {block.words[0]}"
            return block.text
        if ">>>" not in block.text:
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)
            return block.text
        examples = doctest.DocTestParser().get_examples(block.text)
        assert examples
        runner = _Runner(optionflags=doctest.ELLIPSIS)
        test = doctest.DocTest(examples, self.names, f"line {block.line}", None, 0, block.text)
        runner.run(test, out=lambda _: None, clear_globs=False)
        self.names = test.globs  # a test has names of its own, which the blocks that follow go on with
        text = block.text
        for example, got in reversed(runner.wrong):
            lines = text.splitlines(keepends=True)
            first = example.lineno + example.source.count("\n")
            lines[first : first + example.want.count("\n")] = [got]
            text = "".join(lines)
        return text


class _Runner(doctest.DocTestRunner):
    """Collects what the examples printed that they do not say; nothing is written."""

    def __init__(self, optionflags: int) -> None:
        super().__init__(verbose=False, optionflags=optionflags)
        self.wrong: list[tuple[doctest.Example, str]] = []

    def report_failure(self, out: object, test: object, example: doctest.Example, got: str) -> None:
        self.wrong.append((example, got))

    def report_unexpected_exception(self, out: object, test: object, example: doctest.Example, exc_info: Any) -> None:
        self.wrong.append((example, f"Traceback (most recent call last):\n{exc_info[0].__name__}: {exc_info[1]}\n"))


def _bare(text: str) -> str:
    """Return lines without indentation and gaps, which the formatter sets in a page as if the lines were a program."""
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def _completed(text: str) -> str:
    """Return a whole spec: some keys get those of the smallest spec that they leave open."""
    if text.lstrip().startswith("netspec:") or "\nnetspec:" in text:
        return text
    keys = set(re.findall(r"^([A-Za-z_]\w*):", text, re.MULTILINE))
    assert keys, f"no keys: {text}"
    rest = (
        ""
        if "compose" in keys
        else "".join(
            line for key, line in SMALLEST.items() if key not in keys and not (key == "widths" and keys & _BODY)
        )
    )
    return f"netspec: 1\n{text}{rest}"


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command and what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, said = part.partition("\n")
        yield command, said


def _shell(command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a reader would, at 80 columns; standard output and standard error are one text."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NETSPEC_", "COV_", "GIT_"))
    }
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "COLUMNS": "80",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        ["bash", "-c", command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def close(said: str, printed: str) -> bool:
    """Tell whether two texts differ only in the last digits of their numbers, and in the sizes of files.

    The last digits are the machine's, since matrix products sum in an order of their own; a `.pyz` carries code that
    grows and shrinks.
    """
    sizes = [_SIZE.findall(text) for text in (said, printed)]
    if not all(_near(a[0], b[0], 0.5) and a[1] == b[1] for a, b in zip(*sizes, strict=False)):
        return False
    said, printed = (_SIZE.sub("SIZE", text) for text in (said, printed))
    if _NUMBER.sub("", said) != _NUMBER.sub("", printed):
        return False
    return all(_near(a, b, 1e-5) for a, b in zip_longest(_NUMBER.findall(said), _NUMBER.findall(printed)))


def _near(one: str, other: str, share: float) -> bool:
    a, b = (float(text.replace(",", "")) for text in (one, other))
    return a == b if one.isdigit() and share < 0.1 else math.isclose(a, b, rel_tol=share, abs_tol=1e-6)
