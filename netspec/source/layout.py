"""What stands between the scalars: the YAML rules of white space, comments and indentation that parsers let pass.

libyaml and its twin in Python accept texts that YAML 1.2 refuses, not always the same ones. Each stretch of text
between two scalars or brackets (a gap) is held to the stricter rules here, so that both give one verdict.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.diagnostics import Mend
from netspec.source.syntax import REFUSED, unspaced

# What most gaps are: no need to look at them twice. Each is sound wherever a parser lets it stand.
_LINES: Final = tuple("\n" + " " * indent for indent in range(0, 14, 2))
_AROUND: Final = (("", ""), ("", "- "), (":", ""), (":", "- "))
BLOCK_GAPS: Final = frozenset(
    (": ", ": [", ": {", "- ", "- [", "- {", *(f"{key}{line}{dash}" for line in _LINES for key, dash in _AROUND))
)
FLOW_GAPS: Final = frozenset((": ", ": [", ": {", ", ", ", [", ", {", "[", "{", "]", "}", ""))


class Flaw(NamedTuple):
    """A breach of a rule at an offset into the text: `code`, and the headline and help of its diagnostic."""

    position: int
    code: str
    headline: str
    help: str


_COMMENT = "this is not YAML: a comment that touches what stands before it"
_NOT_YAML = "this is not YAML: "


def gap_flaws(text: str, start: int, end: int, *, flow: bool, indent: int) -> Iterator[Flaw]:
    """Yield the flaws of the gap text[start:end], in order.

    `flow` says that it stands inside brackets, which begin in a block collection at column `indent` (-1 for none):
    each of their lines has to stand further right. A document marker, `---` or `...`, has its line to itself; the
    parsers see to it that there is none but around a document.
    """
    line, fresh = start, start == 0 or text[start - 1] == "\n"
    while line <= end:
        if fresh and line < end and text[line] in "\n#":  # of these there may be a million
            line = text.find("\n", line) + 1
            continue
        stop = text.find("\n", line, end)
        stop = end if stop < 0 else stop
        position = line
        while position < stop and text[position] == " ":
            position += 1
        blank = position == stop < end or text[position : position + 1] == "#"
        if flow and fresh and not blank and position - line <= indent:
            yield _outside(position)
        if fresh and text[line : line + 3] in ("---", "...") and line + 3 <= stop:
            position = line + 3
            alone = stop < end or end == len(text)
            if not alone or text[position:stop].split("#")[0].strip(" "):
                headline = _NOT_YAML + "a value on the line of a document marker"
                yield Flaw(line, "yaml-syntax", headline, "begin the value on the next line")
        yield from _token_flaws(text, position, stop)
        line, fresh = stop + 1, True


def _token_flaws(text: str, position: int, stop: int) -> Iterator[Flaw]:
    """Yield the flaws of the indicators and the comment in text[position:stop], a part of one line."""
    while position < stop:
        character = text[position]
        if character == "#":
            if position and text[position - 1] not in " \n":
                yield Flaw(position, "yaml-syntax", _COMMENT, Mend.by(" #", "write a space before `#`"))
            return
        if character == "?":
            yield Flaw(position, "explicit-key", *REFUSED["explicit-key"])
        elif character == ":" and text[position + 1] not in " \n":
            yield Flaw(position, "colon-without-space", *REFUSED["colon-without-space"])
        elif character in "&!":  # refused by the event that it belongs to; what it is called is no concern here
            while position < stop and text[position] != " ":
                position += 1
            continue
        position += 1


def content(text: str, start: int) -> int:
    """Return the offset of the first text from `start` on that is no blank, comment or line of `...`, or the end."""
    position = start
    while position < len(text):
        character = text[position]
        fresh = position == 0 or text[position - 1] == "\n"
        if character == "#" or (fresh and text.startswith("...", position)):
            position = text.find("\n", position)
        elif character not in " \n":
            return position
        position += 1
    return len(text)


def scalar_flaws(text: str, start: int, end: int, *, style: str, flow: bool, indent: int) -> Iterator[Flaw]:
    """Yield the flaws of the scalar text[start:end], written plain (style ""), quoted, or as a block (| or >)."""
    if style in ("|", ">"):
        yield from _block_flaws(text, start, indent)
        return
    if not style:
        yield from _plain_flaws(text, start, end, flow=flow)
    line = text.find("\n", start, end) + 1
    while line:
        position = line
        while position < end and text[position] == " ":
            position += 1
        if text[position] != "\n" and position - line <= indent:
            yield _outside(position)
        line = text.find("\n", line, end) + 1


def _plain_flaws(text: str, start: int, end: int, *, flow: bool) -> Iterator[Flaw]:
    """Yield the flaw of indicators in unquoted text, or behind it, that not every parser takes the same way."""
    position = start if text[start] in "?:" or (flow and text[start:end] == "-") else -1
    if flow:
        following = end
        while text[following] in " \n" and following < len(text) - 1:
            following += 1
        if position < 0:
            position = text.find("?", start, following + 1)
        # Where both stand on a line, the parser in C stops at the colon before it gives anything of the line.
        colon = unspaced(text, start, text.find("\n", end) if position >= 0 else end + 1)
        if colon >= 0:
            yield Flaw(colon, "colon-without-space", *REFUSED["colon-without-space"])
    if position >= 0:
        headline = f"{_NOT_YAML}`{text[position]}` in unquoted text"
        yield Flaw(position, "yaml-syntax", headline, "put the text in quotes")


def _block_flaws(text: str, start: int, indent: int) -> Iterator[Flaw]:
    """Yield the flaws of a block scalar's head, and of blank lines before its first line that are longer than it."""
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    head = text[start + 1 : stop].lstrip("+-0123456789")
    if head.startswith("#"):
        yield Flaw(stop - len(head), "yaml-syntax", _COMMENT, Mend.by(" #", "write a space before `#`"))
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
