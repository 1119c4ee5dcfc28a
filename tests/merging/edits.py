"""Specs that were edited at one place: a value changed, an entry inserted or deleted, a comment added."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from netspec.source import Mapping, Node, Scalar, Sequence, Source, read_source


class Edit(NamedTuple):
    """A stretch of a text, by offsets, and what stands there instead; `path` leads to what it is of."""

    start: int
    end: int
    text: str
    path: tuple[str | int, ...]
    kind: str

    def done(self, text: str) -> str:
        """Return the text with the edit made."""
        return text[: self.start] + self.text + text[self.end :]


class Leaf(NamedTuple):
    """A scalar value of a tree, with the path to it."""

    path: tuple[str | int, ...]
    scalar: Scalar


def leaves(node: Node, path: tuple[str | int, ...] = ()) -> "list[Leaf]":
    """Return the scalar values of a tree in their order."""
    if isinstance(node, Scalar):
        return [Leaf(path, node)]
    pairs: Any = node.values.items() if isinstance(node, Mapping) else enumerate(node.items)
    return [leaf for key, value in pairs for leaf in leaves(value, (*path, key))]


def collections(
    node: Node, path: tuple[str | int, ...] = ()
) -> "list[tuple[tuple[str | int, ...], Sequence | Mapping]]":
    """Return the lists and mappings of a tree, outer ones first."""
    if isinstance(node, Scalar):
        return []
    pairs: Any = node.values.items() if isinstance(node, Mapping) else enumerate(node.items)
    return [(path, node), *(each for key, value in pairs for each in collections(value, (*path, key)))]


def offset(text: str, line: int, column: int) -> int:
    """Return the offset of a place of a text."""
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def span(text: str, node: Node) -> tuple[int, int]:
    """Return where a node stands, as offsets."""
    line, column, end_line, end_column = node.span
    return offset(text, line, column), offset(text, end_line, end_column)


def tree(text: str) -> Mapping:
    """Return the tree of a text that is read without faults."""
    found: Source = read_source(text.encode(), "spec.yaml")
    assert not found.faults, found.faults
    assert found.tree is not None
    return found.tree


@st.composite
def edits(draw: st.DrawFn, text: str, fresh: int) -> Edit:
    """Draw an edit of a text. `fresh` is a number that stands nowhere else."""
    root = tree(text)
    kind = draw(st.sampled_from(["value", "value", "key", "item", "comment", "behind"]))
    if kind == "value":
        path, scalar = draw(st.sampled_from([each for each in leaves(root) if not each.scalar.quoted]))
        start, end = span(text, scalar)
        return Edit(start, end, str(fresh), path, kind)
    if kind in ("key", "item"):
        wanted = Mapping if kind == "key" else Sequence
        found = [
            (path, node)
            for path, node in collections(root)
            if isinstance(node, wanted) and (kind == "key" or path[-1:] in (("layers",), ("widths",), ("compose",)))
        ]
        if found:
            path, node = draw(st.sampled_from(found))
            edit = _inserted(draw, text, path, node, fresh)
            if edit is not None:
                return edit
    lines = [i for i, line in enumerate(text.split("\n")[:-1]) if line and not line.lstrip().startswith("#")]
    number = draw(st.sampled_from(lines))
    at = offset(text, number + 1, 1)
    line = text.split("\n")[number]
    inside = [each for each in leaves(root) if each.scalar.span.line <= number < each.scalar.span.end_line - 1]
    if (
        kind == "comment"
        and not inside
        and not any(each.scalar.span.line == number + 1 != each.scalar.span.end_line for each in leaves(root))
    ):
        blanks = " " * (len(line) - len(line.lstrip(" ")))
        return Edit(at, at, f"{blanks}# comment {fresh}\n", (number,), "comment")
    ends = [each.scalar for each in leaves(root) if each.scalar.span.line <= number + 1 <= each.scalar.span.end_line]
    if "#" not in line and all(each.span.line == each.span.end_line for each in ends):
        return Edit(at + len(line), at + len(line), f"  # comment {fresh}", (number,), "behind")
    path, scalar = draw(st.sampled_from([each for each in leaves(root) if not each.scalar.quoted]))
    start, end = span(text, scalar)
    return Edit(start, end, str(fresh), path, "value")


def _inserted(
    draw: st.DrawFn, text: str, path: tuple[str | int, ...], node: "Sequence | Mapping", fresh: int
) -> Edit | None:
    """Return an insertion before an entry of a collection; None where it has none, or one that begins within a line."""
    count = len(node.items) if isinstance(node, Sequence) else len(node.keys)
    if not count:
        return None
    place = draw(st.integers(0, count - 1))
    before: Node = node.items[place] if isinstance(node, Sequence) else list(node.keys.values())[place]
    start, _ = span(text, before)
    opening = span(text, node)[0]
    body = f"new{fresh}: {fresh}" if isinstance(node, Mapping) else str(fresh)
    if text[opening] in "[{":
        return Edit(start, start, f"{body}, ", (*path, place), "insert")
    line = text.rfind("\n", 0, start) + 1
    margin = text[line:start]
    if margin.strip(" ") not in (("-",) if isinstance(node, Sequence) else ("",)):
        return None
    return Edit(line, line, f"{margin}{body}\n", (*path, place), "insert")
