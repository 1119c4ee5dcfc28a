"""`netspec merge`: two specs that come of one, merged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import FileFault, SystemFault, quote, show
from netspec.files.folder import read_named
from netspec.limits import PATH_LENGTH, SHOWN_BYTES, SHOWN_FAULTS, SPEC_BYTES
from netspec.merging.hunks import Marks

if TYPE_CHECKING:
    from netspec.merging.checking import Checked
    from netspec.merging.merge import Merged

Format = Literal["text", "json"]


def command(
    base: Annotated[str, typer.Argument(help="The spec that both come of.", metavar="BASE")],
    ours: Annotated[str, typer.Argument(help="The one whose layout and comments are kept.", metavar="OURS")],
    theirs: Annotated[str, typer.Argument(help="The one whose changes are brought in.", metavar="THEIRS")],
    out: Annotated[
        str | None, typer.Option("--output", "-o", help="The file to write; printed unless given.", metavar="OUT")
    ] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
) -> int:
    """Merge two specs that come of one, by keys and layers.

    Edits of different keys, layers, arguments and comments are all kept. What both changed is left in the text between
    marks, as git leaves it, and told on standard error with its line. A file that is no spec is merged line by line.
    Exit codes: 0 merged, 1 conflicts, or the merged spec has a fault that neither side has.
    """
    merged, checked = merged_files((ours, base, theirs), Marks(), out or ours, out or "<merge>", root)
    if form == "json":
        from netspec.merging.json_merge import render_json

        output().write(render_json(merged, checked, out or "<merge>"))
    else:
        tell(merged, checked, out or "<merge>")
        if out is None:
            output().hand_on(merged.data)
    if out is not None:
        from netspec.files.writing import atomic_write

        with atomic_write(out, protect=(base, ours, theirs), size=len(merged.data)) as stream:
            stream.write(merged.data)
    return FINE if merged.clean and not checked.faults else REFUSED


def merged_files(
    paths: tuple[str, str, str], marks: Marks, path: str, name: str, root: str | None = None
) -> "tuple[Merged, Checked]":
    """Return the merge of ours, base and theirs, which will lie at `path`, and what is to be said of it."""
    from netspec.merging.checking import check_merge
    from netspec.merging.merge import Merged, merge
    from netspec.merging.text_merge import merge_text

    try:
        ours, base, theirs = (read_named(each, SPEC_BYTES) for each in paths)
    except FileFault as fault:
        if fault.code != SPEC_BYTES.code:
            raise SystemFault("read-failed", f"{_named(paths)} cannot be merged: {fault.reason}") from fault
        found = merge_text(*paths, marks)
        merged = Merged(found.data, (), (), found.clean, "a file is larger than a spec may be")
        return merged, check_merge(merged, (b"", b""), path, name, root)
    merged = merge(ours, base, theirs, marks, lambda: merge_text(*paths, marks), name)
    return merged, check_merge(merged, (ours, theirs), path, name, root)


def _named(paths: Sequence[str]) -> str:
    return ", ".join(quote(each) for each in paths)


def tell(merged: "Merged", checked: "Checked", name: str) -> None:
    """Write on standard error what could not be merged, the first conflicts in a line each, and what is at fault."""
    errors = complaints()
    shown = show(name, PATH_LENGTH.value)
    if merged.why:
        errors.write(f"{shown}: merged line by line, as text: {merged.why}\n")
    room = SHOWN_BYTES.value
    for number, each in enumerate(merged.placed):
        told = f"{shown}:{each.line}: {each.conflict.words}\n"
        fact = checked.facts.get(each.conflict.path)
        if fact is not None:
            told += f"    the merged network has `{each.conflict.path[-1]}: {fact}`\n"
        room -= len(told.encode(errors="replace"))
        if number == SHOWN_FAULTS.value or room < 0:
            left = len(merged.placed) - number
            errors.write(f"{shown}: … and {left:,} more conflict{'s' if left > 1 else ''}\n")
            break
        errors.write(told)
    if checked.faults:
        from netspec.diagnostics.text import render_text

        errors.write(f"{shown}: merged without a conflict, but what came of it is not valid\n")
        drawn = render_text(
            checked.faults, checked.sources, colour=errors.colour, width=errors.width, encode=errors.encode
        )
        errors.write(drawn)
