"""`netspec expand`: a spec with its parts in it, and every default, size and name written out."""

import os
from typing import Annotated

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import open_network, refuse_folder
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, quote
from netspec.network import Network
from netspec.spec import ParameterFile


def command(
    spec: Annotated[str, typer.Argument(help="The spec.", metavar="SPEC")],
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", help="The file to write it to; printed unless given.", metavar="OUT"),
    ] = None,
) -> int:
    """Print a spec's long form: its parts, defaults and sizes in it.

    It has the same fingerprint, and the same tensors by the same names. Hyperparameters, checks, variants and comments
    are gone, and networks that nothing reads. A path to a file of parameters is relative to the spec's own folder.
    """
    refuse_folder(out, spec, "-expanded.yaml")
    network = open_network(spec, variant, sets or [], root)
    text = network.expand()
    if out is None:
        output().write(text)
        return FINE
    _refuse_another_folder(network, spec, out)
    from netspec.files.writing import atomic_write

    data = text.encode()
    with atomic_write(out, protect=network.files, size=len(data)) as stream:
        stream.write(data)
    return FINE


def _refuse_another_folder(network: Network, spec: str, out: str) -> None:
    """Raise SystemFault `usage` where a path to a file of parameters would lead elsewhere from where OUT lies."""
    folders = [os.path.realpath(os.path.dirname(path) or os.curdir) for path in (spec, out)]
    if folders[0] != folders[1] and any(
        isinstance(part.claims.parameters, ParameterFile) for part in network.part.parts()
    ):
        headline = f"-o: {quote(out)} does not lie beside the spec, which names a file of parameters"
        raise SystemFault("usage", headline, "write it beside, so that the path still leads there")
