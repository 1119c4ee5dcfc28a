"""`netspec transform`: a network rewritten, its function kept."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, amount, open_model, refuse_folder
from netspec.cli.outcome import FINE
from netspec.cli.points import BOX_FORM, BOX_HELP, box_for, intervals
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, show
from netspec.diagnostics.magnitude import magnitude
from netspec.limits import PATH_LENGTH

if TYPE_CHECKING:
    from netspec.equivalence import Box
    from netspec.model import Model
    from netspec.transforms import Transformed

Name = Literal["collapse", "factor", "embed", "deepen", "widen", "prune", "rescale", "permute", "canonical"]
Factors = Literal["powers", "any"]

TAKES: Final[dict[str, tuple[str, ...]]] = {
    "collapse": (),
    "factor": ("layer", "tolerance"),
    "embed": ("depth",),
    "deepen": ("layer",),
    "widen": ("width", "layer", "seed"),
    "prune": ("box", "cells"),
    "rescale": ("seed", "factors"),
    "permute": ("seed",),
    "canonical": (),
}
"""The options that each transform takes besides those of all."""

_GROWING: Final = ("embed", "deepen", "widen")
_NEEDED: Final = {"embed": "depth", "widen": "width"}


def command(
    name: Annotated[
        Name,
        typer.Argument(
            help="collapse, factor, embed, deepen, widen, prune, rescale, permute or canonical.", metavar="NAME"
        ),
    ],
    what: Annotated[
        str, typer.Argument(help="A spec, or a model that was built (.pyz, .safetensors).", metavar="SPEC_OR_MODEL")
    ],
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write it; the suffix picks the form: .yaml a spec with its parameters, .pyz, .py or "
            ".safetensors a model. Nothing is written unless given.",
            metavar="OUT",
        ),
    ] = None,
    depth: Annotated[int | None, typer.Option("--depth", help="embed: how many hidden layers.", min=0)] = None,
    width: Annotated[int | None, typer.Option("--width", help="widen: how many units.", min=1, max=10**6)] = None,
    layer: Annotated[
        int | None,
        typer.Option(
            "--layer", help="widen, deepen: the hidden layer, counted from 1. factor: the k of Ω_k.", min=0, max=10**6
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            help="widen, permute: what is drawn from, 0 unless given. rescale: factors are drawn, not balanced.",
            min=0,
            max=10**18 - 1,
        ),
    ] = None,
    factors: Annotated[
        Factors | None, typer.Option("--factors", help="rescale: powers of two unless given, or any factors.")
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option("--box", help=f"prune: where the function is kept. {BOX_HELP}", metavar=BOX_FORM),
    ] = None,
    cells: Annotated[
        bool,
        typer.Option(
            "--cells", help="prune: settle units by all cells of the network, which misses none; up to 6 inputs."
        ),
    ] = False,
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", help="factor: singular values below it, of the largest, are 0.", min=0, max=1),
    ] = None,
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Rewrite a fully connected network and keep its function.

    What was done is printed, and how the functions before and after compare. The page on transforms says what each
    does.
    """
    given = {
        "depth": depth, "width": width, "layer": layer, "seed": seed, "factors": factors, "box": box or None,
        "tolerance": tolerance, "cells": cells or None,
    }  # fmt: skip
    _check_options(name, given)
    sides, limit = intervals(box), amount(max_memory)
    if out is not None:
        refuse_folder(out, what, ".yaml")
        _check_suffix(out)
    model, files = open_model(what, variant=variant, sets=sets or [], root=root, dtype=dtype, max_memory=limit)

    from netspec.equivalence import chain_of

    domain = box_for(sides, chain_of(model).inputs)
    options = {key: value for key, value in given.items() if value is not None} | {"box": domain, "max_memory": limit}
    made = _transform(name, options)(model)
    written: tuple[str, ...] = ()
    if out is not None:
        from netspec.transforms.writing import write_transformed

        written = write_transformed(made, out, files)
    output().write(_report(name, model, made, domain, written))
    return FINE


def _check_options(name: str, given: dict[str, Any]) -> None:
    """Raise SystemFault where an option is for other transforms, or one that is needed is missing."""
    for option, value in given.items():
        if value is not None and option not in TAKES[name]:
            takers = [other for other, taken in TAKES.items() if option in taken]
            raise SystemFault("usage", f"--{option} is for {', '.join(takers)}, not for {name}", "leave it out")
    needed = _NEEDED.get(name)
    if needed and given[needed] is None:
        raise SystemFault("usage", f"{name} needs --{needed}", f"such as `--{needed} 4`")


def _check_suffix(out: str) -> None:
    """Raise SystemFault `output-suffix` before anything is worked out that has no form to be written in."""
    if os.path.splitext(out)[1] not in (".yaml", ".yml", ".safetensors", ".pyz", ".py"):
        headline = f"{show(out, PATH_LENGTH.value)} names neither a spec nor a model"
        help_ = "a spec is written as .yaml, a model as .pyz, .py or .safetensors, by the suffix"
        raise SystemFault("output-suffix", headline, help_)


def _transform(name: str, given: dict[str, Any]) -> "Callable[[Model], Transformed]":
    """Return the transform with its options, one function of the model."""
    from netspec import transforms

    growing = ("max_memory",) if name in _GROWING or given.get("cells") else ()
    options = {key: value for key, value in given.items() if key in (*TAKES[name], *growing)}
    table: dict[str, Callable[..., Transformed]] = {
        "collapse": transforms.collapse,
        "factor": transforms.factor,
        "embed": transforms.embed,
        "deepen": transforms.deepen,
        "widen": transforms.widen,
        "prune": _prune,
        "rescale": transforms.rescale,
        "permute": transforms.permute,
        "canonical": transforms.canonical,
    }
    return lambda model: table[name](model, **options)


def _prune(model: "Model", box: "Box | None", cells: bool = False, max_memory: int | None = None) -> "Transformed":
    """Return the model pruned, by intervals or by its cells."""
    from netspec.transforms import by_cells, prune

    return prune(model, box, *by_cells(model, box, max_memory)) if cells else prune(model, box)


def _report(name: str, before: "Model", made: "Transformed", box: "Box | None", written: tuple[str, ...]) -> str:
    """Return what is printed: what was done, shapes and parameters before and after, the check, and what is written."""
    from netspec.equivalence.report import checked, wrapped
    from netspec.transforms.transformed import shapes

    after = made.model
    counts = (magnitude(before.facts.parameters), magnitude(after.facts.parameters))
    lines = [f"{name}: {before.name}", *made.notes, *shapes(before, after), f"parameters {counts[0]} → {counts[1]}"]
    lines.append(f"check: {checked(before, after, box)}")
    if written:
        lines.append(f"written: {', '.join(show(path, PATH_LENGTH.value) for path in written)}")
    return lines[0] + "\n" + "".join(wrapped(line) for line in lines[1:])
