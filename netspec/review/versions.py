"""A spec as commits have it, each version opened once: what it reads is remembered, and so what it is."""

from collections import OrderedDict
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, SystemFault
from netspec.limits import SPEC_BYTES
from netspec.review.objects import Objects
from netspec.review.opening import ALLOWED, unread
from netspec.review.tree import Tree
from netspec.spec import Library
from netspec.validation import Family, Member, check_family

_KEPT: Final = 12  # versions whose networks are kept: of a commit and its parents, and some that come back

Read = tuple[tuple[str, str | None], ...]
"""The files that a version reads, each with its blob; None where there is none."""


class Version(NamedTuple):
    """A spec at a commit: the files that it reads, and its networks; None where there is no such file."""

    read: Read
    family: Family | None

    @property
    def member(self) -> Member | None:
        """The network as written; None where it is refused, or not there."""
        return None if self.family is None else self.family.written

    @property
    def fault(self) -> Diagnostic | None:
        """Why it has no network, the first error."""
        told = () if self.family is None else self.family.diagnostics
        return next((each for each in told if each.severity == "error"), None)


ABSENT: Final = Version((), None)


class Versions:
    """Opens a spec at commits. One that reads what another one read is that one."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._kept: OrderedDict[tuple[str, Read], Version] = OrderedDict()

    def at(self, commit: str, path: str) -> Version:
        """Return a spec as a commit has it; a folder of its name is none.

        Raises SystemFault `git-failed` where the commit is not there.
        """
        tree = _Watched(self._objects, commit)
        if tree.blob_of(path) is None or tree.is_else(path):
            return ABSENT
        for key, version in self._kept.items():
            if key[0] == path and all(tree.blob_of(file) == blob for file, blob in version.read):
                self._kept.move_to_end(key)
                return version
        tree.asked.clear()
        name = f"{commit[:7]}:{path}"
        try:
            data = tree.read(path, SPEC_BYTES)
        except FileFault as fault:
            family = unread(name, fault)
        else:
            family = check_family(Library(tree, f"{commit[:7]}:"), data, path, name, ALLOWED)
        version = Version(tuple(tree.asked.items()), family)
        self._kept[path, version.read] = version
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return version


class _Watched(Tree):
    """The tree of a commit that notes which files it was asked for, and what it has of them."""

    __slots__ = ("asked",)

    def __init__(self, objects: Objects, commit: str) -> None:
        super().__init__(objects, commit, "", f"{commit[:7]}:")
        self.asked: dict[str, str | None] = {}

    def blob_of(self, relative: str) -> str | None:
        """Return the blob at a path, or what is in its way, which is another from time to time as well."""
        try:
            return super()._find(relative)
        except FileFault as fault:
            return None if fault.code == "file-missing" else fault.reason

    def _find(self, relative: str) -> str:
        self.asked[relative] = self.blob_of(relative)
        return super()._find(relative)


def is_gone(fault: SystemFault) -> bool:
    """Whether a fault is that of an object which a shallow clone does not have."""
    return fault.headline.startswith("the repository has no object")
