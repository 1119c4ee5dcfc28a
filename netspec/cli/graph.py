"""`netspec graph`: a picture of a network."""

import os
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import open_network, refuse_folder
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, quote
from netspec.network import Network

if TYPE_CHECKING:
    from netspec.graph.view import Repeats

Format = Literal["svg", "mermaid", "json", "dot", "graphml"]

_SUFFIXES: Final[dict[str, Format]] = {
    ".svg": "svg", ".mmd": "mermaid", ".json": "json", ".dot": "dot", ".graphml": "graphml",
}  # fmt: skip


def command(
    spec: Annotated[str, typer.Argument(help="The spec.", metavar="SPEC")],
    out: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="The file to write, *.svg, *.mmd, *.json, *.dot or *.graphml; printed unless given."
        ),
    ] = None,
    units: Annotated[bool, typer.Option("--units", help="Draw the units of each layer, for a small network.")] = False,
    expand: Annotated[
        bool, typer.Option("--expand", help="Draw rounds of a repeat one by one: the first two and the last.")
    ] = False,
    unrolled: Annotated[bool, typer.Option("--unrolled", help="Draw equal layers one by one.")] = False,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to draw; by the suffix of the file, else mermaid.")
    ] = None,
) -> int:
    """Draw a network as SVG, Mermaid, JSON, DOT or GraphML.

    SVG is a drawing for pages, light and dark in one. Mermaid is text that many pages draw by themselves. JSON has the
    nodes and edges with their shapes, parameters and places in the spec, for programs; DOT is for Graphviz, GraphML for
    other programs. The layers of a repeat are drawn once in a frame with its count. With --units the drawing is of
    circles and lines, one for each unit and weight.
    """
    refuse_folder(out, spec, next((suffix for suffix, meant in _SUFFIXES.items() if meant == form), ".svg"))
    chosen = _format(out, form, units)
    if units and chosen != "svg":
        raise SystemFault("usage", f"--units draws SVG, and not {chosen}", "write it to a file *.svg")
    if units and unrolled:
        raise SystemFault("usage", "--units draws every layer, with or without --unrolled", "leave --unrolled out")
    if units and expand:
        raise SystemFault("usage", "--units draws every layer, with or without --expand", "leave --expand out")
    if unrolled and expand:
        raise SystemFault("usage", "--unrolled draws every round, and --expand some", "leave one of them out")
    network = open_network(spec, variant, sets or [], root)
    text = _drawn(network, chosen, units, "unrolled" if unrolled else "rounds" if expand else "body")
    if out is None:
        output().write(text)
        return FINE
    from netspec.files.writing import atomic_write

    data = text.encode()
    with atomic_write(out, protect=network.files, size=len(data)) as stream:
        stream.write(data)
    return FINE


def _format(out: str | None, form: Format | None, units: bool) -> Format:
    """Return the format that is meant. SystemFault `usage` where neither `--format` nor the suffix says it."""
    if form is not None:
        return form
    if out is None:
        return "svg" if units else "mermaid"
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in _SUFFIXES:
        words = f"-o: the name {quote(out)} does not say what to draw"
        raise SystemFault("usage", words, f"end it in {', '.join(_SUFFIXES)}, or add `--format`")
    return _SUFFIXES[suffix]


def _drawn(network: Network, form: Format, units: bool, repeats: "Repeats") -> str:
    """Return the picture; its renderer is loaded now."""
    part, graph, facts = network.part, network.operations, network.facts
    if units:
        from netspec.pictures.units import draw_units

        return draw_units(part, graph, facts)
    if form == "svg":
        from netspec.pictures.svg import draw_svg

        return draw_svg(part, graph, facts, repeats=repeats)
    if form == "mermaid":
        from netspec.pictures.mermaid import draw_mermaid

        return draw_mermaid(part, graph, facts, repeats=repeats)
    if form == "dot":
        from netspec.pictures.dot import draw_dot

        return draw_dot(part, graph, facts, repeats=repeats)
    if form == "graphml":
        from netspec.pictures.graphml import draw_graphml

        return draw_graphml(part, graph, facts, repeats=repeats)
    from netspec.pictures.json_graph import draw_json

    return draw_json(part, graph, facts, repeats=repeats)
