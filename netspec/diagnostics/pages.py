"""The pages of the fault codes: a code exists by having one, `pages/<code>.md`."""

import os
from typing import Final

_FOLDER: Final = os.path.join(os.path.dirname(__file__), "pages")


def codes() -> list[str]:
    """Return every code, sorted."""
    return sorted(name.removesuffix(".md") for name in os.listdir(_FOLDER) if name.endswith(".md"))


def page(code: str) -> str | None:
    """Return the page of a code, in Markdown, or None for a code that does not exist."""
    if code not in codes():
        return None
    with open(os.path.join(_FOLDER, f"{code}.md"), encoding="utf-8") as file:
        return file.read()


def summary(code: str) -> str | None:
    """Return the page's first sentence, what the fault is, or None for a code that does not exist."""
    text = page(code)
    if text is None:
        return None
    _, _, body = text.partition("\n\n")
    first, _, _ = body.partition("\n\n")
    return " ".join(first.split())
