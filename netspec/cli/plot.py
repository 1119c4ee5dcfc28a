"""`netspec plot`: pictures of what a network computes."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import MEMORY_HELP, SEED_HELP, amount, is_spec, open_model, refuse_folder, stem
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.points import BOX_FORM, BOX_HELP, inputs_of, intervals, point
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import SystemFault, quote

if TYPE_CHECKING:
    from netspec.model import Model
    from netspec.plots import Picture
    from netspec.regions.domains import Span

Kind = Literal["function", "regions", "folding", "depth", "precision"]
Format = Literal["svg", "png", "pdf", "text", "json"]

_SUFFIXES: Final[dict[str, Format]] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
_LISTED: Final = ("folding",)  # kinds that can be had as text
_OF_NETWORKS: Final = ("function", "regions", "folding")
_ONLY_FOR: Final[dict[str, tuple[str, ...]]] = {
    "--no-hidden": ("function",),
    "--show": ("regions",),
    "--plane": ("regions",),
    "--inputs": ("depth",),
    "--after": ("folding",),
    "--rational": ("folding",),
}


def command(
    kind: Annotated[
        Kind,
        typer.Argument(help="What to draw: function, regions, folding, depth or precision.", metavar="KIND"),
    ],
    what: Annotated[
        str | None,
        typer.Argument(
            help="A spec, or a model that was built (.pyz, .safetensors); for precision a table of points.",
            metavar="SPEC_OR_MODEL",
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--output", "-o", help="The file to write, *.svg, *.png or *.pdf.", metavar="FILE")
    ] = None,
    spans: Annotated[
        list[str] | None,
        typer.Option("--box", help=f"Where x lies. {BOX_HELP}", metavar=BOX_FORM),
    ] = None,
    plane: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            "--plane",
            help="regions: draw on the parallelogram that three inputs span. A point is x1,x2,… or FILE:ROW.",
            metavar="A B C",
        ),
    ] = None,
    no_hidden: Annotated[bool, typer.Option("--no-hidden", help="function: leave the hidden units out.")] = False,
    show: Annotated[
        Literal["value", "units", "pieces"],
        typer.Option(
            "--show", help="regions: fill them by the value of y, by how many units are on, or by the linear regions."
        ),
    ] = "value",
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            help="folding: behind which number between its parts a composition is taken apart, the first unless given; "
            "0 takes it as one.",
            min=0,
        ),
    ] = None,
    inputs: Annotated[
        list[int] | None,
        typer.Option("--inputs", help="depth: D_i of a panel; 1 and 10 unless given.", metavar="D_i", min=1),
    ] = None,
    rational: Annotated[
        bool, typer.Option("--rational", help="folding, as text or JSON: in exact rational numbers.")
    ] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to write; by the suffix of the file unless given.")
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", help="Pixels to an inch, of PNG.", min=30, max=600)] = 150,
    seed: Annotated[int | None, typer.Option("--seed", help=SEED_HELP, min=0, max=10**18 - 1)] = None,
    dtype: Annotated[
        Literal["float32", "float64"] | None,
        typer.Option("--dtype", help="Of a spec's parameters; float64 unless given."),
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Draw what a network computes, as SVG, PNG or PDF.

    KIND is one of

    function: y against x for one input, its linear regions and joints, and below it every hidden unit;

    regions: the regions of two inputs, or on a plane through three of a larger network, with the lines of each hidden
    layer, bent by those before it;

    folding: how a network, or a composition step by step, folds its input; without -o a list of how often each value is
    hit, and by which inputs;

    depth: regions against parameters for families of 1 to 5 hidden layers; it takes no spec;

    precision: how many units it takes to come within a distance of the line through points.

    Pictures are drawn by matplotlib: pip install 'netspec-lang[plot]'.
    """
    chosen = _format(kind, what, out, form)
    given = {
        "--box": bool(spans),
        "--plane": plane is not None,
        "--no-hidden": no_hidden,
        "--show": show != "value",
        "--inputs": bool(inputs),
        "--after": after is not None,
        "--rational": rational,
        "--seed": seed is not None,
        "--dtype": dtype is not None,
        "--variant": variant is not None,
        "--set": bool(sets),
        "--root": root is not None,
        "--max-memory": max_memory is not None,
    }
    for option, there in given.items():
        kinds = _ONLY_FOR.get(option, _OF_NETWORKS)
        if there and kind not in kinds:
            raise SystemFault("usage", f"{option} is for {_listing(kinds)}", "leave it out")
    if rational and chosen not in ("text", "json"):
        raise SystemFault("usage", "--rational is for what is listed as text or JSON", "leave -o out")
    if kind not in _OF_NETWORKS or what is None:  # a network that is missing was refused with the format
        _write(_theory(kind, what, inputs).data(chosen, dpi), out or "", [what] if what else [])
        return FINE
    if spans and plane is not None:
        raise SystemFault("usage", "--box and --plane are domains of their own", "give one of them")
    box = intervals(spans)
    model, files = open_model(
        what,
        variant=variant,
        sets=sets or [],
        root=root,
        seed=seed,
        dtype=(dtype or "float64") if is_spec(what) else dtype,
        max_memory=amount(max_memory),
    )

    from netspec.runtime.faults import DataFault

    try:
        if chosen in ("text", "json"):
            text = _listed(model, box, after, chosen, exact=rational, decimal=is_spec(what))
            data = text.encode()
        else:
            data = _drawn(kind, model, box, plane, (not no_hidden, after, show)).data(chosen, dpi)
    except DataFault as fault:  # of a table that a point is to be read from
        complaints().write(f"{fault}\n")
        return REFUSED
    except ValueError as refused:  # a domain that does not fit the network
        raise SystemFault("usage", str(refused)) from refused
    if out is None:
        output().write(text)
    else:
        _write(data, out, files)
    return FINE


def _format(kind: Kind, what: str | None, out: str | None, form: Format | None) -> Format:
    """Return the format that is meant. SystemFault `usage` where neither `--format` nor the suffix says it."""
    if what is None and kind in _OF_NETWORKS:
        raise SystemFault("usage", "missing argument 'SPEC_OR_MODEL'", f"`netspec plot {kind} SPEC_OR_MODEL`")
    name = kind if what is None else stem(what)
    refuse_folder(out, f"{name}.yaml", f".{form or 'svg'}")
    if out is None:
        if kind not in _LISTED:
            raise SystemFault("usage", "a picture is written to a file", f"`-o {name}.svg`")
        if form in _SUFFIXES.values():
            raise SystemFault("usage", f"{form} is written to a file", f"`-o {name}.{form}`")
        return form or "text"
    if form in ("text", "json") and kind not in _LISTED:
        raise SystemFault("usage", f"{kind} has no list as {form}", "draw it as svg, png or pdf")
    if form is not None:
        return form
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in _SUFFIXES:
        words = f"-o: the name {quote(out)} does not say what to draw"
        raise SystemFault("usage", words, f"end it in {', '.join(_SUFFIXES)}, or add `--format`")
    return _SUFFIXES[suffix]


def _listing(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _listed(model: "Model", box: "list[Span]", after: int | None, form: Format, *, exact: bool, decimal: bool) -> str:
    """Return how often each value is hit; on all of R unless there is a box."""
    from netspec.regions.domains import box as box_of
    from netspec.regions.domains import everywhere
    from netspec.regions.folding import fold
    from netspec.regions.folds import folds_json, folds_text
    from netspec.regions.lowering import lower
    from netspec.regions.mediators import parted, place

    chain = lower(model, exact=exact, decimal=decimal)
    step = place(chain, after)
    name, parts = model.name, None
    if step is not None:
        chain, parts = parted(chain, step)[0], after or 1
        name = f"{'the first part' if parts == 1 else f'the first {parts} parts'} of {name}"
    folding = fold(chain, box_of(chain, box) if box else everywhere(chain))
    return folds_json(model.name, parts, folding) if form == "json" else folds_text(name, folding)


def _theory(kind: Kind, what: str | None, inputs: list[int] | None) -> "Picture":
    """Return the picture of what is about no network."""
    if kind == "depth":
        if what is not None:
            raise SystemFault(
                "usage", f"depth is about families of networks, and not about {quote(what)}", "leave it out"
            )
        from netspec import plots

        return plots.depth(inputs or (1, 10))
    if what is None:
        raise SystemFault("usage", "missing argument: a table of points", "`netspec plot precision POINTS`")
    from netspec import plots
    from netspec.constructions import read_points

    try:
        return plots.precision(read_points(what))
    except ValueError as refused:
        raise SystemFault("usage", str(refused)) from refused


def _drawn(
    kind: Kind,
    model: "Model",
    box: "list[Span]",
    plane: tuple[str, str, str] | None,
    how: tuple[bool, int | None, Literal["value", "units", "pieces"]],
) -> "Picture":
    """Return the picture; what draws it is loaded now."""
    from netspec import plots

    hidden, after, show = how
    if kind == "function":
        return plots.function(model, box, hidden=hidden)
    if kind == "folding":
        return plots.folding(model, box, after=after)
    if plane is None:
        return plots.regions(model, box or [(-1, 1)], show=show)
    width = inputs_of(model)
    a, b, c = (point(each, width, "--plane") for each in plane)
    return plots.regions(model, plane=(a, b, c), show=show)


def _write(data: bytes, out: str, files: Sequence[str]) -> None:
    from netspec.files.writing import atomic_write

    with atomic_write(out, protect=files, size=len(data)) as stream:
        stream.write(data)
