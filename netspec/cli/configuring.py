"""`--config` and `--no-config`: which configuration each spec of a command is under."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from netspec.cli.paths import STREAM, Target
from netspec.configuration.finding import Search
from netspec.diagnostics import Diagnostic, NetspecError, SpecError, SystemFault

if TYPE_CHECKING:
    from netspec.configuration.configuration import Configuration
    from netspec.configuration.policy import Policy

CONFIG_HELP: Final = "The configuration file; the nearest above each spec unless given."
NO_CONFIG_HELP: Final = "Look for no configuration file."


Refusal = tuple[str, tuple[Diagnostic, ...], Mapping[str, str], SystemFault | None]
"""Why a configuration could not be used: its file, diagnostics and their texts, or the fault of the system."""


class Configurations:
    """The configurations of a command's specs: the file that is named, none, or the nearest above each.

    Raises SystemFault `usage` where both options are given.
    """

    def __init__(self, named: str | None, *, none: bool) -> None:
        if named is not None and none:
            raise SystemFault("usage", "--config: there is --no-config as well", "leave one of them out")
        self._path, self._none = named, none
        self._named: Configuration | NetspecError | None = None
        self._search = Search()
        self.faults: dict[SpecError | SystemFault, None] = {}
        """Why configurations could not be used, in the order of the specs."""

    def of(self, folder: str) -> "Configuration | None":
        """Return the configuration of what lies in a folder; None where there is none. Errors as `Search.of`."""
        if self._none:
            return None
        if self._path is None:
            return self._search.of(folder)
        if self._named is None:
            from netspec.configuration.reading import read_configuration  # loaded where there is something to read

            try:
                self._named = read_configuration(self._path)
            except (SpecError, SystemFault) as fault:
                self._named = fault
        if isinstance(self._named, NetspecError):
            raise self._named
        return self._named

    def excludes(self, path: str) -> bool:
        """Return whether a search leaves out a spec or a folder at a path; a faulty configuration excludes nothing."""
        try:
            found = self.of(os.path.dirname(path))
        except NetspecError:  # told of by who is under it
            return False
        return found is not None and found.excludes(path)

    def under(self, targets: Iterable[Target | SystemFault], root: str | None = None) -> list[Target | SystemFault]:
        """Return the targets with what is in force for each, those left out whose configuration is at fault.

        A `root` that is given goes before that of the configuration. Why a configuration is at fault joins `faults`.
        """
        found: list[Target | SystemFault] = []
        for target in targets:
            if isinstance(target, SystemFault):
                found.append(target)
                continue
            path = None if target.path == STREAM else target.path
            try:
                configuration = self.of("" if path is None else os.path.dirname(path))
            except (SpecError, SystemFault) as fault:
                self.faults[fault] = None
                continue
            if configuration is not None:
                policy = configuration.policy(path)
                target = target._replace(policy=policy, root=root or _root(target, policy))
            found.append(target)
        return found

    def refusals(self) -> Iterator[Refusal]:
        """Yield why configurations could not be used."""
        for fault in self.faults:
            if isinstance(fault, SystemFault):
                yield "", (), {}, fault
            else:
                yield fault.diagnostics[0].place.file, fault.diagnostics, fault.sources, None


def configured_root(spec: str, root: str | None) -> str | None:
    """Return the folder that the files of a spec must lie below: the one that is given, else that of a configuration.

    Raises SpecError and SystemFault where there is a configuration, and it is at fault.
    """
    if root is not None:
        return root
    configuration = Search().of(os.path.dirname(spec))
    return None if configuration is None else _root(Target(spec), configuration.policy(spec))


def _root(target: Target, policy: "Policy") -> str | None:
    """Return the folder that the files of a spec must lie below, called as the spec is."""
    if policy.root is None:
        return target.root
    from netspec.configuration.reading import shown

    below = policy.root if os.path.isabs(target.path) else shown(policy.root)
    return "" if below == os.curdir else below
