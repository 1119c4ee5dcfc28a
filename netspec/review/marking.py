"""Text as Markdown takes it: a user's text is never markup, a link, a mention, a comment, or the end of a block.

What stands in code is left alone by every renderer, and by the sites that make links of words besides.
"""

import re
from html import escape
from typing import Final

from netspec.diagnostics import show
from netspec.limits import PATH_LENGTH

_SPECIAL: Final = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|~<>&#"})
# Sites find these in rendered text, where a backslash is gone: mentions and addresses, URLs, issues (#1, GH-1, !1),
# symbols between colons, formulas.
_FOUND: Final = re.compile(r"@|://|www\.|mailto:|xmpp:|[#!]\d|GH-\d|:[a-z0-9_+-]+:|\$", re.IGNORECASE)
_RUN: Final = re.compile("`+")


def code(text: str, *, table: bool = True) -> str:
    """Return a text as code: as it is, whatever letters it has. In a `table` a bar needs a backslash."""
    shown = printable(text)
    if not shown:
        return ""
    longest = max((len(run) for run in _RUN.findall(shown)), default=0)
    mark = "`" * (longest + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    shown = shown.replace("|", "\\|") if table else shown
    return f"{mark}{pad}{shown}{pad}{mark}"


def plain(text: str) -> str:
    """Return a text whose letters mean nothing to Markdown; a word that a site would make a link of is code."""
    if _FOUND.search(text) is None:
        return text.translate(_SPECIAL)
    words = text.split(" ")
    return " ".join(code(word) if _FOUND.search(word) else word.translate(_SPECIAL) for word in words)


def sentence(text: str, *, table: bool = False) -> str:
    """Return a message of ours, in which what stands between backquotes is a user's: that is code, maybe in a table."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(code(part, table=table) if place % 2 else plain(part) for place, part in enumerate(parts))


def tagged(text: str) -> str:
    """Return a text as code within HTML, where Markdown is not read."""
    return f"<code>{escape(printable(text))}</code>"


def fenced(text: str, language: str) -> list[str]:
    """Return the lines of a block of code, its fence longer than any in the text."""
    longest = max((len(run) for run in _RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text.rstrip("\n").split("\n"), fence]


def printable(text: str) -> str:
    """Return a text on one line without what is not to be seen: control characters, marks of direction."""
    return text if text.isprintable() else show(text, PATH_LENGTH.value)
