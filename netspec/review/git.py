"""Git, asked for what a revision holds: the one place of netspec that runs another program, and it is git alone.

It is run with a list of arguments and no shell, in the folder and the environment of the user, so that GIT_DIR and the
like mean what they mean to git. Whatever the user names stands behind `--end-of-options` or `--`. What git answers is
bounded in size and in time; nothing is written, neither objects nor the index.
"""

import hashlib
import os
import re
import select
import subprocess
import time
from collections.abc import Container
from types import TracebackType
from typing import IO, Final, NamedTuple

from netspec.diagnostics import SystemFault, quote, show

_PATIENCE: Final = 60.0  # seconds for an answer
_MOST: Final = 64 << 20  # bytes of one answer: a hundred thousand changed files
_COMPLAINT: Final = 64 << 10  # bytes of standard error that are read
_SHOWN: Final = 200  # characters of it in a message
_CHUNK: Final = 1 << 16
_MOST_ENTRIES: Final = 200_000  # of all trees that are kept
_MOST_COMMIT: Final = 1 << 20  # bytes of a commit's own text
_LONGEST_SUBJECT: Final = 1_000  # bytes of it that are read
_LATIN: Final = (b"latin1", b"latin-1", b"iso-8859-1", b"iso8859-1")
# A file-system monitor is a program that the repository names; the index is left as it is; and an object holds what its
# name says, whatever a repository would have in its place.
_GIT: Final = ("git", "--no-pager", "--no-optional-locks", "--no-replace-objects", "-c", "core.fsmonitor=false")

_RAW: Final = (
    "--raw", "-z", "--no-abbrev", "-M", "-l400", "--no-ext-diff", "--no-textconv", "--ignore-submodules",
)  # fmt: skip
# The tree without files, which git knows without having it, by the length of a name: of SHA-1 and of SHA-256.
_EMPTY: Final = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}

_SHA256: Final = 64

LINK: Final = 0o120000
"""The mode of a symbolic link in a tree."""

WILD: Final = frozenset("*?[")
"""What makes a path a pattern, where no file is called so."""


class Changed(NamedTuple):
    """A file that is another one than in a revision, by its paths from the top of the repository.

    `old` is None where it is new, `new` where it is gone; `blob` names what the revision has, empty where it has none;
    the modes are 0 where there is no file. `new_blob` is empty where git has not yet read what is new.
    """

    old: str | None
    new: str | None
    blob: str
    old_mode: int
    new_mode: int
    new_blob: str = ""


class Commit(NamedTuple):
    """What a commit says of itself: its parents, the day in the time zone of its author, who that is, and its subject.

    All of it is text of a user, whatever the bytes; the day is empty where it is none.
    """

    parents: tuple[str, ...]
    day: str
    author: str
    subject: str


class Repository:
    """The repository that the working folder lies in. `prefix` is the way from its top to there, with a slash.

    Raises SystemFault `git-failed` where there is none, and where git is not installed.
    """

    __slots__ = ("prefix",)

    def __init__(self) -> None:
        self.prefix = os.fsdecode(ask("rev-parse", "--show-prefix")).removesuffix("\n")

    def commit(self, revision: str) -> str:
        """Return the name of the commit that is meant. SystemFault `git-failed` where there is no such revision."""
        wanted = f"{revision}^{{commit}}"
        unknown = SystemFault(
            "git-failed", f"git knows no revision {quote(revision)}", "such as HEAD, main, v1.0 or HEAD~3"
        )
        if not revision or "\0" in revision or not revision.isprintable():
            raise unknown
        try:
            found = ask("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        except SystemFault as fault:
            if fault.headline.startswith(_REFUSED):
                raise unknown from fault
            raise
        return found.decode("ascii", "replace").strip()

    def changed(self, commit: str, paths: "list[str]") -> list[Changed]:
        """Return the files below `paths` that the working tree has otherwise than a commit, in the order of git.

        A path may be a pattern; the whole repository is meant where there is none. Files that git does not know of are
        left out, as `git diff` leaves them out; one that was only touched may be there, since the index is not written.
        """
        return _changed(ask("diff-index", *_RAW, commit, "--", *map(_pathspec, paths)))

    def changed_between(self, old: str, new: str, paths: "list[str]") -> list[Changed]:
        """Return the files below `paths` that two commits have otherwise, as `changed` does."""
        return _changed(ask("diff-tree", "-r", *_RAW, old, new, "--", *map(_pathspec, paths)))

    def parting(self, one: str, other: str) -> str:
        """Return the last commit that two have in their past. SystemFault `git-failed` where they have none."""
        try:
            found = ask("merge-base", one, other)
        except SystemFault as fault:
            if fault.headline != _REFUSED:
                raise
            words = "the two revisions have no commit in common"
            raise SystemFault(
                "git-failed", words, "is the clone whole? `git fetch --unshallow` gets the rest"
            ) from fault
        return found.decode("ascii", "replace").split("\n")[0]

    def files(self, paths: "list[str]") -> list[str]:
        """Return the files below `paths` that git knows of, from the top of the repository."""
        names = ask("ls-files", "-z", "--full-name", "--", *map(_pathspec, paths or [":/"]))
        return [os.fsdecode(each) for each in names.split(b"\0")[:-1]]

    def files_of(self, commit: str, paths: "list[str]") -> list[str]:
        """Return the files below `paths` that a commit has: what it has otherwise than the empty tree."""
        empty = _EMPTY[len(commit)]
        answer = ask(
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", empty, commit, "--", *map(_pathspec, paths)
        )
        return [os.fsdecode(each) for each in answer.split(b"\0")[:-1]]

    def history(self, commit: str, since: str | None, paths: "list[str]", most: int) -> list[str]:
        """Return the commits that changed one of the files, by their paths from the top: the newest first, `most` of
        them, and no parent before its children. Of ways that part and meet again those are left out that changed
        nothing in the end. `since` and what is before it is left out.
        """
        before = [] if since is None else [f"^{since}"]
        files = [f":(top,literal){path}" for path in paths]
        answer = ask("rev-list", "--date-order", f"--max-count={most}", commit, *before, "--", *files)
        return answer.decode("ascii").split()

    def renamed(self, parent: str, commit: str, path: str) -> str | None:
        """Return what a file of a commit was called in a parent, which has none of this name; None where it is new."""
        found = _changed(ask("diff-tree", "-r", *_RAW, parent, commit))
        return next((each.old for each in found if each.new == path and each.old is not None), None)

    def is_shallow(self) -> bool:
        """Whether the repository has only the newest commits, so that parents of some are not there."""
        return ask("rev-parse", "--is-shallow-repository").strip() == b"true"


class Objects:
    """Reads objects of the repository, all by one `git cat-file --batch`. A context manager."""

    __slots__ = ("_buffer", "_entries", "_process", "_trees")

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = bytearray()
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
        process, self._process = self._process, None
        self._buffer.clear()
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.wait()

    def size_and_data(self, name: str, most: int) -> tuple[int, bytes | None]:
        """Return the size of an object and its bytes; None instead of them where they are more than `most`.

        Raises SystemFault `git-failed` where there is no such object.
        """
        if not name.isalnum():
            raise SystemFault("git-failed", f"{quote(name)} names no object")
        process = self._running()
        deadline = time.monotonic() + _PATIENCE
        try:
            _stdin(process).write(name.encode("ascii") + b"\n")
            _stdin(process).flush()
            header = self._line(process, deadline).split(" ")
            if len(header) != 3:
                raise SystemFault("git-failed", f"the repository has no object {quote(name)}", "is the clone whole?")
            size = int(header[2])
            if size > most:
                self.close()  # rather than read what nobody wants
                return size, None
            data = self._exactly(process, size + 1, deadline)
            return size, data[:size]
        except OSError as error:
            raise SystemFault("git-failed", f"git ended before it answered: {error.strerror}") from error

    def tree(self, name: str) -> dict[str, tuple[int, str]]:
        """Return what lies in a tree, or in the tree of a commit, by its name: mode, and name of the object."""
        if name not in self._trees:
            _, data = self.size_and_data(name, _MOST)
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

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = _start("cat-file", "--batch")
        return self._process

    def _line(self, process: "subprocess.Popen[bytes]", deadline: float) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            self._more(process, deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.decode("utf-8", "replace")

    def _exactly(self, process: "subprocess.Popen[bytes]", size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._more(process, deadline)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _more(self, process: "subprocess.Popen[bytes]", deadline: float) -> None:
        descriptor = _stdout(process).fileno()
        ready, _, _ = select.select([descriptor], [], [], max(deadline - time.monotonic(), 0.0))
        chunk = os.read(descriptor, _CHUNK) if ready else b""
        if not chunk:
            self.close()
            raise _late() if not ready else SystemFault("git-failed", "git ended before it answered")
        self._buffer += chunk


def is_blob(name: str, data: bytes) -> bool:
    """Whether a blob of that name holds these bytes: it is named by their hash, SHA-1 or SHA-256, with their number."""
    digest = hashlib.sha256() if len(name) == _SHA256 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest() == name


def split_revision(text: str) -> "tuple[str, str] | None":
    """Return revision and path of `REV:path`; None for what names a file that is there, or has no revision."""
    revision, colon, path = text.partition(":")
    return (revision, path) if colon and revision and path and not os.path.lexists(text) else None


_RANGE: Final = re.compile(r"(?P<old>[^:]*?[^:/.])?(?P<dots>\.\.\.?)(?P<new>[^:/.][^:]*)?", re.DOTALL)


def split_range(text: str) -> "tuple[str, str, bool] | None":
    """Return the two revisions of `A..B`, and whether the first is where `A...B` parted; None for what is no range.

    HEAD stands for an end that is left out. No revision has two dots, begins or ends with a dot, or ends in a slash.
    """
    match = _RANGE.fullmatch(text)
    if match is None or (match["old"] is None and match["new"] is None) or os.path.lexists(text):
        return None
    return match["old"] or "HEAD", match["new"] or "HEAD", match["dots"] == "..."


def _changed(answer: bytes) -> list[Changed]:
    """Return the files that an answer in the raw format lists."""
    fields = answer.split(b"\0")
    found: list[Changed] = []
    i = 0
    while i < len(fields) - 1:
        old_mode, new_mode, blob, new_blob, status = fields[i].decode("ascii").removeprefix(":").split(" ")
        pair = status[0] in "RC"
        first, last = os.fsdecode(fields[i + 1]), os.fsdecode(fields[i + 1 + pair])
        i += 2 + pair
        found.append(
            Changed(
                None if status[0] == "A" else first,
                None if status[0] == "D" else last,
                blob if blob.strip("0") else "",
                int(old_mode, 8),
                int(new_mode, 8),
                new_blob if new_blob.strip("0") else "",
            )
        )
    return found


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


def _pathspec(path: str) -> str:
    """Return a path as git takes it: as it is, or as a pattern where it is none of a file."""
    if path.startswith(":/"):
        return path
    pattern = not WILD.isdisjoint(path) and not os.path.lexists(path)
    return f":({'glob' if pattern else 'literal'}){path}"


_REFUSED: Final = "git refused"


def ask(*arguments: str, fine: "Container[int]" = (0,)) -> bytes:
    """Return what git answers. SystemFault `git-failed` where it refuses, is late, or says too much.

    `fine` are the exit codes that are answers too.
    """
    return answer(*arguments, fine=fine)[1]


def answer(*arguments: str, fine: "Container[int]" = (0,)) -> "tuple[int, bytes]":
    """Return the exit code of git, one of those that are `fine`, and what it answers; as `ask`."""
    process = _start(*arguments)
    deadline = time.monotonic() + _PATIENCE
    answers = {_stdout(process).fileno(): bytearray(), _stderr(process).fileno(): bytearray()}
    limits = dict(zip(answers, (_MOST, _COMPLAINT), strict=True))
    open_ = set(answers)
    try:
        _stdin(process).close()
        while open_:
            ready, _, _ = select.select(sorted(open_), [], [], max(deadline - time.monotonic(), 0.0))
            if not ready:
                raise _late()
            for descriptor in ready:
                chunk = os.read(descriptor, _CHUNK)
                answers[descriptor] += chunk
                if not chunk or len(answers[descriptor]) > limits[descriptor]:
                    open_.discard(descriptor)
                if len(answers[descriptor]) > _MOST:
                    raise SystemFault("git-failed", "git answered with more than 64 MB", "name fewer paths")
        status = process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired as error:
        raise _late() from error
    finally:
        process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()
    said, complaint = (bytes(each) for each in answers.values())
    if status not in fine:
        raise _refused(complaint)
    return status, said


def _refused(complaint: bytes) -> SystemFault:
    words = next(iter(complaint.decode("utf-8", "replace").strip().splitlines()), "")
    words = words.removeprefix("fatal: ").removeprefix("error: ")
    if words.startswith("not a git repository"):
        return SystemFault("git-failed", "the working folder lies in no git repository", "run it within one")
    return SystemFault("git-failed", f"{_REFUSED}: {show(words, _SHOWN)}" if words else _REFUSED)


def _late() -> SystemFault:
    return SystemFault("git-failed", f"git gave no answer within {_PATIENCE:.0f} seconds")


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL if arguments[0] == "cat-file" else subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603 - the program is git, and no shell reads its arguments
            [*_GIT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, bufsize=0
        )
    except FileNotFoundError as error:
        raise SystemFault("git-failed", "git is not installed, or not on the PATH", "install git") from error
    except (OSError, ValueError) as error:  # a NUL in a path
        raise SystemFault("git-failed", f"git cannot be run: {show(error)}") from error


def _stdin(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdin is None:
        raise TypeError("started without a pipe")
    return process.stdin


def _stdout(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise TypeError("started without a pipe")
    return process.stdout


def _stderr(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stderr is None:
        raise TypeError("started without a pipe")
    return process.stderr
