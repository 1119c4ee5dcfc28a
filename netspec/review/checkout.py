"""The working tree as a root: its files as they are, and what a sparse checkout leaves out as the index has it."""

from typing import Final

from netspec.diagnostics import FileFault
from netspec.files.folder import Folder
from netspec.limits import Limit
from netspec.review.objects import Objects
from netspec.review.repository import Repository
from netspec.review.tree import bytes_of

_MISSING: Final = "file-missing"


class Checkout(Folder):
    """The top of a working tree, at `path`. git is asked once a file is missing."""

    __slots__ = ("_left_out", "_objects", "_repository")

    def __init__(self, path: str, repository: Repository, objects: Objects) -> None:
        super().__init__(path)
        self._repository, self._objects = repository, objects
        self._left_out: dict[str, str] | None = None

    def read(self, relative: str, limit: Limit) -> bytes:
        """Return the bytes of the file at a path that `resolve` gave back, at most `limit` of them."""
        try:
            return super().read(relative, limit)
        except FileFault as fault:
            if fault.code != _MISSING:
                raise
            if self._left_out is None:
                self._left_out = self._repository.left_out()
            blob = self._left_out.get(relative)
            if blob is None:
                raise
            return bytes_of(self._objects, blob, limit)
