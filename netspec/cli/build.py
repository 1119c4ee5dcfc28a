"""`netspec build`: a network with parameters, as a file that runs with nothing but NumPy."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, SEED_HELP, amount, default_model, open_network, refuse_folder
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, show
from netspec.diagnostics.magnitude import byte_size, magnitude
from netspec.limits import PATH_LENGTH

if TYPE_CHECKING:
    from netspec.model import Model

_T = TypeVar("_T")


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
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Keep every sum as the spec has it: nothing is folded, transformed or fitted."),
    ] = False,
    tune: Annotated[
        bool, typer.Option("--tune", help="Measure which kernels are quickest on this machine, and keep the choice.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Print which kernel computes each step and why, and write nothing without -o."),
    ] = False,
    batch: Annotated[
        int,
        typer.Option("--batch", help="Examples for --explain and --tune.", min=1, max=10**6, metavar="ROWS"),
    ] = 1,
    time: Annotated[bool, typer.Option("--time", help="With --explain: run it, and say what steps took.")] = False,
) -> int:
    """Build a model that runs with nothing but NumPy.

    Its parameters are drawn, or read as the spec says, and written with the compiled network as one file. The same
    spec, seed and dtype give the same bytes on every machine, for one version of Python.
    """
    refuse_folder(out, spec, ".pyz")
    network = open_network(spec, variant, sets or [], root)
    model = network.build(seed=seed, dtype=dtype, exact=exact, max_memory=amount(max_memory))
    if tune:
        _measured(lambda: model.tune(batch))
    if explain:
        output().write(_explained(model, batch, time))
        if out is None:
            return FINE
    target = default_model(spec, variant) if out is None else out

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


def _explained(model: "Model", batch: int, timed: bool) -> str:
    """Return the plan as text, with what its steps took where that is asked for."""
    if not timed:
        return model.plan.table(batch)
    from netspec.model.timing import step_times

    return _measured(lambda: model.plan.table(batch, step_times(model, batch)))


def _measured(measure: Callable[[], _T]) -> _T:
    """Return what is measured, or say why the model refuses the inputs that it is measured with."""
    try:
        return measure()
    except ValueError as refused:  # sizes of 64 do not keep what the spec checks
        raise SystemFault("usage", f"it cannot be timed with free sizes of 64: {refused}") from refused
