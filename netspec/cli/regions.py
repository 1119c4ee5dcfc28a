"""`netspec regions`: how many linear regions a network has with its parameters, and which."""

import sys
import time
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import MEMORY_HELP, SEED_HELP, amount, is_spec, open_model, refuse_folder
from netspec.cli.outcome import FINE, INTERRUPTED, REFUSED
from netspec.cli.points import BOX_FORM, BOX_HELP, inputs_of, intervals, point
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import SystemFault, show
from netspec.diagnostics.magnitude import magnitude
from netspec.limits import PATH_LENGTH

if TYPE_CHECKING:
    from netspec.model import Model
    from netspec.regions import Cell, Count, Region
    from netspec.regions.work import Report
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
    workers: Annotated[
        int,
        typer.Option(
            "--workers", help="Processes that count; the count is the same whatever their number.", min=1, max=256
        ),
    ] = 1,
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
    if workers > 1 and target is not None and _on_a_line(model, how):
        headline = "--workers counts, and the regions of a line are found for -o by one process, as fast as it writes"
        raise SystemFault("usage", headline, "leave out --workers, or -o")
    try:
        told, whole = _told(model, how, _Asked(workers, limit, of, target, files))
    except ValueError as refused:  # a domain that does not fit the network
        raise SystemFault("usage", str(refused), "") from refused

    from netspec.summary.regions_report import render_json, render_text

    output().write(render_json(told) if form == "json" else render_text(told))
    return FINE if whole else INTERRUPTED


class _Asked(NamedTuple):
    """What is to be found: by how many processes, how many regions are shown, of which kind, and where all go."""

    workers: int
    limit: int
    of: Literal["pieces", "cells"]
    target: str | None
    files: tuple[str, ...]


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
    width = inputs_of(model)
    return {option[2:]: tuple(point(each, width, option) for each in points)}


def _on_a_line(model: "Model", how: dict[str, Any]) -> bool:
    return "segment" in how or ("plane" not in how and inputs_of(model) == 1)


def _told(
    model: "Model",
    how: dict[str, Any],
    asked: _Asked,
) -> "tuple[Told, bool]":
    """Return the count with the first regions beside it, and whether nothing interrupted it; a bar shows how far it is.

    All is found in one search: what is written is counted on the way. An interrupt while the first regions are found
    costs them, and not the count.
    """
    from netspec.model.tensors import drawn_seed
    from netspec.regions import Cell, Region, Stopped
    from netspec.runtime.progress import Progress
    from netspec.summary.regions_report import Told

    bar = Progress(sys.stderr, "cells")
    start = time.monotonic()
    find = _on_line if _on_a_line(model, how) else _in_space
    written: str | None = None
    all_of_them: Iterable[Region | Cell] = ()
    try:
        found, all_of_them, written = find(model, how, asked, bar.show)
    except Stopped as early:
        found = early.count
    finally:
        bar.close()
    seconds = time.monotonic() - start
    if asked.target is not None and written is not None:
        complaints().write(f"{show(asked.target, PATH_LENGTH.value)}: {written}\n")
    first: tuple[Region | Cell, ...] = ()
    whole = found.complete
    if whole and asked.limit:
        try:
            first = tuple(islice(all_of_them, asked.limit))
        except KeyboardInterrupt:
            whole = False
    variable = "t" if "segment" in how or "plane" in how else "x"
    return Told(model.name, found, drawn_seed(model.sources), first, variable, seconds, asked.of, how["logits"]), whole


def _on_line(
    model: "Model",
    how: dict[str, Any],
    asked: _Asked,
    report: "Report",
) -> "tuple[Count, Iterable[Region], str | None]":
    """Return what was counted on a line, its regions, found anew as far as one goes, and what was written."""
    from netspec.regions import count, regions

    along = regions(model, of=asked.of, **how)
    if asked.target is None:
        return count(model, workers=asked.workers, progress=report, **how), along, None
    written = along.save(asked.target, protect=asked.files, progress=report)
    return along.count, along, f"{magnitude(written)} {asked.of}"


def _in_space(
    model: "Model",
    how: dict[str, Any],
    asked: _Asked,
    report: "Report",
) -> "tuple[Count, Iterable[Cell], str | None]":
    """Return what was counted in more dimensions, the cells, where anybody is to see them, and what was written."""
    from netspec.regions import cells, count

    if not asked.limit and asked.target is None:
        return count(model, workers=asked.workers, progress=report, **how), (), None
    found = cells(model, workers=asked.workers, progress=report, **how)
    if asked.target is None:
        return found.count, found, None
    return found.count, found, f"{magnitude(found.save(asked.target, protect=asked.files))} cells"
