"""What stands between the scalars: the YAML rules of white space, comments and indentation that parsers let pass.

libyaml and its twin in Python accept texts that YAML 1.2 refuses, not always the same ones. Each stretch of text
between two scalars or brackets (a gap) is held to the stricter rules here, so that both give one verdict.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Flaw(NamedTuple):
    """A breach of a rule at an offset into the text: `code`, and the headline and help of its diagnostic."""

    position: int
    code: str
    headline: str
    help: str


_COMMENT = "this is not YAML: a comment that touches what stands before it"
_NOT_YAML = "this is not YAML: "


def gap_flaws(text: str, start: int, end: int, *, flow: bool, indent: int, edge: bool) -> Iterator[Flaw]:
    """Yield the flaws of the gap text[start:end], in order.

    `flow` says that it stands inside brackets, which begin in a block collection at column `indent` (-1 for none):
    each of their lines has to stand further right. `edge` is true before and after the document, where `---` and
    `...` may stand on a line of their own.
    """
    position = start
    fresh = start == 0 or text[start - 1] == "\n"
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        yield from _line_flaws(text, position, stop, end, flow=flow, indent=indent if fresh else -2, edge=edge)
        position, fresh = stop + 1, True
    if flow and fresh and position == end and text[end - 1] == "\n" and indent >= 0:
        yield _outside(end)


def _line_flaws(text: str, start: int, stop: int, end: int, *, flow: bool, indent: int, edge: bool) -> Iterator[Flaw]:
    """Yield the flaws of one line of a gap; `indent` is -2 where the line began before the gap."""
    position = start
    while position < stop and text[position] == " ":
        position += 1
    whole = indent > -2
    blank = position == stop < end or text[position : position + 1] == "#"
    if flow and whole and position - start <= indent and not blank:
        yield _outside(position)
    if whole and position == start and text[start : start + 3] in ("---", "..."):
        if not edge or flow:
            yield Flaw(start, "yaml-syntax", _NOT_YAML + "a document ends inside a collection", "delete this line")
        position += 3
        rest = text[position:stop].split("#")[0]
        if rest.strip(" \t") or (stop == end and end < len(text)):
            message = "a value on the line of a document marker"
            yield Flaw(start, "yaml-syntax", _NOT_YAML + message, "begin the value on the next line")
    while position < stop:
        character = text[position]
        if character == "#":
            if position and text[position - 1] not in " \t\n":
                yield Flaw(position, "yaml-syntax", _COMMENT, "write a space before `#`")
            return
        if (character == "\t" and text[position:stop].lstrip(" \t")[:1] not in ("", "#")) or (
            character == "\t" and stop == end and end < len(text)
        ):
            yield Flaw(position, "tab", "a tab where YAML takes only spaces", "write spaces instead of tabs")
            return
        if character == "?":
            message = "a key introduced by `?`"
            yield Flaw(position, "explicit-key", message, "write `key: value`")
        elif character == ":" and text[position + 1 : position + 2] not in ("", " ", "\n", "\t"):
            yield Flaw(position, "colon-without-space", "no space follows the colon", "write a space after the colon")
        elif character in "&*!":  # a fault of the event that it belongs to
            position = _word_end(text, position, stop)
            continue
        position += 1


def _trails(text: str, position: int, stop: int, end: int) -> bool:
    """Return whether nothing but white space or a comment follows on the line."""
    rest = text[position:stop].lstrip(" \t")
    return rest.startswith("#") or (not rest and (stop < end or end == len(text)))


def scalar_flaws(text: str, start: int, end: int, *, style: str, flow: bool, indent: int) -> Iterator[Flaw]:
    """Yield the flaws of the scalar text[start:end], written plain (style ""), quoted, or as a block (| or >)."""
    if style in ("|", ">"):
        yield from _block_flaws(text, start, indent)
        return
    if not style:
        tab = text.find("\t", start, end)
        if tab >= 0:
            yield Flaw(tab, "tab", "a tab in unquoted text", "write spaces, or put the text in quotes")
        if text[start] in "?:" or (flow and end - start == 1 and text[start] == "-"):
            message = f"unquoted text that begins with `{text[start]}`"
            yield Flaw(start, "yaml-syntax", _NOT_YAML + message, "put the text in quotes")
    line = text.find("\n", start, end) + 1
    while line:
        position = line
        while position < end and text[position] == " ":
            position += 1
        if text[position] != "\n" and position - line <= indent:
            yield _outside(position)
        line = text.find("\n", line, end) + 1


def _block_flaws(text: str, start: int, indent: int) -> Iterator[Flaw]:
    """Yield the flaws of a block scalar's head, and of blank lines before its first line that are longer than it."""
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    head = text[start + 1 : stop].lstrip("+-0123456789")
    if head.startswith("#"):
        yield Flaw(stop - len(head), "yaml-syntax", _COMMENT, "write a space before `#`")
    if "\t" in head.split("#")[0]:
        yield Flaw(start, "tab", "a tab where YAML takes only spaces", "write spaces instead of tabs")
    if any(character.isdecimal() for character in text[start + 1 : start + 3]):
        return  # the indentation is written, not found
    longest, position = 0, stop + 1
    while position < len(text):
        line = position
        while position < len(text) and text[position] == " ":
            position += 1
        if text[position : position + 1] != "\n":
            if indent < position - line < longest:
                message = "blank lines indented more than the text they precede"
                yield Flaw(line, "yaml-syntax", _NOT_YAML + message, "leave the blank lines empty")
            return
        longest = max(longest, position - line)
        position += 1


def _outside(position: int) -> Flaw:
    """Return the flaw of a line that stands left of the collection or text it belongs to."""
    message = "a line that belongs to a value above, but is not indented more than its key"
    return Flaw(position, "indentation", message, "indent the line")


def _word_end(text: str, position: int, stop: int) -> int:
    """Return the end of an anchor, alias or tag that begins at `position`."""
    while position < stop and text[position] not in " \t":
        position += 1
    return position
