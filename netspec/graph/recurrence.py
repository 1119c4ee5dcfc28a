"""Text that recurs with numbers that grow: written in pieces, kept as one stretch and a count.

A pattern is text with a mark for each number, and stretches that recur within; its numbers stand beside it, in the
order of their marks. So two rounds of a repeat can be compared, and those that follow are known by how much each number
grows.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

HOLE: Final = "\x01"
_CHUNK: Final = 1 << 16  # bytes that are written at once
_FLAT: Final = 100_000  # letters of a stretch that is written out as one text
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
    text, flat, grown = _flattened(pattern, numbers, steps)
    if not any(grown):
        _write_equal(_filled(text, flat).encode(), times, to)
    elif min(grown) < 0:
        for _ in range(times):
            to(_filled(text, flat).encode())
            flat = [number + step for number, step in zip(flat, grown, strict=True)]
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


def _write_growing(text: str, numbers: list[int], steps: list[int], times: int, to: Write) -> None:
    """Write a text so many times, whose numbers grow each time.

    A block of 10, 100 or 1,000 rounds is one list of texts: from one block to the next the last digits of each number
    are the same, and the leading ones grow by its step.
    """
    texts = text.split(HOLE)
    settled = [f"{number}{after}" for number, after in zip(numbers, texts[1:], strict=True)]
    kept: list[str] = [texts[0]]  # numbers that do not grow are text
    growing: list[tuple[int, int]] = []
    for number, step, after, told in zip(numbers, steps, texts[1:], settled, strict=True):
        if step:
            growing.append((number, step))
            kept.append(after)
        else:
            kept[-1] += told
    block = next((each for each in (1000, 100) if each * len(text) <= _BLOCK), 10)
    done = 0
    while done < times and (times - done < block or min(number for number, _ in growing) < block):
        to("".join(_between(kept, [str(number) for number, _ in growing])).encode())
        growing = [(number + step, step) for number, step in growing]
        done += 1
    if done == times:
        return
    digits = len(str(block)) - 1
    distinct: dict[tuple[int, int], int] = {}
    places: list[int] = []
    parts: list[str] = [kept[0]]
    for round_ in range(block):
        for place, (number, step) in enumerate(growing):
            leading, last = divmod(number + round_ * step, block)
            places.append(distinct.setdefault((leading, step), len(distinct)))
            begins = kept[0] if place + 1 == len(growing) and round_ + 1 < block else ""
            parts += ["", f"{last:0{digits}}{kept[place + 1]}{begins}"]
    pick = itemgetter(*places)
    for number_of_block in range((times - done) // block):
        parts[1::2] = pick([str(leading + step * number_of_block) for leading, step in distinct])
        to("".join(parts).encode())
    blocks, rest = divmod(times - done, block)
    for round_ in range(blocks * block, blocks * block + rest):
        to("".join(_between(kept, [str(number + round_ * step) for number, step in growing])).encode())


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


def _flattened(pattern: Pattern, numbers: Sequence[int], steps: Sequence[int]) -> tuple[str, list[int], list[int]]:
    """Return a pattern as one text, with its numbers and their steps; what recurs within is written out."""
    texts: list[str] = []
    flat: list[int] = []
    grown: list[int] = []
    at = 0
    for part in pattern:
        count = _marks(part)
        own, step = numbers[at : at + count], steps[at : at + count]
        at += count
        if isinstance(part, str):
            texts.append(part)
            flat += own
            grown += step
            continue
        for _ in range(part.times):
            inner = _flattened(part.pattern, own, step)
            texts.append(inner[0])
            flat += inner[1]
            grown += inner[2]
            own = [number + more for number, more in zip(own, part.steps, strict=True)]
    return "".join(texts), flat, grown


__all__ = ["HOLE", "Again", "Pattern", "Stretch", "Write", "growth", "write"]
