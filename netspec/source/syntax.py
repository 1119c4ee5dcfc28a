"""The words for a text that is not YAML: ours, and the same whichever parser found it."""

import re
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Edit, Mend, Note, Place, Span, quote, show
from netspec.limits import YAML_DEPTH
from netspec.source.parser import Breach


class _Kind(NamedTuple):
    """One kind of breach: the headline, the fix, and whether the mark belongs where the broken thing began."""

    headline: str
    help: str
    at_opener: bool = False


CONTINUES: Final = "this is not YAML: a line that does not continue what stands above it"
KEYS: Final = "check the indentation, and that each line is `key: value` or begins with `- `"
_ESCAPE: Final = _Kind("an escape that YAML does not know", "write \\\\ for a backslash, or use single quotes")
# The parsers word their problems almost alike; the first fragment that occurs in a problem names its kind.
_KINDS: Final = (
    ("escape", _ESCAPE),
    ("hexdecimal", _ESCAPE),  # libyaml's spelling
    ("end of stream", _Kind("a quote that is never closed", "close the quote", at_opener=True)),
    ("document separator", _Kind("a quote that is never closed", "close the quote", at_opener=True)),
    ("document indicator", _Kind("a quote that is never closed", "close the quote", at_opener=True)),
    (
        "values are not allowed",
        _Kind("a `:` where no key can stand", "check the indentation, and put text that holds `: ` in quotes"),
    ),
    ("entries are not allowed", _Kind("a `- ` where no list can begin", "begin the list on a line of its own")),
    ("find expected ':'", _Kind("a line that is neither `key: value` nor `- item`", KEYS, at_opener=True)),
    (
        "',' or ']'",
        _Kind("a list that goes on without `,` or `]`", "separate items by `,`, and close it with `]`"),
    ),
    ("',' or '}'", _Kind("a mapping that goes on without `,` or `}`", "separate keys by `,`, and close it with `}`")),
    ("expected key", _Kind("a line that does not continue what stands above it", KEYS)),
    ("block end", _Kind("a line that does not continue what stands above it", KEYS)),
    ("'-' indicator", _Kind("a line that does not continue what stands above it", KEYS)),
    ("document start", _Kind("a line that does not continue what stands above it", KEYS)),
    ("node content", _Kind("nothing that can be a value", "write a value, or put the text in quotes")),
    ("start any token", _Kind("a character that no value begins with", "put the text in quotes")),
)
_OTHER: Final = _Kind("something that is not YAML", "put the text in quotes")

_BRACKETS: Final = re.compile(r"""[\[\]{}]|"(?:\\.|[^"\\])*"|'(?:''|[^'])*'""")
"""A bracket, or a quoted text, whose brackets open nothing."""

# What YAML has and specs have not: the headline and the fix by code.
REFUSED: Final[dict[str, tuple[str, str]]] = {
    "alias": (
        "an alias: nothing in a spec stands for what is written elsewhere",
        "write the value out, or name what repeats under `hyperparameters` or `networks`",
    ),
    "anchor": (
        "an anchor: nothing in a spec refers to it",
        "delete the anchor; name what repeats under `hyperparameters` or `networks`",
    ),
    "colon-without-space": ("no space follows the colon", Mend.by(": ", "write a space after the colon")),
    "directive": ("a directive", "delete the line: a spec is read the same by every version of YAML"),
    "explicit-key": ("a key introduced by `?`", "write `key: value`"),
    "tag": ("a tag: values have no types but their own", "delete the tag"),
}


def breach(found: Breach, text: str, start: int, file: str) -> Diagnostic:
    """Return the fault of a text that is not YAML, at its likely cause; all before the offset `start` was sound."""
    lines = text.split("\n")
    offset = sum(len(line) + 1 for line in lines[: found.line]) + found.column
    suspect = _suspect(text, start, _reach(text, min(offset, len(text) - 1)))
    if suspect is not None:
        position, code = suspect
        line = text.count("\n", 0, position)
        return _cause(lines[line], line, file) or refused(code, _place(file, line, _column(text, position)))
    line, column, opener = found.line, found.column, found.opener
    after = [lines[line][column:], *lines[line + 1 :]] if lines[line:] else []
    ended = not any(rest.strip(" \t") for rest in after)
    if ended:  # the one parser says so behind the last line, the other below it
        line = _above(line + 1, lines)
        column = max(len(lines[line]) - 1, 0)
    for number in (line, _above(line, lines)):
        cause = _cause(lines[number], number, file)
        if cause is not None:
            return cause
    kind = next((kind for fragment, kind in _KINDS if fragment in found.problem), _OTHER)
    notes: tuple[Note, ...] = ()
    if opener is not None and (kind.at_opener or (ended and opener < (line, column))):
        line, column = opener
    elif opener is not None and kind.headline.startswith(("a list", "a mapping")):
        notes = (Note(_place(file, *opener), "it begins here"),)
    here = lines[line][column : column + 1]
    fix = kind.help
    if here == "{" and lines[line][column - 1 : column] == "$":
        fix = "write the bare name: D, not ${D}"
    return Diagnostic("yaml-syntax", f"this is not YAML: {kind.headline}", _place(file, line, column), "", notes, fix)


def too_deep(place: Place) -> Diagnostic:
    """Return the fault of a collection that stands deeper than any may."""
    headline = f"collections nest deeper than {YAML_DEPTH.value} levels"
    return Diagnostic(YAML_DEPTH.code, headline, place, help="name inner parts under `networks`")


def opening(text: str, start: int, level: int) -> int:
    """Return the offset of the bracket that opens `level` more levels (counted from 0) than are open at `start`."""
    for found in _BRACKETS.finditer(text, start):
        if found[0] in "[{":
            if level == 0:
                return found.start()
            level -= 1
        elif found[0] in "]}":
            level += 1
    return start


def _reach(text: str, offset: int) -> int:
    """Return how far on the line a parser may have looked from `offset`: up to a quote or a comment."""
    ends = [text.find(mark, offset) for mark in ("\n", "#", '"', "'")]
    return min((end for end in ends if end >= 0), default=offset)


def _suspect(text: str, start: int, stop: int) -> tuple[int, str] | None:
    """Return the first part of YAML in text[start:stop] that no spec uses, or None.

    The one parser looks further ahead than the other before it gives up; the first suspect that both have passed
    over names the fault for either.
    """
    suspects = [(unspaced(text, start, stop), "colon-without-space")]
    for mark, code in (("? ", "explicit-key"), ("!", "tag"), ("&", "anchor"), ("*", "alias")):
        position = text.find(mark, start, stop)
        while position > 0 and text[position - 1] not in " \n,[{":
            position = text.find(mark, position + 1, stop)
        suspects.append((position, code))
    return min((suspect for suspect in suspects if suspect[0] >= 0), default=None)


def unspaced(text: str, start: int, end: int) -> int:
    """Return the offset of the first colon in text[start:end] that touches a bracket, a comma or a ?, or -1."""
    colon = text.find(":", start, end)
    while colon >= 0 and text[colon + 1] not in ",?[]{}":
        colon = text.find(":", colon + 1, end)
    return colon


def _cause(line: str, number: int, file: str) -> Diagnostic | None:
    """Return what is wrong with how a line begins, behind dashes, if that is enough to make it no YAML."""
    column = len(line) - len(line.lstrip(" -"))
    word = line[column:].split(" ", 1)[0]
    if word == "?":
        return refused("explicit-key", _place(file, number, column))
    if is_unspaced(word) and not word.endswith(":"):
        return no_space(word, Place(file, Span(number + 1, column + 1, number + 1, column + 1 + len(word))))
    return None


def no_space(word: str, place: Place) -> Diagnostic:
    """Return the fault of a `key:value` in which the colon separates nothing."""
    headline = f"{quote(word)} is one word: no space follows the colon"
    key, _, rest = word.partition(":")
    edits = () if place.span is None else (Edit(place.span, f"{key}: {rest}"),)
    return Diagnostic("colon-without-space", headline, place, help=f"write a space after `{show(key)}:`", fix=edits)


def refused(code: str, place: Place) -> Diagnostic:
    """Return the fault of a part of YAML that no spec uses."""
    headline, fix = REFUSED[code]
    edits = (Edit(place.span, fix.text),) if isinstance(fix, Mend) and place.span is not None else ()
    return Diagnostic(code, headline, place, help=str(fix), fix=edits)


def is_unspaced(word: str) -> bool:
    """Return whether a text is a name, a colon and something else in one: `dense:10`, but no address `x://y`."""
    name, colon, rest = word.partition(":")
    return bool(colon and rest) and rest[:2] != "//" and name.isidentifier() and " " not in rest


def _above(line: int, lines: list[str]) -> int:
    """Return the number of the last line above `line` that is not blank, or `line` itself."""
    return next((number for number in range(min(line, len(lines)) - 1, -1, -1) if lines[number].strip(" \t")), line)


def _column(text: str, position: int) -> int:
    """Return the column of an offset, counted from 0."""
    return position - text.rfind("\n", 0, position) - 1


def _place(file: str, line: int, column: int) -> Place:
    """Return the place of one character, from a line and a column that count from 0."""
    return Place(file, Span(line + 1, column + 1, line + 1, column + 2))
