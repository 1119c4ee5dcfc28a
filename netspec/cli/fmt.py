"""`netspec fmt`: specs in the canonical layout."""

import contextlib
import sys
from typing import Annotated

import typer

from netspec.cli.configuring import CONFIG_HELP, NO_CONFIG_HELP, Configurations
from netspec.cli.formatting import Formatted, format_all
from netspec.cli.forms import FORMAT_HELP, OUTPUT_HELP, Findings, Format
from netspec.cli.jobs import cores
from netspec.cli.outcome import FAILED, FINE, REFUSED
from netspec.cli.paths import SPECS_ONLY_HELP, STREAM, collect
from netspec.cli.reading import STREAM_NAME
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import Diagnostic, Place, SystemFault, show
from netspec.limits import PATH_LENGTH
from netspec.runtime.progress import Progress


def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Specs, folders, patterns such as 'nets/**/*.yaml', or - for standard input; . unless given.",
            metavar="PATH",
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
    form: Annotated[Format, typer.Option("--format", help=f"{FORMAT_HELP} With --check.")] = "text",
    target: Annotated[str | None, typer.Option("--output", "-o", help=OUTPUT_HELP, metavar="FILE")] = None,
    specs_only: Annotated[bool, typer.Option("--specs-only", help=SPECS_ONLY_HELP)] = False,
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary line.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes at most; all cores unless given.", min=1, metavar="N")
    ] = None,
) -> int:
    """Write specs in the canonical layout.

    The files that changed are named. Every value and every comment is kept, or nothing is written. What standard
    input holds goes to standard output. A file that is no spec is left as it is. Exit codes: 0 done, 1 a spec is
    refused or --check found one that would change, 2 usage or a file that cannot be read or written.
    """
    if form != "text" and not check:
        raise SystemFault("usage", f"--format {form} is for --check", "write `netspec fmt --check`, or leave it out")
    findings = Findings("fmt", form, target)
    configurations = Configurations(config, none=no_config)
    targets = configurations.under(collect(paths or ["."], excludes=configurations.excludes, specs_only=specs_only))
    bar = Progress(sys.stderr, "specs")
    outcome = _Outcome(findings, bar, writes=not (check or diff), diff=diff)
    for file, faults, sources, fault in configurations.refusals():
        outcome.add(Formatted(file, faults=faults, sources=sources, fault=fault))
    with contextlib.closing(format_all(targets, jobs or cores())) as results:
        for number, result in enumerate(results, 1):
            outcome.add(result)
            bar.show(number, number / len(targets))
    bar.close()
    if not quiet and paths != [STREAM]:
        complaints().write(outcome.summary())
    status = FAILED if outcome.unread else REFUSED if outcome.refused or (check and outcome.changed) else FINE
    findings.write(outcome.files, status)
    return status


class _Outcome:
    """Takes what became of specs one by one, writes the files, and counts."""

    def __init__(self, findings: Findings, bar: Progress, *, writes: bool, diff: bool) -> None:
        self._findings, self._bar, self._writes, self._diff = findings, bar, writes, diff
        self.files: list[str] = []
        self.changed = self.same = self.refused = self.unread = self.left_out = 0

    def add(self, found: Formatted) -> None:
        """Take what became of one spec."""
        if found.left_out:
            self.left_out += 1
            return
        if found.file:
            self.files.append(found.file)
        if found.fault is not None:
            self.unread += 1
            fault = found.fault
            self._complain([Diagnostic(fault.code, fault.headline, Place(""), help=fault.help)], found)
        elif found.faults:
            self.refused += 1
            self._complain(list(found.faults), found)
        else:
            self.changed += found.after is not None
            self.same += found.after is None
            self._tell(found)

    def summary(self) -> str:
        """Return the last line: `2 files changed, 3 as they were`."""
        changes = "changed" if self._writes else "would change"
        parts = [f"{_count(self.changed)} {changes}"] if self.changed else []
        if self.same and parts:
            parts.append(f"{self.same:,} {'as it was' if self.same == 1 else 'as they were'}")
        elif self.same:
            parts.append(f"{_count(self.same)} in the canonical layout")
        if self.refused:
            parts.append(f"{self.refused:,} refused")
        if self.unread:
            parts.append(f"{self.unread:,} not read")
        if self.left_out:
            parts.append(f"{self.left_out:,} left out")
        return ", ".join(parts) + "\n"

    def _tell(self, found: Formatted) -> None:
        """Write the file, or print what it would become, or that it would become something else."""
        if found.after is not None and not self._writes:
            from netspec.formatting.difference import difference

            self._findings.add([difference(found.file, found.before, found.after)], {found.file: found.before})
        if not self._findings.text:
            return
        stream = found.file == STREAM_NAME
        if stream and self._writes:
            output().hand_on((found.before if found.after is None else found.after).encode())
        elif found.after is not None:
            self._bar.close()
            if self._writes:
                from netspec.cli.rewriting import rewrite  # loaded when something is written

                rewrite(found.file, found.after.encode())
            output().write(_diff(found, found.after) if self._diff else f"{show(found.file, PATH_LENGTH.value)}\n")

    def _complain(self, faults: list[Diagnostic], found: Formatted) -> None:
        self._findings.add(faults, found.sources)
        if not self._findings.text:
            return
        from netspec.diagnostics.text import render_text  # a renderer is loaded when something is drawn

        self._bar.close()
        errors = complaints()
        sources = found.sources
        text = render_text(faults, sources, colour=errors.colour, width=errors.width, encode=errors.encode)
        errors.write(text)


def _diff(found: Formatted, after: str) -> str:
    """Return a unified diff; of a file whose line ends alone change it says that."""
    import difflib  # loaded when something is compared

    name = show(found.file, PATH_LENGTH.value)
    if found.before == after:
        return f"--- {name}\n+++ {name}\n@@ line ends, or the mark before the first line @@\n"
    old, new = found.before.splitlines(), after.splitlines()
    return "".join(f"{line}\n" for line in difflib.unified_diff(old, new, name, name, lineterm=""))


def _count(number: int) -> str:
    return f"{number:,} file" if number == 1 else f"{number:,} files"
