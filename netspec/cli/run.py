"""`netspec run`: y for every row of a table."""

import os
from typing import Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, MODELS, SEED_HELP, amount, is_spec, open_model
from netspec.diagnostics import SystemFault, quote, show
from netspec.limits import PATH_LENGTH

Form = Literal["csv", "tsv", "json", "jsonl", "npy", "npz"]


def command(
    what: Annotated[
        str, typer.Argument(help="A spec, or a model that was built (.pyz, .safetensors).", metavar="SPEC_OR_MODEL")
    ],
    source: Annotated[
        str | None, typer.Argument(help="The table; - or nothing is standard input.", metavar="INPUT")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Where to write y; standard output unless given.", metavar="OUTPUT"),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="What INPUT is, where neither name nor first bytes say so.")
    ] = None,
    to: Annotated[
        Form | None,
        typer.Option("--to", help="What to write; by the suffix of OUTPUT, JSON from JSON, else CSV unless given."),
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Write the words of classes that the model was trained on instead of y.")
    ] = False,
    batch: Annotated[int | None, typer.Option("--batch", help="Rows held in memory at a time.", min=1)] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=SEED_HELP, min=0, max=10**18 - 1)] = None,
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Compute y for each row of a table.

    Tables are .csv, .tsv, .json, .jsonl, .npy or .npz. A spec is built first, in memory; a model brings its own
    parameters. Inputs larger than memory are streamed.
    """
    limit = amount(max_memory)
    if not is_spec(what):
        _refuse_swapped(what, source)
    model, files = open_model(
        what, variant=variant, sets=sets or [], root=root, seed=seed, dtype=dtype, max_memory=limit
    )

    from netspec.model import check_memory, stored_bytes
    from netspec.runtime.run import Options, run

    if is_spec(what):
        check_memory(stored_bytes(model.facts, model.dtype), limit, f"running {model.name}")
    options = Options(form, to, batch, protect=files, known=model.columns)
    if labels:
        from netspec.cli.labels import Labels

        options = options._replace(writer=Labels(model).open)
    return run(model.program, model.name, source, target, options)


def _refuse_swapped(what: str, source: str | None) -> None:
    """Raise SystemFault where the table comes first and the model or spec after it."""
    if os.path.splitext(what)[1] in MODELS or source is None:
        return
    if is_spec(source) or os.path.splitext(source)[1] in MODELS:
        headline = f"{quote(what)} and {quote(source)} are swapped: the model or spec comes first, then the table"
        first, then = (show(path, PATH_LENGTH.value) for path in (source, what))
        raise SystemFault("usage", headline, f"`netspec run {first} {then}`")
