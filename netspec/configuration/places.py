"""Where the keys and the values of a TOML text stand, which the parser of the standard library does not tell.

The text is scanned once, without recursion, and before it is parsed: nesting and values are counted here, since the
parser's time grows with the square of the parts of a key, and its stack with every bracket. What is no TOML is the
parser's to say; the scan ends there.

Source: TOML 1.0.0 (toml.io), and 1.1.0 where it allows more.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

from netspec.diagnostics.diagnostic import Span
from netspec.limits import CONFIGURATION_DEPTH, CONFIGURATION_VALUES

Path = tuple[str | int, ...]
"""Keys, and the positions of items in arrays."""

_Stretch = tuple[int, int]

_SPACE: Final = re.compile(r"[ \t]*+")
_GAP: Final = re.compile(r"(?:[ \t\n]|#[^\n]*+)*+")
_LINE_END: Final = re.compile(r"[ \t]*+(?:#[^\n]*+)?+(?=\n|\Z)")
_BASIC: Final = r'"(?:[^"\\\n]++|\\[^\n])*+"'
_LITERAL: Final = r"'[^'\n]*+'"
_KEY: Final = re.compile(rf"[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL}")
_SCALAR: Final = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    rf"|(?!\"\"\"|''')(?:{_BASIC}|{_LITERAL})"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9:.]*+(?:[Zz]|[-+][0-9:]++)?+"
    r"|[-+.:\w]++",
    re.ASCII,
)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_CLOSERS: Final = {"[": "]", "{": "}"}
_LONGEST_NUMBER: Final = 400
"""Characters of a value without quotes; Python refuses to read an integer of 4,301 digits."""


class Excess(NamedTuple):
    """What is beyond a limit: the code of its fault, a headline, and where it stands."""

    code: str
    headline: str
    start: int
    end: int


class _Open:
    """An array or an inline table that has begun: its path, its bracket, its place, and the items so far."""

    __slots__ = ("bracket", "count", "path", "start")

    def __init__(self, path: Path, bracket: str, start: int) -> None:
        self.path, self.bracket, self.start, self.count = path, bracket, start, 0


class _StopError(Exception):
    """What stands at an offset is no TOML."""


class _ExcessError(Exception):
    """A limit is exceeded."""


class Places:
    """The places in a text, by the paths of what stands there.

    `stopped` is the offset at which the text is no TOML any more, None where all of it was scanned; `excess` is what
    exceeds a limit, and then the text must not be parsed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.stopped: int | None = None
        self.excess: Excess | None = None
        self._inside: list[_Open] = []
        self._keys: dict[Path, _Stretch] = {}
        self._values: dict[Path, _Stretch] = {}
        self._counts: dict[Path, int] = {}
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        try:
            self._document()
        except _StopError as stop:
            self.stopped = stop.args[0]
        except _ExcessError as excess:
            self.excess = excess.args[0]

    def __contains__(self, path: Path) -> bool:
        return path in self._values

    @property
    def opened(self) -> int | None:
        """The offset of the innermost bracket that was open when the scan stopped."""
        return self._inside[-1].start if self._inside else None

    @property
    def paths(self) -> frozenset[Path]:
        """The paths of all tables, arrays, items and values."""
        return frozenset(self._values)

    def key(self, path: Path) -> Span:
        """Return where the key of a path stands; of an item of an array, where itself does."""
        return self._span(path, self._keys)

    def value(self, path: Path) -> Span:
        """Return where the value of a path stands; of a table with a header, where its header does."""
        return self._span(path, self._values)

    def span(self, start: int, end: int) -> Span:
        """Return the lines and columns of a stretch of the text."""
        return Span(*self._position(start), *self._position(end))

    def _span(self, path: Path, table: dict[Path, _Stretch]) -> Span:
        """Return a span by the longest part of the path that there is one of; the first letter where there is none."""
        for length in range(len(path), 0, -1):
            found = table.get(path[:length]) or self._values.get(path[:length])
            if found is not None:
                return self.span(*found)
        return Span(1, 1, 1, 2)

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    # -- the grammar --------------------------------------------------------------------------------------------------

    def _document(self) -> None:
        """document = { expression newline }; expression = [ header | pair ] [ comment ]"""
        prefix: Path = ()
        position = self._match(_GAP, 0)
        while position < len(self.text):
            if self.text[position] == "[":
                prefix, position = self._header(position)
            else:
                path, position = self._dotted(prefix, position)
                position = self._value(path, self._equals(position))
            position = self._match(_GAP, self._match(_LINE_END, position))

    def _header(self, start: int) -> tuple[Path, int]:
        """header = "[" dotted "]" | "[[" dotted "]]". A name on the way that is an array of tables means its last."""
        several = self.text.startswith("[[", start)
        parts, position = self._parts(start + 1 + several)
        if not self.text.startswith("]" * (1 + several), position):
            raise _StopError(position)
        position += 1 + several
        path: Path = ()
        for i, (name, stretch) in enumerate(parts):
            path = (*path, name)
            self._note(path, stretch, stretch)
            if several and i == len(parts) - 1:
                count = self._counts.get(path, 0)
                self._counts[path] = count + 1
                path = (*path, count)
            elif path in self._counts:
                path = (*path, self._counts[path] - 1)
        self._note(path, (start, position), (start, position))
        self._values[path] = (start, position)
        return path, position

    def _dotted(self, prefix: Path, position: int) -> tuple[Path, int]:
        """Read dotted = part { "." part }, and return the path that it is of within a table."""
        parts, position = self._parts(position)
        path = prefix
        for name, stretch in parts:
            path = (*path, name)
            self._note(path, stretch, stretch)
        return path, position

    def _parts(self, position: int) -> tuple[list[tuple[str, _Stretch]], int]:
        """Return the parts of a dotted key with their places, and where it ends."""
        parts: list[tuple[str, _Stretch]] = []
        while True:
            start = self._match(_SPACE, position)
            end = self._match(_KEY, start)
            parts.append((_unquoted(self.text[start:end]), (start, end)))
            if len(parts) > CONFIGURATION_DEPTH.value:
                raise _too_deep(parts[0][1][0], end)
            position = self._match(_SPACE, end)
            if not self.text.startswith(".", position):
                return parts, position
            position += 1

    def _equals(self, position: int) -> int:
        if not self.text.startswith("=", position):
            raise _StopError(position)
        return self._match(_SPACE, position + 1)

    def _value(self, path: Path, position: int) -> int:
        """value = scalar | "[" { value } "]" | "{" { pair } "}", with commas, which are the parser's to miss."""
        text = self.text
        inside = self._inside
        while True:
            start = position
            if text[position : position + 1] in _CLOSERS:
                inside.append(_Open(path, text[position], start))
                self._note(path, (start, start + 1), (start, start + 1))
                position = self._match(_GAP, position + 1)
            else:
                position = self._match(_SCALAR, position)
                if position - start > _LONGEST_NUMBER and text[start] not in "\"'":
                    headline = f"a value of {position - start:,} characters without quotes is none that netspec reads"
                    raise _ExcessError(Excess("toml-syntax", headline, start, position))
                self._note(path, (start, position), (start, position))
                self._values[path] = (start, position)
                if not inside:
                    return position
                position = self._comma(position)
            while text[position : position + 1] == _CLOSERS[inside[-1].bracket]:
                closed = inside.pop()
                position += 1
                self._values[closed.path] = (closed.start, position)
                if not inside:
                    return position
                position = self._comma(position)
            around = inside[-1]
            if around.bracket == "[":
                path = (*around.path, around.count)
                around.count += 1
            else:
                path, position = self._dotted(around.path, position)
                position = self._equals(position)

    def _comma(self, position: int) -> int:
        position = self._match(_GAP, position)
        return self._match(_GAP, position + 1) if self.text.startswith(",", position) else position

    def _match(self, pattern: re.Pattern[str], position: int) -> int:
        """Return where a token that begins at a position ends."""
        found = pattern.match(self.text, position)
        if found is None:
            raise _StopError(position)
        return found.end()

    def _note(self, path: Path, key: _Stretch, value: _Stretch) -> None:
        """Keep the place of a path that is met for the first time."""
        if len(path) > CONFIGURATION_DEPTH.value:
            raise _too_deep(*key)
        self._keys.setdefault(path, key)
        self._values.setdefault(path, value)
        if len(self._values) > CONFIGURATION_VALUES.value:
            headline = f"the file has more than {CONFIGURATION_VALUES.value:,} keys and values"
            raise _ExcessError(Excess(CONFIGURATION_VALUES.code, headline, *key))


def _too_deep(start: int, end: int) -> _ExcessError:
    headline = f"this is more than {CONFIGURATION_DEPTH.value} levels deep"
    return _ExcessError(Excess(CONFIGURATION_DEPTH.code, headline, start, end))


def _unquoted(part: str) -> str:
    """Return the key that a part of a dotted key means."""
    if part[0] == "'":
        return part[1:-1]
    return _ESCAPE.sub(_unescaped, part[1:-1]) if part[0] == '"' else part


def _unescaped(escape: re.Match[str]) -> str:
    """Return the character that an escape means; the parser refuses those that mean none."""
    code = escape[1] or escape[2] or escape[3]
    if code is None:
        return _ESCAPES.get(escape[4], escape[4])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else ""
