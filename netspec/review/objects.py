"""The objects of a repository: blobs, trees and commits, by their names, which are hashes of what they hold."""

import hashlib
import os
import re
import time
from types import TracebackType
from typing import Final, Literal, NamedTuple

from netspec.diagnostics import SystemFault, quote, show
from netspec.review.git import MOST, Conversation, absent

_MOST_ENTRIES: Final = 200_000  # of all trees that are kept
_MOST_COMMIT: Final = 1 << 20  # bytes of a commit's own text
_LONGEST_SUBJECT: Final = 1_000  # bytes of it that are read
_LATIN: Final = (b"latin1", b"latin-1", b"iso-8859-1", b"iso8859-1")
_SHA256: Final = 64
_NAME: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_ROOT: Final = re.compile(rb"tree ([0-9a-f]{40}|[0-9a-f]{64})\n")
# By the length of a name in letters: mode, name, and the object's name in bytes.
_ENTRY: Final = {
    size: re.compile(rb"([0-7]{5,6}) ([^\0/]+)\0(.{%d})" % (size // 2), re.DOTALL) for size in (40, _SHA256)
}

Kind = Literal["blob", "tree", "commit"]

Entries = dict[str, tuple[int, str]]
"""What lies in a tree, by its name there: mode, and name of the object."""


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

    __slots__ = ("_entries", "_git", "_roots", "_trees")

    def __init__(self) -> None:
        self._git: Conversation | None = None
        self._trees: dict[str, Entries] = {}
        self._roots: dict[str, str] = {}
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

    def size_and_data(self, name: str, most: int, kind: Kind = "blob") -> tuple[int, bytes | None]:
        """Return the size of an object and its bytes; None instead of them where they are more than `most`.

        Raises SystemFault `git-failed` where there is no such object, where it is of another kind, and where it does
        not hold what its name says.
        """
        if _NAME.fullmatch(name) is None:
            raise SystemFault("git-failed", f"{quote(name)} names no object")
        if self._git is None:
            self._git = Conversation("cat-file", "--batch")
        try:
            answered = self._git.ask(name.encode("ascii"))
            if answered is None or len(header := answered.split(" ")) != 3:
                raise absent(name)
            if header[1] != kind:
                raise _damaged(name, f"is a {show(header[1])}, not a {kind}")
            size = int(header[2])
            if size > most:
                self.close()  # rather than read what nobody wants
                return size, None
            data = self._git.read(size + 1)[:size]
        except SystemFault:
            self.close()
            raise
        if not is_object(name, data, kind):
            raise _damaged(name, "does not hold what its name says")
        return size, data

    def tree(self, name: str) -> Entries:
        """Return what lies in a tree, by its name: mode, and name of the object."""
        if name not in self._trees:
            _, data = self.size_and_data(name, MOST, "tree")
            if data is None:
                raise SystemFault("git-failed", "a folder of the revision is too large to be listed")
            self._keep(name, _entries(name, data))
        return self._trees[name]

    def tree_of(self, commit: str) -> Entries:
        """Return what lies in the tree of a commit."""
        if commit not in self._roots:
            _, data = self.size_and_data(commit, MOST, "commit")
            found = _ROOT.match(data or b"")
            if found is None:
                raise _damaged(commit, "names no tree")
            self._roots[commit] = found[1].decode("ascii")
        return self.tree(self._roots[commit])

    def _keep(self, name: str, found: Entries) -> None:
        """Keep a tree for whoever asks again, as long as all that are kept have few entries."""
        self._entries += len(found)
        if self._entries > _MOST_ENTRIES:
            self._trees.clear()
            self._roots.clear()
            self._entries = len(found)
        self._trees[name] = found

    def commit(self, name: str) -> Commit:
        """Return what a commit says of itself."""
        _, data = self.size_and_data(name, _MOST_COMMIT, "commit")
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


def is_object(name: str, data: bytes, kind: Kind = "blob") -> bool:
    """Whether an object of that name holds these bytes: it is named by a hash of them, SHA-1 or SHA-256."""
    digest = hashlib.sha256() if len(name) == _SHA256 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"%b %d\0" % (kind.encode("ascii"), len(data)))
    digest.update(data)
    return digest.hexdigest() == name


def _entries(name: str, data: bytes) -> Entries:
    """Return the entries of a tree: mode, name and the object. SystemFault `git-failed` for what is no tree."""
    entry = _ENTRY[len(name)]
    found: Entries = {}
    start = 0
    while start < len(data):
        match = entry.match(data, start)
        if match is None:
            raise _damaged(name, "is no list of files")
        file = os.fsdecode(match[2])
        if file in found:
            raise _damaged(name, "lists a file twice")
        found[file] = int(match[1], 8), match[3].hex()
        start = match.end()
    return found


def _damaged(name: str, words: str) -> SystemFault:
    return SystemFault("git-failed", f"the object {quote(name)} {words}", "`git fsck` says what is damaged")


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
