"""`netspec diff`: what a change to a spec means."""

import contextlib
import os
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.target import meant, write
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import Diagnostic, SpecError, SystemFault, show
from netspec.limits import PATH_LENGTH
from netspec.review.alone import Alone
from netspec.review.changes import Diff, Refused
from netspec.review.compare import compare
from netspec.review.opening import Opened, Opener
from netspec.review.repository import split_range

Format = Literal["text", "json", "markdown", "svg"]

_SUFFIXES: Final[dict[str, Format]] = {".svg": "svg", ".json": "json", ".md": "markdown", ".txt": "text"}


def command(
    specs: Annotated[
        list[str] | None,
        typer.Argument(
            help="OLD and NEW, each a file or REV:path; or a range REV..REV, or --git, and then files and folders.",
            metavar="OLD NEW",
        ),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option(
            "--git", help="Compare specs with what a revision has; all unless paths are given.", metavar="REV"
        ),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to write; by the suffix of the file, else text.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", help="The file to write, *.svg, *.json, *.md or *.txt; printed unless given."),
    ] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where anything but text is another, as git diff does.")
    ] = False,
) -> int:
    """Say what a change to a spec means for its network.

    Layers are matched by their names, then by what they are, so that an inserted layer is an insertion. Each change has
    a class, the strictest first: interface, weights, function, budget, cosmetic. REV:path is a file as a revision of
    git has it, from the top of the repository; what it refers to is read there too. A..B compares all specs of two
    revisions, and A...B those of B with where it left A.
    """
    chosen = meant(out, form, _SUFFIXES, "text")
    paths = specs or []
    if git is None and paths and split_range(paths[0]) is not None:
        git, *paths = paths
    if git is None and len(paths) != 2:
        raise SystemFault("usage", "two specs are needed, OLD and NEW", "or `--git REV` for all that changed since")
    if git is not None:
        if chosen == "svg":
            raise SystemFault("usage", "a picture is of two specs, OLD and NEW")
        return _tree(git, paths, chosen, out, exit_code)
    with Opener(root) as opener:
        old, new = (_sound(opener.open(path)) for path in paths)
    diff = compare(old.family, new.family, (old.file, new.file))
    write(_rendered([diff], chosen, (old, new)), out, [path for path in paths if os.path.lexists(path)])
    return REFUSED if exit_code and not diff.empty else FINE


def _tree(revision: str, paths: list[str], form: Format, out: str | None, exit_code: bool) -> int:
    """Compare all that changed, and tell what cannot be."""
    from netspec.cli.comparing import compare_all
    from netspec.review.many import Changes

    diffs: list[Diff] = []
    alone: list[Alone] = []
    refused: list[Refused] = []
    sources: dict[str, str] = {}
    wrong = False
    with Changes(revision, paths) as changes, contextlib.closing(compare_all(changes)) as outcomes:
        for found in outcomes:
            if found.old is None or found.new is None:
                gone = found.new is None
                alone.append(Alone(found.new or found.old or "", "removed" if gone else "added", found.sketch))
            if found.diff is not None:
                diffs.append(found.diff)
            if found.refused:
                refused += found.refused
                sources |= found.sources
                wrong |= any(each.file == found.new for each in found.refused)
    if refused:
        faults = [fault for each in refused for fault in each.diagnostics if fault.severity == "error"]
        _complain(faults, sources)
    if form == "json":
        from netspec.review.json_diff import render_json

        text = render_json(diffs, alone, refused)
    else:
        text = _told(diffs, alone, refused, form)
    write(text, out, [diff.new.file for diff in diffs])
    differs = alone or any(not diff.empty for diff in diffs)
    return REFUSED if wrong or (exit_code and differs) else FINE


def _told(diffs: list[Diff], alone: list[Alone], refused: list[Refused], form: Format) -> str:
    """Return what changed in many specs: those that did and that are new one by one, the others counted."""
    new = [each for each in alone if each.sketch is not None]
    kinds = [(each.file, each.kind) for each in alone if each.sketch is None]
    kinds += [(each.file, "has no network, and is not compared") for each in refused]
    if form == "markdown":
        from netspec.review.markdown import new_spec, render_markdown
        from netspec.review.marking import code

        listed = "".join(f"* {code(file, table=False)}: {kind}\n" for file, kind in kinds)
        came = ("\n".join(new_spec(each)) + "\n" for each in new)
        parts = [part for part in (render_markdown(diffs) if diffs else "", *came, listed) if part]
        return "\n".join(parts) or "No spec changed.\n"
    from netspec.review.text import render_alone

    terminal = output()
    words = [f"{show(file, PATH_LENGTH.value)}: {kind}" for file, kind in kinds]
    told = [diff for diff in diffs if diff.changes]
    parts = [_rendered([diff], form, None) for diff in told]
    parts += [render_alone(each, colour=terminal.colour, width=terminal.width, encode=terminal.encode) for each in new]
    if words:
        parts.append("".join(f"{each}\n" for each in words))
    if len(diffs) > len(told):
        equal = len(diffs) - len(told)
        more = " more" if parts else ""
        parts.append(f"{equal:,}{more} {'spec' if equal == 1 else 'specs'}: the networks are equal\n")
    return "\n".join(parts) if parts else "no spec changed\n"


def _rendered(diffs: list[Diff], form: Format, opened: "tuple[Opened, Opened] | None") -> str:
    """Return differences in a format, whose renderer is loaded now."""
    if form == "json":
        from netspec.review.json_diff import render_json

        return render_json(diffs)
    if form == "markdown":
        from netspec.review.markdown import render_markdown

        return render_markdown(diffs)
    if form == "svg" and opened is not None:
        from netspec.review.picture import draw_diff

        members = [each.family.written for each in opened]
        if members[0] is None or members[1] is None:
            raise TypeError("a picture is of two networks")
        return draw_diff(members[0], members[1], diffs[0])
    from netspec.review.text import render_text

    terminal = output()
    return "\n".join(
        render_text(diff, colour=terminal.colour, width=terminal.width, encode=terminal.encode) for diff in diffs
    )


def _sound(opened: Opened) -> Opened:
    """Return a spec that has a network; its warnings are not told, since they are no difference. SpecError else."""
    if opened.family.written is None:
        raise SpecError(opened.family.diagnostics, opened.family.sources)
    return opened


def _complain(faults: Sequence[Diagnostic], sources: dict[str, str]) -> None:
    from netspec.diagnostics.text import render_text

    errors = complaints()
    errors.write(render_text(faults, sources, colour=errors.colour, width=errors.width, encode=errors.encode))
