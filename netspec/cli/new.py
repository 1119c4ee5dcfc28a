"""`netspec new`: a spec to begin with, from a template with comments, or one that is made: a sawtooth, a polyline."""

import os
import re
from fractions import Fraction
from typing import Annotated, Final

import typer

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, did_you_mean, quote, show
from netspec.files.folder import read_named
from netspec.files.writing import atomic_write
from netspec.layers.fields import FILE_NAME
from netspec.limits import PATH_LENGTH, SPEC_BYTES
from netspec.runtime.faults import count

TEMPLATES: Final = ("shallow", "deep", "composition", "values")

_FOLDER: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "spec", "templates")
_SUFFIX: Final = ".yaml"
_DISTANCE: Final = re.compile(r"(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,2})?\Z")


def command(
    name: Annotated[str, typer.Argument(help="The network's name; NAME.yaml is written.", metavar="NAME")],
    template: Annotated[
        str, typer.Option("--template", "-t", help=f"What to begin with: {', '.join(TEMPLATES)}.", metavar="TEMPLATE")
    ] = TEMPLATES[0],
    sawtooth: Annotated[
        tuple[int, int] | None,
        typer.Option("--sawtooth", help="Instead, a zig-zag of (D + 1)^K pieces: the most there are.", metavar="D K"),
    ] = None,
    shared: Annotated[
        bool, typer.Option("--shared", help="Make the sawtooth of one zig-zag that is composed with itself.")
    ] = False,
    polyline: Annotated[
        str | None,
        typer.Option("--polyline", help="Instead, a shallow network through points: a CSV of x and y.", metavar="CSV"),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within", help="Of a polyline: the fewest pieces within this distance of it.", metavar="DISTANCE"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> int:
    """Write NAME.yaml, a valid spec with comments to begin with.

    NAME may lead into a folder, and the file never takes the place of another unless --force is given. With --sawtooth
    or --polyline the spec comes with values: the network with the most regions for its depth and width, or a shallow
    network through points, or as near to them as --within says.
    """
    if template not in TEMPLATES:
        help_ = did_you_mean(template, TEMPLATES) or f"one of {', '.join(TEMPLATES)}"
        raise SystemFault("usage", f"--template: there is no template {quote(template)}", help_)
    if template != TEMPLATES[0] and (sawtooth or polyline):
        raise SystemFault("usage", "--template is for a spec that is not made of points or numbers", "leave it out")
    path = name if name.endswith(_SUFFIX) else name + _SUFFIX
    if not FILE_NAME.match(os.path.basename(path).removesuffix(_SUFFIX)):
        help_ = "a letter, then letters, digits, `_`, `-` or `.`, up to 64"
        raise SystemFault("usage", f"{quote(name)} is not a name for a network", help_)
    if not force and os.path.lexists(path):
        raise SystemFault("file-exists", f"{quote(path)} is there already", "choose another name, or add `--force`")
    data, told = _made(sawtooth, shared, polyline, within)
    if not data:
        data = read_named(os.path.join(_FOLDER, template + _SUFFIX), SPEC_BYTES)
    with atomic_write(path, size=len(data)) as stream:
        stream.write(data)
    shown = show(path, PATH_LENGTH.value)
    output().write(f"{shown} is written{told}\nnext: netspec validate {shown}\n")
    return FINE


def _made(
    sawtooth: tuple[int, int] | None, shared: bool, polyline: str | None, within: str | None
) -> tuple[bytes, str]:
    """Return a spec that is made, and what to say of it; nothing where none was asked for. SystemFault `usage`."""
    if sawtooth is not None and polyline is not None:
        raise SystemFault("usage", "--sawtooth and --polyline make two specs", "leave one of them out")
    if shared and sawtooth is None:
        raise SystemFault("usage", "--shared is for a sawtooth", "add `--sawtooth 3 10`")
    if within is not None and polyline is None:
        raise SystemFault("usage", "--within is for a polyline", "add `--polyline points.csv`")
    try:
        if sawtooth is not None:
            from netspec.constructions.sawtooth import sawtooth as construct

            width, depth = sawtooth
            return construct(width, depth, shared=shared).encode(), ""
        if polyline is not None:
            from netspec.constructions.points import read_points
            from netspec.constructions.polyline import draw, upward

            distance = None if within is None else _distance(within)
            drawn = draw(read_points(polyline), distance)
            fewest = "" if within is None else ", the fewest"
            pieces, units = count(drawn.pieces, "piece"), count(drawn.units, "unit")
            off = f"at most {upward(drawn.error)} off" if drawn.error else "exactly on"
            told = f": {pieces}{fewest}, {units}, {off} the polyline"
            return drawn.text.encode(), told
    except ValueError as error:
        raise SystemFault("usage", str(error)) from None
    return b"", ""


def _distance(text: str) -> Fraction:
    """Return the number that a text says, exactly. SystemFault `usage` where it says none."""
    if not _DISTANCE.match(text):
        raise SystemFault("usage", f"--within: {quote(text)} is no distance", "a number of 0 or more, such as 0.01")
    return Fraction(text)
