"""Plain data written as YAML: one text for one value, and one value to every reader of YAML 1.1 and 1.2.

Mappings stand in block style, one key to a line; a list of scalars, or of such lists, and a mapping of a few scalars
stand in brackets where they fit on the line. There are no anchors, tags or folded lines.
"""

import re
from collections.abc import Mapping
from typing import Final

from netspec.diagnostics.magnitude import decimal
from netspec.source.decoding import forbidden
from netspec.source.scalars import is_text, resolve

WIDTH: Final = 100
_INDENT: Final = 2
_LEAF: Final = 4  # keys of a mapping in brackets; more read better one below the other

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


def write(data: Mapping[str, object]) -> str:
    """Return the keys and values as YAML, ending with a line end; the same data gives the same text.

    Values are dict, list, str, int, float and bool, nested at most as deep as Python recurses. What no spec may hold,
    such as a control character or an infinite number, is written so that every reader reads it, and netspec refuses
    it at its place. Raises TypeError for any other type.
    """
    lines: list[str] = []
    _block(lines, data, 0)
    return "".join(f"{line}\n" for line in lines)


def _block(lines: list[str], value: object, indent: int) -> None:
    """Append a mapping or a list that begins at the column `indent`, one key or item to a line."""
    margin = " " * indent
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _entry(lines, f"{margin}{_key(key)}:", inner, indent + _INDENT)
        if not value:
            lines.append(f"{margin}{{}}")
        return
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping | list) and _flow(item, WIDTH - indent - _INDENT) is None:
            first = len(lines)
            _block(lines, item, indent + _INDENT)
            lines[first] = f"{margin}- {lines[first][indent + _INDENT :]}"
        else:
            _entry(lines, f"{margin}-", item, indent + _INDENT)


def _entry(lines: list[str], lead: str, value: object, indent: int) -> None:
    """Append a value behind its key or dash: on the same line where it fits, else below, from the column `indent`."""
    if isinstance(value, str) and _is_paragraphs(value):
        lines.append(f"{lead} {'|' if value.endswith(chr(10)) else '|-'}")
        lines.extend(f"{' ' * indent}{row}" if row else "" for row in value.removesuffix("\n").split("\n"))
    elif isinstance(value, Mapping | list):
        flow = _flow(value, WIDTH - len(lead) - 1)
        if flow is None:
            lines.append(lead)
            _block(lines, value, indent)
        else:
            lines.append(f"{lead} {flow}")
    else:
        lines.append(f"{lead} {_scalar(value, flow=False)}")


def _flow(value: object, room: int) -> str | None:
    """Return a list of scalars or lists, or a mapping of scalars, in brackets; None where `room` columns are too few.

    A mapping stands in brackets only where it holds nothing but scalars, and no list does that holds a mapping.
    """
    if room < 2 or (isinstance(value, Mapping) and len(value) > _LEAF):
        return None
    parts: list[str] = []
    taken = 2
    lead = ""
    for item in value.items() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        inner = item
        if isinstance(value, Mapping):
            key, inner = item
            lead = f"{_key(key)}: "
        if isinstance(inner, Mapping) or (isinstance(inner, list) and isinstance(value, Mapping)):
            return None
        part = _flow(inner, room - taken) if isinstance(inner, list) else _scalar(inner, flow=True)
        if part is None:
            return None
        parts.append(lead + part)
        taken += len(parts[-1]) + (2 if len(parts) > 1 else 0)
        if taken > room:
            return None
    text = ", ".join(parts)
    return f"{{{text}}}" if isinstance(value, Mapping) else f"[{text}]"


def _scalar(value: object, *, flow: bool) -> str:
    """Return a scalar as every reader takes it for what it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return decimal(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return value if _is_plain(value, flow=flow) else _quoted(value)
    raise TypeError(f"expects a text, a number or a switch, got {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expects a key that is a text, got {type(key).__name__}")
    return key if _is_plain(key, flow=True) and is_text(key) else _quoted(key)


def _float(value: float) -> str:
    """Return the shortest digits that give the number back; with a point, which YAML 1.1 asks for: 1.0e-05."""
    text = repr(value)
    if text.lstrip("-") in ("inf", "nan"):
        return f"-.{text[1:]}" if text[0] == "-" else f".{text}"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{exponent}"


def _is_plain(text: str, *, flow: bool) -> bool:
    """Return whether a text may stand without quotes, inside brackets or outside."""
    if not _START.match(text) or text[-1] in " :" or text in _LETTERS or "\n" in text or "\t" in text:
        return False
    if ":" in text or " #" in text or text.startswith("...") or (flow and _BRACKETS.search(text)):
        return False
    if _NUMBER_START.match(text) and not _NO_NUMBER.search(text):
        return False
    return resolve(text) == text and not forbidden(text)


def _is_paragraphs(text: str) -> bool:
    """Return whether a text of several lines may stand below its key as it is."""
    rows = text.removesuffix("\n").split("\n")
    return (
        len(rows) > 1
        and rows[0][:1] not in ("", " ")
        and rows[-1] != ""
        and not any(row.endswith(" ") or "\t" in row for row in rows)
        and not forbidden(text)
    )


def _quoted(text: str) -> str:
    """Return a text in double quotes, with escapes for what does not show."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~" or not forbidden(character):
        return character
    point = ord(character)
    return f"\\x{point:02X}" if point < 0x100 else f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"
