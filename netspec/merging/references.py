"""Names that one side refers to anew, and that are another thing's in the merge: given away by the other side."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import quote
from netspec.merging.hunks import Conflict, Placed
from netspec.merging.pieces import said
from netspec.merging.telling import names_of
from netspec.source import Mapping, Node, Scalar, Source
from netspec.source import Sequence as List

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_FREE: Final = ("as", "name", "description")  # keys whose values refer to nothing
_CELLS: Final = 2_000_000  # of all tables that are filled for one merge; names beyond are not looked at


class Reference(NamedTuple):
    """A scalar that holds a name, with its line."""

    text: str
    line: int


class _Named(NamedTuple):
    """Things that have names, in their order: what each is called, and what it is without its name."""

    names: list[str]
    bodies: list[object]


def given_away(ours: Source, base: Source, theirs: Source, merged: Source) -> list[Placed]:
    """Return a conflict for each name that a side refers to more often than base, if it means another thing there.

    Layers at the top, and hyperparameters, are known again by what they say and where among others they stand, whatever
    they are called. Of things that are equal but for their names, one that was moved counts as one that was renamed.
    """
    trees = [each.tree for each in (ours, base, theirs, merged)]
    mine, was, other, result = trees
    if mine is None or was is None or other is None or result is None:
        return []
    before, after = _references(was), _references(result)
    here, there = _references(mine), _references(other)
    room = _CELLS
    found: list[Placed] = []
    for who, side in (("ours", mine), ("theirs", other)):
        own, away = (here, there) if who == "ours" else (there, here)
        added = [name for name, each in own.items() if len(each) > len(before.get(name, ()))]
        for things, one, new in zip(("layer", ""), _things(side), _things(result), strict=True):
            both = set(one.names) & set(new.names)
            for name in (each for each in added if each in both):
                room -= len(one.names) * len(new.names)
                if room < 0:
                    return found
                instead = _instead(one, new, name)
                if instead is None or not (things or _renamed(before, away, name, instead)):
                    continue
                thing = f"{things} {quote(name)}".strip()
                words = (
                    f"{who} refers to {thing}, which is {quote(instead)} in the merge, where {quote(name)} is another"
                )
                old = Counter(each.text for each in before.get(name, ()))
                found.append(Placed(_line(after.get(name, []), old), Conflict(words, (name,))))
    return sorted(found, key=lambda each: each.line)


def _things(tree: Mapping) -> tuple[_Named, _Named]:
    """Return the layers at the top of a spec, and its hyperparameters."""
    layers, numbers = tree.values.get("layers"), tree.values.get("hyperparameters")
    items = layers.items if isinstance(layers, List) else []
    pairs = numbers.values if isinstance(numbers, Mapping) else {}
    return (
        _Named(names_of(items), [_body(item) for item in items]),
        _Named(list(pairs), [said(each) for each in pairs.values()]),
    )


def _body(item: Node) -> object:
    """Return what a layer says but for its name."""
    if not isinstance(item, Mapping) or len(item.values) != 1:
        return said(item)
    ((word, value),) = item.values.items()
    if not isinstance(value, Mapping):
        return word, (("", said(value)),)
    return word, tuple((key, said(value.values[key])) for key in sorted(value.values) if key != "as")


def _references(tree: Mapping) -> dict[str, list[Reference]]:
    """Return the scalars in which each name stands, but for those that give names."""
    found: dict[str, list[Reference]] = {}
    for scalar in _scalars(tree):
        for name in dict.fromkeys(_WORD.findall(scalar.text)):
            found.setdefault(name, []).append(Reference(scalar.text, scalar.span.line))
    return found


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
        return
    pairs = node.values.items() if isinstance(node, Mapping) else (("", item) for item in node.items)
    for key, value in pairs:
        if key not in _FREE:
            yield from _scalars(value)


def _line(there: Sequence[Reference], old: "Counter[str]") -> int:
    """Return the line of the first reference that base has not."""
    for each in there:
        if not old[each.text]:
            return each.line
        old[each.text] -= 1
    return there[-1].line if there else 1


def _renamed(before: dict[str, list[Reference]], after: dict[str, list[Reference]], name: str, other: str) -> bool:
    """Return whether two names are used otherwise than before: values alone that changed are those of their names."""
    orders = []
    for side in (before, after):
        uses = [(each.line, i, word) for word in (name, other) for i, each in enumerate(side.get(word, ()))]
        orders.append([word for _, _, word in sorted(uses)])
    return orders[0] != orders[1]


def _instead(one: _Named, new: _Named, name: str) -> str | None:
    """Return what the thing that has a name is called in the merge, where more stays what it was if that is another."""
    i, there = one.names.index(name), new.names.index(name)
    if one.bodies[: i + 1] == new.bodies[: there + 1] or one.bodies[i:] == new.bodies[there:]:
        return None
    above = _common(one.bodies[:i], new.bodies)
    below = _common(one.bodies[:i:-1], new.bodies[::-1])[::-1]
    counts = [above[k] + below[k + 1] for k in range(len(new.bodies))]
    alike = [k for k, body in enumerate(new.bodies) if body == one.bodies[i] and counts[k] > counts[there]]
    return new.names[max(alike, key=counts.__getitem__)] if alike else None


def _common(one: Sequence[object], other: Sequence[object]) -> list[int]:
    """Return how much of one list stands in the first 0, 1, … items of another, in its order."""
    row = [0] * (len(other) + 1)
    for item in one:
        before, row = row, [0]
        for k, each in enumerate(other):
            row.append(max(row[-1], before[k + 1], before[k] + (item == each)))
    return row
