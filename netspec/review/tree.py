"""The tree of a commit as a root: files are read out of git's objects, by the rules of a folder."""

from typing import BinaryIO, Final

from netspec.diagnostics import FileFault, quote
from netspec.files.folder import Folder
from netspec.limits import Limit
from netspec.review.objects import Objects
from netspec.review.repository import LINK

_KINDS: Final = {0o040000: "a folder", LINK: "a symbolic link", 0o160000: "a submodule"}


class Tree(Folder):
    """A folder of a commit, `below` its top, as the root of what a spec refers to.

    What `resolve` gives back is walked to part by part from the tree of the commit, and no link is followed, as in a
    folder on the disk.
    """

    __slots__ = ("_below", "_commit", "_objects")

    def __init__(self, objects: Objects, commit: str, below: str, path: str) -> None:
        self.path = path
        self._descriptor = -1
        self._objects, self._commit = objects, commit
        self._below = [part for part in below.split("/") if part]

    def read(self, relative: str, limit: Limit) -> bytes:
        """Return the bytes of the file at a path that `resolve` gave back, at most `limit` of them.

        Raises FileFault `file-missing`, `file-is-a-link`, `file-not-regular`, `bad-path` and the limit's own code.
        """
        return self.blob(self._find(relative), limit)

    def blob(self, name: str, limit: Limit) -> bytes:
        """Return the bytes of a blob by its name; FileFault of the limit's own code where they are more."""
        return bytes_of(self._objects, name, limit)

    def is_else(self, relative: str) -> str:
        """Return what there is at a path that is neither a file nor a link, such as a folder; nothing for all else."""
        try:
            self._find(relative)
        except FileFault as fault:
            return fault.reason if fault.code == "file-not-regular" else ""
        return ""

    def open(self, relative: str) -> BinaryIO:
        """Refuse: files of parameters are not read out of a revision, whose objects may be of any size."""
        raise FileFault("file-unreadable", f"{quote(relative)} is not read out of a revision")

    def _find(self, relative: str) -> str:
        """Return the name of the blob at a path."""
        parts = relative.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise FileFault("bad-path", "it is no path below the root")
        parts = [*self._below, *parts]
        entries = self._objects.tree_of(self._commit)
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            found = entries.get(part)
            if found is None:
                raise FileFault(
                    "file-missing", "there is no such file" if last else f"there is no folder {quote(part)}"
                )
            mode, name = found
            kind = _KINDS.get(mode, "a file")
            if kind == "a symbolic link":
                raise FileFault("file-is-a-link", f"{quote(part)} is a symbolic link, and none is followed")
            if last:
                if kind != "a file":
                    raise FileFault("file-not-regular", f"it is {kind}, not a regular file")
                return name
            if kind != "a folder":
                raise FileFault("file-missing", f"{quote(part)} is {kind}, not a folder")
            entries = self._objects.tree(name)
        raise FileFault("bad-path", "it is no path below the root")


def bytes_of(objects: Objects, name: str, limit: Limit) -> bytes:
    """Return the bytes of a blob by its name; FileFault of the limit's own code where they are more."""
    size, data = objects.size_and_data(name, limit.value)
    if data is None:
        raise FileFault(limit.code, f"it holds {size:,} bytes, the limit is {limit.value:,}")
    return data
