"""Bytes to text: strict UTF-8 without the characters that hide, reorder or end lines unseen."""

from collections import Counter
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.limits import JSON_FAULTS, SPEC_BYTES


class _Kind(NamedTuple):
    """A kind of character that no spec holds: the fault's code, what it is called, and what to do."""

    code: str
    name: str
    help: str


_CONTROL: Final = _Kind("control-character", "a control character", "delete it")
# YAML forbids tabs in some places and its readers disagree on the others.
_TAB: Final = _Kind("tab", "a tab", 'write spaces, or "\\t" in double quotes')
_BREAK: Final = _Kind("line-break", "a line break other than LF and CRLF", "end lines with LF or CRLF")
_HIDDEN: Final = _Kind("hidden-character", "an invisible or reordering character", "delete it")
_NONCHARACTER: Final = _Kind("hidden-character", "a code point that is no character", "delete it")

# Default-ignorable and format characters of Unicode 16, written out because the tables of the running Python differ
# from version to version, and a verdict must not: soft hyphen, joiners, bidirectional controls, variation selectors,
# Hangul fillers, byte order marks, interlinear marks, musical controls, tags.
_HIDDEN_RANGES: Final = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


def decode(data: bytes, file: str) -> tuple[str, list[Diagnostic]]:
    """Return the text of a spec file with LF line ends, and its faults; with a fault the text is for showing only.

    A byte order mark at the start is dropped. Faults: too large, not UTF-8 (with the first bad byte's place), or
    characters that no spec holds, each at its first place in the file.
    """
    if len(data) > SPEC_BYTES.value:
        headline = f"the file is larger than {SPEC_BYTES.value:,} bytes"
        return "", [Diagnostic(SPEC_BYTES.code, headline, Place(file, Span(1, 1, 1, 2)), help="split it into parts")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(data, file, error.start)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    kinds = {character: kind for character in set(text) if (kind := _kind(character))}
    if not kinds:
        return text, []
    counts = Counter(text)
    found = sorted((text.index(character), character) for character in kinds)[: JSON_FAULTS.value]
    return text, [_refused(text, file, place, kinds[text[place]], counts[character]) for place, character in found]


def forbidden(text: str) -> bool:
    """Return whether a text, made by escapes perhaps, holds a character that no spec holds."""
    return any(_kind(character) for character in set(text) if character != "\t")


def _kind(character: str) -> _Kind | None:
    """Return why a character is refused, or None for one that may stand in a spec."""
    if " " <= character <= "~" or character == "\n":
        return None
    if character == "\t":
        return _TAB
    point = ord(character)
    if character in "\r\x85\u2028\u2029":
        return _BREAK
    if point < 0xA0:
        return _CONTROL
    if any(first <= point <= last for first, last in _HIDDEN_RANGES):
        return _HIDDEN
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF or 0xD800 <= point <= 0xDFFF:
        return _NONCHARACTER
    return None


def _undecodable(data: bytes, file: str, start: int) -> tuple[str, list[Diagnostic]]:
    """Return the readable text with the fault placed at the byte `start`."""
    before = data[:start].decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    headline = "the file is UTF-16, not UTF-8" if wide else f"byte 0x{data[start]:02X} is not UTF-8"
    place = Place(file, Span(line, column, line, column + 1))
    return data.decode("utf-8", "replace"), [Diagnostic("not-utf8", headline, place, help="save the file as UTF-8")]


def _refused(text: str, file: str, position: int, kind: _Kind, count: int) -> Diagnostic:
    """Return the fault of the character at its first place, with the count of the others."""
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    label = f"and {count - 1:,} more in this file" if count > 1 else ""
    headline = f"U+{ord(text[position]):04X} is {kind.name}"
    return Diagnostic(kind.code, headline, Place(file, Span(line, column, line, column + 1)), label, help=kind.help)
