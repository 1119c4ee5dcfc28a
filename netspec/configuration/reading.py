"""A configuration file as it is read: one that was found, or one that was named on the command line."""

import os
from typing import Final

from netspec.configuration.configuration import Configuration
from netspec.configuration.finding import SHARED, Candidate
from netspec.configuration.settings import read_settings
from netspec.configuration.toml import read_toml
from netspec.diagnostics import Diagnostic, FileFault, Place, Span, SpecError, quote
from netspec.files.folder import read_named
from netspec.limits import CONFIGURATION_BYTES

_TABLE: Final = ("tool", "netspec")
_HELP: Final = "name another with `--config FILE`, or leave it out with `--no-config`"


def read_candidate(candidate: Candidate) -> Configuration | None:
    """Return the configuration in a file; None for a `pyproject.toml` that turns out to have none.

    Raises SpecError where it is refused, and SystemFault where it cannot be read.
    """
    file = shown(os.path.join(candidate.folder, candidate.name))
    if isinstance(candidate.fault, FileFault):
        raise _unread(file, candidate.fault)
    if candidate.fault is not None:
        raise candidate.fault
    return _configuration(candidate.data, file, candidate.folder, named=False)


def read_configuration(path: str) -> Configuration:
    """Return the configuration in a file that was named on the command line, whatever it is called; it may be a link.

    Raises SpecError where it is refused, or is a `pyproject.toml` without a table of netspec's; SystemFault where it
    cannot be read.
    """
    try:
        data = read_named(path, CONFIGURATION_BYTES)
    except FileFault as fault:
        raise _unread(path, fault) from fault
    folder = os.path.realpath(os.path.dirname(path) or os.curdir)
    found = _configuration(data, path, folder, named=True)
    if found is None:
        place = Place(path, Span(1, 1, 1, 2))
        words = "there is no table `[tool.netspec]` in the file"
        text = data.decode().replace("\r\n", "\n")
        raise SpecError([Diagnostic("bad-setting", words, place, help="add it, or leave out `--config`")], {path: text})
    return found


def shown(real: str) -> str:
    """Return a path without links as one from the working folder, or as it is where that is shorter."""
    relative = os.path.relpath(real, os.path.realpath(os.curdir))
    return relative if len(relative) < len(real) else real


def _configuration(data: bytes, file: str, folder: str, *, named: bool) -> Configuration | None:
    toml = read_toml(data, file)
    prefix = _TABLE if os.path.basename(file) == SHARED else ()
    if prefix:
        tool = toml.data.get("tool")
        if not isinstance(tool, dict) or "netspec" not in tool:
            return None
    configuration, faults = read_settings(toml, prefix, folder, named=named)
    if faults:
        raise SpecError(faults, {file: toml.text})
    return configuration


def _unread(file: str, fault: FileFault) -> SpecError:
    place = Place(file, Span(1, 1, 1, 2))
    return SpecError([Diagnostic(fault.code, f"{quote(file)}: {fault.reason}", place, help=fault.help or _HELP)])
