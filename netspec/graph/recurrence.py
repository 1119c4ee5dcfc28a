"""Text that recurs with numbers that grow: written in pieces, kept as one stretch and a count.

A pattern is text with a mark for each number, and stretches that recur within; its numbers stand beside it, in the
order of their marks. So two rounds of a repeat can be compared, and those that follow are known by how much each number
grows.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import add, itemgetter
from typing import Final, NamedTuple

HOLE: Final = "\x01"
_CHUNK: Final = 1 << 16  # bytes that are written at once
_FLAT: Final = 100_000  # letters of a stretch that is written out as one text
_REMEMBERED: Final = 64  # such stretches
_BLOCK: Final = 300_000  # letters of a block, whose numbers grow in their leading digits alone


class Again(NamedTuple):
    """`times` rounds of a pattern. From each to the next its numbers grow by `steps`."""

    times: int
    pattern: "Pattern"
    steps: tuple[int, ...]


Pattern = tuple[str | Again, ...]
Write = Callable[[bytes], object]


class Stretch:
    """A pattern with the numbers of its first round, as it comes to be; `uses` are the names of what it uses."""

    __slots__ = ("_texts", "numbers", "parts", "uses")

    def __init__(self) -> None:
        self.uses: dict[str, None] = {}  # in their order
        self.parts: list[str | Again] = []
        self.numbers: list[int] = []
        self._texts: list[str] = []

    def add(self, pattern: Pattern, numbers: Sequence[int]) -> None:
        """Append what follows."""
        for part in pattern:
            if isinstance(part, str):
                self._texts.append(part)
            else:
                self._close()
                self.parts.append(part)
        self.numbers.extend(numbers)

    def pattern(self) -> Pattern:
        """Return the pattern; what stands between two stretches that recur is one text."""
        self._close()
        return tuple(self.parts)

    def _close(self) -> None:
        if self._texts:
            self.parts.append("".join(self._texts))
            self._texts = []


def growth(earlier: Stretch, later: Stretch) -> tuple[int, ...] | None:
    """Return how much each number grows from one round to the next; None where they differ in more than numbers."""
    if earlier.pattern() != later.pattern() or len(earlier.numbers) != len(later.numbers):
        return None
    return tuple([b - a for a, b in zip(earlier.numbers, later.numbers, strict=True)])


def write(pattern: Pattern, numbers: Sequence[int], to: Write) -> None:
    """Write a pattern with its numbers."""
    at = 0
    for part in pattern:
        count = _marks(part)
        own = numbers[at : at + count]
        at += count
        if isinstance(part, str):
            to(_filled(part, own).encode())
        else:
            _write_again(part, own, to)


def _write_again(again: Again, numbers: Sequence[int], to: Write) -> None:
    """Write all rounds of a stretch."""
    times, pattern, steps = again
    if _length(pattern) > _FLAT:
        for _ in range(times):
            write(pattern, numbers, to)
            numbers = [number + step for number, step in zip(numbers, steps, strict=True)]
        return
    text, sources, grown = _flattened(pattern, steps)
    flat = [numbers[i] + more for i, more in sources]
    if not any(grown):
        _write_equal(_filled(text, flat).encode(), times, to)
    elif min(grown) < 0:
        _write_each(text.split(HOLE), flat, grown, times, to)
    else:
        _write_growing(text, flat, grown, times, to)


def _write_equal(data: bytes, times: int, to: Write) -> None:
    """Write the same bytes so many times."""
    several = max(1, _CHUNK // max(1, len(data)))
    whole, rest = divmod(times, several)
    chunk = data * several if whole else b""
    for _ in range(whole):
        to(chunk)
    to(data * rest)


def _write_each(texts: list[str], numbers: list[int], steps: Sequence[int], times: int, to: Write) -> list[int]:
    """Write texts with numbers between them so many times; return the numbers that would follow."""
    parts = [""] * (2 * len(texts) - 1)
    parts[::2] = texts
    for _ in range(times):
        parts[1::2] = map(str, numbers)
        to("".join(parts).encode())
        numbers = list(map(add, numbers, steps))
    return numbers


def _write_growing(text: str, numbers: list[int], steps: Sequence[int], times: int, to: Write) -> None:
    """Write a text so many times, whose numbers grow each time.

    A block of 10, 100 or 1,000 rounds is one list of texts: from one block to the next the last digits of each number
    are the same, and the leading ones grow by its step.
    """
    texts = text.split(HOLE)
    kept: list[str] = [texts[0]]  # numbers that do not grow are text
    growing: list[int] = []
    by: list[int] = []
    for number, step, after in zip(numbers, steps, texts[1:], strict=True):
        if step:
            growing.append(number)
            by.append(step)
            kept.append(after)
        else:
            kept[-1] += f"{number}{after}"
    block = next((each for each in (1000, 100) if each * len(text) <= _BLOCK), 10)
    first = max(0, *(-((number - block) // step) for number, step in zip(growing, by, strict=True)))
    if times - first < block:
        _write_each(kept, growing, by, times, to)
        return
    growing = _write_each(kept, growing, by, first, to)  # until each number has leading digits
    digits = len(str(block)) - 1
    distinct: dict[tuple[int, int], int] = {}
    places: list[int] = []
    parts: list[str] = [kept[0]]
    for round_ in range(block):
        for place, (number, step) in enumerate(zip(growing, by, strict=True)):
            leading, last = divmod(number + round_ * step, block)
            places.append(distinct.setdefault((leading, step), len(distinct)))
            begins = kept[0] if place + 1 == len(growing) and round_ + 1 < block else ""
            parts += ["", f"{last:0{digits}}{kept[place + 1]}{begins}"]
    pick = itemgetter(*places)
    blocks, rest = divmod(times - first, block)
    for number_of_block in range(blocks):
        parts[1::2] = pick([str(leading + step * number_of_block) for leading, step in distinct])
        to("".join(parts).encode())
    growing = [number + blocks * block * step for number, step in zip(growing, by, strict=True)]
    _write_each(kept, growing, by, rest, to)


def _between(texts: list[str], numbers: list[str]) -> Iterator[str]:
    """Yield texts with a number between each two."""
    yield texts[0]
    for number, after in zip(numbers, texts[1:], strict=True):
        yield number
        yield after


def _filled(text: str, numbers: Sequence[int]) -> str:
    return "".join(_between(text.split(HOLE), [str(number) for number in numbers]))


def _marks(part: str | Again) -> int:
    """Return how many numbers a part has, those of its first round."""
    return part.count(HOLE) if isinstance(part, str) else len(part.steps)


def _length(pattern: Pattern) -> int:
    """Return how many letters a pattern has, each number as one, with all that recurs written out."""
    return sum(len(part) if isinstance(part, str) else part.times * _length(part.pattern) for part in pattern)


@lru_cache(_REMEMBERED)
def _flattened(pattern: Pattern, steps: tuple[int, ...]) -> tuple[str, list[tuple[int, int]], list[int]]:
    """Return a pattern as one text, what recurs within written out; which number of the pattern, and how much more,
    stands at each mark; and by how much it grows from one round to the next, where the numbers grow by `steps`.
    """
    texts: list[str] = []
    sources: list[tuple[int, int]] = []
    at = 0
    for part in pattern:
        count = _marks(part)
        if isinstance(part, str):
            texts.append(part)
            sources += [(at + i, 0) for i in range(count)]
        else:
            text, inner, _ = _flattened(part.pattern, part.steps)
            for number in range(part.times):
                texts.append(text)
                sources += [(at + i, more + number * part.steps[i]) for i, more in inner]
        at += count
    return "".join(texts), sources, [steps[i] for i, _ in sources]


__all__ = ["HOLE", "Again", "Pattern", "Stretch", "Write", "growth", "write"]
