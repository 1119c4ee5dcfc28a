"""All specs that the working tree has otherwise than a revision, opened pair by pair.

One `git diff-index` says which files are others, and one `git cat-file` reads what the revision has of them. A spec
whose own text is the same is compared too where a file that it names changed: its network may be another.
"""

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Place, SystemFault, quote
from netspec.files.folder import Folder
from netspec.limits import SPEC_BYTES
from netspec.review.changes import Diff, Refused
from netspec.review.compare import compare
from netspec.review.git import LINK, WILD, Changed
from netspec.review.opening import ALLOWED, Opened, Opener, errors, unread
from netspec.review.written import fact
from netspec.spec import Library
from netspec.validation import check_family, uncollected

_SUFFIXES: Final = (".yaml", ".yml")
_SPEC: Final = re.compile(rb"^\{?[ \t]*[\"']?netspec[\"']?[ \t]*:", re.MULTILINE)
"""What every spec has, and hardly another file."""


class Work(NamedTuple):
    """A spec to compare: its paths from the top of the repository, and the blob that the revision has of it, if it is
    one of those that changed.
    """

    old: str | None
    new: str | None
    blob: str


class Outcome(NamedTuple):
    """What became of a spec: the files by their names, and the difference where both sides have a network.

    `refused` are the sides that have none, `errors` what stands against the new one, `sources` the texts that these
    and the difference speak of, and `facts` those that were asked for, before and after. Both names are None where it
    is no spec on either side.
    """

    old: str | None = None
    new: str | None = None
    diff: Diff | None = None
    refused: tuple[Refused, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    facts: tuple[Mapping[str, object], Mapping[str, object]] = ({}, {})
    place: Place = Place("")


def outcome(old: Opened | None, new: Opened | None, words: Collection[str] = ()) -> Outcome:
    """Return what became of a spec that was opened; `words` are facts that are wanted besides."""
    if new is None or old is None:
        alone = Outcome(None if old is None else old.file, None if new is None else new.file)
        if new is None:
            return alone
        return alone._replace(errors=errors(new.family), sources=new.family.sources, refused=_refused(new))
    found = Outcome(old.file, new.file, errors=errors(new.family))
    one, other = old.family.written, new.family.written
    if one is None or other is None:
        sources = {**old.family.sources, **new.family.sources}
        return found._replace(refused=(*_refused(old), *_refused(new)), sources=sources)
    diff = compare(old.family, new.family, (old.file, new.file))
    facts = ({word: fact(word, one.facts) for word in words}, {word: fact(word, other.facts) for word in words})
    place = other.part.document.source.place(())
    told = diff.changes or diff.variants or found.errors or words
    sources = {**old.family.sources, **new.family.sources} if told else {}
    return found._replace(diff=diff, facts=facts, place=place, sources=sources)


def _refused(opened: Opened) -> tuple[Refused, ...]:
    return () if opened.family.written is not None else (Refused(opened.file, opened.family.diagnostics),)


class Changes:
    """The specs below `paths` that the working tree has otherwise than a revision, as `work` in the order of paths.

    Calling it with one of them opens both sides and compares them. Each process that does opens git for itself.
    """

    def __init__(self, revision: str, paths: Sequence[str], words: Collection[str] = ()) -> None:
        self._revision, self._words = revision, tuple(words)
        self._opener: Opener | None = None
        self._process = 0
        self._prefix = self._git().repository.prefix
        self._top = "../" * self._prefix.count("/")
        self._touched: frozenset[str] = frozenset()  # the files that changed, as both sides call them
        self._named = {posixpath.normpath(self._prefix + path) for path in paths}
        try:
            self.work = list(self._find(list(paths)))
        finally:
            self.close()  # before a process is forked, which would share the pipes

    def __enter__(self) -> "Changes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git."""
        if self._opener is not None:
            self._opener.close()
            self._opener = None

    def __call__(self, work: Work) -> Outcome:
        """Return what became of one spec."""
        with uncollected(), Folder(self._top) as folder:
            old, new = self._old(work), self._new(work, folder)
            if work.old == work.new and not work.blob and not self._touches(old, new):
                return Outcome()
            return outcome(old, new, self._words)

    def _touches(self, old: Opened | None, new: Opened | None) -> bool:
        """Whether a spec with an unchanged text reads a file that changed: others only have its name in them."""
        read = {file for opened in (old, new) if opened is not None for file in opened.family.sources}
        return not read.isdisjoint(self._touched)

    def _git(self) -> Opener:
        """Return the opener of this process."""
        if self._opener is None or self._process != os.getpid():
            self._opener, self._process = Opener(), os.getpid()
        return self._opener

    def _old(self, work: Work) -> Opened | None:
        if work.old is None:
            return None
        file = f"{self._revision}:{work.old}"
        opener = self._git()
        tree = opener.tree(self._revision)
        try:
            data = tree.blob(work.blob, SPEC_BYTES) if work.blob else tree.read(work.old, SPEC_BYTES)
        except FileFault as fault:
            return Opened(file, unread(file, fault))
        if not self._is_spec(work.old, data):
            return None
        return Opened(file, opener.family(tree, self._revision, work.old, data))

    def _new(self, work: Work, folder: Folder) -> Opened | None:
        if work.new is None:
            return None
        file = _from(self._prefix, work.new)
        try:
            data = folder.read(work.new, SPEC_BYTES)
        except FileFault as fault:
            return Opened(file, unread(file, fault))
        if not self._is_spec(work.new, data):
            return None
        return Opened(file, check_family(_Shown(folder, self._prefix), data, work.new, file, ALLOWED))

    def _is_spec(self, path: str, data: bytes) -> bool:
        return path in self._named or _SPEC.search(data) is not None

    # -- which ones -------------------------------------------------------------------------------------------------

    def _find(self, paths: list[str]) -> Iterator[Work]:
        opener = self._git()
        commit = opener.commit(self._revision)
        changed = opener.repository.changed(commit, [])
        wanted = changed if not paths else opener.repository.changed(commit, paths)
        known = set(wanted)
        for path in paths:
            self._exists(path, wanted)
        with Folder(self._top) as folder:
            specs = [each for each in changed if _is_named_so(each) and not self._only_touched(each, folder)]
        found = [Work(each.old, each.new, each.blob) for each in specs if each in known]
        touched = {name for each in specs for name in (each.old, each.new) if name is not None}
        names = (f"{self._revision}:{name}" for name in touched)
        self._touched = frozenset((*names, *(_from(self._prefix, name) for name in touched)))
        if touched:
            found += [Work(path, path, "") for path in self._reached(touched, paths)]
        found += [Work(None, path, "") for path in self._unknown(paths)]
        return iter(sorted(found, key=lambda work: work.new or work.old or ""))

    def _exists(self, path: str, wanted: Sequence[Changed]) -> None:
        """Raise SystemFault `no-such-file` for a path that is neither there nor in what changed, and no pattern."""
        if os.path.lexists(path) or not WILD.isdisjoint(path):
            return
        top = posixpath.normpath(self._prefix + path)
        names = [name for each in wanted for name in (each.old, each.new) if name is not None]
        if not any(name == top or name.startswith(f"{top}/") for name in names):
            where = f"neither here nor in {quote(self._revision)}"
            raise SystemFault("no-such-file", f"there is no file {quote(path)}, {where}")

    def _unknown(self, paths: list[str]) -> list[str]:
        """Return the files among the paths that git does not know of: they are new."""
        named = [path for path in paths if os.path.isfile(path)]
        if not named:
            return []
        known = set(self._git().repository.files(named))
        return [top for path in named if (top := posixpath.normpath(self._prefix + path)) not in known]

    def _only_touched(self, each: Changed, folder: Folder) -> bool:
        """Whether a file has the bytes that the revision has."""
        if each.old != each.new or each.new is None or not each.blob:
            return False
        try:
            data = folder.read(each.new, SPEC_BYTES)
        except (FileFault, SystemFault):
            return False
        _, before = self._git().objects.size_and_data(each.blob, SPEC_BYTES.value)
        return data == before

    def _reached(self, touched: set[str], paths: list[str]) -> list[str]:
        """Return the specs with an unchanged text that name a changed one, or one that was reached so."""
        files = [
            path for path in self._git().repository.files(paths) if path.endswith(_SUFFIXES) and path not in touched
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
