"""`netspec build`: a network with parameters, as a file that runs with nothing but NumPy."""

import os
import sys
from typing import Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, SEED_HELP, amount, open_network, refuse_folder, stem
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import show
from netspec.diagnostics.magnitude import byte_size, magnitude
from netspec.limits import PATH_LENGTH

DEFAULT_FOLDER = "build"


def command(
    spec: Annotated[str, typer.Argument(help="The spec.", metavar="SPEC")],
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write it; the suffix picks the form: .pyz, .py or .safetensors. "
            "build/<stem of SPEC>.pyz unless given, build/<stem of SPEC>-<NAME>.pyz of a variant.",
            metavar="OUT",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=SEED_HELP, min=0, max=10**18 - 1)] = None,
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Build a model that runs with nothing but NumPy.

    Its parameters are drawn, or read as the spec says, and written with the compiled network as one file. The same
    spec, seed and dtype give the same bytes on every machine.
    """
    refuse_folder(out, spec, ".pyz")
    network = open_network(spec, variant, sets or [], root)
    model = network.build(seed=seed, dtype=dtype, max_memory=amount(max_memory))
    target = _default(spec, variant) if out is None else out

    from netspec.model.saving import save
    from netspec.runtime.progress import Progress

    bar = Progress(sys.stderr, "parameters")
    try:
        save(model, target, network.files, bar.show)
    finally:
        bar.close()
    shown = show(target, PATH_LENGTH.value)
    written = byte_size(os.stat(target).st_size)
    text = f"{shown}: {magnitude(model.facts.parameters)} parameters, {model.dtype}, {written}\n"
    if target.endswith(".pyz"):
        text += f"run it: python {shown} INPUT\n"
    output().write(text)
    return FINE


def _default(spec: str, variant: str | None) -> str:
    """Return the default place, its folder made. Variants of one family do not take each other's."""
    from netspec.files.writing import make_folder

    make_folder(DEFAULT_FOLDER)
    return os.path.join(DEFAULT_FOLDER, stem(spec) + (f"-{variant}" if variant else "") + ".pyz")
