"""A spec as the pieces that its text is made of: nothing is lost, and each piece can stand in another text.

Lines are relative: of a piece that stands at a column, that many blanks are left out at the beginning of all its lines
but the first. One that has not as many, such as a comment at the margin, begins with `MARGIN` and stays where it is.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from netspec.source import Mapping, Node, Scalar
from netspec.source import Sequence as List

MARGIN: Final = "\0"
"""Begins a line whose column is that of the file. No spec holds this character."""

Lines: TypeAlias = tuple[str, ...]


class Atom:
    """A value that is one thing, a scalar, as it is written."""

    def __init__(self, node: Node, text: str) -> None:
        self.node, self.text = node, text


class Flow:
    """A collection in brackets. `closing` is what stands between its last entry and the bracket that ends it.

    A `bare` one has no brackets of its own: an item of a list in brackets that is a mapping of one key.
    """

    def __init__(
        self, node: "Mapping | List", text: str, entries: "list[FlowEntry]", closing: str, *, bare: bool = False
    ) -> None:
        self.node, self.text, self.entries, self.closing, self.bare = node, text, entries, closing, bare

    @property
    def mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.node, Mapping)


class FlowEntry:
    """A key with its value, or an item, in brackets.

    `lead` is what stands before it, blanks, line ends and comments; `head` its key up to the value; `before` and
    `behind` stand around its comma, which the last one may not have. `first` and `last` say where it stood.
    """

    def __init__(self, key: str | None, node: Node, lead: str, head: str, value: "Piece") -> None:
        self.key, self.node, self.lead, self.head, self.value = key, node, lead, head, value
        self.before = self.behind = ""
        self.comma = False
        self.first = self.last = False

    @cached_property
    def text(self) -> str:
        """All of it but its comma and the blanks before it."""
        return f"{self.lead.strip(' ')}{self.head}{self.value.text}{self.before}\n{self.behind}"

    @cached_property
    def comments(self) -> tuple[str, ...]:
        """The comments that belong to it, in their order."""
        own = [*comments_of(self.lead.split("\n")), *inner_comments(self.value)]
        return (*own, *comments_of(self.before.split("\n")), *comments_of(self.behind.split("\n")))

    @property
    def told(self) -> str:
        """The text that stands for it in a message."""
        return f"{self.head}{self.value.text}"


class Block:
    """A collection written line by line. `after` are the lines below its last entry that belong to it."""

    def __init__(self, node: "Mapping | List", entries: "list[Entry]", after: Lines) -> None:
        self.node, self.entries, self.after = node, entries, after

    @property
    def mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.node, Mapping)

    @property
    def text(self) -> str:
        """Its lines."""
        return "\n".join([*(line for entry in self.entries for line in entry.lines), *self.after])


class Entry:
    """A key with its value, or an item with its dash, on lines of its own.

    `lead` are the lines before it, of comments and blanks; `head` its key or dash up to the value; `beside` a comment
    behind it, with the blanks before that. The value is a block `below` its first line, or begins on that; `offset` is
    where a block stands, from the entry's column. `lines` is all of it, `lead` included.
    """

    def __init__(self, key: str | None, node: Node, lead: Lines, head: str, value: "Piece") -> None:
        self.key, self.node, self.lead, self.head, self.value = key, node, lead, head, value
        self.beside = ""
        self.below = False
        self.offset = 0
        self.lines: Lines = ()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    @cached_property
    def comments(self) -> tuple[str, ...]:
        """The comments that belong to it, in their order."""
        return (*comments_of(self.lead), *comments_of([self.beside]), *inner_comments(self.value))

    @property
    def told(self) -> str:
        """The text that stands for it in a message."""
        return " ".join(line.strip(" ") for line in self.lines[len(self.lead) :])


Piece: TypeAlias = Atom | Flow | Block
AnyEntry: TypeAlias = Entry | FlowEntry


def comments_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the comments of lines that hold nothing but comments and blanks."""
    return tuple(line[line.index("#") :].rstrip() for line in lines if "#" in line)


def inner_comments(piece: Piece) -> Iterator[str]:
    """Yield the comments within a value."""
    if isinstance(piece, Atom):
        return
    for entry in piece.entries:
        yield from entry.comments
    yield from comments_of(piece.after if isinstance(piece, Block) else piece.closing.split("\n"))


def said(node: Node) -> object:
    """Return what a node says, whatever its layout and the order of its keys: equal for equal values."""
    if isinstance(node, Scalar):
        return type(node.value).__name__, node.value
    if isinstance(node, List):
        return tuple(said(item) for item in node.items)
    return tuple((key, said(node.values[key])) for key in sorted(node.values))


def alike(one: AnyEntry, other: AnyEntry) -> bool:
    """Return whether two entries say the same, comments included, whatever their layout."""
    return one.text == other.text or (
        one.key == other.key and one.comments == other.comments and said(one.node) == said(other.node)
    )


def relative(text: str, column: int) -> str:
    """Return a text without the first `column` blanks of its lines, the first left as it is."""
    if "\n" not in text:
        return text
    first, *rest = text.split("\n")
    return "\n".join([first, *(_relative(line, column) for line in rest)])


def relative_lines(lines: Sequence[str], column: int) -> Lines:
    """Return whole lines without their first `column` blanks."""
    return tuple(_relative(line, column) for line in lines)


def _relative(line: str, column: int) -> str:
    if line[:column] == " " * column:
        return line[column:]
    return MARGIN + line if line else line


def moved(lines: Sequence[str], column: int) -> list[str]:
    """Return relative lines as they stand from a column on."""
    margin = " " * column
    return [line if line.startswith(MARGIN) or not line else margin + line for line in lines]
