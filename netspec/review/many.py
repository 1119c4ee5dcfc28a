"""All specs that the working tree, or a revision, has otherwise than another revision, opened pair by pair.

One `git diff-index` or `diff-tree` says which files are others, and one `git cat-file` reads what a revision has of
them. A spec whose own text is the same is compared too where a file that it names changed: its network may be another.
"""

import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Place, SystemFault, quote
from netspec.review.alone import Sketch, sketched
from netspec.review.changes import Diff, Refused
from netspec.review.compare import compare
from netspec.review.objects import is_object
from netspec.review.opening import Opened, errors, unread
from netspec.review.repository import LINK, WILD, Changed
from netspec.review.sides import Side, Sides, revisions
from netspec.review.written import fact
from netspec.validation import Family, Member, uncollected

_SUFFIXES: Final = (".yaml", ".yml")
_SPEC: Final = re.compile(rb"^\{?[ \t]*[\"']?netspec[\"']?[ \t]*:", re.MULTILINE)
"""What every spec has, and hardly another file."""


Drawing = Callable[[Member, Member, Diff], str]
"""What draws a change; it can be sent to a process."""

Portrait = Callable[[Member], str]
"""What draws a network that there was not before; it can be sent to a process."""


class Work(NamedTuple):
    """A spec to compare: its paths from the top of the repository, and the blobs that revisions have of it, if it is
    one of those that changed.
    """

    old: str | None
    new: str | None
    blob: str = ""
    new_blob: str = ""


class OfVariant(NamedTuple):
    """A variant of the new spec: the facts that were asked for, before and after, and where it stands.

    What it has none of before is empty: a new variant has none.
    """

    name: str
    facts: tuple[Mapping[str, object], Mapping[str, object]]
    place: Place


class Outcome(NamedTuple):
    """What became of a spec: the files by their names, and the difference where both sides have a network.

    `refused` are the sides that have none, `errors` what stands against the new one, `sources` the texts that these
    and the difference speak of, and `facts` those that were asked for, before and after, `variants` the same of each
    variant. `path` is the spec's from the top of the repository, `picture` the change drawn where that was asked for.
    Of a network where there was none before, `sketch` says what it is, and it is drawn. Both names are None where it is
    no spec on either side.
    """

    old: str | None = None
    new: str | None = None
    diff: Diff | None = None
    refused: tuple[Refused, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    facts: tuple[Mapping[str, object], Mapping[str, object]] = ({}, {})
    place: Place = Place("")
    path: str = ""
    picture: str = ""
    variants: tuple[OfVariant, ...] = ()
    sketch: Sketch | None = None


def outcome(
    old: Opened | None,
    new: Opened | None,
    words: Collection[str] = (),
    drawing: Drawing | None = None,
    portrait: Portrait | None = None,
) -> Outcome:
    """Return what became of a spec that was opened; `words` are facts that are wanted besides, `drawing` a picture of a
    change, and `portrait` one of a network that is new.
    """
    if new is None or old is None:
        facts = (_facts(old, words), _facts(new, words))
        alone = Outcome(None if old is None else old.file, None if new is None else new.file, facts=facts)
        if new is None:
            return alone
        alone = alone._replace(errors=errors(new.family), sources=new.family.sources, refused=_refused(new))
        return _shown(alone, new, portrait)
    found = Outcome(old.file, new.file, errors=errors(new.family))
    one, other = old.family.written, new.family.written
    if one is None or other is None:
        sources = {**old.family.sources, **new.family.sources}
        facts = (_facts(old, words), _facts(new, words))
        found = found._replace(refused=(*_refused(old), *_refused(new)), sources=sources, facts=facts)
        return _shown(found, new, portrait)
    diff = compare(old.family, new.family, (old.file, new.file))
    place = other.part.document.source.place(())
    told = diff.changes or diff.variants or found.errors or words
    sources = {**old.family.sources, **new.family.sources} if told else {}
    picture = _drawn(drawing, one, other, diff) if drawing is not None and (diff.drawable or not diff.equal) else ""
    facts = (_facts(old, words), _facts(new, words))
    variants = tuple(_variants(old.family, new.family, words))
    return found._replace(diff=diff, facts=facts, place=place, sources=sources, picture=picture, variants=variants)


def _drawn(drawing: Drawing, old: Member, new: Member, diff: Diff) -> str:
    """Return the picture of a change; none where a network is too large to be drawn, which all else is told of."""
    try:
        return drawing(old, new, diff)
    except SystemFault:
        return ""


def _shown(found: Outcome, new: Opened, portrait: Portrait | None) -> Outcome:
    """Return what became of a spec with what its network is, where there is one."""
    member = new.family.written
    if member is None:
        return found
    try:
        picture = "" if portrait is None else portrait(member)
    except SystemFault:
        picture = ""
    return found._replace(sketch=sketched(new.family), picture=picture)


def _facts(opened: Opened | None, words: Collection[str]) -> Mapping[str, object]:
    """Return the facts of a spec that are wanted; none where there is no network."""
    return {} if opened is None else _of(opened.family.written, words)


def _of(member: Member | None, words: Collection[str]) -> Mapping[str, object]:
    return {} if member is None else {word: fact(word, member.facts) for word in words}


def _variants(old: Family, new: Family, words: Collection[str]) -> Iterator[OfVariant]:
    """Yield the variants of the new spec, each beside the old one of its name."""
    for name, member in new.variants.items():
        place = member.part.document.source.place(("variants", name), key=True)
        yield OfVariant(name, (_of(old.variants.get(name), words), _of(member, words)), place)


def _refused(opened: Opened) -> tuple[Refused, ...]:
    return () if opened.family.written is not None else (Refused(opened.file, opened.family.diagnostics),)


class Changes:
    """The specs below `paths` that one side has otherwise than the other, as `work` in the order of paths.

    `revision` is what the working tree is compared with, or a range of two revisions. Calling it with one of the specs
    opens both sides and compares them. Each process that does opens git for itself.
    """

    def __init__(
        self,
        revision: str,
        paths: Sequence[str],
        words: Collection[str] = (),
        drawing: Drawing | None = None,
        portrait: Portrait | None = None,
    ) -> None:
        self.revision, self.against = revisions(revision)
        self._words, self._drawing, self._portrait = tuple(words), drawing, portrait
        self._open: Sides | None = None
        self.prefix = self._sides().opener.repository.prefix
        self._touched: frozenset[str] = frozenset()  # the files that changed, as both sides call them
        self._named = {posixpath.normpath(self.prefix + path) for path in paths}
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
        if self._open is not None:
            self._open.close()
            self._open = None

    def __call__(self, work: Work) -> Outcome:
        """Return what became of one spec."""
        with uncollected():
            sides = self._sides()
            old, new = self._opened(sides.old, work.old, work.blob), self._opened(sides.new, work.new, work.new_blob)
            if work.old == work.new and not work.blob and not self._touches(old, new):
                return Outcome()
            found = outcome(old, new, self._words, self._drawing, self._portrait)
            return found._replace(path=work.new or work.old or "")

    def _touches(self, old: Opened | None, new: Opened | None) -> bool:
        """Whether a spec with an unchanged text reads a file that changed: others only have its name in them."""
        read = {file for opened in (old, new) if opened is not None for file in opened.family.sources}
        return not read.isdisjoint(self._touched)

    def _sides(self) -> Sides:
        """Return both sides as this process has opened them."""
        if self._open is None or self._open.process != os.getpid():
            self._open = Sides(self.revision, self.against)
        return self._open

    def _opened(self, side: Side, path: str | None, blob: str) -> Opened | None:
        if path is None:
            return None
        file = side.name(path)
        try:
            data = side.read(path, blob)
        except FileFault as fault:
            return Opened(file, unread(file, fault))
        if path not in self._named and _SPEC.search(data) is None:
            return None
        return Opened(file, side.family(path, data))

    # -- which ones -------------------------------------------------------------------------------------------------

    def _find(self, paths: list[str]) -> Iterator[Work]:
        sides = self._sides()
        changed = sides.changed([])
        wanted = changed if not paths else sides.changed(paths)
        known = set(wanted)
        for path in paths:
            self._exists(path, wanted)
        specs = [each for each in changed if _is_named_so(each) and not self._only_touched(each)]
        found = [Work(each.old, each.new, each.blob, each.new_blob) for each in specs if each in known]
        touched = {name for each in specs for name in (each.old, each.new) if name is not None}
        self._touched = frozenset(side.name(name) for side in (sides.old, sides.new) for name in touched)
        if touched:
            found += [Work(path, path) for path in self._reached(touched, paths)]
        found += [Work(None, path) for path in self._unknown(paths)]
        return iter(sorted(found, key=lambda work: work.new or work.old or ""))

    def _exists(self, path: str, wanted: Sequence[Changed]) -> None:
        """Raise SystemFault `no-such-file` for a path that is on neither side, and no pattern.

        A folder is there where git knows of a file in it, so that nobody takes a check of nothing for a check.
        """
        sides = self._sides()
        here = sides.working and os.path.lexists(path)
        if not WILD.isdisjoint(path) or (here and not os.path.isdir(path)):
            return
        top = posixpath.normpath(self.prefix + path)
        names = [name for each in wanted for name in (each.old, each.new) if name is not None]
        if any(name == top or name.startswith(f"{top}/") for name in names) or sides.new.files([path]):
            return
        if here:
            words = f"git knows of no file below {quote(path)}, neither here nor in {quote(self.revision)}"
            raise SystemFault("no-such-file", words, "`git add` what is new, or name its files")
        if sides.working:
            where = f"neither here nor in {quote(self.revision)}"
        else:
            where = f"neither in {quote(self.revision)} nor in {quote(self.against)}"
        raise SystemFault("no-such-file", f"there is no file {quote(path)}, {where}")

    def _unknown(self, paths: list[str]) -> list[str]:
        """Return the files among the paths that git does not know of: they are new."""
        sides = self._sides()
        named = [path for path in paths if sides.working and os.path.isfile(path)]
        if not named:
            return []
        known = set(sides.new.files(named))
        return [top for path in named if (top := posixpath.normpath(self.prefix + path)) not in known]

    def _only_touched(self, each: Changed) -> bool:
        """Whether a file has the bytes that the revision has, which its name there is made of."""
        if each.old != each.new or each.new is None or not each.blob:
            return False
        if each.new_blob:
            return each.blob == each.new_blob
        try:
            data = self._sides().new.read(each.new)
        except (FileFault, SystemFault):
            return False
        return is_object(each.blob, data)

    def _reached(self, touched: set[str], paths: list[str]) -> list[str]:
        """Return the specs with an unchanged text that name a changed one, or one that was reached so."""
        side = self._sides().new
        texts: dict[str, bytes] = {}
        for path in side.files(paths):
            if not path.endswith(_SUFFIXES) or path in touched:
                continue
            try:
                data = side.read(path)
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


def _is_named_so(each: Changed) -> bool:
    """Whether a changed file is named as specs are, on either side, and no link there."""
    sides = ((each.old, each.old_mode), (each.new, each.new_mode))
    return any(name is not None and name.endswith(_SUFFIXES) and mode != LINK for name, mode in sides)
