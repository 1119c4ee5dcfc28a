"""`netspec new`: a spec to begin with, from a template with comments."""

import os
from typing import Annotated, Final

import typer

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, did_you_mean, quote, show
from netspec.files.folder import read_named
from netspec.files.writing import atomic_write
from netspec.layers.fields import FILE_NAME
from netspec.limits import PATH_LENGTH, SPEC_BYTES

TEMPLATES: Final = ("shallow", "deep", "composition", "values")

_FOLDER: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "spec", "templates")
_SUFFIX: Final = ".yaml"


def command(
    name: Annotated[str, typer.Argument(help="The network's name; NAME.yaml is written.", metavar="NAME")],
    template: Annotated[
        str, typer.Option("--template", "-t", help=f"What to begin with: {', '.join(TEMPLATES)}.", metavar="TEMPLATE")
    ] = TEMPLATES[0],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> int:
    """Write NAME.yaml, a valid spec with comments to begin with.

    NAME may lead into a folder, and the file never takes the place of another unless --force is given.
    """
    if template not in TEMPLATES:
        help_ = did_you_mean(template, TEMPLATES) or f"one of {', '.join(TEMPLATES)}"
        raise SystemFault("usage", f"--template: there is no template {quote(template)}", help_)
    path = name if name.endswith(_SUFFIX) else name + _SUFFIX
    if not FILE_NAME.match(os.path.basename(path).removesuffix(_SUFFIX)):
        help_ = "a letter, then letters, digits, `_`, `-` or `.`, up to 64"
        raise SystemFault("usage", f"{quote(name)} is not a name for a network", help_)
    if not force and os.path.lexists(path):
        raise SystemFault("file-exists", f"{quote(path)} is there already", "choose another name, or add `--force`")
    data = read_named(os.path.join(_FOLDER, template + _SUFFIX), SPEC_BYTES)
    with atomic_write(path, size=len(data)) as stream:
        stream.write(data)
    shown = show(path, PATH_LENGTH.value)
    output().write(f"{shown} is written\nnext: netspec validate {shown}\n")
    return FINE
