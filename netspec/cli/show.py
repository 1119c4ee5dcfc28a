"""`netspec show`: what a network is, in its layers, its equations and its facts."""

from typing import Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP, choice
from netspec.cli.configuring import configured_root
from netspec.cli.outcome import FINE
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import SpecError
from netspec.diagnostics.text import render_text as render_diagnostics
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.validation import check_file

Format = Literal["text", "markdown", "json", "latex"]


def command(
    spec: Annotated[str, typer.Argument(help="The spec.", metavar="SPEC")],
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
    exact: Annotated[
        bool, typer.Option("--exact", help="Write integers beyond 20 digits whole, up to 100,000 digits.")
    ] = False,
) -> int:
    """Print the layers, the equations and the facts of a network.

    FLOPs: a multiply-accumulate is 2, an added bias and an activation 1 each.
    LaTeX asks for the package amsmath, and for longtable where the table is longer than a page.
    """
    verdict = check_file(spec, root=configured_root(spec, root), choice=choice(variant, sets or []))
    if verdict.part is None or verdict.graph is None or verdict.facts is None:
        raise SpecError(verdict.diagnostics, verdict.sources)
    if verdict.diagnostics:
        errors = complaints()
        errors.write(
            render_diagnostics(
                verdict.diagnostics, verdict.sources, colour=errors.colour, width=errors.width, encode=errors.encode
            )
        )
    output().write(_rendered(verdict.part, verdict.graph, verdict.facts, form, exact))
    return FINE


def _rendered(part: Part, graph: Graph, facts: Facts, form: Format, exact: bool) -> str:
    """Return the summary in a format, whose renderer is loaded now."""
    if form == "json":
        from netspec.summary.json_summary import render_json

        return render_json(part, graph, facts)
    if form == "markdown":
        from netspec.summary.markdown import render_markdown

        return render_markdown(part, graph, facts, exact=exact)
    if form == "latex":
        from netspec.summary.latex import render_latex

        return render_latex(part, graph, facts, exact=exact)
    from netspec.summary.text import render_text

    terminal = output()
    return render_text(
        part, graph, facts, exact=exact, colour=terminal.colour, width=terminal.width, encode=terminal.encode
    )
