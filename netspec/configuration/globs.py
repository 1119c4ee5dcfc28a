"""Patterns of paths below a configuration's folder: `*`, `?`, `[…]`, and `**` for any number of folders."""

import re
from fnmatch import translate
from typing import Final

from netspec.limits import GLOB_PARTS, PATH_LENGTH

_ANY_DEPTH: Final = "**"
_WILD: Final = frozenset("*?[")


class Glob:
    """A pattern that matches a path, and all that lies below a folder that it matches: `nets` is `nets/**`."""

    __slots__ = ("_parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts: list[re.Pattern[str] | str] = []
        for part in _parts(text):
            if part != _ANY_DEPTH:
                self._parts.append(part if _WILD.isdisjoint(part) else re.compile(translate(part)))
            elif self._parts[-1:] != [_ANY_DEPTH]:
                self._parts.append(part)

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches a path or a folder on its way: in time of their parts multiplied."""
        at = self._reached({0})
        for name in path.split("/"):
            if len(self._parts) in at:
                return True
            at = self._reached({after for i in at for after in self._after(i, name)})
        return len(self._parts) in at

    def _reached(self, at: set[int]) -> set[int]:
        """Return the positions in the pattern with those behind a `**`, which may stand for no folder."""
        return at | {i + 1 for i in at if i < len(self._parts) and self._parts[i] == _ANY_DEPTH}

    def _after(self, i: int, name: str) -> tuple[int, ...]:
        """Return the positions that the part at one, which is not the end, leads to by a name."""
        part = self._parts[i]
        if part == _ANY_DEPTH:
            return (i,)
        return (i + 1,) if (part == name if isinstance(part, str) else part.match(name)) else ()


def refused(text: str) -> str:
    """Return why a text is no pattern below a folder; empty where it is one."""
    if not text:
        return "it is empty"
    if len(text) > PATH_LENGTH.value:
        return f"it has {len(text):,} characters, the limit is {PATH_LENGTH.value:,}"
    if "\\" in text:
        return "it has a backslash; parts are parted by `/`"
    if not text.isprintable():
        return "it has a character that does not print"
    if text.startswith("/"):
        return "it begins with `/`, and is relative to the folder of the configuration"
    parts = _parts(text)
    if ".." in parts:
        return "it leaves the folder of the configuration"
    if len(parts) > GLOB_PARTS.value:
        return f"it has {len(parts):,} parts, the limit is {GLOB_PARTS.value}"
    return ""


def _parts(text: str) -> list[str]:
    return [part for part in text.split("/") if part not in ("", ".")]
