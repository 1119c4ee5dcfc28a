"""What a report says of all specs that changed, as data: what became of each, in which class, and all in one line."""

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from netspec.diagnostics import Diagnostic
from netspec.review.alone import Sketch
from netspec.review.breaking import gone
from netspec.review.changes import LEVELS, Diff, FactChange, Level, strictest
from netspec.review.many import Outcome
from netspec.review.standard import Standard, untold
from netspec.review.telling import ARROW, MEANING, fact_rows, verdict

FACTS: Final = ("parameters", "macs", "activation_bytes")
"""The facts that the table of all specs has."""

_IN_ADDRESS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")

COMMENT: Final = 65_536
"""Characters that a comment on GitHub may have; a report counts bytes, of which a text never has fewer."""

LEAST: Final = 2_000
"""Bytes that a report has at least: the verdict, the table's head, and what is left out."""

Kind = Literal["invalid", "changed", "removed", "uncompared", "added"]
KINDS: Final[tuple[Kind, ...]] = ("invalid", "changed", "removed", "uncompared", "added")
"""What became of a spec: `invalid` has no network now, `uncompared` had none before."""


_OF_SEVERAL: Final[dict[Level, str]] = {
    "interface": "the inputs or outputs of {} are others",
    "weights": "old checkpoints of {} do not load one to one",
    "function": "old checkpoints of {} load, and compute something else",
    "budget": "what is asserted of the facts of {} is changed, or holds no more",
}
"""What a class of changes says where there are several specs."""


class OfVariant(NamedTuple):
    """A variant that changed by itself: the strictest class of its own changes, and the facts of the table."""

    name: str
    level: Level
    facts: tuple[FactChange, ...]


class Entry(NamedTuple):
    """One spec that is not what it was: its path from the top of the repository, what became of it, and its class.

    `faults` are the errors: what breaks, what is asserted and does not hold, what makes it invalid. `facts` are those
    of the table, `old` is where the spec lay before, if elsewhere, and `variants` are those that changed by themselves.
    Of a network where there was none before, `sketch` says what it is.
    """

    path: str
    kind: Kind
    level: Level | None
    diff: Diff | None = None
    facts: tuple[FactChange, ...] = ()
    faults: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    picture: str = ""
    old: str | None = None
    variants: tuple[OfVariant, ...] = ()
    sketch: Sketch | None = None


class Report(NamedTuple):
    """All of it: the two sides by name, the specs with the strictest first, and how many have equal networks."""

    old: str
    new: str | None
    prefix: str
    entries: tuple[Entry, ...]
    equal: int

    @property
    def level(self) -> Level | None:
        """The strictest class of all changes; None where no network was compared or went."""
        levels = [each.level for each in self.entries if each.level is not None]
        return strictest(*levels) if levels else None

    @property
    def refused(self) -> bool:
        """Whether there is an error: something is broken that should not be, or a spec is invalid."""
        return any(fault.severity == "error" for each in self.entries for fault in each.faults)

    def count(self, kind: Kind) -> int:
        """Return how many specs became that."""
        return sum(each.kind == kind for each in self.entries)

    def top(self, file: str) -> str:
        """Return the path from the top of the repository of a file as a place names it."""
        for revision in (self.old, self.new):
            if revision is not None and file.startswith(f"{revision}:"):
                return file[len(revision) + 1 :]
        return posixpath.normpath(self.prefix + file) if self.new is None else file

    def is_new(self, file: str) -> bool:
        """Whether a place names a file of the new side."""
        return not file.startswith(f"{self.old}:") or self.old == self.new


class Gathering:
    """Takes in what became of each spec. `old` and `new` are revisions, None for the working tree, whose folder lies at
    `prefix` from the top; changes are held against a standard.
    """

    def __init__(self, old: str, new: str | None = None, prefix: str = "", *, standard: Standard) -> None:
        self._sides = (old, new, prefix)
        self._standard = standard
        self._entries: list[Entry] = []
        self._equal = 0

    def add(self, found: Outcome) -> None:
        """Take in one spec."""
        diff = found.diff
        if diff is not None and not (diff.changes or diff.variants or found.errors):
            self._equal += 1
            return
        facts = _facts(found.facts)
        old = found.old.partition(":")[2] if found.old is not None else None
        entry = Entry(
            found.path, "changed", None, diff, facts, found.errors, found.sources, found.picture,
            old if old != found.path else None, (), found.sketch,
        )  # fmt: skip
        if diff is not None:
            faults = (*found.errors, *untold(found, self._standard.broken(found)))
            sources = {**found.sources, **self._standard.sources}
            variants = tuple(_variants(diff, found))
            self._entries.append(entry._replace(level=diff.level, faults=faults, sources=sources, variants=variants))
        elif found.new is None:
            fault = gone(found.old or "", found.path)
            self._entries.append(entry._replace(kind="removed", level="interface", faults=(fault,)))
        elif found.errors:
            self._entries.append(entry._replace(kind="invalid"))
        else:
            self._entries.append(entry._replace(kind="added" if found.old is None else "uncompared"))

    def done(self) -> Report:
        """Return the report: what is invalid first, then the strictest class."""
        entries = tuple(sorted(self._entries, key=_order))
        return Report(*self._sides, entries, self._equal)


def _facts(sides: tuple[Mapping[str, object], Mapping[str, object]]) -> tuple[FactChange, ...]:
    """Return the facts of the table, before and after."""
    return tuple(FactChange(word, *(side.get(word) for side in sides)) for word in FACTS)  # type: ignore[arg-type]


def _variants(diff: Diff, found: Outcome) -> Iterator[OfVariant]:
    """Yield the variants that have changes which the network as written has not."""
    facts = {each.name: each.facts for each in found.variants}
    for each in diff.variants:
        if each.changes:
            yield OfVariant(each.name, strictest(*(change.level for change in each.changes)), _facts(facts[each.name]))


def _order(entry: Entry) -> tuple[bool, int, int, str]:
    level = len(LEVELS) if entry.level is None else LEVELS.index(entry.level)
    return entry.kind != "invalid", level, KINDS.index(entry.kind), entry.path


def headline(report: Report) -> tuple[str, str]:
    """Return the verdict: the class in capitals, empty where there is none, and what it says."""
    level, invalid = report.level, report.count("invalid")
    if invalid:
        words = "a spec has no network" if invalid == 1 else f"{invalid:,} specs have no network"
        rest = "" if level in (None, "cosmetic") else f"; of the others the strictest class is {level}"
        return "INVALID", f"{words}{rest}"
    if level is None:
        return "", "no network changed" if report.entries or report.equal else "no spec changed"
    if level == "interface" and all(each.kind == "removed" for each in report.entries if each.level == level):
        return "INTERFACE", "a spec is gone" if report.count("removed") == 1 else "specs are gone"
    changed = [each.diff for each in report.entries if each.diff is not None]
    if level == "cosmetic" and all(diff.equal for diff in changed):
        return "COSMETIC", f"{MEANING['cosmetic']}; the networks are equal"
    count = sum(each.level == level for each in report.entries)
    if len(report.entries) == 1 or level == "cosmetic":
        return level.upper(), MEANING[level]
    return level.upper(), _OF_SEVERAL[level].format("one network" if count == 1 else f"{count:,} networks")


def counted(report: Report) -> str:
    """Return how many specs became what."""
    words = {"changed": "changed", "added": "added", "removed": "removed", "invalid": "invalid"}
    counts = [(report.count(kind), word) for kind, word in words.items()]  # type: ignore[arg-type]  # they are kinds
    counts.append((report.count("uncompared"), "not compared, since there was no network before"))
    shown = [(count, word) for count, word in counts if count]
    parts = [
        f"{count:,}{f' {_specs(count)}' if place == 0 else ''} {word}" for place, (count, word) in enumerate(shown)
    ]
    listed = ", ".join(parts)
    if not report.equal:
        return listed
    equal = f"in {report.equal:,} {'more' if shown else _specs(report.equal)} the networks are equal"
    return f"{listed}; {equal}" if listed else equal


def _specs(count: int) -> str:
    return "spec" if count == 1 else "specs"


def compared(report: Report) -> tuple[str, str]:
    """Return what the two sides are called."""
    return report.old, "the working tree" if report.new is None else report.new


def ordered(faults: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the errors in the order of the places, equal ones once."""
    return sorted(dict.fromkeys(each for each in faults if each.severity == "error"), key=Diagnostic.order)


def cells(entry: Entry | OfVariant) -> list[str]:
    """Return the cells of the facts of a spec, or of a variant: the first before and after and its share, of the others
    the share.
    """
    if not entry.facts or all(each.before is None and each.after is None for each in entry.facts):
        return ["", "", "", ""]
    first, *others = (share(each) for each in entry.facts)
    return [first[0], first[1], *(each[1] for each in others)]


def share(fact: FactChange) -> tuple[str, str]:
    """Return a fact before and after, and by how much of it it grew."""
    (row,) = fact_rows([fact])
    if fact.before == fact.after:
        return row.after, "=" if fact.after is not None else ""
    if fact.before is None or fact.after is None:
        return (row.after if fact.before is None else f"{row.before} {ARROW} {row.after}"), ""
    return f"{row.before} {ARROW} {row.after}", row.share or row.difference


def verdict_of(entry: Entry) -> str:
    """Return the verdict on one spec."""
    if entry.diff is not None:
        words = verdict(entry.diff)
        return words if entry.diff.level != "cosmetic" else f"{words[:1].upper()}{words[1:]}"
    return {
        "invalid": "INVALID: no network can be made of it",
        "removed": "INTERFACE: the spec is gone",
        "added": "New",
        "uncompared": "Not compared: there was no network before",
    }.get(entry.kind, "")


def address(base: str, path: str, line: int = 0) -> str:
    """Return the URL of a file below a base, and of its line."""
    named = "".join(chr(each) if each in _IN_ADDRESS else f"%{each:02X}" for each in os.fsencode(path))
    return f"{base}/{named}{f'#L{line}' if line else ''}"
