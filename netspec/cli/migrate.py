"""`netspec migrate`: a file of weights for a new network, made of that of an old one."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netspec.cli.choice import ROOT_HELP
from netspec.cli.opening import MEMORY_HELP, SEED_HELP, amount, refuse_folder, stem
from netspec.cli.outcome import FINE
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
from netspec.cli.terminal import output
from netspec.diagnostics import Diagnostic, Place, SpecError, SystemFault, show
from netspec.diagnostics.magnitude import byte_size, magnitude
from netspec.files.stored import SUFFIXES
from netspec.limits import PATH_LENGTH
from netspec.migration.asked import Deepen, Widen
from netspec.migration.planning import Wish, judged
from netspec.migration.reading import check_plan, read_plan
from netspec.migration.renames import read_renames
from netspec.migration.steps import HELD, Plan
from netspec.migration.telling import called, summary, verdict
from netspec.migration.wanted import wanted

if TYPE_CHECKING:
    from netspec.migration.carrying import Carried

DEFAULT_FOLDER = "build"


def command(
    new: Annotated[str, typer.Argument(help=NEW_HELP, metavar="NEW")],
    weights: Annotated[str, typer.Option("--weights", help=WEIGHTS_HELP, metavar="FILE")],
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write it, a .safetensors or .npz file; build/<stem of NEW>.safetensors unless given.",
            metavar="OUT",
        ),
    ] = None,
    old: Annotated[str | None, typer.Option("--from", help=FROM_HELP, metavar="OLD")] = None,
    plan_file: Annotated[
        str | None,
        typer.Option("--plan", help="A plan that `netspec plan --format json` wrote, to be carried out as it says."),
    ] = None,
    renames: Annotated[list[str] | None, typer.Option("--rename", help=RENAME_HELP, metavar="OLD=NEW")] = None,
    widen: Annotated[Widen | None, typer.Option("--widen", help=WIDEN_HELP)] = None,
    deepen: Annotated[Deepen | None, typer.Option("--deepen", help=DEEPEN_HELP)] = None,
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=SEED_HELP, min=0, max=10**18 - 1)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    old_variant: Annotated[str | None, typer.Option("--from-variant", help=FROM_VARIANT_HELP, metavar="NAME")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
    keep: Annotated[bool, typer.Option("--keep-function", help=f"{KEEP_HELP} Nothing is written then.")] = False,
) -> int:
    """Make weights for a new network of those of an old one.

    What is done is what `netspec plan` says. The file is written tensor by tensor, checked, and only then put in its
    place. Where the plan keeps the function, both networks are run on drawn inputs, and their outputs compared.
    """
    if plan_file is not None and (renames or widen or deepen or dtype):
        raise SystemFault("usage", "--plan says how: no --rename, --widen, --deepen or --dtype", "leave them out")
    wish = Wish(widen or "zero", deepen or "identity", read_renames(renames or []), dtype)
    if out is not None:
        refuse_folder(out, new, ".safetensors")
        _check_suffix(out)
    given = None if plan_file is None else read_plan(plan_file)
    limit = amount(max_memory)
    found = open_all(Request(new, weights, old, variant, old_variant, root, wish))
    if given is None:
        plan = found.plan(wish)
    else:
        check_plan(plan_file or "", given, found.new.side.fingerprint, wanted(found.new.member.graph), found.weights)
        plan = judged(given, found.new, found.weights, found.old)
    if keep and plan.verdict.outcome != "keeps":
        raise _lost(plan)
    inputs = found.inputs if plan_file is None else (*found.inputs, plan_file)
    target = _default(new, variant) if out is None else out
    from netspec.migration.carrying import Order, carry_out  # NumPy is loaded now
    from netspec.runtime.progress import Progress

    bar = Progress(sys.stderr, "numbers")
    try:
        order = Order(plan, found.new, found.old, found.fitting(), inputs, seed, limit, bar.show)
        carried = carry_out(order, target)
    finally:
        bar.close()
    output().write(_report(plan, carried, target))
    return FINE


def _lost(plan: Plan) -> SpecError:
    """Return the error for a function that is to be kept, and is not by the plan."""
    first, *more = plan.verdict.grounds or ("",)
    why = f": {first}" + (f", and {len(more):,} more" if more else "") if first else ""
    new = show(plan.new.file, PATH_LENGTH.value)
    known = plan.verdict.outcome == "unproven"
    headline = (
        f"{new} is not proven to keep the function" if known else f"whether {new} keeps the function is not known"
    )
    help_ = "`netspec plan` says what becomes of each tensor; without `--keep-function` the file is written"
    return SpecError([Diagnostic("function-not-kept", headline + why, Place(plan.new.file), help=help_)])


def _check_suffix(out: str) -> None:
    """Raise SystemFault `output-suffix` before anything is worked out that has no form to be written in."""
    if os.path.splitext(out)[1] not in SUFFIXES:
        headline = f"{show(out, PATH_LENGTH.value)} names no file of weights"
        raise SystemFault("output-suffix", headline, "weights are written as .safetensors or .npz, by the suffix")


def _default(new: str, variant: str | None) -> str:
    """Return the default place, its folder made."""
    from netspec.files.writing import make_folder

    make_folder(DEFAULT_FOLDER)
    return os.path.join(DEFAULT_FOLDER, stem(new) + (f"-{variant}" if variant else "") + ".safetensors")


def _report(plan: Plan, carried: "Carried", target: str) -> str:
    """Return what is printed: what was done, what was written, and what was found when it was checked."""
    model, outputs = carried
    shown = show(target, PATH_LENGTH.value)
    lines = [
        f"{summary(plan)}: {verdict(plan)}",
        f"{shown}: {magnitude(model.facts.parameters)} parameters, {model.dtype}, {byte_size(os.stat(target).st_size)}",
        "checked: every tensor has its name and its shape, and all numbers are finite",
    ]
    if outputs is not None and plan.old is not None:
        held = plan.old.file.endswith(HELD)
        old = f"the spec in {show(plan.weights, PATH_LENGTH.value)}" if held else called(plan.old)
        old += ", its numbers rounded to float32," if plan.recast == "rounded" else ""
        digit = "; in float32 the last digits may differ" if plan.dtype == "float32" else ""
        of = f"those of {old} on {outputs.examples} drawn inputs, in float64{digit}"
        if outputs.why:
            lines.append(f"the outputs were not compared: {outputs.why}")
        elif outputs.exact:
            lines.append(f"the outputs are exactly equal to {of}")
        else:
            lines.append(f"the outputs differ by at most {outputs.largest:.2g} from {of}")
    return "".join(f"{line}\n" for line in lines)
