"""All specs that the working tree has otherwise than a revision, opened pair by pair.

One `git diff-index` says which files are others, and one `git cat-file` reads what the revision has of them. A spec whose own
text is the same is compared too where a file that it names changed: its network may be another.
"""

import os
import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.diagnostics import FileFault, SystemFault
from netspec.files.folder import Folder
from netspec.limits import SPEC_BYTES
from netspec.review.git import LINK, Changed
from netspec.review.opening import ALLOWED, Opened, Opener, unread
from netspec.review.tree import Tree
from netspec.spec import Library
from netspec.validation import Family, check_family

_SUFFIXES: Final = (".yaml", ".yml")
_SPEC: Final = re.compile(rb"^\{?[ \t]*[\"']?netspec[\"']?[ \t]*:", re.MULTILINE)
"""What every spec has, and hardly another file."""


class Pair(NamedTuple):
    """A spec before and after; one of them is None where it came or went."""

    old: Opened | None
    new: Opened | None


class _Work(NamedTuple):
    """A spec to open: the paths from the top of the repository, and the blob that the revision has."""

    old: str | None
    new: str | None
    blob: str


class Changes:
    """The specs below `paths` that the working tree has otherwise than a revision."""

    def __init__(self, opener: Opener, revision: str, paths: list[str]) -> None:
        self._opener, self._revision = opener, revision
        self._prefix = opener.repository.prefix
        self._top = "../" * self._prefix.count("/")
        self._named = {posixpath.normpath(self._prefix + path) for path in paths}
        self.work = list(self._find(paths))

    def pairs(self) -> Iterator[Pair]:
        """Yield the specs in the order of their paths."""
        tree = self._opener.tree(self._revision)
        with Folder(self._top) as folder:
            for work in self.work:
                pair = self._open(work, tree, folder)
                if pair is not None:
                    yield pair

    def _open(self, work: _Work, tree: Tree, folder: Folder) -> Pair | None:
        old, new = self._old(work, tree), self._new(work, folder)
        if old is None and new is None:
            return None
        return Pair(old, new)

    def _old(self, work: _Work, tree: Tree) -> Opened | None:
        if work.old is None:
            return None
        file = f"{self._revision}:{work.old}"
        try:
            data = tree.blob(work.blob, SPEC_BYTES) if work.blob else tree.read(work.old, SPEC_BYTES)
        except FileFault as fault:
            return Opened(file, unread(file, fault))
        if not self._is_spec(work.old, data):
            return None
        return Opened(file, self._opener.family(tree, self._revision, work.old, data))

    def _new(self, work: _Work, folder: Folder) -> Opened | None:
        if work.new is None:
            return None
        file = self._shown(work.new)
        try:
            data = folder.read(work.new, SPEC_BYTES)
        except FileFault as fault:
            return Opened(file, unread(file, fault))
        if not self._is_spec(work.new, data):
            return None
        return Opened(file, self._family(folder, work.new, file, data))

    def _family(self, folder: Folder, path: str, file: str, data: bytes) -> Family:
        library = _Shown(folder, self._prefix)
        return check_family(library, data, path, file, ALLOWED)

    def _is_spec(self, path: str, data: bytes) -> bool:
        return path in self._named or _SPEC.search(data) is not None

    def _shown(self, path: str) -> str:
        """Return a path from the top as one from the working folder."""
        return _from(self._prefix, path)

    # -- which ones -------------------------------------------------------------------------------------------------

    def _find(self, paths: list[str]) -> Iterator[_Work]:
        commit = self._opener.commit(self._revision)
        changed = self._opener.repository.changed(commit, [])
        wanted = changed if not paths else self._opener.repository.changed(commit, paths)
        known = set(wanted)
        with Folder(self._top) as folder:
            specs = [each for each in changed if _is_named_so(each) and not self._only_touched(each, folder)]
        found = [_Work(each.old, each.new, each.blob) for each in specs if each in known]
        touched = {name for each in specs for name in (each.old, each.new) if name is not None}
        if touched:
            found += [_Work(path, path, "") for path in self._reached(touched, paths)]
        return iter(sorted(found, key=lambda work: work.new or work.old or ""))

    def _only_touched(self, each: Changed, folder: Folder) -> bool:
        """Whether a file has the bytes that the revision has."""
        if each.old != each.new or each.new is None or not each.blob:
            return False
        try:
            data = folder.read(each.new, SPEC_BYTES)
        except (FileFault, SystemFault):
            return False
        _, before = self._opener.objects.size_and_data(each.blob, SPEC_BYTES.value)
        return data == before

    def _reached(self, touched: set[str], paths: list[str]) -> list[str]:
        """Return the specs with an unchanged text that name a changed one, or one that was reached so."""
        files = [
            path for path in self._opener.repository.files(paths) if path.endswith(_SUFFIXES) and path not in touched
        ]
        texts: dict[str, bytes] = {}
        with Folder(self._top) as folder:
            for path in files:
                try:
                    data = folder.read(path, SPEC_BYTES)
                except (FileFault, SystemFault):
                    continue
                if b".y" in data and _SPEC.search(data) is not None:  # it may name a file
                    texts[path] = data
        reached: list[str] = []
        names = {os.fsencode(posixpath.basename(path)) for path in touched}
        while names and texts:
            pattern = re.compile(b"|".join(map(re.escape, sorted(names))))
            # A name may be spelled with escapes in double quotes, where nobody finds it by its letters.
            here = [path for path, data in texts.items() if pattern.search(data) or b"\\" in data]
            reached += here
            names = {os.fsencode(posixpath.basename(path)) for path in here}
            for path in here:
                del texts[path]
        return reached


class _Shown(Library):
    """A library below the top of a repository, which calls files by their paths from the working folder."""

    def __init__(self, folder: Folder, prefix: str) -> None:
        super().__init__(folder)
        self._prefix = prefix

    def name(self, relative: str) -> str:
        return _from(self._prefix, relative)


def _is_named_so(each: Changed) -> bool:
    """Whether a changed file is named as specs are, on either side, and no link there."""
    sides = ((each.old, each.old_mode), (each.new, each.new_mode))
    return any(name is not None and name.endswith(_SUFFIXES) and mode != LINK for name, mode in sides)


def _from(prefix: str, path: str) -> str:
    """Return a path from the top of a repository as one from the folder at `prefix`."""
    return posixpath.relpath(path, prefix or ".") if prefix else path
