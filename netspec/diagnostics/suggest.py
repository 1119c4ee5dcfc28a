"""The nearest known name to a mistyped one."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `word` by edits, or None where none is close (a third of its letters).

    Edits are insertion, deletion, substitution and the swap of neighbours (optimal string alignment). Case counts
    for nothing, so `RELU` finds `relu`. Of equally near names the first in `known` wins.
    """
    if len(word) > 64:
        return None
    best: str | None = None
    least = len(word)
    for name in known:
        longer = min(max(len(word), len(name)), 9)
        allowed = min(least - 1, max(1, longer // 3) if len(word) > 1 else 0)
        if abs(len(name) - len(word)) <= allowed:
            distance = _distance(word.lower(), name.lower())
            if distance <= allowed:
                best, least = name, distance
    return best


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `name`?`` for a close known name, else an empty string."""
    name = nearest(word, known)
    return "" if name is None else f"did you mean `{name}`?"


def _distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance, row by row."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
