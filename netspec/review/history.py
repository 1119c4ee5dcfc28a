"""What became of a network commit by commit: each is held against its parent, as `diff` does.

A commit is of interest where the spec reads another text than in its parents: its own file, or one that it refers to.
Of ways that part and meet again each commit is compared with its own parent, and a merge with the first of its parents,
where it is none of them. A file that had another name is followed.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from netspec.diagnostics import SystemFault, quote
from netspec.review.changes import Diff, FactChange, Level, TensorChange
from netspec.review.compare import compare
from netspec.review.facts import fact_values
from netspec.review.folded import folded_tensors
from netspec.review.opening import Opener
from netspec.review.telling import Row, key_rows, layer_rows
from netspec.review.versions import ABSENT, Version, Versions, is_gone
from netspec.sizes import Size
from netspec.validation import Member, uncollected

Kind = Literal["came", "gone", "changed", "text", "invalid", "edge"]
"""What a commit did: the spec is new, or gone; its network is another, or its text alone; it has none; or what was
before is not known, where a clone has no older commits.
"""

Facts = Mapping[str, Size | float | None]

_MOST_ROWS: Final = 20  # layers and keys of one commit
_MOST_TENSORS: Final = 20_000  # of one commit
_MOST_KEPT: Final = 400_000  # of all commits
_FEW: Final = 20  # of each commit beyond
_MOST_RENAMES: Final = 50
_MOST_BROKEN: Final = 200  # commits without a network, one after the other, that are looked past
_MOST_FILES: Final = 500  # that are asked git for, with those that older versions refer to


class Step(NamedTuple):
    """One commit: what it says of itself, what it did, and what came of it.

    `path` is what the file is called there, `was` what it was called before, empty where that is the same. `facts` are
    what the network has then, empty where there is none; `changes` those that are others. `rows` are the layers and
    keys that changed, `tensors` what became of tensors, all of them where the spec came, `unlisted` how many rows and
    tensors are left out. `since` is the commit that it is compared with, where that is not its parent: where that has
    no network. `fault` is why there is none.
    """

    commit: str
    day: str
    author: str
    subject: str
    merge: bool
    kind: Kind
    path: str
    was: str = ""
    level: Level | None = None
    facts: Facts = {}  # noqa: RUF012 - nobody writes into it
    changes: tuple[FactChange, ...] = ()
    rows: tuple[Row, ...] = ()
    tensors: tuple[TensorChange, ...] = ()
    unlisted: int = 0
    since: str = ""
    fault: str = ""


class Work(NamedTuple):
    """A commit to look at: what the file is called there, and in its parents."""

    commit: str
    path: str
    was: str


class Found(NamedTuple):
    """What looking at a commit gave: the step, None where it is none; its first parent; whether that has the file; and
    the files that the spec reads there.
    """

    step: Step | None
    parent: str | None
    came: bool
    files: tuple[str, ...]


Told = Callable[[int, int], None]
"""Who hears how many commits were looked at, and of how many."""

Looks = Callable[[Sequence[Work]], Iterator[Found]]
"""What looks at commits: one after the other, or in several processes."""


class Look:
    """Looks at one commit. Each process that does opens git for itself."""

    def __init__(self, shallow: bool) -> None:
        self._shallow = shallow
        self._opener: Opener | None = None
        self._versions: Versions | None = None
        self._process = 0

    def close(self) -> None:
        """End git."""
        if self._opener is not None:
            self._opener.close()
            self._opener = self._versions = None

    def __call__(self, work: Work) -> Found:
        """Return what a commit did."""
        if self._opener is None or self._versions is None or self._process != os.getpid():
            self._opener, self._process = Opener(), os.getpid()
            self._versions = Versions(self._opener.objects)
        with uncollected():
            return self._found(work, self._opener, self._versions)

    def _found(self, work: Work, opener: Opener, versions: Versions) -> Found:
        told = opener.objects.commit(work.commit)
        after = versions.at(work.commit, work.path)
        befores: list[Version] = []
        edge = False
        for parent in told.parents:
            try:
                befores.append(versions.at(parent, work.was))
            except SystemFault as fault:
                if not (self._shallow and is_gone(fault)):
                    raise
                edge = True
        files = tuple(file for file, _ in after.read)
        first = told.parents[0] if told.parents else None
        came = after.family is not None and not edge and all(each.family is None for each in befores)
        step = Step(
            work.commit, told.day, told.author, told.subject, len(told.parents) > 1, "text", work.path,
            work.was if work.was != work.path else "",
        )  # fmt: skip
        if edge:
            return Found(_alone(step, after, "edge"), first, False, files)
        if work.was == work.path and any(each.read == after.read for each in befores):
            return Found(None, first, False, files)
        before = next((each for each in befores if each.family is not None), ABSENT)
        if after.family is None:
            return Found(step._replace(kind="gone") if before.family is not None else None, first, False, files)
        if before.family is None:
            return Found(_alone(step, after, "came"), first, came, files)
        since = ""
        if before.member is None and after.member is not None:
            before, since = self._last(told.parents[0], work.was, opener, versions)
        return Found(_compared(step, before, after, since), first, False, files)

    def _last(self, parent: str, path: str, opener: Opener, versions: Versions) -> tuple[Version, str]:
        """Return the last version up to a commit that has a network, and where it is; ABSENT where none has."""
        files = [path, *(file for file, _ in versions.at(parent, path).read if file != path)]
        for commit in opener.repository.history(parent, None, files[:_MOST_FILES], _MOST_BROKEN):
            version = versions.at(commit, path)
            if version.member is not None:
                return version, commit
        return ABSENT, ""


def _alone(step: Step, after: Version, kind: Kind) -> Step:
    """Return the step of a commit that is compared with nothing."""
    if after.member is None:
        return _invalid(step, after)
    tensors = [TensorChange("added", None, each.name, None, each.shape) for each in folded_tensors(after.member.graph)]
    return step._replace(
        kind=kind,
        facts=_values(after.member),
        tensors=tuple(tensors[:_MOST_TENSORS]),
        unlisted=max(len(tensors) - _MOST_TENSORS, 0),
    )


def _invalid(step: Step, after: Version) -> Step:
    fault = after.fault
    return step._replace(kind="invalid", fault="" if fault is None else f"{fault.code}: {fault.headline}")


def _compared(step: Step, before: Version, after: Version, since: str) -> Step:
    if after.member is None or after.family is None:
        return _invalid(step, after)
    if before.member is None or before.family is None:
        return _alone(step, after, "came")
    diff = compare(before.family, after.family, ("", ""))
    rows, tensors = list(_rows(diff)), [each for change in diff.changes for each in change.tensors]
    return step._replace(
        kind="text" if diff.equal and diff.empty else "changed",
        level=diff.level,
        facts=_values(after.member),
        changes=diff.facts,
        rows=tuple(rows[:_MOST_ROWS]),
        tensors=tuple(tensors[:_MOST_TENSORS]),
        unlisted=max(len(rows) - _MOST_ROWS, 0) + max(len(tensors) - _MOST_TENSORS, 0),
        since=since,
    )


def _rows(diff: Diff) -> Iterator[Row]:
    yield from key_rows(diff.changes)
    yield from layer_rows(diff.changes)
    for variant in diff.variants:
        yield from (
            row._replace(subject=f"variant {variant.name}: {row.subject}")
            for row in (*key_rows(variant.changes), *layer_rows(variant.changes))
        )


def _values(member: Member) -> Facts:
    return fact_values(member.facts)


class History:
    """The commits that changed what a spec says, from `commit` back; `steps` grows as they are looked at.

    `path` is from the top of the repository. At most `most` commits are looked at; `cut` says whether there are more.
    Raises SystemFault `no-such-file` where no commit has such a file.
    """

    def __init__(self, opener: Opener, commit: str, path: str, since: str | None, most: int) -> None:
        self._opener, self._commit, self._path, self._since, self._most = opener, commit, path, since, most
        self._found: dict[str, Found] = {}
        self._order: list[str] = []
        self._tensors = 0
        self.cut = False

    @property
    def steps(self) -> list[Step]:
        """The commits that were looked at so far and are of interest, the newest first."""
        found = (self._found.get(commit) for commit in self._order)
        return [each.step for each in found if each is not None and each.step is not None]

    @property
    def left(self) -> int:
        """How many commits that are known were not looked at."""
        return sum(commit not in self._found for commit in self._order)

    def follow(self, looks: Looks, told: Told) -> None:
        """Look at all commits; `told` hears how many were, and of how many."""
        start, path = self._commit, self._path
        files = dict.fromkeys([path])
        before: list[str] = []
        for _ in range(_MOST_RENAMES):
            commits = self._segment(looks, told, before, start, path, files)
            renamed = self._renamed(commits, path)
            if renamed is None:
                break
            commit, parent, was = renamed
            place = commits.index(commit) + 1
            for older in commits[place:]:  # they were of another file, which had this name then
                self._found.pop(older, None)
            del files[path]
            before += commits[:place]
            self._order = list(before)
            self._look(looks, [Work(commit, path, was)], told, 0)
            start, path = parent, was
            files[path] = None
        if not self._order:
            words = f"no commit before {quote(self._commit[:7])} has a file {quote(self._path)}"
            raise SystemFault("no-such-file", words, "the path is from the top of the repository")

    def _segment(
        self,
        looks: Looks,
        told: Told,
        before: list[str],
        start: str,
        path: str,
        files: dict[str, None],
    ) -> list[str]:
        """Look at the commits up to `start` in which the file has one name; return them in their order.

        What an older version refers to is known once it was looked at, and asked for then.
        """
        room = self._most - len(before)
        while True:
            known = len(files)
            commits = self._opener.repository.history(start, self._since, list(files)[:_MOST_FILES], room + 1)
            self.cut = len(commits) > room
            commits = commits[: max(room, 0)]
            self._order = [*before, *commits]
            works = [Work(commit, path, path) for commit in commits if commit not in self._found]
            self._look(looks, works, told, len(self._order) - len(works))
            for commit in commits:
                found = self._found.get(commit)
                files.update(dict.fromkeys(() if found is None else found.files))
            if len(files) == known or known >= _MOST_FILES:
                return commits

    def _look(self, looks: Looks, works: list[Work], told: Told, done: int) -> None:
        for work, found in zip(works, looks(works), strict=True):
            self._found[work.commit] = self._kept(found)
            done += 1
            told(done, len(self._order))

    def _kept(self, found: Found) -> Found:
        """Return what was found, with a few of its tensors only where all that are kept are many."""
        step = found.step
        if step is None:
            return found
        self._tensors += len(step.tensors)
        if self._tensors <= _MOST_KEPT or len(step.tensors) <= _FEW:
            return found
        unlisted = step.unlisted + len(step.tensors) - _FEW
        return found._replace(step=step._replace(tensors=step.tensors[:_FEW], unlisted=unlisted))

    def _renamed(self, commits: Iterable[str], path: str) -> tuple[str, str, str] | None:
        """Return the newest commit in which the file came and has another name in the parent: both, and the name."""
        for commit in commits:
            found = self._found[commit]
            if found.came and found.parent is not None:
                was = self._opener.repository.renamed(found.parent, commit, path)
                if was is not None:
                    return commit, found.parent, was
        return None
