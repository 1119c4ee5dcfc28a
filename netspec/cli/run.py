"""`netspec run`: y for every row of a table."""

import os
from typing import Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, SEED_HELP, amount, is_spec, open_network
from netspec.diagnostics import SystemFault, quote, show
from netspec.limits import PATH_LENGTH

Form = Literal["csv", "tsv", "json", "jsonl", "npy", "npz"]

_MODELS: Final = (".pyz", ".safetensors")


def command(
    what: Annotated[
        str, typer.Argument(help="A model that was built (.pyz, .safetensors), or a spec.", metavar="MODEL_OR_SPEC")
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
    files: tuple[str, ...] = (what,)
    if is_spec(what):
        network = open_network(what, variant, sets or [], root)
        model = network.build(seed=seed, dtype=dtype, max_memory=limit)
        files = network.files
    else:
        for option, given in (("seed", seed), ("dtype", dtype), ("variant", variant), ("set", sets), ("root", root)):
            if given:
                raise SystemFault("usage", f"--{option} is for a spec; a model is as it was built", "leave it out")
        _refuse_other(what, source)
        from netspec.model import load_model

        model = load_model(what, max_memory=limit)

    from netspec.model import check_memory, stored_bytes
    from netspec.runtime.run import Options, run

    if is_spec(what):
        check_memory(stored_bytes(model.facts, model.dtype), limit, f"running {model.name}")
    return run(model.program, model.name, source, target, Options(form, to, batch, protect=files))


def _refuse_other(what: str, source: str | None) -> None:
    """Raise SystemFault where the first argument is neither a model nor a spec by its name, or the two are swapped."""
    suffix = os.path.splitext(what)[1]
    if suffix in _MODELS:
        return
    if source is not None and (is_spec(source) or os.path.splitext(source)[1] in _MODELS):
        headline = f"{quote(what)} and {quote(source)} are swapped: the model or spec comes first, then the table"
        first, then = (show(path, PATH_LENGTH.value) for path in (source, what))
        raise SystemFault("usage", headline, f"`netspec run {first} {then}`")
    help_ = (
        "import a .py as a module" if suffix == ".py" else "a model is a .pyz or .safetensors file, a spec a .yaml file"
    )
    raise SystemFault("not-a-model", f"{quote(what)} is neither a model nor a spec by its name", help_)
