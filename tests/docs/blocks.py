"""The fenced blocks of a page: what is code in the documentation, and what the words behind the fence ask of it."""

import re
from pathlib import Path
from typing import Final, NamedTuple

_FENCE: Final = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, the words after it on the fence, and where its text stands in the page."""

    language: str
    words: tuple[str, ...]
    text: str
    start: int
    line: int


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in order. A fence of MyST's, such as {py:function}, is the language of its block."""
    found: list[Block] = []
    for match in _FENCE.finditer(page):
        language, *words = match["info"].split() or [""]
        line = page.count("\n", 0, match.start("text")) + 1
        found.append(Block(language, tuple(words), match["text"], match.start("text"), line))
    return found


def pages(root: Path) -> list[Path]:
    """Return every page that a reader has: those at the root, and those of the documentation that are not generated."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").glob("*.md"))]
