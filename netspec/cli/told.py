"""What was found in many specs, told once: as text while the checks go on, or whole for tools."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from netspec.cli.checking import Checked
from netspec.cli.forms import Findings, Format
from netspec.cli.outcome import FAILED, FINE, REFUSED
from netspec.cli.reading import STREAM_NAME
from netspec.cli.terminal import Terminal, complaints, output
from netspec.diagnostics import Diagnostic, Place, show
from netspec.limits import PATH_LENGTH
from netspec.runtime.progress import Progress


class Counts(NamedTuple):
    """How many specs were checked, what was found in them, how many files or folders could not be read, and how many
    files were left out, since they are no specs.
    """

    files: int = 0
    errors: int = 0
    warnings: int = 0
    unread: int = 0
    left_out: int = 0


class Report:
    """Takes what was found spec by spec; what two of them find in a file that both refer to is told once.

    Text goes to standard output as it comes, what could not be read to standard error, and a summary line ends it
    unless `quiet`. A report for tools, on what `command` found, is written whole, to the file `target` or to standard
    output, and holds what could not be read as well. Where `strict`, warnings speak against a spec too, and each form
    says so. `bar` is wiped before anything is written.
    """

    def __init__(
        self,
        form: Format,
        bar: Progress,
        *,
        strict: bool = False,
        quiet: bool = False,
        target: str | None = None,
        command: str = "validate",
    ) -> None:
        self.counts = Counts()
        self._findings = Findings(command, form, target, strict=strict)
        self._bar = bar
        self._strict = strict
        self._quiet = quiet
        self._names: dict[str, str] = {}
        self._files: list[str] = []
        self._read: set[str] = set()
        self._parameters: str | None = None
        self._begun = False

    def add(self, checked: Checked) -> None:
        """Take what was found in one spec."""
        if checked.left_out:
            self.counts = self.counts._replace(left_out=self.counts.left_out + 1)
            return
        new = list(dict.fromkeys(self._new(checked)))
        files, errors, warnings, unread, _ = self.counts
        if checked.fault is None:
            wrong = sum(found.severity == "error" for found in new)
            self.counts = self.counts._replace(
                files=files + 1, errors=errors + wrong, warnings=warnings + len(new) - wrong
            )
            self._files.append(self._name(checked.file))
            self._read.update(checked.read)
            self._parameters = checked.parameters
        else:
            self.counts = self.counts._replace(unread=unread + 1)
        if not new:
            return
        sources = {self._name(file): text for file, text in checked.sources.items()}
        within = {self._name(checked.beside): self._name(checked.file)} if checked.beside else {}
        self._findings.add(new, sources, within)
        if self._findings.text:
            terminal = output() if checked.fault is None else complaints()
            text = _drawn(terminal, new, sources)
            self._bar.close()
            terminal.write(f"\n{text}" if self._begun and checked.fault is None else text)
            self._begun |= checked.fault is None

    def tell(self, text: str) -> None:
        """Write what was done to a spec: among the faults of a text, else to standard error."""
        self._bar.close()
        if self._findings.text:
            output().write(text)
            self._begun = True
        else:
            complaints().write(text)

    @property
    def refused(self) -> bool:
        """Tell whether something speaks against a spec."""
        return bool(self.counts.errors or (self._strict and self.counts.warnings))

    def finish(self) -> int:
        """Return the exit code, when the report is written, and the summary line."""
        self._bar.close()
        status = FAILED if self.counts.unread else REFUSED if self.refused else FINE
        self._findings.write(self._files, status, self._read)
        if self._findings.text and (self.counts.files or self.counts.left_out) and not self._quiet:
            output().write(("\n" if self._begun else "") + self._summary() + "\n")
        return status

    def _new(self, checked: Checked) -> Iterator[Diagnostic]:
        """Yield what is told for the first time, each file by the name under which it was told of first."""
        found = checked.diagnostics
        if checked.fault is not None:
            found = (Diagnostic(checked.fault.code, checked.fault.headline, Place(""), help=checked.fault.help),)
        for diagnostic in found:
            place = diagnostic.place._replace(file=self._name(diagnostic.place.file))
            notes = tuple(
                note._replace(place=note.place._replace(file=self._name(note.place.file))) for note in diagnostic.notes
            )
            renamed = diagnostic._replace(place=place, notes=notes)
            if renamed not in self._findings.found:
                yield renamed

    def _name(self, file: str) -> str:
        if file in ("", STREAM_NAME):
            return file
        return self._names.setdefault(os.path.realpath(file), file)

    def _summary(self) -> str:
        """Return the last line: `valid: deep.yaml (471 parameters)` of one, `3 files: 2 errors, 1 warning` of many.

        Where only warnings speak against them it is `refused under --strict` instead of `valid`. It never begins with
        the name of a file, which a log could take for something else.
        """
        files, errors, warnings, unread, left_out = self.counts
        words = [_count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
        if unread:
            words.append(f"{unread:,} not read")
        if left_out:
            words.append(f"{left_out:,} left out")
        if not files:
            return f"no specs: {', '.join(words)}"
        verdict = "refused under --strict" if self.refused else "valid"
        if files == 1 and not errors and not unread:
            size = f" ({self._parameters} parameters)"
            return ", ".join([f"{verdict}: {show(self._files[0], PATH_LENGTH.value)}{size}", *words])
        if not errors:
            words.insert(0, verdict)
        return f"{_count(files, 'file')}: {', '.join(words)}"


def _drawn(terminal: Terminal, diagnostics: list[Diagnostic], sources: dict[str, str]) -> str:
    """Return the diagnostics as the terminal can show them."""
    from netspec.diagnostics.text import render_text  # a renderer is loaded when something is drawn

    return render_text(diagnostics, sources, colour=terminal.colour, width=terminal.width, encode=terminal.encode)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
