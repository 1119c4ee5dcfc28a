"""From the paths named on a command line to the spec files they mean: files, patterns, folders, and `-`."""

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from netspec.diagnostics import SystemFault, quote
from netspec.files.folder import why

if TYPE_CHECKING:
    from netspec.configuration.policy import Policy

STREAM: Final = "-"  # standard input; a file of that name is `./-`
SPECS_ONLY_HELP: Final = "Leave out files without the key `netspec`, which are no specs."
SUFFIXES: Final = (".yaml", ".yml")

_WILD: Final = frozenset("*?[")
_ANY_DEPTH: Final = "**"


class Target(NamedTuple):
    """One spec to check: its path as the user knows it, and the root of what it refers to; None is its own folder.

    Where `specs_only`, it is left out unless it has the key `netspec`.
    `policy` is what a configuration has in force for it.
    """

    path: str
    root: str | None = None
    specs_only: bool = False
    policy: "Policy | None" = None


Excludes = Callable[[str], bool]
"""Whether a search leaves out the spec or the folder at a path."""


def collect(
    paths: Iterable[str], root: str | None = None, excludes: Excludes | None = None, *, specs_only: bool = False
) -> Iterator[Target | SystemFault]:
    """Yield the specs that the paths mean, in their order, each once; folders sorted, and searched as they are yielded.

    A folder stands for every `*.yaml` and `*.yml` below it and is the root of each. A pattern (`*`, `?`, `[…]`, and
    `**` for any number of folders) stands for those that it matches. Both leave out what is hidden or a link, unless
    the path itself names it, and what is excluded. All else is taken to be a file. `root` and `specs_only` are those of
    all. A fault `no-specs` is yielded for a folder or a pattern that stands for nothing, and `read-failed` for a folder
    that cannot be searched.
    """
    root = None if root is None else _plain(root)
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path, excludes or _nothing):
            if isinstance(found, SystemFault):
                yield found
            elif (identity := _identity(found.path)) not in seen:
                seen.add(identity)
                yield Target(found.path, found.root if root is None else root, specs_only)


def _nothing(_path: str) -> bool:
    return False


def _expand(path: str, excludes: Excludes) -> Iterator[Target | SystemFault]:
    """Yield what one path stands for."""
    excluded = 0

    def leave_out(path: str) -> bool:
        nonlocal excluded
        found = excludes(path)
        excluded += found
        return found

    if path != STREAM and os.path.isdir(path):
        folder = _plain(path)
        files = _below(folder, SUFFIXES, leave_out)
        below = (Target(found, folder) if isinstance(found, str) else found for found in files)
        yield from _or_none(below, f"there is no spec in the folder {quote(path)}", lambda: excluded)
    elif _WILD.isdisjoint(path) or os.path.lexists(path):
        yield Target(path)
    else:
        matches = (
            match for match in _matches(path, leave_out) if isinstance(match, SystemFault) or not leave_out(match)
        )
        found = (Target(match) if isinstance(match, str) else match for match in matches)
        yield from _or_none(found, f"no spec matches {quote(path)}", lambda: excluded)


def _or_none(
    found: Iterator[Target | SystemFault], headline: str, excluded: Callable[[], int]
) -> Iterator[Target | SystemFault]:
    """Yield what was found, or the fault that it was nothing; `excluded` is asked when all is searched."""
    empty = True
    for each in found:
        empty = False
        yield each
    if empty:
        help_ = "specs are files named *.yaml or *.yml; hidden ones and links are left out"
        if excluded():
            help_ += ", and what the configuration excludes"
        yield SystemFault("no-specs", headline, help_)


def files_below(folder: str, suffix: str) -> Iterator[str | SystemFault]:
    """Yield the files whose names end so, in a folder and in its folders, as `collect` finds specs there."""
    return _below(_plain(folder), (suffix,), _nothing)


def _below(folder: str, suffixes: tuple[str, ...], excludes: Excludes) -> Iterator[str | SystemFault]:
    """Yield the files in a folder and in its folders, sorted name by name; no recursion, however deep they lie."""
    waiting = [_entries(folder)]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, SystemFault):
            yield entry
        elif entry.is_dir:
            if not excludes(entry.path):
                waiting.append(_entries(entry.path))
        elif entry.path.endswith(suffixes) and not excludes(entry.path):
            yield entry.path


def _matches(pattern: str, excludes: Excludes) -> list[str | SystemFault]:
    """Return the specs that match a pattern, sorted like those of a folder, and first the faults of the search."""
    base = "/" if pattern.startswith("/") else ""
    found = list(_match(base, [part for part in pattern.split("/") if part], excludes))
    faults = {each.headline: each for each in found if isinstance(each, SystemFault)}
    return [*faults.values(), *sorted({each for each in found if isinstance(each, str)}, key=_parts)]


def _parts(path: str) -> list[str]:
    return path.split("/")


def _match(base: str, parts: list[str], excludes: Excludes) -> Iterator[str | SystemFault]:
    """Yield the specs below `base` that match the parts of a pattern; through `**` one may come more than once.

    An excluded folder is not searched unless the pattern names it.
    """
    first, rest = parts[0], parts[1:]
    if first == _ANY_DEPTH:
        for folder in _folders(base, excludes):
            yield from _match(folder, rest or ["*"], excludes)
    elif _WILD.isdisjoint(first):
        path = os.path.join(base, first)
        if rest and os.path.isdir(path):
            yield from _match(path, rest, excludes)
        elif not rest and path.endswith(SUFFIXES) and os.path.isfile(path):
            yield path
    else:
        for entry in _entries(base, hidden=first.startswith(".")):
            if isinstance(entry, SystemFault):
                yield entry
            elif fnmatchcase(os.path.basename(entry.path), first):
                if rest and entry.is_dir and not excludes(entry.path):
                    yield from _match(entry.path, rest, excludes)
                elif not rest and not entry.is_dir and entry.path.endswith(SUFFIXES):
                    yield entry.path


def _folders(base: str, excludes: Excludes) -> Iterator[str]:
    """Yield a folder and all folders below it that are not excluded.

    One that cannot be searched is told of by whoever searches it.
    """
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        yield folder
        below = [entry.path for entry in _entries(folder) if not isinstance(entry, SystemFault) and entry.is_dir]
        waiting += [path for path in below if not excludes(path)]


class _Entry(NamedTuple):
    """What lies in a folder and is no link."""

    path: str
    is_dir: bool


def _entries(folder: str, *, hidden: bool = False) -> Iterator[_Entry | SystemFault]:
    """Yield what lies in a folder (the working folder where it is empty), sorted by name; hidden things on request."""
    try:
        with os.scandir(folder or os.curdir) as listed:
            entries = sorted(
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in listed
                if not entry.is_symlink() and (hidden or not entry.name.startswith("."))
            )
    except OSError as error:
        yield SystemFault("read-failed", f"searching the folder {quote(folder or os.curdir)} failed: {why(error)}")
        return
    for name, is_dir in entries:
        yield _Entry(os.path.join(folder, name), is_dir)


def _plain(folder: str) -> str:
    """Return a folder as files below it are to be called: without a slash at its end, the working folder as nothing."""
    plain = folder.rstrip("/") or folder[:1]
    return "" if plain == os.curdir else plain


def _identity(path: str) -> str:
    """Return what is the same for two ways to name a file: as `./a.yaml`, or through a link."""
    return path if path == STREAM or "\0" in path else os.path.realpath(path)
