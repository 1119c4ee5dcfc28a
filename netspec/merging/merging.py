"""The merge of two texts that come of one, collection by collection, down to the smallest thing that both changed."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from netspec.merging import telling
from netspec.merging.flows import Joint
from netspec.merging.hunks import SIDES, Conflict, Hunk, Triple, hunk_of, joined, merged_lines, settled, shifted
from netspec.merging.pieces import (
    AnyEntry,
    Block,
    Entry,
    Flow,
    Lines,
    Piece,
    comments_of,
    inner_comments,
    said,
)
from netspec.merging.plans import Both, Clash, Reordered, Step, Take, list_plan, mapping_plan
from netspec.merging.reading import File
from netspec.merging.shorthands import spelled_out
from netspec.merging.telling import Path
from netspec.source import Mapping
from netspec.source import Sequence as List

_LISTS: Final = ("layers", "compose", "checks", "widths", "activation")
"""Lists whose items are things of their own; any other, such as a shape, is one value."""

_ORDERED: Final = (("inputs",), ("outputs",))
"""Mappings whose order is that in which values are given."""

E = TypeVar("E", bound=AnyEntry)


def merge_files(ours: File, base: File, theirs: File) -> list[Hunk]:
    """Return the merge of three files of one kind, in brackets or not, as hunks that stand at column 0."""
    head = _loose(ours.head, base.head, theirs.head, telling.both_commented(()))
    if isinstance(ours.root, Flow) and isinstance(base.root, Flow) and isinstance(theirs.root, Flow):
        triple, conflicts = _flow(ours.root, base.root, theirs.root, ())
        behind, more = _beside(ours.behind, base.behind, theirs.behind, ())
        blanks = " " * ours.column
        texts = [blanks + triple[i] + behind[i] for i in range(3)]
        return [*head, hunk_of((texts[0], texts[1], texts[2]), [*conflicts, *more])]
    mine, was, other = (None if file.behind.strip(" \n") else _as_block(file.root) for file in (ours, base, theirs))
    if mine is not None and was is not None and other is not None:
        column = ours.column if isinstance(ours.root, Block) else 0
        return [*head, *shifted(_block(mine, was, other, ()), column)]
    raise Unmergeable


class Unmergeable(Exception):
    """One file is in brackets of several lines, and another is not in brackets."""


def _block(ours: Block, base: Block, theirs: Block, path: Path, *, item: bool = False) -> list[Hunk]:
    """Return the hunks of a collection that is written line by line; `item` says that its one key is the path's end."""
    hunks: list[Hunk] = []
    names = _names(ours, base, theirs)
    for step in _plan(ours.mapping, path, ours.entries, base.entries, theirs.entries):
        entry = step.one
        own = path if item else (*path, names[id(entry)])
        if isinstance(step, Take):
            hunks.append(settled(step.entry.lines))
        elif isinstance(step, Both):
            hunks += _entry(step, own)
        else:
            hunks.append(_clash(step, path if entry.key is None and not step.base else own))
    return hunks + _loose(ours.after, base.after, theirs.after, telling.both_commented(path))


def _entry(step: "Both[Entry]", path: Path) -> list[Hunk]:
    """Return the hunks of an entry that both sides changed, or added."""
    ours, base, theirs = step
    lead = _loose(ours.lead, () if base is None else base.lead, theirs.lead, telling.both_commented(path))
    beside, silent = _beside(ours.beside, "" if base is None else base.beside, theirs.beside, path)
    if any(each is not None and isinstance(each.value, Block) for each in step):
        blocks = _blocks(step, path)
        conflict = _of_values(step, path)
        if blocks is not None:
            shape = ours if isinstance(ours.value, Block) else theirs
            try:
                inner = _block(*blocks, path, item=_is_layer(ours))
            except Reordered:
                conflict = telling.both_ordered(path)
            else:
                if not shape.below:
                    return [*lead, *joined(shape.head, inner, shape.offset)]
                return [*lead, hunk_of(_line(shape.head, beside), silent), *shifted(inner, shape.offset)]
        side = _changed(ours, base, theirs)
        if side is not None:
            return [*lead, *_picked(side, beside, silent)]
        bodies = [[] if each is None else list(each.lines[len(each.lead) :]) for each in step]
        return [*lead, Hunk((bodies[0], bodies[1], bodies[2]), (conflict,))]
    triple, conflicts = _value(step, path)
    texts = [ours.head + triple[side] + beside[side] for side in SIDES]
    hunk = hunk_of((texts[0], texts[1], texts[2]), [*conflicts, *silent])
    if base is None and hunk.conflicts:
        hunk = hunk._replace(lines=(hunk.lines[0], [], hunk.lines[2]))
    return [*lead, hunk]


def _picked(entry: Entry, beside: Triple, silent: Sequence[Conflict]) -> list[Hunk]:
    """Return the hunks of an entry whose value is taken whole, with the comment behind its first or its only line."""
    if not isinstance(entry.value, Block):
        return [hunk_of(_line(entry.head + entry.value.text, beside), silent)]
    lines = entry.lines[len(entry.lead) :]
    if not entry.below:
        return [settled(lines)]
    return [hunk_of(_line(entry.head, beside), silent), settled(lines[1:])]


def _line(head: str, beside: Triple) -> Triple:
    return head + beside[0], head + beside[1], head + beside[2]


def _is_layer(entry: AnyEntry) -> bool:
    """Return whether an entry is an item of one key, which both are called the same."""
    return entry.key is None and isinstance(entry.node, Mapping) and len(entry.node.values) == 1


def _of_values(step: "Both[E]", path: Path) -> Conflict:
    """Return the conflict of an entry whose value both sides changed."""
    ours, base, theirs = (None if each is None else each.value.text for each in step)
    return telling.both_changed(path, ours or "", base, theirs or "")


def _flow(
    ours: Flow, base: Flow | None, theirs: Flow, path: Path, *, item: bool = False
) -> tuple[Triple, list[Conflict]]:
    """Return the three texts of a collection in brackets, and what is in conflict in it."""
    joint = Joint(ours, base, theirs, path)
    names = _names(ours, base, theirs)
    for step in _plan(ours.mapping, path, ours.entries, [] if base is None else base.entries, theirs.entries):
        entry = step.one
        own = path if item else (*path, names[id(entry)])
        if isinstance(step, Take):
            joint.take(step.entry)
        elif isinstance(step, Both):
            joint.both(step, *_value(step, own), own)
        else:
            joint.clash(step, _words(step, path if entry.key is None and not step.base else own))
    return joint.texts(), joint.conflicts


def _value(step: "Both[E]", path: Path) -> tuple[Triple, list[Conflict]]:
    """Return the three texts of a value that both sides changed, or added, and that is no block on any side."""
    conflict = _of_values(step, path)
    ours, base, theirs = spelled_out(step)
    if isinstance(ours, Flow) and isinstance(theirs, Flow) and (base is None or isinstance(base, Flow)):
        same = ours.mapping == theirs.mapping == (ours if base is None else base).mapping
        if same and _is_one(step) and (ours.mapping or _is_list(step, path)):
            try:
                return _flow(ours, base, theirs, path, item=_is_layer(step.ours))
            except Reordered:
                conflict = telling.both_ordered(path)
    side = _changed(step.ours, step.base, step.theirs)
    if side is not None:
        text = side.value.text
        return (text, text, text), []
    return (step.ours.value.text, "" if step.base is None else step.base.value.text, step.theirs.value.text), [conflict]


def _changed(ours: E, base: E | None, theirs: E) -> E | None:
    """Return the side that alone says something new, ours where both say the same; None where each says its own."""
    mine, other = _essence(ours), _essence(theirs)
    if mine == other:
        return ours
    if base is None:
        return None
    was = _essence(base)
    return theirs if mine == was else ours if other == was else None


def _essence(entry: AnyEntry) -> object:
    """Return what the value of an entry says, comments within it included, whatever its layout."""
    return said(entry.node), tuple(inner_comments(entry.value))


def _plan(mapping: bool, path: Path, ours: Sequence[E], base: Sequence[E], theirs: Sequence[E]) -> "list[Step[E]]":
    if mapping:
        return mapping_plan(ours, base, theirs, ordered=path in _ORDERED)
    return list_plan(ours, base, theirs)


class _Blocks(NamedTuple):
    """Three collections that are written line by line."""

    ours: Block
    base: Block
    theirs: Block


def _blocks(step: "Both[Entry]", path: Path) -> _Blocks | None:
    """Return the three values as blocks, where they can be merged entry by entry."""
    if not _is_one(step):
        return None
    ours, base, theirs = spelled_out(step)
    mine, other = _as_block(ours), _as_block(theirs)
    was = None if base is None else _as_block(base)
    if mine is not None and base is None:  # nothing of it was there
        was = Block(Mapping(mine.node.span, {}, {}) if mine.mapping else List(mine.node.span, []), [], ())
    if mine is None or was is None or other is None or not mine.mapping == was.mapping == other.mapping:
        return None
    return _Blocks(mine, was, other) if mine.mapping or _is_list(step, path) else None


def _is_one(step: "Both[E]") -> bool:
    """Return whether the three are one thing: items of a list that are layers have to be of one kind."""
    if step.ours.key is not None:
        return True
    words = {tuple(entry.node.values) for entry in step if entry is not None and isinstance(entry.node, Mapping)}
    return len(words) == 1 or all(len(word) != 1 for word in words)


def _is_list(step: "Both[E]", path: Path) -> bool:
    """Return whether a list is merged item by item: its items are things of their own, or a side left them alone."""
    if path[-1:] != () and path[-1] in _LISTS:
        return True
    if step.base is None:
        return False
    node = step.base.node
    if isinstance(node, List) and any(isinstance(item, Mapping) for item in node.items):
        return True
    return said(node) in (said(step.ours.node), said(step.theirs.node))


def _as_block(piece: Piece) -> Block | None:
    if isinstance(piece, Flow):
        return _unfolded(piece)
    return piece if isinstance(piece, Block) else None


def _unfolded(flow: Flow) -> Block | None:
    """Return a collection in brackets line by line, where it stands on one line."""
    if "\n" in flow.text:
        return None
    entries = []
    for each in flow.entries:
        head = f"- {each.head}" if each.key is None else each.head
        entry = Entry(each.key, each.node, (), head, each.value)
        entry.lines = (head + each.value.text,)
        entries.append(entry)
    return Block(flow.node, entries, ())


def _clash(step: "Clash[Entry]", path: Path) -> Hunk:
    sides = [[line for entry in side for line in entry.lines] for side in step]
    return Hunk((sides[0], sides[1], sides[2]), (_words(step, path),))


def _words(step: "Clash[E]", path: Path) -> Conflict:
    if step.base:
        return telling.gone(path, ours=not step.ours)
    return telling.both_inserted(path, step.ours, step.theirs)


def _names(*collections: "Block | Flow | None") -> dict[int, str]:
    """Return what the entries of collections are called, by their identities."""
    found: dict[int, str] = {}
    for each in collections:
        entries: Sequence[AnyEntry] = [] if each is None else each.entries
        if each is None or each.mapping:
            found |= {id(entry): entry.key or "" for entry in entries}
        else:
            names = telling.names_of(entry.node for entry in entries)
            found |= {id(entry): name for entry, name in zip(entries, names, strict=True)}
    return found


def _loose(ours: Lines, base: Lines, theirs: Lines, conflict: Conflict) -> list[Hunk]:
    """Return the hunks of lines of comments and blanks; a side that has only other blanks has changed nothing."""
    mine, was, other = (comments_of(lines) for lines in (ours, base, theirs))
    if ours != base and theirs != base and (mine in (other, was) or other == was):
        lines = theirs if mine == was and mine != other else ours
        return [settled(lines)] if lines else []
    return merged_lines(ours, base, theirs, conflict)


def _beside(ours: str, base: str, theirs: str, path: Path) -> tuple[Triple, list[Conflict]]:
    """Return the three comments behind a line, and whether they are in conflict."""
    mine, was, other = ours.strip(" "), base.strip(" "), theirs.strip(" ")
    if mine == other or other == was:
        return (ours, ours, ours), []
    if mine == was:
        return (theirs, theirs, theirs), []
    return (ours, base, theirs), [telling.both_commented(path)]


__all__ = ["merge_files"]
