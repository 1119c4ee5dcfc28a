"""`netspec git`: git asks netspec to merge specs, and to compare them."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.terminal import output
from netspec.diagnostics import FileFault, SystemFault, show
from netspec.files.folder import open_named, read_named
from netspec.limits import PATH_LENGTH, SPEC_BYTES

if TYPE_CHECKING:
    from netspec.merging.settings import Scope, Step

Action = Literal["install", "uninstall", "status", "merge", "diff", "textconv"]

_MOST_SIZE: Final = 1_000  # of a mark


def command(
    action: Annotated[Action, typer.Argument(help="What to do; the last three are what git calls.", metavar="ACTION")],
    files: Annotated[list[str] | None, typer.Argument(help="What git hands to a driver.", metavar="FILE")] = None,
    everywhere: Annotated[
        bool, typer.Option("--global", help="For all repositories of yours, not for this one alone.")
    ] = False,
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--pattern",
            help="Files that are specs, as git has patterns; *.yaml and *.yml unless given.",
            metavar="GLOB",
        ),
    ] = None,
    always: Annotated[
        bool, typer.Option("--ext-diff", help="Let a plain `git diff` be semantic too, but with --no-ext-diff.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--textconv", help="Let git compare listings with shapes and counts, instead of the texts.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Say what would be set, and set nothing.")] = False,
    path: Annotated[
        str | None, typer.Option("--path", help="Of a merge: where the file lies in the repository.", metavar="PATH")
    ] = None,
    size: Annotated[
        str, typer.Option("--marker-size", help="Of a merge: the letters of a conflict's marks.", metavar="N")
    ] = "7",
    ours: Annotated[str, typer.Option("--ours-label", help="Of a merge: what ours is called.", metavar="TEXT")] = "",
    base: Annotated[str, typer.Option("--base-label", help="Of a merge: what base is called.", metavar="TEXT")] = "",
    theirs: Annotated[
        str, typer.Option("--theirs-label", help="Of a merge: what theirs is called.", metavar="TEXT")
    ] = "",
    version: Annotated[
        str, typer.Option("--as", help="Of a listing: the netspec that git keeps it of.", metavar="VERSION")
    ] = "",
) -> int:
    """Have git merge specs, and show what changes mean.

    install sets a merge driver, and the aliases spec-diff, spec-log and spec-show, in the settings of this repository;
    uninstall takes away what install set, and status says what is set. A plain `git diff` stays as it is, unless asked.
    """
    del version  # it is a part of the command by which git knows what it has kept
    given = files or []
    if action in ("merge", "diff", "textconv"):
        return _driver(action, given, _Labels(path, size, ours, base, theirs))
    if given:
        raise SystemFault("usage", f"`netspec git {action}` takes no files", "name patterns by --pattern")
    from netspec.merging import settings

    scope: Scope = "--global" if everywhere else "--local"
    if action == "status":
        lines, current = settings.status(scope)
        output().write("".join(f"{line}\n" for line in lines) or "nothing is installed\n")
        return FINE if current else REFUSED
    if action == "uninstall":
        steps = settings.uninstall(scope)
        output().write(_told(steps, values=False) or "nothing was installed\n")
        return FINE
    wanted = settings.Wanted(scope, patterns or settings.PATTERNS, always, listing)
    output().write(_told(settings.install(wanted, dry=dry), values=dry))
    return FINE


def _told(steps: "Sequence[Step]", *, values: bool) -> str:
    """Return what was done, line by line, with the values where they are asked for."""
    lines = []
    for step in steps:
        value = f" = {show(step.value, PATH_LENGTH.value)}" if values and step.value else ""
        lines.append(
            f"{step.verb:<5}  {show(step.name, PATH_LENGTH.value)}{value}{'' if step.done else '  (as it was)'}\n"
        )
    return "".join(lines)


class _Labels:
    """What git says of a merge; an older git leaves a label as the two letters that stand for it."""

    def __init__(self, path: str | None, size: str, ours: str, base: str, theirs: str) -> None:
        self.path = path
        self.size = int(size) if size.isascii() and size.isdecimal() and 0 < int(size) <= _MOST_SIZE else 7
        self.ours = _label(ours, "ours")
        self.base = _label(base, "base")
        self.theirs = _label(theirs, "theirs")


def _label(given: str, otherwise: str) -> str:
    return show(given, PATH_LENGTH.value) if given and given not in ("%X", "%S", "%Y") else otherwise


def _driver(action: Action, files: list[str], labels: _Labels) -> int:
    """Do what git asks for."""
    if action == "textconv":
        _taking(action, files, (1,))
        return _textconv(files[0])
    if action == "merge":
        _taking(action, files, (3,))
        return _merge(files, labels)
    _taking(action, files, (7, 9))
    from netspec.cli.external import show_change

    return show_change(files)


def _taking(action: Action, files: Sequence[str], counts: tuple[int, ...]) -> None:
    if len(files) not in counts:
        words = f"`netspec git {action}` is what git calls, with {' or '.join(map(str, counts))} arguments"
        raise SystemFault("usage", words, "`netspec git install` sets it up")


def _merge(files: Sequence[str], labels: _Labels) -> int:
    """Merge what git has written beside each other, and leave the result in ours.

    Ours is written last: where anything fails before, git merges the three lines by line, as they were.
    """
    from netspec.cli.merge import merged_files, tell
    from netspec.cli.rewriting import rewrite
    from netspec.merging.hunks import Marks
    from netspec.merging.settings import CONFLICTS

    base, ours, theirs = files
    path = labels.path or ours
    marks = Marks(labels.ours, labels.base, labels.theirs, labels.size)
    merged, checked = merged_files((ours, base, theirs), marks, path, path)
    tell(merged, checked, path)
    rewrite(ours, merged.data)
    return FINE if merged.clean and not checked.faults else CONFLICTS


def _textconv(path: str) -> int:
    """Print the listing of a spec, and of any other file what it holds."""
    from netspec.review.listing import listing

    try:
        data = read_named(path, SPEC_BYTES)
    except FileFault as fault:
        if fault.code != SPEC_BYTES.code:
            raise SystemFault("read-failed", fault.reason) from fault
        with open_named(path) as stream:
            while chunk := stream.read(1 << 20):
                output().hand_on(chunk)
        return FINE
    found = listing(data, os.path.basename(path))
    output().hand_on(data if found is None else found.encode())
    return FINE
