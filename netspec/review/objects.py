"""The objects of a repository: blobs, trees and commits, by their names."""

import hashlib
import os
import time
from types import TracebackType
from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault, quote
from netspec.review.git import MOST, Conversation, absent

_MOST_ENTRIES: Final = 200_000  # of all trees that are kept
_MOST_COMMIT: Final = 1 << 20  # bytes of a commit's own text
_LONGEST_SUBJECT: Final = 1_000  # bytes of it that are read
_LATIN: Final = (b"latin1", b"latin-1", b"iso-8859-1", b"iso8859-1")
_SHA256: Final = 64


class Commit(NamedTuple):
    """What a commit says of itself: its parents, the day in the time zone of its author, who that is, and its subject.

    All of it is text of a user, whatever the bytes; the day is empty where it is none.
    """

    parents: tuple[str, ...]
    day: str
    author: str
    subject: str


class Objects:
    """Reads objects of the repository, all by one `git cat-file --batch`. A context manager."""

    __slots__ = ("_entries", "_git", "_trees")

    def __init__(self) -> None:
        self._git: Conversation | None = None
        self._trees: dict[str, dict[str, tuple[int, str]]] = {}
        self._entries = 0

    def __enter__(self) -> "Objects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        git, self._git = self._git, None
        if git is not None:
            git.close()

    def size_and_data(self, name: str, most: int) -> tuple[int, bytes | None]:
        """Return the size of an object and its bytes; None instead of them where they are more than `most`.

        Raises SystemFault `git-failed` where there is no such object.
        """
        if not name.isalnum():
            raise SystemFault("git-failed", f"{quote(name)} names no object")
        if self._git is None:
            self._git = Conversation("cat-file", "--batch")
        try:
            answered = self._git.ask(name.encode("ascii"))
            if answered is None or len(header := answered.split(" ")) != 3:
                raise absent(name)
            size = int(header[2])
            if size > most:
                self.close()  # rather than read what nobody wants
                return size, None
            return size, self._git.read(size + 1)[:size]
        except SystemFault:
            self.close()
            raise

    def tree(self, name: str) -> dict[str, tuple[int, str]]:
        """Return what lies in a tree, or in the tree of a commit, by its name: mode, and name of the object."""
        if name not in self._trees:
            _, data = self.size_and_data(name, MOST)
            if data is None:
                raise SystemFault("git-failed", "a folder of the revision is too large to be listed")
            if data.startswith(b"tree ") and data[5 + len(name) : 6 + len(name)] == b"\n":  # a commit names its tree
                self._trees[name] = self.tree(data[5 : 5 + len(name)].decode("ascii"))
            else:
                self._keep(name, dict(_entries(data, len(name) // 2)))
        return self._trees[name]

    def _keep(self, name: str, found: dict[str, tuple[int, str]]) -> None:
        """Keep a tree for whoever asks again, as long as all that are kept have few entries."""
        self._entries += len(found)
        if self._entries > _MOST_ENTRIES:
            self._trees.clear()
            self._entries = len(found)
        self._trees[name] = found

    def commit(self, name: str) -> Commit:
        """Return what a commit says of itself."""
        _, data = self.size_and_data(name, _MOST_COMMIT)
        if data is None:
            return Commit((), "", "", "")
        head, _, message = data.partition(b"\n\n")
        parents: list[str] = []
        author = encoding = b""
        for line in head.split(b"\n"):
            word, _, rest = line.partition(b" ")
            if word == b"parent":
                parents.append(rest.decode("ascii", "replace"))
            author = rest if word == b"author" and not author else author
            encoding = rest if word == b"encoding" and not encoding else encoding
        latin = encoding.lower().replace(b"_", b"-") in _LATIN
        subject = message.lstrip(b"\n").partition(b"\n")[0][:_LONGEST_SUBJECT]
        name_, day = _author(author)
        texts = [each.decode("latin-1" if latin else "utf-8", "replace") for each in (name_, subject)]
        return Commit(tuple(parents), day, texts[0], texts[1])


def is_blob(name: str, data: bytes) -> bool:
    """Whether a blob of that name holds these bytes: it is named by their hash, SHA-1 or SHA-256, with their number."""
    digest = hashlib.sha256() if len(name) == _SHA256 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest() == name


def _entries(data: bytes, size: int) -> "list[tuple[str, tuple[int, str]]]":
    """Return the entries of a tree: mode, name and the object, whose name takes `size` bytes."""
    found: list[tuple[str, tuple[int, str]]] = []
    start = 0
    while start < len(data):
        space, end = data.index(b" ", start), data.index(b"\0", start)
        mode, name = int(data[start:space], 8), os.fsdecode(data[space + 1 : end])
        start = end + 1 + size
        found.append((name, (mode, data[end + 1 : start].hex())))
    return found


def _author(line: bytes) -> tuple[bytes, str]:
    """Return the name, and the day where that person was, of `a. name <mail> seconds zone`."""
    name, _, rest = line.partition(b"<")
    seconds, _, zone = rest.rpartition(b">")[2].strip().partition(b" ")
    try:
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        local = int(seconds) + 60 * (-minutes if zone[:1] == b"-" else minutes)
        return name.strip(), time.strftime("%Y-%m-%d", time.gmtime(local))
    except (ValueError, OverflowError, OSError):
        return name.strip(), ""
