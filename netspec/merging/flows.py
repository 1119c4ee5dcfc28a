"""Collections in brackets, put together again: as ours, as base and as theirs have them, equal but for conflicts."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from netspec.merging import telling
from netspec.merging.hunks import SIDES, Conflict, Triple
from netspec.merging.pieces import Flow, FlowEntry, comments_of
from netspec.merging.plans import Both, Clash
from netspec.merging.telling import Path

_AROUND: Final[tuple[Callable[[FlowEntry], str], ...]] = (
    lambda entry: entry.lead,
    lambda entry: entry.before,
    lambda entry: entry.behind,
)


class Item(NamedTuple):
    """An entry as it will be written: the text of its key and value, and what stands around them."""

    body: str
    lead: str
    before: str
    behind: str
    first: bool


class Joint:
    """A collection in the making, three times. `conflicts` are those between its entries, or of their comments."""

    def __init__(self, ours: Flow, base: Flow | None, theirs: Flow, path: Path) -> None:
        self._flows = (ours, base, theirs)
        self._path = path
        self._items: tuple[list[Item], list[Item], list[Item]] = ([], [], [])
        self.conflicts: list[Conflict] = []

    def take(self, entry: FlowEntry) -> None:
        """Append an entry to all three."""
        for items in self._items:
            items.append(_item(entry))

    def clash(self, step: "Clash[FlowEntry]", conflict: Conflict) -> None:
        """Append to each what it has."""
        self.conflicts.append(conflict)
        for items, entries in zip(self._items, step, strict=True):
            items.extend(map(_item, entries))

    def both(self, step: "Both[FlowEntry]", value: Triple, conflicts: Sequence[Conflict], path: Path) -> None:
        """Append an entry that both sides changed, with its merged value."""
        self.conflicts += conflicts
        ours, base, theirs = step
        around: list[Triple] = []
        for part in _AROUND:
            texts, unclear = merged_gap(part(ours), "" if base is None else part(base), part(theirs))
            around.append(texts)
            self.conflicts += [telling.both_commented(path)] if unclear else []
        for side in SIDES:
            if side != 1 or base is not None or not conflicts:
                lead, before, behind = (texts[side] for texts in around)
                self._items[side].append(Item(ours.head + value[side], lead, before, behind, ours.first))

    def texts(self) -> Triple:
        """Return the three texts."""
        closings = [flow.closing if flow is not None else "" for flow in self._flows]
        closing, unclear = merged_gap(closings[0], closings[1], closings[2])
        self.conflicts += [telling.both_commented(self._path)] if unclear else []
        ours, base, theirs = (self._text(self._items[side], closing[side]) for side in SIDES)
        return ours, base, theirs

    def _text(self, items: list[Item], closing: str) -> str:
        model = self._flows[0]
        opening, ending = ("", "") if model.bare else ("{", "}") if model.mapping else ("[", "]")
        trailing = bool(model.entries and model.entries[-1].comma)
        parts = [opening]
        behind = ""  # a comment on the line that was written last, or nothing
        for number, item in enumerate(items):
            lead = item.lead
            if number == 0 and not item.first and not _says(lead):
                lead = model.entries[0].lead if model.entries and not _says(model.entries[0].lead) else ""
            elif number and item.first and not _says(lead):
                lead = model.entries[1].lead if len(model.entries) > 1 and not _says(model.entries[1].lead) else " "
            comma = "," if trailing or number + 1 < len(items) else ""
            parts += (_started(behind, lead), item.body, item.before, comma, item.behind)
            behind = item.behind
        return "".join([*parts, _started(behind, closing), ending])


def merged_gap(ours: str, base: str, theirs: str) -> tuple[Triple, bool]:
    """Return the three texts of a gap with its comments, and whether both sides changed those, each otherwise."""
    mine, was, other = (comments_of(text.split("\n")) for text in (ours, base, theirs))
    if mine == other or other == was:
        picked = theirs if mine == other == was and ours == base else ours
        return (picked, picked, picked), False
    if mine == was:
        return (theirs, theirs, theirs), False
    return (ours, base, theirs), True


def _item(entry: FlowEntry) -> Item:
    body = entry.head + entry.value.text
    return Item(body, entry.lead, entry.before, entry.behind, entry.first)


def _says(gap: str) -> bool:
    return "#" in gap


def _started(behind: str, gap: str) -> str:
    """Return a gap so that it stands on a line of its own behind a comment."""
    return gap if not behind or "\n" in gap.split("#")[0] else f"\n  {gap.lstrip(' ')}"
