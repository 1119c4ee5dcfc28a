"""The words for a text that is not YAML: ours, and the same whichever parser found it."""

from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Note, Place, Span, quote
from netspec.source.parser import Breach


class _Kind(NamedTuple):
    """One kind of breach: the headline, the fix, and whether the mark belongs where the broken thing began."""

    headline: str
    help: str
    at_opener: bool = False


CONTINUES: Final = "this is not YAML: a line that does not continue what stands above it"
KEYS: Final = "check the indentation, and that each line is `key: value` or begins with `- `"
# The parsers word their problems almost alike; the first fragment that occurs in a problem names its kind.
_KINDS: Final = (
    ("escape", _Kind("an escape that YAML does not know", "write \\\\ for a backslash, or use single quotes")),
    ("end of stream", _Kind("a quote that is never closed", "close the quote", at_opener=True)),
    ("document separator", _Kind("a quote that is never closed", "close the quote", at_opener=True)),
    ("values are not allowed", _Kind("a `:` where no key can stand", "put text that holds `: ` in quotes")),
    ("entries are not allowed", _Kind("a `- ` where no list can begin", "begin the list on a line of its own")),
    ("expected ':'", _Kind("a line that is neither `key: value` nor `- item`", KEYS, at_opener=True)),
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


def breach(found: Breach, file: str, lines: list[str]) -> Diagnostic:
    """Return the fault of a text that is not YAML, at the place of its likely cause."""
    for number in (found.line, _above(found.line, lines)):
        if number < len(lines) and (missing := colon_without_space(lines[number])):
            column, word = missing
            return no_space(word, Place(file, Span(number + 1, column + 1, number + 1, column + 1 + len(word))))
    kind = next((kind for fragment, kind in _KINDS if fragment in found.problem), _OTHER)
    line, column = found.line, found.column
    unclosed = line >= len(lines) or (line == len(lines) - 1 and not lines[line])
    notes: tuple[Note, ...] = ()
    if found.opener is not None and (kind.at_opener or unclosed):
        line, column = found.opener
    elif found.opener is not None and kind.headline.startswith(("a list", "a mapping")):
        notes = (Note(_place(file, *found.opener), "it begins here"),)
    here = lines[line][column : column + 1] if line < len(lines) else ""
    if here == "\t" and not kind.at_opener:
        return tab(_place(file, line, column))
    fix = kind.help
    if here == "{" and lines[line][column - 1 : column] == "$":
        fix = "write the bare name: D, not ${D}"
    return Diagnostic("yaml-syntax", f"this is not YAML: {kind.headline}", _place(file, line, column), "", notes, fix)


def tab(place: Place) -> Diagnostic:
    """Return the fault of a tab outside quotes and comments."""
    return Diagnostic("tab", "a tab where YAML takes only spaces", place, help="write spaces instead of tabs")


def no_space(word: str, place: Place) -> Diagnostic:
    """Return the fault of a `key:value` in which the colon separates nothing."""
    key, _, rest = word.partition(":")
    headline = f"{quote(word)} is one word: no space follows the colon"
    return Diagnostic("colon-without-space", headline, place, help=f"write {quote(f'{key}: {rest}')}")


def colon_without_space(line: str) -> tuple[int, str] | None:
    """Return the column and the word where a line begins, behind dashes, with a name, a colon and no space."""
    column = len(line) - len(line.lstrip(" -"))
    word = line[column:].split(" ", 1)[0]
    return (column, word) if is_unspaced(word) else None


def is_unspaced(word: str) -> bool:
    """Return whether a text is a name, a colon and something else in one: `dense:10`, but no address `x://y`."""
    name, colon, rest = word.partition(":")
    return bool(colon and rest) and rest[:2] != "//" and name.isidentifier() and " " not in rest


def _above(line: int, lines: list[str]) -> int:
    """Return the number of the last line above `line` that is not blank, or `line` itself."""
    return next((number for number in range(min(line, len(lines)) - 1, -1, -1) if lines[number].strip()), line)


def _place(file: str, line: int, column: int) -> Place:
    """Return the place of one character, from a line and a column that count from 0."""
    return Place(file, Span(line + 1, column + 1, line + 1, column + 2))
