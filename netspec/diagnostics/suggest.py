"""The nearest known name to a mistyped one."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

_MOST_NAMES: Final = 1_000
_TELLING: Final = 4  # letters of a name that a slip leaves recognisable
_MOST_LETTERS: Final = 2_000  # compared, of those names that are about as long


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `word` by edits, or None where none is close (a third of its letters).

    Edits are insertion, deletion, substitution and the swap of neighbours (optimal string alignment). Case counts
    for nothing, so `RELU` finds `relu`. Of equally near names the first in `known` wins. Where names are many, only the
    first are looked at: a suggestion is a kindness, and must not cost more than the check.
    """
    if len(word) > 64:
        return None
    best: str | None = None
    least = len(word)
    letters = 0
    folded = word.lower()
    for name in islice(known, _MOST_NAMES):
        longer = min(max(len(word), len(name)), 9)
        allowed = min(least - 1, max(1, longer // 3) if len(word) > 1 else 0)
        if abs(len(name) - len(word)) <= allowed:
            distance = _distance(folded, name.lower(), allowed)
            if distance <= allowed:
                best, least = name, distance
            letters += len(word)
            if letters > _MOST_LETTERS or not least:
                break
    return best


class Mend(str):
    """Words of help that say one text to stand at the fault's place instead: `text`."""

    __slots__ = ("text",)

    text: str

    @classmethod
    def by(cls, text: str, words: str) -> "Mend":
        """Return the words of help, with the text that they say."""
        mend = cls(words)
        mend.text = text
        return mend


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `name`?`` for a close known name, a `Mend` where it is no guess, else an empty string."""
    name = nearest(word, known)
    if name is None:
        return ""
    words = f"did you mean `{name}`?"
    return Mend.by(name, words) if is_slip(word, name) else words


def is_slip(word: str, name: str) -> bool:
    """Return whether a word that is close to a name is that name mistyped, and not perhaps another one.

    What differs in a digit, as float16 and float32, is another; of a few letters, nobody knows.
    """
    digits = [[letter for letter in text if letter.isdigit()] for text in (word, name)]
    return digits[0] == digits[1] and (min(len(word), len(name)) >= _TELLING or word.lower() == name.lower())


def _distance(a: str, b: str, most: int) -> int:
    """Return the optimal string alignment distance, row by row; any number beyond `most` where it is larger."""
    beyond = most + 1
    same = 0  # what begins alike costs no edit; the letter before the first difference stays, it may be swapped
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    a, b = a[max(0, same - 1) :], b[max(0, same - 1) :]
    width = len(b)
    before: list[int] = []
    above = list(range(width + 1))
    for i, x in enumerate(a, 1):
        row = [beyond] * (width + 1)  # what is further from the diagonal than `most` needs more edits than that
        row[0] = i
        for j in range(max(1, i - most), min(width, i + most) + 1):
            y = b[j - 1]
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > most and (not before or min(above) > most):
            return beyond
        before, above = above, row
    return above[-1]
