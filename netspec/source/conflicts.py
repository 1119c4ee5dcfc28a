"""The marks that git leaves where it could not merge: a text that has them is two texts, and said so at once."""

import re
from typing import Final

from netspec.diagnostics import Diagnostic, Note, Place, Span

_MARKS: Final = re.compile(r"^(?:<{7,}|>{7,}|={7,}$)(?= |$)", re.MULTILINE)


def conflict_fault(text: str, file: str) -> Diagnostic | None:
    """Return the fault of a text that is no YAML, if marks of a merge are why; None where there are none.

    It stands at the first mark, with the place where theirs begins; how many conflicts there are is told.
    """
    if "<<<<<<<" not in text or "\n=======" not in text:
        return None
    begun: tuple[Span, str] | None = None
    middle: Span | None = None
    found: list[tuple[Span, Span]] = []
    line, position = 1, 0
    for match in _MARKS.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        span = Span(line, 1, line, len(match[0]) + 1)
        letter, size = match[0][0], len(match[0])
        if letter == "<":
            begun, middle = (span, letter * size), None
        elif begun is not None and size == len(begun[1]):
            if letter == "=" and middle is None:
                middle = span
            elif letter == ">" and middle is not None:
                found.append((begun[0], middle))
                begun = None
    if not found:
        return None
    first, theirs = found[0]
    words = "a merge left this conflict, and nobody has settled it"
    if len(found) > 1:
        words = f"a merge left {len(found):,} conflicts, and nobody has settled them; the first is here"
    return Diagnostic(
        "merge-conflict", words, Place(file, first), "ours begins here",
        (Note(Place(file, theirs), "theirs begins here"),),
        "keep one of both, or what should come of them, and delete the lines of marks",
    )  # fmt: skip
