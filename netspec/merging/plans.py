"""What becomes of each entry of a collection that both sides changed, and in which order the entries stand."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

from netspec.merging.pieces import AnyEntry, alike, said
from netspec.operations import FUNCTIONS
from netspec.review.matching import Key, match
from netspec.source import Mapping, Scalar

E = TypeVar("E", bound=AnyEntry)

_ACTIVATION: Final = "an activation"  # so that another one in its place is a change of it


class Take(NamedTuple, Generic[E]):
    """An entry that is taken as it is."""

    entry: E

    @property
    def one(self) -> E:
        """An entry that it is of."""
        return self.entry


class Both(NamedTuple, Generic[E]):
    """An entry that both sides changed, or added; base is None where they did."""

    ours: E
    base: E | None
    theirs: E

    @property
    def one(self) -> E:
        """An entry that it is of, as base has it where it does."""
        return self.ours if self.base is None else self.base


class Clash(NamedTuple, Generic[E]):
    """Entries of which a side, base or theirs has none, or which stand at one place: nobody knows what is meant."""

    ours: list[E]
    base: list[E]
    theirs: list[E]

    @property
    def one(self) -> E:
        """An entry that it is of, as base has it where it does."""
        return (self.base or self.ours or self.theirs)[0]


Step = Take[E] | Both[E] | Clash[E]


class Reordered(Exception):
    """Both sides gave a list another order, each its own."""


def decide(ours: E | None, base: E | None, theirs: E | None) -> "Step[E] | None":
    """Return what becomes of one entry; None where it goes."""
    if ours is None or theirs is None:
        there = theirs if ours is None else ours
        if there is None or (base is not None and alike(there, base)):
            return None
        if base is None:
            return Take(there)
        return Clash([] if ours is None else [ours], [base], [] if theirs is None else [theirs])
    if ours.text == theirs.text:
        return Take(ours)
    if base is not None and ours.text == base.text:
        return Take(theirs)
    if base is not None and theirs.text == base.text:
        return Take(ours)
    return Both(ours, base, theirs)


def mapping_plan(
    ours: Sequence[E], base: Sequence[E], theirs: Sequence[E], *, ordered: bool = False
) -> "list[Step[E]]":
    """Return what becomes of the keys of a mapping: one by one, wherever they stand.

    The order is ours, or theirs where only they changed it, and a new key stands behind what it was written behind.
    Raises Reordered where both have new keys at one place of a mapping that is `ordered`, whose order means something.
    """
    sides = [{entry.key or "": entry for entry in side} for side in (ours, base, theirs)]
    mine, was, other = sides
    steps = {key: decide(mine.get(key), was.get(key), other.get(key)) for side in sides for key in side}
    common = [key for key in was if key in mine and key in other]
    shared = set(common)
    kept = [[key for key in side if key in shared] == common for side in (mine, other)]
    first, second = (other, mine) if kept == [True, False] else (mine, other)
    order = _woven(list(first), list(second))
    if ordered and any(a in first and a not in second and b not in first for a, b in pairwise(order)):
        raise Reordered
    return [step for key in order if (step := steps[key]) is not None]


def _woven(first: list[str], second: list[str]) -> list[str]:
    """Return the keys of both, in the order of the first, those of the second behind what they stand behind there."""
    shared = set(first) & set(second)
    late: dict[str | None, list[str]] = {None: []}
    before: str | None = None
    for key in second:
        if key in shared:
            before = key
        else:
            late.setdefault(before, []).append(key)
    order: list[str] = []
    waiting = late[None]
    for key in first:
        if key in shared:
            order += [*waiting, key]
            waiting = late.get(key, [])
        else:  # what the first has new at a place stays before what the second has
            order.append(key)
    return order + waiting


def list_plan(ours: Sequence[E], base: Sequence[E], theirs: Sequence[E]) -> "list[Step[E]]":
    """Return what becomes of the items of a list, in their order.

    Items are matched as `netspec diff` matches layers. What either side inserted stays where it stands; where both
    inserted at one place, equal items are one, and others clash. Raises Reordered where both moved items, each
    otherwise; one without a name is moved by being deleted and inserted, and would stand there twice.
    """
    base_keys = item_keys(base)
    sides = [_Side(base_keys, base, side) for side in (ours, theirs)]
    mine, other = sides
    if (
        mine.moves
        and other.moves
        and [i for i in mine.order if i in other.at] != [i for i in other.order if i in mine.at]
    ):
        raise Reordered
    steps: list[Step[E] | None] = [decide(mine.get(i), base[i], other.get(i)) for i in range(len(base))]
    aligned = not mine.moves and not other.moves
    found = _aligned(steps, mine.runs, other.runs) if aligned else _moved(steps, mine, other)
    gone = {said(base[i].node) for i in range(len(base)) if i not in mine.at and i not in other.at}
    if gone and _doubled(gone, found, (ours, base, theirs)):
        raise Reordered
    return found


def _doubled(gone: set[object], steps: "list[Step[E]]", sides: Sequence[Sequence[E]]) -> bool:
    """Return whether something of which all three have equally many is there once more in the merge."""
    counts = [Counter(each for item in side if (each := said(item.node)) in gone) for side in sides]
    merged = Counter(said(step.one.node) for step in steps if isinstance(step, Take))
    merged.update(said(step.ours.node) for step in steps if isinstance(step, Both))
    return any(merged[each] > counts[0][each] for each in gone if counts[0][each] == counts[1][each] == counts[2][each])


class _Run(NamedTuple, Generic[E]):
    """New items side by side, between the items `before` and `behind` of base; -1 and their count at its ends."""

    before: int
    behind: int
    items: list[E]


class _Side(Generic[E]):
    """One side of a list: which of its items are which of base, their order, and the runs of those that are new."""

    def __init__(self, base_keys: list[Key], base: Sequence[E], items: Sequence[E]) -> None:
        self.items = items
        self.at = dict(paired(base_keys, item_keys(items)))
        known = {j: i for i, j in self.at.items()}
        self.order = [known[j] for j in range(len(items)) if j in known]
        self.moves = self.order != sorted(self.order)
        self.runs: list[_Run[E]] = []
        before, run = -1, list[E]()
        for j in range(len(items)):
            if j not in known:
                run.append(items[j])
                continue
            if run:
                self.runs.append(_Run(before, known[j], run))
            before, run = known[j], []
        if run:
            self.runs.append(_Run(before, len(base), run))

    def get(self, i: int) -> E | None:
        """Return the item that is the i-th of base, if it is still there."""
        return self.items[self.at[i]] if i in self.at else None


def _aligned(steps: "list[Step[E] | None]", mine: "list[_Run[E]]", other: "list[_Run[E]]") -> "list[Step[E]]":
    """Return the steps with what was inserted between them; no item has moved."""
    inserted: dict[int, list[Step[E]]] = {}
    waiting = sorted([(run, 0) for run in mine] + [(run, 1) for run in other], key=lambda each: each[0][:2])
    while waiting:
        group = [waiting.pop(0)]
        reach = group[0][0].behind
        while waiting and waiting[0][0].before < reach:  # they may be meant for one place
            group.append(waiting.pop(0))
            reach = max(reach, group[-1][0].behind)
        own = [[item for run, side in group if side == which for item in run.items] for which in (0, 1)]
        inserted.setdefault(group[0][0].before, []).extend(_inserted(own[0], own[1]))
    found: list[Step[E]] = list(inserted.get(-1, ()))
    for i, step in enumerate(steps):
        found += [] if step is None else [step]
        found += inserted.get(i, ())
    return found


def _inserted(mine: list[E], other: list[E]) -> "list[Step[E]]":
    """Return the steps of what both sides inserted at one place: what they begin and end with alike is no conflict."""
    if not mine or not other:
        return [Take(item) for item in mine or other]
    head = 0
    while head < min(len(mine), len(other)) and alike(mine[head], other[head]):
        head += 1
    tail = 0
    while tail < min(len(mine), len(other)) - head and alike(mine[-1 - tail], other[-1 - tail]):
        tail += 1
    rest = mine[head : len(mine) - tail], other[head : len(other) - tail]
    clash: list[Step[E]] = [Clash(rest[0], [], rest[1])] if any(rest) else []
    return [*map(Take, mine[:head]), *clash, *map(Take, mine[len(mine) - tail :])]


def _moved(steps: "list[Step[E] | None]", mine: "_Side[E]", other: "_Side[E]") -> "list[Step[E]]":
    """Return the steps in the order of the side that moved items.

    What the other side inserted has its place only where its neighbours still are neighbours, and where nothing else
    was inserted; else nobody knows.
    """
    first, second = (mine, other) if mine.moves else (other, mine)
    if second.moves and not first.runs:  # both have one order: that of who inserted something
        first, second = second, first
    if second.runs and (first.runs or second.moves):
        raise Reordered
    kept = [-1, *(i for i in first.order if i in second.at), len(steps)]
    following = dict(pairwise(kept))
    late: dict[int, list[E]] = {}
    for run in second.runs:
        before, behind = run.before, run.behind
        while before not in following:
            before -= 1
        while behind != len(steps) and behind not in following:
            behind += 1
        if following[before] != behind:
            raise Reordered
        late.setdefault(before, []).extend(run.items)
    found: list[Step[E]] = []
    runs = {run.before: run.items for run in first.runs}
    for i in (-1, *first.order):
        step = steps[i] if i >= 0 else None
        found += [] if step is None else [step]
        found += map(Take, runs.get(i, ()))
        found += map(Take, late.get(i, ()))
    gone = [steps[i] for i in range(len(steps)) if i not in first.at]
    return [*found, *(step for step in gone if step is not None)]


def paired(old: list[Key], new: list[Key]) -> list[tuple[int, int]]:
    """Return which items are which: as layers are matched, and what stands alone between two that are matched."""
    pairs = match(old, new)
    rising = sorted(pairs)
    if [j for _, j in rising] != sorted(j for _, j in rising):
        return pairs
    found = list(pairs)
    start = (-1, -1)
    for i, j in [*rising, (len(old), len(new))]:
        left, right = range(start[0] + 1, i), range(start[1] + 1, j)
        if len(left) == len(right):
            found += [(a, b) for a, b in zip(left, right, strict=True) if old[a].name is None or new[b].name is None]
        start = (i, j)
    return found


def item_keys(items: Sequence[AnyEntry]) -> list[Key]:
    """Return what the items of a list are matched by."""
    return [_key(item) for item in items]


def _key(item: AnyEntry) -> Key:
    node = item.node
    if isinstance(node, Mapping) and len(node.values) == 1:
        ((word, value),) = node.values.items()
        name = value.values.get("as") if isinstance(value, Mapping) else None
        given = name.text if isinstance(name, Scalar) else None
        fields = value.values.items() if isinstance(value, Mapping) else [("", value)]
        written = tuple(sorted((key, repr(said(each))) for key, each in fields if key != "as"))
        return Key(given, given or "", _ACTIVATION if word in FUNCTIONS else word, written, repr(said(value)))
    if isinstance(node, Scalar):
        word = _ACTIVATION if node.text in FUNCTIONS else node.text if isinstance(node.value, str) else ""
        return Key(None, "", word, (("", node.text),), node.text)
    return Key(None, "", "", (("", repr(said(node))),), repr(said(node)))
