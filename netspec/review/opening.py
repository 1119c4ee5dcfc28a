"""The two specs that are compared: files of the working tree, and files as a revision of git has them."""

import os
import posixpath
from collections.abc import Container
from types import TracebackType
from typing import NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Place, Span, SystemFault, quote
from netspec.files.folder import Folder, read_named
from netspec.limits import SPEC_BYTES
from netspec.review.objects import Objects
from netspec.review.repository import Repository, split_revision
from netspec.review.tree import Tree
from netspec.spec import Library
from netspec.validation import Family, check_family

ALLOWED = frozenset({"expect"})
"""What an author asserts may fail: a review tells what became of it."""


class Opened(NamedTuple):
    """A spec and its networks; `file` is how it was asked for."""

    file: str
    family: Family


class Opener:
    """Opens specs of both kinds; git is asked once one of a revision is wanted. A context manager."""

    def __init__(self, root: str | None = None) -> None:
        self._root = root
        self._repository: Repository | None = None
        self._objects: Objects | None = None
        self._commits: dict[str, str] = {}

    def __enter__(self) -> "Opener":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git."""
        if self._objects is not None:
            self._objects.close()

    @property
    def repository(self) -> Repository:
        """The repository that the working folder lies in."""
        if self._repository is None:
            self._repository = Repository()
        return self._repository

    @property
    def objects(self) -> Objects:
        """The objects of the repository."""
        if self._objects is None:
            self._objects = Objects()
        return self._objects

    def commit(self, revision: str) -> str:
        """Return the commit that a revision names."""
        if revision not in self._commits:
            self._commits[revision] = self.repository.commit(revision)
        return self._commits[revision]

    def open(self, text: str) -> Opened:
        """Return the spec that an argument names: a file, or `REV:path`, whose path is from the top of the repository.

        Raises SystemFault where it cannot be read at all; all else is in the family's diagnostics.
        """
        asked = split_revision(text)
        return Opened(text, open_file(text, self._root, ALLOWED)) if asked is None else self._revision(text, *asked)

    def _revision(self, text: str, revision: str, path: str) -> Opened:
        path = self.from_top(text, path)
        tree = self.tree(revision)
        try:
            data = tree.read(path, SPEC_BYTES)
        except FileFault as fault:
            if fault.code == SPEC_BYTES.code:
                return Opened(text, unread(text, fault))
            help_ = fault.help or f"`git ls-tree -r --name-only {revision}` lists what there is"
            raise SystemFault("no-such-file", f"{quote(text)}: {fault.reason}", help_) from fault
        return Opened(text, self.family(tree, revision, path, data))

    def from_top(self, text: str, path: str) -> str:
        """Return the path in a revision that `text` names: from the top of the repository, or with a `./` or `../`
        from the working folder. SystemFault `no-such-file` where it leads out of the repository.
        """
        if path.startswith(("./", "../")):
            path = self.repository.prefix + path
        path = posixpath.normpath(path)
        if path.startswith(("/", "../")) or path == ".." or "\0" in path:
            raise SystemFault("no-such-file", f"{quote(text)}: the path leads out of the repository")
        return path

    def tree(self, revision: str) -> Tree:
        """Return the whole tree of a revision as a root."""
        return Tree(self.objects, self.commit(revision), "", f"{revision}:")

    def family(self, tree: Tree, revision: str, path: str, data: bytes) -> Family:
        """Return the networks of a spec of a revision."""
        return check_family(Library(tree, f"{revision}:"), data, path, f"{revision}:{path}", ALLOWED)


def open_file(path: str, root: str | None, allowed: Container[str] = ()) -> Family:
    """Return the networks of a spec that is a file; what it refers to lies below `root`, its own folder unless given.

    Errors of the codes `allowed` do not stand in the way. Raises SystemFault where it cannot be read at all.
    """
    with Folder(os.path.dirname(path) if root is None else root) as folder:
        name = os.path.basename(path)
        relative = name if root is None else folder.locate(path)
        shown = path[: len(path) - len(name)] if root is None else os.path.join(root, "")
        try:
            data = read_named(path, SPEC_BYTES)
        except FileFault as fault:
            return unread(path, fault)
        return check_family(Library(folder, shown), data, relative, path, allowed)


def unread(file: str, fault: FileFault) -> Family:
    """Return the family of a file that is refused before it is read."""
    place = Place(file, Span(1, 1, 1, 2))
    refusal = Diagnostic(fault.code, f"{quote(file)}: {fault.reason}", place, help=fault.help)
    return Family(None, {}, (refusal,), {})


def errors(family: Family) -> tuple[Diagnostic, ...]:
    """Return what stands in the way of a network, or of what its author says of it."""
    return tuple(each for each in family.diagnostics if each.severity == "error")
