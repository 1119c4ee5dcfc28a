"""The one function that shows user text: escaped to printable ASCII and cut short, safe on every terminal and log."""

from typing import Final

from netspec.limits import SHOWN_TEXT

_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_GREEK: Final = frozenset("βΩ")


def show(text: object, limit: int = SHOWN_TEXT.value) -> str:
    r"""Return `text` as printable ASCII of at most `limit` characters; the rest is counted, not shown.

    Letters outside ASCII appear as `U+041A`, so that a homoglyph shows itself; β and Ω, which are part of the
    language, stay. Control characters, bidirectional marks and escape sequences cannot reach a terminal.

    >>> show("wid\u0442hs")
    'widU+0442hs'
    """
    text = str(text)
    parts: list[str] = []
    length = 0
    for position, character in enumerate(text):
        if (" " <= character <= "~" and character != "\\") or character in _GREEK:
            piece = character
        elif character in _ESCAPES:
            piece = _ESCAPES[character]
        else:
            piece = f"U+{ord(character):04X}"
        if length + len(piece) > limit:
            return "".join(parts) + f"... ({len(text) - position} more)"
        parts.append(piece)
        length += len(piece)
    return "".join(parts)


def quote(text: object) -> str:
    """Return user text between backquotes, as messages name a key or a value; backquotes inside are shown as '."""
    return "`" + show(text).replace("`", "'") + "`"
