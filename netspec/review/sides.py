"""The two sides of a comparison of many specs: the tree of a commit, and the working tree or that of another commit."""

import os
import posixpath
from collections.abc import Sequence
from typing import Final, Protocol

from netspec.files.folder import Folder
from netspec.limits import SPEC_BYTES
from netspec.review.checkout import Checkout
from netspec.review.opening import ALLOWED, Opener
from netspec.review.repository import Changed, split_range
from netspec.spec import Library
from netspec.validation import Family, check_family

_SHOWN_NAME: Final = 12  # letters of a commit that nobody named


class Side(Protocol):
    """All files of one side, by their paths from the top of the repository."""

    def name(self, path: str) -> str:
        """Return what a file is called for the user."""

    def read(self, path: str, blob: str = "") -> bytes:
        """Return the bytes of a spec, of the blob where that is known; FileFault where it cannot be read."""

    def family(self, path: str, data: bytes) -> Family:
        """Return the networks of a spec, which may refer to files of this side."""

    def files(self, paths: Sequence[str]) -> list[str]:
        """Return the files below `paths`, which may be patterns, that git knows of; all where there are none."""


class CommitSide:
    """The tree of the commit that a revision names."""

    def __init__(self, opener: Opener, revision: str) -> None:
        self.revision = revision
        self._opener = opener
        self._tree = opener.tree(revision)

    def name(self, path: str) -> str:
        """Return `REV:path`."""
        return f"{self.revision}:{path}"

    def read(self, path: str, blob: str = "") -> bytes:
        """Return the bytes of a file."""
        return self._tree.blob(blob, SPEC_BYTES) if blob else self._tree.read(path, SPEC_BYTES)

    def family(self, path: str, data: bytes) -> Family:
        """Return the networks of a spec."""
        return self._opener.family(self._tree, self.revision, path, data)

    def files(self, paths: Sequence[str]) -> list[str]:
        """Return the files of the commit."""
        return self._opener.repository.files_of(self._opener.commit(self.revision), list(paths))


class WorkingSide:
    """The files as they are, or would be without a sparse checkout. `close` gives the folder back."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._prefix = opener.repository.prefix
        self._folder = Checkout("../" * self._prefix.count("/"), opener.repository, opener.objects)

    def name(self, path: str) -> str:
        """Return the path from the working folder."""
        return posixpath.relpath(path, self._prefix) if self._prefix else path

    def read(self, path: str, blob: str = "") -> bytes:
        """Return the bytes of a file."""
        del blob  # what it would have been when it was added
        return self._folder.read(path, SPEC_BYTES)

    def family(self, path: str, data: bytes) -> Family:
        """Return the networks of a spec."""
        return check_family(_Shown(self._folder, self), data, path, self.name(path), ALLOWED)

    def files(self, paths: Sequence[str]) -> list[str]:
        """Return the files that git knows of."""
        return self._opener.repository.files(list(paths))

    def close(self) -> None:
        """Give the folder back."""
        self._folder.close()


class _Shown(Library):
    """A library below the top of a repository, which calls files by their paths from the working folder."""

    def __init__(self, folder: Folder, side: WorkingSide) -> None:
        super().__init__(folder)
        self._side = side

    def name(self, relative: str) -> str:
        return self._side.name(relative)


class Sides:
    """Both sides, opened by one process for itself. `new` is a revision's where a range was asked for."""

    def __init__(self, old: str, new: str | None) -> None:
        self.process = os.getpid()
        self.opener = Opener()
        self.old = CommitSide(self.opener, old)
        self._working = WorkingSide(self.opener) if new is None else None
        self.new: Side = CommitSide(self.opener, new or "") if self._working is None else self._working

    @property
    def working(self) -> bool:
        """Whether the new side is the working tree."""
        return self._working is not None

    def changed(self, paths: Sequence[str]) -> list[Changed]:
        """Return the files below `paths` that the sides have otherwise."""
        repository, old = self.opener.repository, self.opener.commit(self.old.revision)
        if isinstance(self.new, CommitSide):
            return repository.changed_between(old, self.opener.commit(self.new.revision), list(paths))
        return repository.changed(old, list(paths))

    def close(self) -> None:
        """End git, and give the folder back."""
        self.opener.close()
        if self._working is not None:
            self._working.close()


def revisions(text: str) -> tuple[str, str | None]:
    """Return what a revision or a range of two means: the old side, and the new one, None for the working tree.

    `A..B` is from A to B, and `A...B` from where B left A; HEAD stands for an end that is left out.
    """
    found = split_range(text)
    if found is None:
        return text, None
    old, new, since_parting = found
    if since_parting:
        with Opener() as opener:
            old = opener.repository.parting(opener.commit(old), opener.commit(new))[:_SHOWN_NAME]
    return old, new


__all__ = ["CommitSide", "Side", "Sides", "WorkingSide", "revisions"]
