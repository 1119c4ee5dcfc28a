"""`netspec facts`: the facts of specs in files beside them."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence, Set
from typing import Annotated

import typer

from netspec.cli.checking import Checked
from netspec.cli.choice import ROOT_HELP
from netspec.cli.configuring import CONFIG_HELP, NO_CONFIG_HELP, Configurations
from netspec.cli.forms import FORMAT_HELP, OUTPUT_HELP, Format
from netspec.cli.jobs import cores
from netspec.cli.paths import SPECS_ONLY_HELP, STREAM, Target, collect, files_below
from netspec.cli.recording import Recorded, record_all
from netspec.cli.terminal import complaints, output
from netspec.cli.told import Report
from netspec.diagnostics import Diagnostic, SystemFault, show
from netspec.limits import PATH_LENGTH
from netspec.review.beside import lone
from netspec.review.facts_file import SUFFIX
from netspec.runtime.progress import Progress


def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Specs, folders, patterns such as 'nets/**/*.yaml'; . unless given.", metavar="PATH"),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 where a file of facts is not what its spec has.")
    ] = False,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = "text",
    target: Annotated[str | None, typer.Option("--output", "-o", help=OUTPUT_HELP, metavar="FILE")] = None,
    specs_only: Annotated[bool, typer.Option("--specs-only", help=SPECS_ONLY_HELP)] = False,
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary line.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes at most; all cores unless given.", min=1, metavar="N")
    ] = None,
) -> int:
    """Write the facts of specs into files beside them.

    Those of net.yaml go into net.facts.json: the shape of every tensor, every fact and the fingerprint, one value a
    line, so that a plain git diff shows what a change means. The files that changed are named. --check finds those that
    are missing, say something else than their spec, or have none. Where the configuration says which specs have such a
    file, others are left out, but for one that is named to be written. Of a spec that has an error the facts are
    neither written nor compared. Exit codes: 0 done, 1 a spec is refused or --check found something, 2 usage or a file
    that cannot be read or written.
    """
    configurations, named = Configurations(config, none=no_config), set() if check else set(paths or ())
    found = configurations.under(collect(paths or ["."], root, configurations.excludes, specs_only=specs_only), root)
    targets = [each for each in found if isinstance(each, SystemFault) or _has_facts(each, configurations, named)]
    bar = Progress(sys.stderr, "specs")
    report = Report(form, bar, quiet=True, target=target, command="facts")
    outcome = _Outcome(report, check=check)
    for file, faults, sources, fault in configurations.refusals():
        report.add(Checked(file, faults, sources, fault=fault))
    with contextlib.closing(record_all(targets, jobs or cores(), check=check)) as results:
        for number, recorded in enumerate(results, 1):
            outcome.add(recorded)
            bar.show(number, number / len(targets))
    if check:
        for lonely in _without_spec(paths or ["."], configurations):
            outcome.add(lonely)
    return outcome.finish(quiet=quiet or (form != "text" and target is None))


def _has_facts(target: Target, configurations: Configurations, named: Set[str]) -> bool:
    """Return whether a spec has facts beside it: all have, unless a configuration says which."""
    if target.path in named or target.path == STREAM:
        return True
    configuration = configurations.of(os.path.dirname(target.path))
    return configuration is None or not configuration.facts.value or configuration.has_facts(target.path)


class _Outcome:
    """Takes what became of the facts of specs one by one, writes their files, and counts."""

    def __init__(self, report: Report, *, check: bool) -> None:
        self.report, self._check = report, check
        self._written = self._same = self._wrong = self._refused = self._left_out = 0

    def add(self, found: Recorded) -> None:
        """Take what became of one spec."""
        if found.left_out:
            self._left_out += 1
            return
        if found.text is not None:
            self._write(found, found.text)
        if found.fault is None:
            ours = any(fault.code in _OF_FACTS for fault in found.faults)
            self._wrong += ours and found.file != found.path  # which is so of facts without a spec
            self._refused += bool(found.faults) and not ours
            self._same += not found.faults and found.text is None
        checked = Checked(found.file, found.faults, found.sources, "", found.fault, beside=found.path)
        self.report.add(checked)

    def finish(self, *, quiet: bool) -> int:
        """Return the exit code, when the report is written, and the last line: `2 files written, 3 as they were`."""
        status = self.report.finish()
        if not quiet and (self._written or self._same or self._wrong or self._refused or self._left_out):
            terminal = output() if self._check else complaints()
            told = self.report.counts.errors and self._check
            terminal.write(("\n" if told else "") + self._summary() + "\n")
        return status

    def _summary(self) -> str:
        if self._check:
            specs = self._same + self._wrong + self._refused
            errors, unread = self.report.counts.errors, self.report.counts.unread
            parts = [f"{errors:,} {'error' if errors == 1 else 'errors'}"] if errors else []
            parts += [f"{unread:,} not read"] if unread else []
            parts = parts or (["the facts are up to date"] if specs else [])
            parts += [f"the facts of {self._refused:,} not compared"] if self._refused else []
            parts += [f"{self._left_out:,} left out"] if self._left_out else []
            verdict = ", ".join(parts)
            return f"{specs:,} {'spec' if specs == 1 else 'specs'}: {verdict}"
        parts = [f"{_count(self._written)} written"] if self._written else []
        if self._same and parts:
            parts.append(f"{self._same:,} {'as it was' if self._same == 1 else 'as they were'}")
        elif self._same:
            parts.append(f"{_count(self._same)} as {'it was' if self._same == 1 else 'they were'}")
        parts += [f"{self._refused + self._wrong:,} refused"] if self._refused + self._wrong else []
        unread = self.report.counts.unread
        parts += [f"{unread:,} not read"] if unread else []
        parts += [f"{self._left_out:,} left out"] if self._left_out else []
        return ", ".join(parts)

    def _write(self, found: Recorded, text: str) -> None:
        from netspec.files.writing import atomic_write  # loaded when something is written

        data = text.encode()
        mode = os.stat(found.path).st_mode & 0o777 if os.path.lexists(found.path) else None
        with atomic_write(found.path, protect=(found.file,), size=len(data)) as stream:
            stream.write(data)
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
        self._written += 1
        self.report.tell(f"{show(found.path, PATH_LENGTH.value)}\n")


_OF_FACTS = ("stale-facts", "missing-facts", "not-facts", "lone-facts")


def _without_spec(paths: Sequence[str], configurations: Configurations) -> Iterator[Recorded]:
    """Yield the files of facts below the folders that were named whose spec is gone."""
    for path in paths:
        if not os.path.isdir(path):
            continue
        for file in files_below(path, SUFFIX):
            if isinstance(file, SystemFault):
                continue  # a folder that cannot be searched was told of when specs were searched for
            fault: Diagnostic | None = lone(file)
            if fault is not None and not configurations.excludes(file):
                yield Recorded(file, file, None, (fault,))


def _count(number: int) -> str:
    return f"{number:,} file" if number == 1 else f"{number:,} files"
