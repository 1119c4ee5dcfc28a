"""Text in a drawing: escaped for XML, with subscripts, and never wider than estimated."""

import re
from html import escape
from typing import Final

# Widths in ems, rounded up from DejaVu Sans, one of the widest faces that stand behind `sans-serif`.
_WIDTHS: Final = (
    dict.fromkeys("ijl.,:;'|! ", 0.35) | dict.fromkeys('frtI()[]{}/-"·', 0.48) | dict.fromkeys("mMW@%…", 1.02)
)
_CAPITAL: Final = 0.86
_USUAL: Final = 0.68
_BOLD: Final = 1.12

SUBSCRIPT: Final = 0.72
"""How large a subscript is, beside the letters on the line."""

SYMBOL: Final = re.compile(r"(?<!\w)([hβΩ])_(\d+|k)(?!\w)")
"""What the field writes with a subscript: h_1, β_0, Ω_k; not the middle of a word such as `leaky_relu`."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return pixels that the text of a size in pixels does not exceed, subscripts taken as full letters."""
    ems = 0.0
    for letter in SYMBOL.sub(r"\1\2", text):
        ems += _WIDTHS.get(letter) or (_USUAL if letter.isdecimal() or letter.islower() else _CAPITAL)
    return ems * size * (_BOLD if bold else 1)


def drawn(text: str) -> str:
    """Return the text as the content of an SVG `text` element: escaped, `h_1` with its 1 as a subscript."""
    content = ""
    end = 0
    for found in SYMBOL.finditer(text):
        content += _level(text[end : found.end(1)], after_subscript=end > 0)
        content += f'<tspan class="sub" dy="0.25em">{escape(found[2])}</tspan>'
        end = found.end()
    return content + _level(text[end:], after_subscript=end > 0)


def _level(text: str, *, after_subscript: bool) -> str:
    """Return text on the line: behind a subscript it is brought back up, by 0.25 em of the smaller letters."""
    if not after_subscript or not text:
        return escape(text)
    return f'<tspan dy="-{0.25 * SUBSCRIPT:g}em">{escape(text)}</tspan>'
