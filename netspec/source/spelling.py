"""How a text is spelled as a scalar, so that every reader of YAML 1.1 and 1.2 takes it for that text."""

import re
from typing import Final

from netspec.source.decoding import forbidden
from netspec.source.scalars import is_text, resolve

# YAML 1.1 takes these for booleans, though not every reader of it does, and netspec takes them for names.
_LETTERS: Final = ("y", "n", "Y", "N")
# Begins as no indicator of YAML does; `-` only before what makes it no item of a list.
_START: Final = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-[A-Za-z0-9(]")
_BRACKETS: Final = re.compile(r"[,\[\]{}?]")  # `?` too: readers disagree on `a?]`
# What begins like a number stands unquoted only if something in it keeps every reader from taking it for a number, a
# date or a time.
_NUMBER_START: Final = re.compile(r"[0-9.+-]")
_NO_NUMBER: Final = re.compile(r"[*/%()<>]|^-[A-Za-z]")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def is_plain(text: str, *, flow: bool) -> bool:
    """Return whether a text may stand without quotes, inside brackets or outside."""
    if not _START.match(text) or text[-1] in " :" or text in _LETTERS or "\n" in text or "\t" in text:
        return False
    if ":" in text or " #" in text or text.startswith("...") or (flow and _BRACKETS.search(text)):
        return False
    if _NUMBER_START.match(text) and not _NO_NUMBER.search(text):
        return False
    return resolve(text) == text and not forbidden(text)


def key_text(key: str) -> str:
    """Return a key as it may stand everywhere: as it is, or quoted."""
    return key if is_plain(key, flow=True) and is_text(key) else quoted(key)


def quoted(text: str) -> str:
    """Return a text in double quotes, with escapes for what does not show."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~" or not forbidden(character):
        return character
    point = ord(character)
    return f"\\x{point:02X}" if point < 0x100 else f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"
