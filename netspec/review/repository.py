"""The repository that the working folder lies in: its commits, and which files they and the working tree have.

Whatever the user names stands behind `--end-of-options` or `--`, so that git takes it for no option.
"""

import os
import re
from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault, quote
from netspec.review.git import REFUSED, ask

_RAW: Final = (
    "--raw", "-z", "--no-abbrev", "-M", "-l400", "--no-ext-diff", "--no-textconv", "--ignore-submodules",
)  # fmt: skip
# The tree without files, which git knows without having it, by the length of a name: of SHA-1 and of SHA-256.
_EMPTY: Final = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}

LINK: Final = 0o120000
"""The mode of a symbolic link in a tree."""

_SKIPPED: Final = "S"  # how git lists a file that is not in the working tree because nobody wants it there
_REGULAR: Final = "100"  # how the mode of a regular file begins

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
            if fault.headline.startswith(REFUSED):
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
            if fault.headline != REFUSED:
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

    def left_out(self) -> dict[str, str]:
        """Return the files that the index has and a sparse checkout leaves out of the working tree, each with its blob.

        Links are left out of these.
        """
        found: dict[str, str] = {}
        for line in ask("ls-files", "-z", "-t", "-s", "--full-name", "--", ":/").split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            tag, mode, blob, _ = head.decode("ascii").split(" ")
            if tag == _SKIPPED and mode.startswith(_REGULAR):
                found[os.fsdecode(path)] = blob
        return found

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


def _pathspec(path: str) -> str:
    """Return a path as git takes it: as it is, or as a pattern where it is none of a file."""
    if path.startswith(":/"):
        return path
    pattern = not WILD.isdisjoint(path) and not os.path.lexists(path)
    return f":({'glob' if pattern else 'literal'}){path}"
