"""`netspec regions`: how many linear regions a network has with its parameters, and which."""

import math
import sys
import time
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import MEMORY_HELP, SEED_HELP, amount, is_spec, open_model, refuse_folder
from netspec.cli.outcome import FINE, INTERRUPTED, REFUSED
from netspec.cli.points import BOX_FORM, BOX_HELP, intervals, point
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import SystemFault, show
from netspec.diagnostics.magnitude import magnitude
from netspec.limits import PATH_LENGTH

if TYPE_CHECKING:
    from netspec.model import Model
    from netspec.regions import Cells, Regions
    from netspec.summary.regions_report import Told

_SHOWN: Final = 12


def command(
    what: Annotated[
        str, typer.Argument(help="A spec, or a model that was built (.pyz, .safetensors).", metavar="SPEC_OR_MODEL")
    ],
    box: Annotated[
        list[str] | None,
        typer.Option(
            "--box",
            help=f"Count in a box, on all inputs unless given. {BOX_HELP}",
            metavar=BOX_FORM,
        ),
    ] = None,
    segment: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--segment",
            help="Count on the segment between two inputs. A point is x1,x2,… or FILE:ROW, a row of a table from 1 on.",
            metavar="A B",
        ),
    ] = None,
    plane: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--plane", help="Count on the parallelogram that three inputs span.", metavar="A B C"),
    ] = None,
    rational: Annotated[
        bool,
        typer.Option(
            "--rational",
            help="Count exactly, in rationals: a spec's numbers as they are written, a model's as they are stored.",
        ),
    ] = False,
    logits: Annotated[
        bool, typer.Option("--logits", help="Count what goes into a last softmax or smooth activation.")
    ] = False,
    workers: Annotated[int, typer.Option("--workers", help="Processes that count.", min=1, max=256)] = 1,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
    limit: Annotated[
        int, typer.Option("--limit", help="Regions that are shown, the first ones.", min=0, max=100_000)
    ] = _SHOWN,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="What to print.")] = "text",
    target: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Where to write all regions: .json or .npz.", metavar="OUT"),
    ] = None,
    of: Annotated[
        Literal["pieces", "cells"],
        typer.Option("--of", help="Which regions of a line are shown and written; in more dimensions cells are."),
    ] = "pieces",
    seed: Annotated[int | None, typer.Option("--seed", help=SEED_HELP, min=0, max=10**18 - 1)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
) -> int:
    """Count the linear regions of a network with its parameters.

    A cell is all inputs at which the hidden units lie in the same pieces of their activations; a piece is all inputs,
    in one stretch, on which y is one affine map. The network is piecewise linear: relu and its relatives, max pooling.
    A spec is built first, in float64. Ctrl-C ends the count, and prints what was found so far.
    """
    memory = amount(max_memory)
    refuse_folder(target, what, ".json")
    if sum(map(bool, (box, segment, plane))) > 1:
        raise SystemFault("usage", "--box, --segment and --plane are domains of their own", "give one of them")
    spans = intervals(box)
    spec = is_spec(what)
    dtype: Literal["float64"] | None = "float64" if spec else None
    model, files = open_model(
        what, variant=variant, sets=sets or [], root=root, seed=seed, dtype=dtype, max_memory=memory
    )

    from netspec.runtime.faults import DataFault

    try:
        where = _domain(model, spans, segment, plane)
    except DataFault as fault:
        complaints().write(f"{fault}\n")
        return REFUSED
    how = {"rational": rational, "decimal": spec, "logits": logits, "max_memory": memory, **where}
    try:
        found = None
        if target is not None:
            found = _found(model, of, how)
            _write(found, target, files, of)
        told, whole = _told(model, how, workers, limit, of, found)
    except ValueError as refused:  # a domain that does not fit the network
        raise SystemFault("usage", str(refused), "") from refused

    from netspec.summary.regions_report import render_json, render_text

    output().write(render_json(told) if form == "json" else render_text(told))
    return FINE if whole else INTERRUPTED


def _seed(model: "Model") -> int | None:
    """Return what parameters are drawn from, where any are."""
    from netspec.model.tensors import FILLS, Drawn

    drawn = [source.seed for source in model.sources.values() if isinstance(source, Drawn) and source.init not in FILLS]
    return drawn[0] if drawn else None


def _domain(
    model: "Model",
    spans: list[tuple[Fraction, Fraction]],
    segment: tuple[str, str] | None,
    plane: tuple[str, str, str] | None,
) -> dict[str, Any]:
    """Return the domain as `count` takes it. Raises DataFault for a table that a point is to be read from."""
    if spans:
        return {"box": spans}
    points, option = segment or plane, "--segment" if segment else "--plane"
    if not points:
        return {}
    width = _inputs(model)
    return {option[2:]: tuple(point(each, width, option) for each in points)}


def _inputs(model: "Model") -> int:
    """Return how many numbers the network reads; free sizes are refused elsewhere."""
    return sum(math.prod(size for size in port.shape if isinstance(size, int)) for port in model.inputs)


def _on_a_line(model: "Model", how: dict[str, Any]) -> bool:
    return "segment" in how or ("plane" not in how and _inputs(model) == 1)


def _found(model: "Model", of: Literal["pieces", "cells"], how: dict[str, Any]) -> "Regions | Cells":
    """Return the regions of a line, found as one goes through them, or all cells of more dimensions."""
    from netspec.regions import cells, regions

    return regions(model, of=of, **how) if _on_a_line(model, how) else cells(model, **how)


def _write(found: "Regions | Cells", target: str, files: tuple[str, ...], of: Literal["pieces", "cells"]) -> None:
    """Write all regions to a file, and say so on standard error."""
    from netspec.regions import Cells

    what = "cells" if isinstance(found, Cells) else of
    written = found.save(target, protect=files)
    complaints().write(f"{show(target, PATH_LENGTH.value)}: {magnitude(written)} {what}\n")


def _told(
    model: "Model",
    how: dict[str, Any],
    workers: int,
    limit: int,
    of: Literal["pieces", "cells"],
    written: "Regions | Cells | None",
) -> "tuple[Told, bool]":
    """Return the count with the first regions beside it, and whether nothing interrupted it; a bar shows how far it is.

    An interrupt while the first regions are found costs them, and not the count.
    """
    from netspec.regions import Cell, Region, count
    from netspec.runtime.progress import Progress
    from netspec.summary.regions_report import Told

    bar = Progress(sys.stderr, "cells")
    start = time.monotonic()
    try:
        found = count(model, workers=workers, progress=bar.show, **how)
    finally:
        bar.close()
    seconds = time.monotonic() - start
    first: tuple[Region | Cell, ...] = ()
    whole = found.complete
    if whole and limit:
        try:
            first = tuple(islice(_found(model, of, how) if written is None else written, limit))
        except KeyboardInterrupt:
            whole = False
    variable = "t" if "segment" in how or "plane" in how else "x"
    return Told(model.name, found, _seed(model), first, variable, seconds, of, how["logits"]), whole
