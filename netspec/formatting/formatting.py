"""A spec in the canonical layout, and the proof that it still says the same."""

from typing import Final

from netspec.formatting.comments import Comments
from netspec.formatting.layout import write
from netspec.formatting.order import Site, root_of
from netspec.formatting.outline import Block, Entry, Outline
from netspec.source import Mapping, Node, Scalar, Sequence, Source, read_source

_SHOWN: Final = 3


class Unsafe(Exception):
    """The canonical layout of a file would say something else: a fault of netspec, found before anything is written."""


def format_source(source: Source) -> str:
    """Return the text of a file in the canonical layout; the file was read without faults.

    Where it is another text, that is read again and compared: equal values, keys in an order that means the same, and
    the same comments at the same places. Raises Unsafe where anything differs.
    """
    if source.tree is None:
        raise ValueError("only what could be read has a layout")
    comments = Comments(source)
    root = root_of(source.tree)
    text = write(Outline(source.tree, comments), root, comments.lines)
    if text != source.text:
        _prove(source, comments, root, text)
    return text


def _prove(source: Source, before: Comments, root: Site, text: str) -> None:
    again = read_source(text.encode(), source.file)
    if again.faults or source.tree is None or again.tree is None:
        raise Unsafe(f"it could not be read again: {[fault.headline for fault in again.faults[:_SHOWN]]}")
    if not _is_same(source.tree, again.tree, root):
        raise Unsafe("a value would change")
    after = Comments(again)
    if before.texts() != after.texts():
        raise Unsafe("a comment would change")
    if _owned(Outline(source.tree, before), root) != _owned(Outline(again.tree, after), root):
        raise Unsafe("a comment would belong to something else")


def _is_same(old: Node, new: Node, site: Site) -> bool:
    """Return whether two trees are equal but for the order of keys that may move."""
    if isinstance(old, Scalar):
        return isinstance(new, Scalar) and type(old.value) is type(new.value) and old.value == new.value
    if isinstance(old, Sequence):
        return (
            isinstance(new, Sequence)
            and len(old.items) == len(new.items)
            and all(_is_same(a, b, site.other) for a, b in zip(old.items, new.items, strict=True))
        )
    return (
        isinstance(new, Mapping)
        and list(new.values) == site.arranged(old.values)
        and all(_is_same(value, new.values[key], site.below(key)) for key, value in old.values.items())
    )


def _owned(outline: Outline, root: Site) -> dict[tuple[str | int, ...], list[str]]:
    """Return the comments by what they belong to.

    An item of a list begins on the line of its first entry, and the first key of a file on that of the head, so that
    the comments of both are of one thing.
    """
    found: dict[tuple[str | int, ...], list[str]] = {}
    waiting: list[tuple[tuple[str | int, ...], Block, bool]] = [((), outline.block, False)]
    while waiting:
        path, block, joined = waiting.pop()
        for i, entry in enumerate(block.entries):
            own = path if joined and not i else (*path, i if entry.key is None else entry.key.text)
            found.setdefault(own, []).extend(_said(entry))
            if isinstance(entry.value, Block):
                waiting.append((own, entry.value, entry.key is None))
        found.setdefault((*path, "end of the block"), []).extend(text for text in block.after if text)
    keys = [entry.key.text for entry in outline.block.entries if entry.key is not None]
    if keys:
        first = root.arranged(keys)[0]
        found[(first,)] = outline.head + found[(first,)]
    else:
        found[()] = [text for text in outline.head if text]
    return {owner: texts for owner, texts in found.items() if texts}


def _said(entry: Entry) -> list[str]:
    return [text for text in entry.above if text] + ([] if entry.beside is None else [entry.beside.text])
