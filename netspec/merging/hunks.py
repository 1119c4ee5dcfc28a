"""What a merge comes to, hunk by hunk: lines that are settled, and conflicts with the lines of all three."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from netspec.merging.pieces import MARGIN, moved

SIDES: Final = (0, 1, 2)
"""Ours, base, theirs: in this order wherever there are three of something."""

Triple = tuple[str, str, str]

_CELLS: Final = 250_000  # lines of base times those of a side that are aligned; beyond, all of them are in conflict


class Conflict(NamedTuple):
    """What could not be merged, in words, and where it stands in a spec, as far as that is of use."""

    words: str
    path: tuple[str, ...] = ()


class Hunk(NamedTuple):
    """Lines of ours, of base and of theirs; a settled one has the same lines thrice and no `conflicts`."""

    lines: tuple[list[str], list[str], list[str]]
    conflicts: tuple[Conflict, ...] = ()


def settled(lines: Sequence[str]) -> Hunk:
    """Return the hunk of lines that are agreed upon."""
    same = list(lines)
    return Hunk((same, same, same))


def one_text(triple: Triple) -> bool:
    """Return whether three texts are one."""
    return triple[0] == triple[1] == triple[2]


def hunk_of(triple: Triple, conflicts: Sequence[Conflict]) -> Hunk:
    """Return the hunk of three texts."""
    if one_text(triple) or not conflicts:
        return settled(triple[0].split("\n"))
    ours, base, theirs = (text.split("\n") for text in triple)
    return Hunk((ours, base, theirs), tuple(conflicts))


def shifted(hunks: Iterable[Hunk], column: int) -> list[Hunk]:
    """Return hunks as they stand from a column on."""
    return [mapped(hunk, lambda lines: moved(lines, column)) for hunk in hunks]


def mapped(hunk: Hunk, change: Callable[[list[str]], list[str]]) -> Hunk:
    """Return a hunk with its lines changed."""
    if not hunk.conflicts:
        return settled(change(hunk.lines[0]))
    ours, base, theirs = (change(lines) for lines in hunk.lines)
    return Hunk((ours, base, theirs), hunk.conflicts)


def joined(head: str, hunks: list[Hunk], offset: int) -> list[Hunk]:
    """Return hunks whose first line continues a line that begins with `head`; the others stand at `offset`."""
    if not hunks or not all(hunks[0].lines):  # a side has no first line there: all of them are one conflict
        whole = together(hunks)
        texts = [_headed(head, lines, offset) for lines in whole.lines]
        return [Hunk((texts[0], texts[1], texts[2]), whole.conflicts)]
    first, *rest = hunks
    return [mapped(first, lambda lines: _headed(head, lines, offset)), *shifted(rest, offset)]


def _headed(head: str, lines: list[str], offset: int) -> list[str]:
    if not lines:
        return []
    return [head + lines[0].removeprefix(MARGIN).lstrip(" "), *moved(lines[1:], offset)]


def together(hunks: Sequence[Hunk]) -> Hunk:
    """Return all hunks as one."""
    sides = [[line for hunk in hunks for line in hunk.lines[side]] for side in SIDES]
    return Hunk((sides[0], sides[1], sides[2]), tuple(each for hunk in hunks for each in hunk.conflicts))


def merged_lines(ours: Sequence[str], base: Sequence[str], theirs: Sequence[str], conflict: Conflict) -> list[Hunk]:
    """Return the hunks of lines that are of no structure, such as comments: by runs that one side or both changed."""
    if list(ours) == list(theirs) or list(theirs) == list(base):
        return [settled(ours)] if ours else []
    if list(ours) == list(base):
        return [settled(theirs)] if theirs else []
    found: list[Hunk] = []
    i = j = k = 0
    for b, o, t, size in [*_anchors(ours, base, theirs), (len(base), len(ours), len(theirs), 0)]:
        mine, was, other = list(ours[j:o]), list(base[i:b]), list(theirs[k:t])
        if mine == other or other == was:
            found += [settled(mine)] if mine else []
        elif mine == was:
            found.append(settled(other))
        else:
            found.append(Hunk((mine, was, other), (conflict,)))
        if size:
            found.append(settled(base[b : b + size]))
        i, j, k = b + size, o + size, t + size
    return found


def _anchors(ours: Sequence[str], base: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return the lines of base that both sides kept, as runs: where they stand in base, ours and theirs, how many."""
    from difflib import SequenceMatcher  # loaded where both sides changed comments at one place

    if len(base) * max(len(ours), len(theirs)) > _CELLS:
        return []
    places: list[dict[int, int]] = []
    for side in (ours, theirs):
        matcher = SequenceMatcher(None, base, side, autojunk=False)
        places.append({a + n: b + n for a, b, size in matcher.get_matching_blocks() for n in range(size)})
    mine, other = places
    return [(i, mine[i], other[i], 1) for i in range(len(base)) if i in mine and i in other]


class Marks(NamedTuple):
    """How conflicts are marked: the labels of the sides, and the length of the marks."""

    ours: str = "ours"
    base: str = "base"
    theirs: str = "theirs"
    size: int = 7


class Placed(NamedTuple):
    """A conflict, and the line, from 1, of the mark where it begins."""

    line: int
    conflict: Conflict


def written(hunks: Sequence[Hunk], marks: Marks) -> tuple[list[str], list[Placed]]:
    """Return the lines of the merge, with marks around conflicts, and where each conflict stands."""
    lines: list[str] = []
    placed: list[Placed] = []
    for hunk in hunks:
        if not hunk.conflicts:
            lines += map(_whole, hunk.lines[0])
            continue
        ours, base, theirs = hunk.lines
        head = _common(ours, base, theirs)
        tail = _common(*([*reversed(side[head:])] for side in hunk.lines))
        lines += map(_whole, ours[:head])
        placed += [Placed(len(lines) + 1, each) for each in hunk.conflicts]
        inner = [list(map(_whole, side[head : len(side) - tail])) for side in hunk.lines]
        lines.append(_mark("<", marks.size, marks.ours))
        lines += inner[0]
        lines.append(_mark("|", marks.size, marks.base))
        lines += inner[1]
        lines.append("=" * marks.size)
        lines += inner[2]
        lines.append(_mark(">", marks.size, marks.theirs))
        lines += map(_whole, ours[len(ours) - tail :])
    return lines, placed


def chosen(hunks: Sequence[Hunk], side: int) -> list[str]:
    """Return the lines of the merge with every conflict settled as one side has it."""
    return [_whole(line) for hunk in hunks for line in hunk.lines[side]]


def _common(*sides: Sequence[str]) -> int:
    """Return with how many lines all sides begin alike."""
    count = 0
    while all(len(side) > count for side in sides) and len({side[count] for side in sides}) == 1:
        count += 1
    return count


def _mark(letter: str, size: int, label: str) -> str:
    return f"{letter * size} {label}".rstrip()


def _whole(line: str) -> str:
    return line.removeprefix(MARGIN)
