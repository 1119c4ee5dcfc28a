"""`netspec breaking`: whom a change to a spec breaks."""

import contextlib
import os
from collections.abc import Sequence
from typing import Annotated

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.configuring import NO_CONFIG_HELP, Configurations
from netspec.cli.forms import FORMAT_HELP, OUTPUT_HELP, Findings, Format
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.standards import CONFIG_HELP, LEVEL_HELP, LIMIT_HELP, Level, configured_against, standard
from netspec.cli.terminal import output
from netspec.diagnostics import Diagnostic, SpecError, SystemFault, show
from netspec.limits import PATH_LENGTH
from netspec.review.breaking import gone
from netspec.review.changes import LEVELS, Diff
from netspec.review.many import Changes, Outcome, outcome
from netspec.review.opening import Opener
from netspec.review.repository import WILD, split_range
from netspec.review.standard import Standard, untold
from netspec.review.telling import verdict


class _Found:
    """What was found in all specs: errors, the texts that they are of, and what was compared."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self.faults: list[Diagnostic] = []
        self.sources = dict(standard.sources)
        self.files: list[str] = []
        self.allowed: list[tuple[str, Diff]] = []
        self.skipped: list[str] = []

    def add(self, found: Outcome) -> None:
        """Take in what became of a spec; what came breaks nobody."""
        self.sources |= found.sources
        if found.new is None:
            if found.old is not None:
                self.faults.append(gone(found.old, found.old.partition(":")[2]))
            return
        self.files.append(found.new)
        self.faults += found.errors
        self.skipped += [each.file for each in found.refused if each.file == found.old]
        diff = found.diff
        if diff is None:
            return
        new = self.standard.broken(found)
        self.faults += untold(found, new)
        if not new and not diff.empty:
            self.allowed.append((found.new, diff))


def command(
    specs: Annotated[
        list[str] | None,
        typer.Argument(
            help="OLD and NEW, each a file or REV:path; or a range REV..REV, or --against, and then files and folders.",
            metavar="OLD NEW",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", help="Compare specs with what a revision has; all unless paths are given.", metavar="REV"
        ),
    ] = None,
    level: Annotated[Level | None, typer.Option("--level", help=LEVEL_HELP)] = None,
    limits: Annotated[list[str] | None, typer.Option("--limit", help=LIMIT_HELP, metavar="FACT=N")] = None,
    form: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = "text",
    target: Annotated[str | None, typer.Option("--output", "-o", help=OUTPUT_HELP, metavar="FILE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print faults only, no summary line.")] = False,
) -> int:
    """Refuse changes that break whoever uses the old network.

    The classes, the strictest first: interface, what goes in and comes out; weights, an old checkpoint no longer loads
    one to one; function, it loads and computes something else; budget, what is asserted of the facts; cosmetic.
    Two files are OLD and NEW; without arguments, or with other paths, specs are compared with the revision that is
    configured. Exit codes: 0 nothing of that class is new, 1 something is, or a spec is invalid.
    """
    paths, findings = specs or [], Findings("breaking", form, target)
    try:
        found = _Found(standard(level, limits or [], Configurations(config, none=no_config)))
    except SpecError as refused:
        found = _Found(Standard())
        found.faults, found.sources = list(refused.diagnostics), dict(refused.sources)
        return _report(found, findings, quiet)
    if against is None and paths and split_range(paths[0]) is not None:
        against, *paths = paths
    elif against is None and not _pair(paths):
        against = configured_against(found.standard)
    if against is None and len(paths) != 2:
        raise SystemFault("usage", "two specs are needed, OLD and NEW", "or `--against REV` for all that changed since")
    if against is None:
        with Opener(root) as opener:
            found.add(outcome(opener.open(paths[0]), opener.open(paths[1]), found.standard.words))
    else:
        from netspec.cli.comparing import compare_all

        with (
            Changes(against, paths, found.standard.words) as changes,
            contextlib.closing(compare_all(changes)) as outcomes,
        ):
            for each in outcomes:
                found.add(each)
    return _report(found, findings, quiet)


def _pair(paths: Sequence[str]) -> bool:
    """Whether paths are two specs, an old one and a new one: none is a folder, or a pattern."""
    return len(paths) == 2 and not any(map(_many, paths))


def _many(path: str) -> bool:
    return os.path.isdir(path) or not (WILD.isdisjoint(path) or os.path.lexists(path))


def _report(found: _Found, findings: Findings, quiet: bool) -> int:
    """Return the exit code, when all is told."""
    status = REFUSED if any(fault.severity == "error" for fault in found.faults) else FINE
    findings.add(found.faults, found.sources)
    findings.write(found.files, status, found.sources)
    if findings.text:
        _tell(found, quiet)
    return status


def _tell(found: _Found, quiet: bool) -> None:
    terminal = output()
    if found.faults:
        from netspec.diagnostics.text import render_text

        drawn = render_text(
            found.faults, found.sources, colour=terminal.colour, width=terminal.width, encode=terminal.encode
        )
        terminal.write(drawn if quiet else f"{drawn}\n")
    if not quiet:
        terminal.write(_summary(found))


def _summary(found: _Found) -> str:
    """Return the last lines: what was allowed, what could not be compared, and the counts."""
    lines = [f"allowed: {show(file, PATH_LENGTH.value)}: {verdict(diff)}" for file, diff in found.allowed]
    lines += [f"not compared: {show(file, PATH_LENGTH.value)} has no network" for file in found.skipped]
    count, files = len(found.faults), len(found.files)
    specs = f"{files:,} {'spec' if files == 1 else 'specs'}"
    worse = LEVELS[: LEVELS.index(found.standard.level) + 1]
    classes = worse[0] if len(worse) == 1 else f"{', '.join(worse[:-1])} or {worse[-1]}"
    if not count:
        lines.append(f"{specs} compared: nothing new of class {classes}")
    else:
        lines.append(f"{specs} compared: {count:,} {'error' if count == 1 else 'errors'}")
    return "".join(f"{line}\n" for line in lines)
