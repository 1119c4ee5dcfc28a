"""A tree and its text as pieces. Comments go to what comes next, or to the block that they end, as in `fmt`."""

from bisect import bisect_right
from typing import Final, NamedTuple

from netspec.merging.pieces import Atom, Block, Entry, Flow, FlowEntry, Lines, Piece, relative, relative_lines
from netspec.source import Mapping, Node, Scalar, Sequence, Source

_NOWHERE: Final = 1 << 30


class File(NamedTuple):
    """A whole file: the lines at its head, up to a blank one, its keys, and the column where they stand.

    `behind` is what stands behind the bracket that ends a file in brackets; `ended` says that its last line is ended.
    """

    head: Lines
    root: "Block | Flow"
    column: int
    behind: str
    ended: bool


def read_file(source: Source) -> File:
    """Return the file that a source was read from, which has no faults. ValueError where there is no tree."""
    if source.tree is None:
        raise ValueError("only what could be read is made of pieces")
    return _Reading(source.text).file(source.tree)


class _Reading:
    """One walk over a tree in the order of the text, which takes every line as it comes by."""

    def __init__(self, text: str) -> None:
        self._ended = text.endswith("\n")
        self._text = text
        self._lines = text.removesuffix("\n").split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._next = 0  # the first line, counted from 0, that is not taken

    def file(self, tree: Mapping) -> File:
        """Return all of the file."""
        if self._is_flow(tree):
            _, end = self._offset(tree)
            column = tree.span.column - 1
            behind = self._text[end:].removesuffix("\n")
            return File(tuple(self._lines[: tree.span.line - 1]), self._flow(tree, 0), column, behind, self._ended)
        first = next(iter(tree.keys.values())).span.line - 1
        above = self._lines[:first]
        cut = next((i for i, line in enumerate(above) if not line.strip(" ")), len(above))
        self._next = cut
        block = self._block(tree, -1, -1, _NOWHERE)
        column = tree.span.column - 1
        rest = relative_lines(self._lines[self._next :], column)
        block.after = (*block.after, *rest)
        return File(tuple(above[:cut]), block, column, "", self._ended)

    def _offset(self, node: Node) -> tuple[int, int]:
        """Return where a node begins and ends, as offsets into the text."""
        line, column, end_line, end_column = node.span
        end = self._starts[end_line - 1] if end_line <= len(self._lines) else len(self._text)
        return self._starts[line - 1] + column - 1, min(end + end_column - 1, len(self._text))

    def _is_flow(self, node: Node) -> bool:
        if isinstance(node, Scalar):
            return False
        start, end = self._offset(node)
        return self._text[start] in "[{" and self._text[end - 1] in "]}"

    def _block(self, node: "Sequence | Mapping", parent: int, outer: int, following: int) -> Block:
        """Return a collection written line by line. `following` is the line on which a block at `outer` goes on."""
        mapping = isinstance(node, Mapping)
        column = node.span.column - 1
        inside = column + (not mapping and column == parent)
        pairs = _pairs(node)
        starts = [self._start(key, value) for key, value in pairs]
        block = Block(node, [], ())
        for i, (key, value) in enumerate(pairs):
            last = i + 1 == len(pairs)
            after, next_line = (outer, following) if last else (column, starts[i + 1])
            block.entries.append(self._entry(key, value, starts[i], (column, after, next_line)))
        block.after = self._ending(inside, outer, column, following)
        return block

    def _entry(self, key: Scalar | None, value: Node, start: int, around: tuple[int, int, int]) -> Entry:
        """Return a key or an item that begins on the line `start`."""
        column, outer, following = around
        first = self._next
        lead = relative_lines(self._lines[first:start], column)
        begin = self._starts[start] + column
        flow = self._is_flow(value)
        if isinstance(value, Scalar) or flow:
            at, end = self._offset(value) if not isinstance(value, Scalar) else self._scalar(value)
            head = relative(self._text[begin:at], column)
            piece: Piece = self._piece(value, at, end, column)
            entry = Entry(None if key is None else key.text, value, lead, head, piece)
            line = self._line_of(end)
            entry.beside = self._text[end : self._starts[line + 1] - 1] if line < len(self._lines) else ""
            self._next = line + 1
        else:
            below = value.span.line - 1 > start
            stop = self._starts[start + 1] - 1 if below else self._offset(value)[0]
            head = self._text[begin:stop]
            entry = Entry(None if key is None else key.text, value, lead, head, Atom(value, ""))
            entry.below = below
            entry.offset = value.span.column - 1 - column
            self._next = start + below
            if below:
                bare = len(head) if key is None else self._offset(key)[1] - begin
                mark = head.find("#", bare) if key is not None else head.find("#")
                code = head if mark < 0 else head[:mark]
                entry.head, entry.beside = code.rstrip(), head[len(code.rstrip()) :]
            entry.value = self._block(value, column, outer, following)
        whole = self._lines[first : self._next]
        lines = relative_lines(whole, column)
        if first == start:  # it may begin in the middle of its line
            lines = (whole[0][column:], *lines[1:])
        entry.lines = lines
        return entry

    def _piece(self, value: Node, start: int, end: int, column: int) -> Piece:
        if isinstance(value, Scalar):
            return Atom(value, relative(self._text[start:end], column))
        if self._is_flow(value):
            return self._flow(value, column)
        ((key, inner),) = _pairs(value)  # a pair in a list, without brackets of its own
        at, stop = self._offset(inner)
        entry = FlowEntry(
            None if key is None else key.text, inner, "", relative(self._text[start:at], column), Atom(inner, "")
        )
        entry.value = self._piece(inner, at, stop, column)
        entry.first = entry.last = True
        return Flow(value, relative(self._text[start:end], column), [entry], "", bare=True)

    def _scalar(self, scalar: Scalar) -> tuple[int, int]:
        """Return where a scalar begins and ends; blank lines below a text block are part of it only with a +."""
        start, end = self._offset(scalar)
        if self._text[start] not in "|>" or not scalar.quoted:
            return start, end
        last = self._line_of(end - 1 if self._text[end - 1 : end] == "\n" else end)
        if "+" not in self._lines[scalar.span.line - 1][scalar.span.column - 1 :].split("#")[0]:
            while last > scalar.span.line - 1 and not self._lines[last].strip(" "):
                last -= 1
        return start, self._starts[last + 1] - 1

    def _line_of(self, offset: int) -> int:
        """Return the line, counted from 0, that an offset stands on."""
        return min(bisect_right(self._starts, offset) - 1, len(self._lines) - 1)

    def _start(self, key: Scalar | None, value: Node) -> int:
        """Return the line, counted from 0, on which an entry begins, its dash included."""
        if key is not None:
            return key.span.line - 1
        line, column = value.span.line, value.span.column - 1
        while not self._lines[line - 1][:column].rstrip().endswith("-"):  # the dash stands on a line above
            line -= 1
            column = len(self._lines[line - 1].split("#", 1)[0])
        return line - 1

    def _ending(self, inside: int, outer: int, column: int, following: int) -> Lines:
        """Take the comments that end a block, before the line where a block at `outer` goes on."""
        stop = self._next
        for i in range(self._next, min(following, len(self._lines))):
            text = self._lines[i].lstrip(" ")
            if text.startswith("#"):
                at = len(self._lines[i]) - len(text)
                if at < inside or at <= outer:
                    break
                stop = i + 1
            elif text:
                break
        taken = self._lines[self._next : stop]
        self._next = stop
        return relative_lines(taken, column)

    def _flow(self, node: "Sequence | Mapping", column: int) -> Flow:
        """Return a collection in brackets that stands in a block at `column`."""
        start, end = self._offset(node)
        position, entries = start + 1, []
        pairs = _pairs(node)
        for key, value in pairs:
            at, stop = self._offset(value)
            begin = at if key is None else self._offset(key)[0]
            lead = relative(self._text[position:begin], column)
            head = relative(self._text[begin:at], column)
            piece = self._piece(value, at, stop, column)
            entries.append(FlowEntry(None if key is None else key.text, value, lead, head, piece))
            position = self._behind(entries[-1], stop, column)
        if entries:
            entries[0].first = entries[-1].last = True
        closing = relative(self._text[position : end - 1], column)
        return Flow(node, relative(self._text[start:end], column), entries, closing)

    def _behind(self, entry: FlowEntry, position: int, column: int) -> int:
        """Take what belongs to an entry in brackets behind its value, and return where the next begins."""
        comma = position
        while self._text[comma] not in ",]}":
            comma = self._text.find("\n", comma) if self._text[comma] == "#" else comma + 1
        if self._text[comma] == ",":
            entry.comma = True
            entry.before = relative(self._text[position:comma], column)
            position = comma + 1
        mark = position
        while self._text[mark] == " ":
            mark += 1
        if self._text[mark] == "#":  # a comment ends with its line, and brackets never do
            line = self._text.index("\n", mark)
            entry.behind = self._text[position:line].rstrip(" ")
            position = line
        return position


def _pairs(node: "Sequence | Mapping") -> list[tuple[Scalar | None, Node]]:
    if isinstance(node, Sequence):
        return [(None, item) for item in node.items]
    return [(node.keys[key], value) for key, value in node.values.items()]
