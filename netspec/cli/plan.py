"""`netspec plan`: what becomes of a file of weights where the network is another."""

from typing import Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.planned import (
    DEEPEN_HELP,
    DTYPE_HELP,
    FROM_HELP,
    FROM_VARIANT_HELP,
    KEEP_HELP,
    NEW_HELP,
    RENAME_HELP,
    VARIANT_HELP,
    WEIGHTS_HELP,
    WIDEN_HELP,
    Request,
    open_all,
)
from netspec.cli.target import meant
from netspec.cli.terminal import output
from netspec.migration.asked import Deepen, Widen
from netspec.migration.planning import Wish
from netspec.migration.renames import read_renames
from netspec.migration.steps import Plan

Format = Literal["text", "json", "markdown"]

_SUFFIXES: Final[dict[str, Format]] = {".json": "json", ".md": "markdown", ".txt": "text"}


def command(
    new: Annotated[str, typer.Argument(help=NEW_HELP, metavar="NEW")],
    weights: Annotated[str, typer.Option("--weights", help=WEIGHTS_HELP, metavar="FILE")],
    old: Annotated[str | None, typer.Option("--from", help=FROM_HELP, metavar="OLD")] = None,
    renames: Annotated[list[str] | None, typer.Option("--rename", help=RENAME_HELP, metavar="OLD=NEW")] = None,
    widen: Annotated[Widen, typer.Option("--widen", help=WIDEN_HELP)] = "zero",
    deepen: Annotated[Deepen, typer.Option("--deepen", help=DEEPEN_HELP)] = "identity",
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    old_variant: Annotated[str | None, typer.Option("--from-variant", help=FROM_VARIANT_HELP, metavar="NAME")] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to write; by the suffix of the file, else text.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", help="The file to write, *.json, *.md or *.txt; printed unless given."),
    ] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where anything is to be done, as git diff does.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep-function", help=KEEP_HELP)] = False,
) -> int:
    """Say what becomes of weights where their network changes.

    Of each tensor: whether it is kept, renamed, permuted, sliced, padded, initialised or dropped; and whether all of
    it keeps the function, with the proof. Only headers are read. `netspec migrate` carries the plan out.
    """
    chosen = meant(out, form, _SUFFIXES, "text")
    wish = Wish(widen, deepen, read_renames(renames or []), dtype)
    found = open_all(Request(new, weights, old, variant, old_variant, root, wish))
    plan = found.plan(wish)
    text = _rendered(plan, chosen)
    if out is None:
        output().write(text)
    else:
        from netspec.files.writing import atomic_write

        data = text.encode()
        with atomic_write(out, protect=found.inputs, size=len(data)) as stream:
            stream.write(data)
    lost = keep and plan.verdict.outcome != "keeps"
    return REFUSED if lost or (exit_code and not plan.empty) else FINE


def _rendered(plan: Plan, form: Format) -> str:
    """Return the plan in a format, whose renderer is loaded now."""
    if form == "json":
        from netspec.migration.json_plan import render_json

        return render_json(plan)
    if form == "markdown":
        from netspec.migration.markdown import render_markdown

        return render_markdown(plan)
    from netspec.migration.text import render_text

    terminal = output()
    return render_text(plan, colour=terminal.colour, width=terminal.width, encode=terminal.encode)
