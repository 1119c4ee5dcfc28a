"""What a merge does to the network: faults that neither side has, and facts that both sides asserted."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, SystemFault, show
from netspec.files.folder import Folder
from netspec.limits import SPEC_BYTES
from netspec.merging.merge import Merged
from netspec.merging.subjects import Subjects
from netspec.review.opening import ALLOWED, errors
from netspec.review.written import fact
from netspec.source import read_source
from netspec.spec import Library
from netspec.validation import Family, check_family

_FACTS: Final = (
    "parameters", "capacity", "depth", "receptive_field", "macs", "flops", "parameter_bytes", "activation_bytes",
    "fingerprint",
)  # fmt: skip
_LONGEST: Final = 200  # characters of a fact


class Checked(NamedTuple):
    """What was found of a merged spec: `faults` that neither side has, and texts of the files that they are in.

    `facts` are those that are asserted, of which both sides said something else, as the merged network has them.
    """

    faults: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    facts: Mapping[tuple[str, ...], str]


class _Where(NamedTuple):
    """Where a merge will lie, what it is called, and the folder that it may refer to, or None."""

    path: str
    name: str
    root: str | None


def check_merge(
    merged: Merged, sides: tuple[bytes, bytes], path: str, shown: str | None = None, root: str | None = None
) -> Checked:
    """Return what is to be said of a merge; where lines were merged, both sides have to be specs.

    What the spec refers to is read below `root`, the folder of `path` unless given, as far as that is there; `shown` is
    how the user knows the file. A clean merge is held against the rules of the language. Where all that is in conflict
    are facts under `expect`, the network is the same either way, and its facts are told.
    """
    where = _Where(path, path if shown is None else shown, root)
    if merged.clean and (not merged.why or all(map(_says_so, sides))):
        family = _family(merged.data, where)
        faults = errors(family)
        return Checked(_new(faults, merged.data, sides, where) if faults else (), family.sources, {})
    paths = [each.conflict.path for each in merged.placed]
    if (
        merged.why
        or merged.clean
        or not all(len(path) == 2 and path[0] == "expect" and path[1] in _FACTS for path in paths)
    ):
        return Checked((), {}, {})
    written = _family(merged.choices[0].encode(), where).written
    if written is None:
        return Checked((), {}, {})
    found = written.facts
    facts = {
        path: found.fingerprint if path[1] == "fingerprint" else fact(path[1], found) for path in dict.fromkeys(paths)
    }
    return Checked((), {}, {path: show(value, _LONGEST) for path, value in facts.items() if value is not None})


def _says_so(side: bytes) -> bool:
    """Return whether a side can be read, and is a spec by its own word."""
    source = read_source(side, "<side>") if len(side) <= SPEC_BYTES.value else None
    return source is not None and not source.faults and source.tree is not None and "netspec" in source.tree.values


def _new(
    faults: tuple[Diagnostic, ...], data: bytes, sides: tuple[bytes, bytes], where: _Where
) -> tuple[Diagnostic, ...]:
    """Return the faults of a merge that neither side has: none of theirs is about the same thing.

    One that has another place, since layers were inserted before it, is known by its words; but a fault of a side that
    is there at its own place stands for no other.
    """
    subjects = Subjects(data, where.name)
    about = [subjects.of(fault) for fault in faults]
    known: set[object] = set()
    words: set[tuple[str, str]] = set()
    for side in sides:
        own = Subjects(side, where.name)
        for fault in errors(_family(side, where)):
            subject = own.of(fault)
            known.add(subject)
            if subject not in about:
                words.add((fault.code, fault.headline))
    return tuple(
        fault
        for fault, subject in zip(faults, about, strict=True)
        if subject not in known and (fault.code, fault.headline) not in words
    )


def _family(data: bytes, where: _Where) -> Family:
    """Return the networks of a spec that would lie at `path`; a path from the top of a repository is walked from there,
    where no link is followed.
    """
    path, name, top = where
    if top is not None:
        with Folder(top) as folder:
            return check_family(Library(folder, os.path.join(top, "")), data, folder.locate(path), name, ALLOWED)
    inside = not os.path.isabs(path) and ".." not in path.split("/")
    root, relative = ("", os.path.normpath(path)) if inside else os.path.split(path)
    try:
        folder = Folder(root)
    except SystemFault:  # what it refers to is there for neither side
        return check_family(Library(None), data, relative, name, ALLOWED)
    with folder:
        return check_family(Library(folder, name.removesuffix(relative)), data, relative, name, ALLOWED)
