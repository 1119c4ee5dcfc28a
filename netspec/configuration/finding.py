"""The configuration of a spec, looked for from its folder upward: nothing more is loaded where there is none.

The search ends with a folder that has `.git`, which is the top of a repository, and at the top of the file system. A
file is never read through a link: what it holds is shown where it is at fault.
"""

import os
import re
from typing import TYPE_CHECKING, Final

from netspec.diagnostics.faults import FileFault, NetspecError, SystemFault
from netspec.files.folder import Folder, read_named
from netspec.limits import CONFIGURATION_BYTES

if TYPE_CHECKING:
    from netspec.configuration.configuration import Configuration

OWN: Final = "netspec.toml"
SHARED: Final = "pyproject.toml"

# `tool.netspec` however it is spaced and quoted, or a table `tool` that might have it; no parser is loaded for other
# files, which are most of those that there are.
_HINT: Final = (
    rb"""tool["']?[ \t]*\.[ \t]*["']?netspec|^[ \t]*(?:\[[ \t]*["']?tool["']?[ \t]*\]|["']?tool["']?[ \t]*[.=])"""
)


class Candidate:
    """A file that may hold a configuration: its folder without links, its name, and what it holds.

    `fault` says why it could not be read.
    """

    __slots__ = ("data", "fault", "folder", "name")

    def __init__(self, folder: str, name: str, data: bytes, fault: FileFault | SystemFault | None = None) -> None:
        self.folder, self.name, self.data, self.fault = folder, name, data, fault


class Search:
    """Finds the configurations of many specs. Each folder is looked into once, and each file read once."""

    def __init__(self) -> None:
        self._known: dict[str, Configuration | NetspecError | None] = {}
        self._real: dict[str, str] = {}

    def of(self, folder: str) -> "Configuration | None":
        """Return the configuration of what lies in a folder, or None where there is none.

        The nearest file counts, and no other is merged into it. Raises SpecError where it is refused, and SystemFault
        where it cannot be read: the same each time.
        """
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder or os.curdir)
        found = self._upward(self._real[folder])
        if isinstance(found, NetspecError):
            raise found
        return found

    def _upward(self, folder: str) -> "Configuration | NetspecError | None":
        passed = []
        found: Configuration | NetspecError | None = None
        here = folder
        while here not in self._known:
            passed.append(here)
            found = _in(here)
            above = os.path.dirname(here)
            if found is not None or above == here or os.path.lexists(os.path.join(here, ".git")):
                break
            here = above
        else:
            found = self._known[here]
        self._known |= dict.fromkeys(passed, found)
        return found


def configuration_for(path: str) -> "Configuration":
    """Return the configuration of the spec or the folder at a path; an empty one where there is none.

    Errors as `Search.of`.
    """
    from netspec.configuration.configuration import Configuration

    return Search().of(path if os.path.isdir(path) else os.path.dirname(path)) or Configuration()


def has_hint(data: bytes) -> bool:
    """Return whether a `pyproject.toml` may have a table of netspec's, one spelled with escapes left aside."""
    return b"netspec" in data and re.search(_HINT, data, re.MULTILINE) is not None


def _in(folder: str) -> "Configuration | NetspecError | None":
    """Return the configuration in one folder, or why it is none that can be used."""
    candidate = _candidate(folder)
    if candidate is None:
        return None
    from netspec.configuration.reading import read_candidate  # loaded where there is something to read

    try:
        return read_candidate(candidate)
    except NetspecError as fault:
        return fault


def _candidate(folder: str) -> Candidate | None:
    """Return the file in a folder: netspec's own goes before the one that is shared with other tools."""
    if os.path.lexists(os.path.join(folder, OWN)):
        return _read(folder, OWN)
    path = os.path.join(folder, SHARED)
    if not os.path.isfile(path):
        return None
    try:
        hint = has_hint(read_named(path, CONFIGURATION_BYTES))
    except (FileFault, SystemFault) as fault:
        return Candidate(folder, SHARED, b"", fault)
    return _read(folder, SHARED) if hint else None


def _read(folder: str, name: str) -> Candidate:
    try:
        with Folder(folder) as root:
            return Candidate(folder, name, root.read(name, CONFIGURATION_BYTES))
    except (FileFault, SystemFault) as fault:
        return Candidate(folder, name, b"", fault)
