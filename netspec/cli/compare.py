"""`netspec compare`: networks side by side, and the curves of families."""

from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP
from netspec.cli.numbers import number_list
from netspec.cli.opening import open_network
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault
from netspec.network import Network
from netspec.spec import read_variants

Format = Literal["text", "markdown", "csv", "json"]

_MOST_NETWORKS = 1_000


def command(
    specs: Annotated[
        list[str] | None, typer.Argument(help="The specs.", metavar="[SPEC]...", show_default=False)
    ] = None,
    variants: Annotated[bool, typer.Option("--variants", help="Compare the variants of each spec too.")] = False,
    variant: Annotated[
        str | None,
        typer.Option("--variant", help="The variant of every spec; as written unless given.", metavar="NAME"),
    ] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    families: Annotated[
        list[int] | None,
        typer.Option(
            "--family",
            help="Instead of specs, the family of fully connected networks on so many inputs; may be given again.",
            metavar="INPUTS",
            min=1,
        ),
    ] = None,
    outputs: Annotated[int, typer.Option("--outputs", help="Of a family: D_o.", min=1)] = 1,
    depths: Annotated[
        str, typer.Option("--depths", help="Of a family: the K, such as 1-5 or 1,2,8.", metavar="NUMBERS")
    ] = "1-5",
    widths: Annotated[
        str | None,
        typer.Option(
            "--widths",
            help="Of a family: the D, such as 10-50/10; 1-10 for one input, else five multiples of it unless given.",
            metavar="NUMBERS",
        ),
    ] = None,
    rank: Annotated[
        bool,
        typer.Option(
            "--rank", help="Find the effective dimension: the rank of the Jacobian at the values given, else drawn."
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="What --rank draws from.", min=0, max=10**18 - 1)] = 0,
    exact_bounds: Annotated[
        bool, typer.Option("--exact-bounds", help="Work bounds out as exact integers, where that takes a minute too.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Write integers beyond 20 digits whole.")] = False,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
) -> int:
    """Compare what networks cost and what they express.

    Regions are those of the family, over all parameters: the maximum where it is known exactly, else a lower bound,
    which some parameters attain, and an upper bound, which none exceed. --rank says what was found numerically at
    parameters. With --family the table has a row for each depth and width, as the curves of the book's figure 4.7.
    """
    from netspec.summary.comparison import render_comparison, render_curves  # which load NumPy

    if families:
        if specs or variants or variant or sets or rank:
            raise SystemFault("usage", "--family draws curves instead of comparing specs", "leave the specs out")
        from netspec.efficiency.curves import curves

        try:
            chosen = None if widths is None else number_list(widths, "--widths")
            found = [
                curve
                for inputs in families
                for curve in curves(
                    inputs,
                    outputs=outputs,
                    depths=number_list(depths, "--depths"),
                    widths=chosen,
                    exact=exact_bounds,
                )
            ]
        except ValueError as error:
            raise SystemFault("usage", f"--family: {error}") from None
        output().write(render_curves(found, form, exact=exact))
        return FINE
    if not specs:
        raise SystemFault("usage", "there is nothing to compare", "name specs, or a family by `--family 1`")
    if variants and variant is not None:
        raise SystemFault("usage", "--variants has every variant, and --variant one", "leave one of them out")
    from netspec.efficiency.comparison import compared

    rows = []
    for number, network in enumerate(_networks(specs, variants, variant, sets or [], root)):
        if number == _MOST_NETWORKS:
            raise SystemFault("usage", f"more than {_MOST_NETWORKS:,} networks to compare", "compare fewer at a time")
        part = network.part
        row = compared(part.name, part.variant, network.operations, network.facts, exact=exact_bounds)
        if rank:
            from netspec.efficiency.ranked import ranked

            row = ranked(row, network, seed)
        rows.append(row)
    output().write(render_comparison(rows, form, exact=exact, rank=rank, columns=output().width))
    return FINE


def _networks(
    specs: list[str], variants: bool, variant: str | None, sets: list[str], root: str | None
) -> Iterator[Network]:
    """Yield the networks in the order of the arguments; the variants of a spec follow it in the order of the file."""
    for spec in specs:
        network = open_network(spec, variant, sets, root)
        yield network
        if variants:
            for name in read_variants(network.part.document.data.get("variants")):
                yield open_network(spec, name, sets, root)
