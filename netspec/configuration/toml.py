"""A TOML file that somebody wrote: its data, and the places of what is in it. The only user of the parser."""

import re
from typing import Any, Final, NamedTuple

from netspec.configuration.places import Path, Places
from netspec.diagnostics import Diagnostic, Place, Span, SpecError, show

_PLACED: Final = re.compile(r"(.*) \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)", re.DOTALL)
_WINDOW: Final = 200
"""Characters behind the one at which the scan stopped: what the parser needs to say what is wrong there."""

# How the parser of the standard library says what is wrong, and how we do; else its words, the first letter small.
_WORDINGS: Final = (
    ("Cannot declare", "a table that is there already is declared again, or added to"),
    ("Cannot redefine", "a table that is there already is declared again, or added to"),
    ("Cannot mutate", "a table or a list that is there already is declared again, or added to"),
    ("Cannot overwrite", "a key that has a value already is given again"),
    ("Duplicate inline", "a key that has a value already is given again"),
    ("Illegal character", "a character that TOML does not allow"),
    ("Found invalid character", "a character that TOML does not allow"),
    ("Invalid initial character", "a key is missing, or needs quotes"),
    ("Invalid value", "no value; a text needs quotes"),
    ("Unescaped '\\' in a string", "a backslash that begins no escape; write two, or the text in single quotes"),
    ("Invalid hex value", "a backslash that begins no escape; write two, or the text in single quotes"),
)


class Toml(NamedTuple):
    """A file by the name that the user knows it by, its text with LF line ends, its data, and the places in it."""

    file: str
    text: str
    data: dict[str, Any]
    places: Places

    def key(self, path: Path) -> Place:
        """Return where the key of a path stands."""
        return Place(self.file, self.places.key(path))

    def value(self, path: Path) -> Place:
        """Return where the value of a path stands."""
        return Place(self.file, self.places.value(path))


def read_toml(data: bytes, file: str) -> Toml:
    """Return the file that the bytes are. Raises SpecError where they are no UTF-8, no TOML, or beyond the limits."""
    try:
        text = data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _undecodable(data, file, error.start) from None
    places = Places(text)
    if places.excess is not None:
        code, headline, start, end = places.excess
        line, column, end_line, end_column = places.span(start, end)
        place = Place(file, Span(line, column, line, end_column if line == end_line else column + 1))
        raise _refused(Diagnostic(code, headline, place, help="`netspec limits` lists the limits"), text)
    import tomllib  # loaded only where there is something to parse

    try:
        found = tomllib.loads(text if places.stopped is None else text[: places.stopped + _WINDOW])
    except ValueError as error:
        raise _refused(_syntax(str(error), file, places), text) from None
    if places.stopped is not None:
        raise _refused(_syntax("", file, places), text)
    return Toml(file, text, found, places)


def _syntax(message: str, file: str, places: Places) -> Diagnostic:
    """Return the fault that the parser tells of, by its own place, or where the scan stopped if it gives none."""
    match = _PLACED.fullmatch(message)
    words = message if match is None else match[1]
    words = next((ours for theirs, ours in _WORDINGS if words.startswith(theirs)), words[:1].lower() + words[1:])
    if places.opened is not None and message.startswith("Unclosed"):
        line, column, *_ = places.span(places.opened, places.opened)
    elif match is not None and match[2]:
        line, column = int(match[2]), int(match[3])
    else:
        stopped = len(places.text.rstrip("\n")) if places.stopped is None else places.stopped
        line, column, *_ = places.span(stopped, stopped)
    headline = f"this is not TOML: {show(words, 200)}" if words else "this is not TOML"
    return Diagnostic("toml-syntax", headline, Place(file, Span(line, column, line, column + 1)))


def _undecodable(data: bytes, file: str, start: int) -> SpecError:
    before = data[:start].decode().replace("\r\n", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    place = Place(file, Span(line, column, line, column + 1))
    fault = Diagnostic("not-utf8", f"byte 0x{data[start]:02X} is not UTF-8", place, help="save the file as UTF-8")
    return _refused(fault, data.decode("utf-8", "replace").replace("\r\n", "\n"))


def _refused(fault: Diagnostic, text: str) -> SpecError:
    return SpecError([fault], {fault.place.file: text})
