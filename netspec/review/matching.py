"""Which layer of one list is which of another: by the names that were given, else by what they are and where."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

_CELLS: Final = 250_000  # of the table that is filled for two stretches; beyond, only what is unique is matched


class Key(NamedTuple):
    """What a layer is matched by: the name it was given, or None; the one that it has in any case; its word; what is
    written of it; all that it computes; and whether it is a list of layers itself.
    """

    name: str | None
    called: str
    word: str
    fields: tuple[tuple[str, str], ...]
    record: str
    whole: bool = False


Pairs = list[tuple[int, int]]


def match(old: Sequence[Key], new: Sequence[Key]) -> Pairs:
    """Return which of the old are which of the new, as pairs of their numbers in the order of the new.

    A name that both lists give is one layer, wherever it stands, another kind or not. What stands between is
    aligned so that as much as possible stays what it was: equal layers first, then those of which the same is written,
    then those of one kind. Two swapped lists give the same pairs, swapped.
    """
    if _order(new) < _order(old):
        return sorted(((i, j) for j, i in _match(new, old)), key=lambda pair: pair[1])
    return sorted(_match(old, new), key=lambda pair: pair[1])


def _order(keys: Sequence[Key]) -> tuple[int, list[tuple[str, str, str]]]:
    return len(keys), [(key.record, key.word, key.called) for key in keys]


def _match(old: Sequence[Key], new: Sequence[Key]) -> Pairs:
    ours, theirs = _named(old), _named(new)
    pairs = [(ours[name], j) for name, j in theirs.items() if name in ours]
    pairs = [(i, j) for i, j in pairs if old[i].word == new[j].word or not (old[i].whole or new[j].whole)]
    taken = {i for i, _ in pairs}, {j for _, j in pairs}
    found = list(pairs)
    start = (-1, -1)
    for i, j in [*_rising(pairs), (len(old), len(new))]:
        left = [each for each in range(start[0] + 1, i) if each not in taken[0]]
        right = [each for each in range(start[1] + 1, j) if each not in taken[1]]
        aligned = _align([old[each] for each in left], [new[each] for each in right])
        found += [(left[a], right[b]) for a, b in aligned]
        start = (i, j)
    return found


def _named(keys: Sequence[Key]) -> dict[str, int]:
    """Return where each name stands that one layer is given, and no other: a network that is used again has its own."""
    found: dict[str, int] = {}
    again: set[str] = set()
    for place, key in enumerate(keys):
        if key.name is not None:
            if key.name in found:
                again.add(key.name)
            found[key.name] = place
    return {name: place for name, place in found.items() if name not in again}


def _rising(pairs: Pairs) -> Pairs:
    """Return a longest part of the pairs in which both numbers rise; the pairs' second numbers do."""
    ends: list[int] = []  # the least old number with which a chain of each length ends
    places: list[int] = []
    before: list[int] = []
    for place, (i, _) in enumerate(pairs):
        at = bisect_left(ends, i)
        before.append(places[at - 1] if at else -1)
        if at == len(ends):
            ends.append(i)
            places.append(place)
        else:
            ends[at], places[at] = i, place
    chain: Pairs = []
    place = places[-1] if places else -1
    while place >= 0:
        chain.append(pairs[place])
        place = before[place]
    return chain[::-1]


def _align(old: list[Key], new: list[Key]) -> Pairs:
    """Return the best pairs of two stretches, in order; equal ends are taken first, which is never worse."""
    head = 0
    while head < min(len(old), len(new)) and _equal(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and _equal(old[-1 - tail], new[-1 - tail]):
        tail += 1
    ours, theirs = old[head : len(old) - tail], new[head : len(new) - tail]
    middle = _table(ours, theirs) if len(ours) * len(theirs) <= _CELLS else _unique(ours, theirs)
    return [
        *((i, i) for i in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(old) - tail + i, len(new) - tail + i) for i in range(tail)),
    ]


def _equal(one: Key, other: Key) -> bool:
    return one.word == other.word and one.record == other.record and one.fields == other.fields


class _Weighed(NamedTuple):
    """A key as it is compared many times."""

    key: Key
    fields: frozenset[tuple[str, str]]


def _worth(one: _Weighed, other: _Weighed) -> int:
    """Return what it is worth that two layers are one: 0 where they cannot be."""
    a, b = one.key, other.key
    if a.word != b.word:
        return 0
    kept = a.called == b.called  # its tensors keep their names
    if one.fields == other.fields:
        return (400 if a.record == b.record else 300) + kept
    return 100 + 100 * len(one.fields & other.fields) // max(len(one.fields), len(other.fields)) + kept


def _table(old: list[Key], new: list[Key]) -> Pairs:
    """Return the pairs in order that are worth most together, by the table of all beginnings."""
    ours, theirs = ([_Weighed(key, frozenset(key.fields)) for key in keys] for keys in (old, new))
    rows = [[0] * (len(new) + 1)]
    for one in ours:
        above, row, best = rows[-1], [0], 0
        for j, other in enumerate(theirs):
            worth = _worth(one, other)
            best = max(best, above[j + 1], above[j] + worth if worth else 0)
            row.append(best)
        rows.append(row)
    pairs: Pairs = []
    i, j = len(old), len(new)
    while i and j:
        worth = _worth(ours[i - 1], theirs[j - 1])
        if worth and rows[i][j] == rows[i - 1][j - 1] + worth:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif rows[i][j] == rows[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _unique(old: list[Key], new: list[Key]) -> Pairs:
    """Return the pairs in order of layers that are equal and that either stretch has once."""
    places: dict[Key, list[list[int]]] = {}
    for side, keys in enumerate((old, new)):
        for place, key in enumerate(keys):
            places.setdefault(key._replace(name=None, called=""), [[], []])[side].append(place)
    alone = [(ours[0], theirs[0]) for ours, theirs in places.values() if len(ours) == len(theirs) == 1]
    return _rising(sorted(alone, key=lambda pair: pair[1]))


__all__ = ["Key", "Pairs", "match"]
