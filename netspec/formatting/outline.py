"""A spec as an outline: each key and each item with the comments and blank lines that belong to it.

A comment on a line of its own belongs to what comes next; at the end of a block, to the block, if it is indented like
it. A comment behind values belongs to the last of them. The first comments of a file, up to a blank line, are about
the file and stay at its head.
"""

from typing import Final, TypeAlias

from netspec.formatting.comments import Beside, Comments, Loose
from netspec.source import Mapping, Node, Scalar, Sequence

_NOWHERE: Final = 1 << 30


class Entry:
    """A key with its value, or an item of a list, which has no key.

    `above` are the comments on lines of their own before it, with empty texts for blank lines; `beside` stands behind.
    Where it is `held`, it stays on one line if it was written on one.
    """

    __slots__ = ("above", "beside", "held", "key", "value")

    def __init__(self, key: Scalar | None, value: "Part", above: list[str]) -> None:
        self.key, self.value, self.above = key, value, above
        self.beside: Beside | None = None
        self.held = False


class Block:
    """A collection of several lines: its entries, and the comments `after` the last of them.

    `flow` is true for one in brackets; `commented` where there is a comment, or outside brackets a blank line, in it.
    """

    __slots__ = ("after", "commented", "entries", "flow", "mapping")

    def __init__(self, mapping: bool, flow: bool) -> None:
        self.mapping, self.flow = mapping, flow
        self.entries: list[Entry] = []
        self.after: list[str] = []
        self.commented = False


Part: TypeAlias = Scalar | Sequence | Mapping | Block
"""A value: as a block where it takes several lines, and as it is in the tree where it takes one."""


class Outline:
    """The outline of a whole file: the comments at its `head`, and the block of its keys."""

    __slots__ = ("block", "head")

    def __init__(self, tree: Mapping, comments: Comments) -> None:
        self.block, self.head = _Reading(comments).file(tree)


def entries_of(part: Mapping | Sequence | Block) -> list[Entry]:
    """Return the entries of a collection; of one on one line they have no comments."""
    if isinstance(part, Block):
        return part.entries
    if isinstance(part, Sequence):
        return [Entry(None, item, []) for item in part.items]
    return [Entry(part.keys[key], value, []) for key, value in part.values.items()]


class _Reading:
    """One walk over a tree in the order of the text, which takes each comment as it comes by."""

    def __init__(self, comments: Comments) -> None:
        self._lines = comments.lines
        self._loose = comments.loose
        self._beside = dict(comments.beside)
        self._next = 0

    def file(self, tree: Mapping) -> tuple[Block, list[str]]:
        """Return the block of the file's keys, and the comments at its head."""
        first = next(iter(tree.keys.values())).span.line if tree.keys else _NOWHERE
        above = _texts(self._before(first))
        while above and not above[0]:
            above.pop(0)
        cut = above.index("") if "" in above else len(above)
        head, rest = above[:cut], above[cut:]
        block = self._flow(tree) if self._is_flow(tree) else self._block(tree, -1, -1, _NOWHERE)
        block.after += _texts(self._loose[self._next :])
        if block.entries:
            block.entries[0].above[:0] = rest
            if self._beside:  # behind the bracket of a file that stands in brackets
                block.after += [self._beside[line].text for line in sorted(self._beside)]
        elif rest or self._beside:
            block.after[:0] = [*rest, *(self._beside[line].text for line in sorted(self._beside))]
        return block, head

    def _before(self, line: int) -> list[Loose]:
        """Take what stands on lines of its own before a line."""
        start = self._next
        while self._next < len(self._loose) and self._loose[self._next].line < line:
            self._next += 1
        return self._loose[start : self._next]

    def _ending(self, column: int, outer: int, line: int) -> list[str]:
        """Take the comments that end a block at `column`, before `line`, where a block at `outer` goes on."""
        start = stop = self._next
        for i in range(start, len(self._loose)):
            loose = self._loose[i]
            if loose.line >= line:
                break
            if loose.text:
                if loose.column < column or loose.column <= outer:
                    break
                stop = i + 1
        self._next = stop
        return _texts(self._loose[start:stop])

    def _is_flow(self, node: Sequence | Mapping) -> bool:
        line, column, end_line, end_column = node.span
        return self._lines[line - 1][column - 1] in "[{" and (
            self._lines[end_line - 1][end_column - 2 : end_column - 1] in ("]", "}")
        )

    def _part(self, node: Node, parent: int, outer: int, following: int) -> Part:
        """Return a value that stands in a block at the column `parent`; behind it a block at `outer` goes on."""
        if isinstance(node, Scalar):
            return node
        if self._is_flow(node):
            return node if node.span.line == node.span.end_line else self._flow(node)
        return self._block(node, parent, outer, following)

    def _block(self, node: Sequence | Mapping, parent: int, outer: int, following: int) -> Block:
        """Return a collection written line by line. `following` is the line on which a block at `outer` goes on."""
        mapping = isinstance(node, Mapping)
        block = Block(mapping, flow=False)
        column = node.span.column - 1
        # A list may begin at the column of its key, and what stands there behind it is the key's sibling.
        inside = column + (not mapping and column == parent)
        pairs = _pairs(node)
        for i, (key, value) in enumerate(pairs):
            start = self._start(key, value)
            last = i + 1 == len(pairs)
            up = self._before(start)
            after, next_line = (outer, following) if last else (column, self._start(*pairs[i + 1]))
            entry = Entry(key, value, _texts(up))
            block.entries.append(entry)
            if value.span.line > start and (isinstance(value, Scalar) or self._is_flow(value)):
                entry.above += [text for text in _texts(self._before(value.span.line)) if text]
            entry.value = self._part(value, column, after, next_line)
            self._take_beside(entry, start, value)
            _lift(entry)
        block.after = self._ending(inside, outer, following)
        block.commented = _has_comments(block)
        return block

    def _start(self, key: Scalar | None, value: Node) -> int:
        """Return the line on which an entry begins, its dash included."""
        if key is not None:
            return key.span.line
        line, column = value.span.line, value.span.column - 1
        while not self._lines[line - 1][:column].rstrip().endswith("-"):  # the dash stands on a line above
            line -= 1
            column = len(self._lines[line - 1].split("#", 1)[0])
        return line

    def _take_beside(self, entry: Entry, start: int, value: Node) -> None:
        """Give an entry the comments behind its key or dash, and behind its value where no part of that has them."""
        found = [
            self._beside.pop(line)
            for line in sorted({start, value.span.line, value.span.end_line})
            if line in self._beside
        ]
        if not found:
            return
        inner = entry.value
        if isinstance(inner, Block) and entry.key is None and not inner.flow:  # a dash with nothing else on its line
            entry.above += [each.text for each in found]
            return
        entry.above += [each.text for each in found[:-1]]
        entry.beside = found[-1]

    def _flow(self, node: Sequence | Mapping) -> Block:
        """Return a collection in brackets that takes several lines."""
        block = Block(isinstance(node, Mapping), flow=True)
        pairs = _pairs(node)
        starts = [(value if key is None else key).span.line for key, value in pairs]
        line = node.span.line
        for (key, value), start, following in zip(pairs, starts, [*starts, node.span.end_line][1:], strict=True):
            behind = [each.text for each in self._popped(line, start)]  # the bracket, or the comma, that stands alone
            entry = Entry(key, value, behind + [text for text in _texts(self._before(start)) if text])
            block.entries.append(entry)
            if not isinstance(value, Scalar) and value.span.line != value.span.end_line:
                entry.value = self._flow(value)
            found = self._popped(start, following)
            entry.above += [each.text for each in found[:-1]]
            entry.beside = found[-1] if found else None
            _lift(entry)
            line = following
        block.after = [each.text for each in self._popped(line, node.span.end_line)]
        block.after += [text for text in _texts(self._before(node.span.end_line)) if text]
        block.commented = _has_comments(block)
        return block

    def _popped(self, start: int, stop: int) -> list[Beside]:
        """Take the comments behind values on the lines from `start` to before `stop`."""
        if not self._beside:
            return []
        return [self._beside.pop(line) for line in range(start, stop) if line in self._beside]


def _lift(entry: Entry) -> None:
    """Give an entry the comments in its value that have no place there: above an item on its line, or in []."""
    part = entry.value
    if isinstance(part, Block) and not part.entries:
        entry.above += part.after
        part.after = []
    elif isinstance(part, Block) and entry.key is None:
        first = part.entries[0]
        entry.above += [text for text in first.above if text]
        first.above = []
    else:
        return
    part.commented = _has_comments(part)


def _has_comments(block: Block) -> bool:
    return bool(block.after) or any(
        entry.above or entry.beside or (isinstance(entry.value, Block) and entry.value.commented)
        for entry in block.entries
    )


def _pairs(node: Sequence | Mapping) -> list[tuple[Scalar | None, Node]]:
    if isinstance(node, Sequence):
        return [(None, item) for item in node.items]
    return [(node.keys[key], value) for key, value in node.values.items()]


def _texts(loose: list[Loose]) -> list[str]:
    """Return the comments, and an empty text for each stretch of blank lines."""
    texts: list[str] = []
    for each in loose:
        if each.text or not texts or texts[-1]:
            texts.append(each.text)
    return texts
