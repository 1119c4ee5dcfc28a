"""`netspec breaking`: whom a change to a spec breaks."""

import contextlib
import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.forms import FORMAT_HELP, OUTPUT_HELP, Findings, Format
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.terminal import output
from netspec.diagnostics import Diagnostic, SystemFault, quote, show
from netspec.limits import PATH_LENGTH
from netspec.review.breaking import gone, held, untold
from netspec.review.changes import LEVELS, Diff
from netspec.review.changes import Level as Class
from netspec.review.git import split_range
from netspec.review.many import Changes, Outcome, outcome
from netspec.review.opening import Opener
from netspec.review.telling import verdict

Level = Literal["interface", "weights", "function", "budget", "cosmetic"]

_LIMIT: Final = re.compile(r"([a-z_]+)=([0-9]{1,18})\Z")
_LIMITED: Final = ("parameters", "capacity", "depth", "macs", "flops", "parameter_bytes", "activation_bytes")


class _Found:
    """What was found in all specs: errors, the texts that they are of, and what was compared."""

    def __init__(self, level: Class, limits: dict[str, int]) -> None:
        self.level, self.limits = level, limits
        self.faults: list[Diagnostic] = []
        self.sources: dict[str, str] = {}
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
        new = held(found, self.level, self.limits)
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
    level: Annotated[Level, typer.Option("--level", help="The mildest class of change that is an error.")] = "weights",
    limits: Annotated[
        list[str] | None,
        typer.Option("--limit", help="A fact's limit, such as parameters=1000000; of class budget.", metavar="FACT=N"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = "text",
    target: Annotated[str | None, typer.Option("--output", "-o", help=OUTPUT_HELP, metavar="FILE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print faults only, no summary line.")] = False,
) -> int:
    """Refuse changes that break whoever uses the old network.

    The classes, the strictest first: interface, what goes in and comes out; weights, an old checkpoint no longer loads
    one to one; function, it loads and computes something else; budget, what is asserted of the facts; cosmetic. Exit
    codes: 0 nothing of that class is new, 1 something is, or a spec is invalid.
    """
    found = _Found(level, fact_limits(limits or []))
    findings = Findings("breaking", form, target)
    paths = specs or []
    if against is None and paths and split_range(paths[0]) is not None:
        against, *paths = paths
    if against is None and len(paths) != 2:
        raise SystemFault("usage", "two specs are needed, OLD and NEW", "or `--against REV` for all that changed since")
    if against is None:
        with Opener(root) as opener:
            found.add(outcome(opener.open(paths[0]), opener.open(paths[1]), found.limits))
    else:
        from netspec.cli.comparing import compare_all

        with Changes(against, paths, found.limits) as changes, contextlib.closing(compare_all(changes)) as outcomes:
            for each in outcomes:
                found.add(each)
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
    worse = LEVELS[: LEVELS.index(found.level) + 1]
    classes = worse[0] if len(worse) == 1 else f"{', '.join(worse[:-1])} or {worse[-1]}"
    if not count:
        lines.append(f"{specs} compared: nothing new of class {classes}")
    else:
        lines.append(f"{specs} compared: {count:,} {'error' if count == 1 else 'errors'}")
    return "".join(f"{line}\n" for line in lines)


def fact_limits(given: Sequence[str]) -> dict[str, int]:
    """Return the limits by fact. SystemFault `usage` for what is none."""
    limits: dict[str, int] = {}
    for text in given:
        match = _LIMIT.match(text)
        if match is None or match[1] not in _LIMITED:
            help_ = f"write FACT=N, of {', '.join(_LIMITED)}"
            raise SystemFault("usage", f"--limit: {quote(text)} is no limit on a fact", help_)
        limits[match[1]] = int(match[2])
    return limits
