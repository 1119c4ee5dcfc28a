"""The comments and the blank lines of a spec: whatever stands in the gaps between its scalars and brackets."""

from collections.abc import Iterator
from typing import NamedTuple

from netspec.source import Node, Scalar, Sequence, Source

_MARKERS = ("---", "...")


class Loose(NamedTuple):
    """A line between values: its number, the column of its comment (from 0), and the comment, empty if blank."""

    line: int
    column: int
    text: str


class Beside(NamedTuple):
    """A comment behind values on its line: its column (from 0), where what it stands behind ends, and its text."""

    column: int
    behind: int
    text: str


class Comments:
    """All that is said between the lines of a file: `loose` in its order, and `beside` by the number of the line."""

    __slots__ = ("beside", "lines", "loose")

    def __init__(self, source: Source) -> None:
        self.lines = source.text.split("\n")
        self.loose: list[Loose] = []
        self.beside: dict[int, Beside] = {}
        ends, within = _covered(source, self.lines)
        for number, line in enumerate(self.lines, 1):
            if number in within:
                continue
            if "#" not in line:
                if not line or line.isspace():
                    self.loose.append(Loose(number, 0, ""))
                continue
            start = line.find("#", ends.get(number, 0))
            if start < 0:
                continue
            text, before = line[start:].rstrip(), line[:start].rstrip()
            if not before or (number not in ends and before in _MARKERS):
                self.loose.append(Loose(number, 0 if before else start, text))
            else:
                self.beside[number] = Beside(start, len(before), text)

    def texts(self) -> list[str]:
        """Return every comment, sorted."""
        return sorted([loose.text for loose in self.loose if loose.text] + [each.text for each in self.beside.values()])


def _covered(source: Source, lines: list[str]) -> tuple[dict[int, int], set[int]]:
    """Return where the last scalar on a line ends, and the numbers of the lines that end within a scalar."""
    ends: dict[int, int] = {}
    within: set[int] = set()
    for scalar in scalars(source):
        line, column, end_line, end_column = scalar.span
        if line == end_line:
            ends[line] = end_column - 1
        elif lines[line - 1][column - 1] in "|>":
            ends[line] = column + len(lines[line - 1][column:].split("#", 1)[0].rstrip())
            last = end_line - 1 if end_column == 1 else end_line
            last = min(last, len(lines))
            while last > line and not lines[last - 1].strip():  # no part of the text, unless it says so by a +
                last -= 1
            within.update(range(line + 1, last + 1))
        else:
            ends[end_line] = end_column - 1
            within.update(range(line, end_line))
    return ends, within


def scalars(source: Source) -> Iterator[Scalar]:
    """Yield the keys and the scalar values of a file in their order."""
    waiting: list[Node] = [] if source.tree is None else [source.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            waiting.extend(reversed(node.items))
        else:
            for key in reversed(node.values):
                waiting.append(node.values[key])
                waiting.append(node.keys[key])
