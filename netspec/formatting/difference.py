"""A layout that is not the canonical one, as a diagnostic with the edit that mends it."""

from itertools import takewhile

from netspec.diagnostics import Diagnostic, Edit, Place, Span, show
from netspec.limits import PATH_LENGTH


def difference(file: str, before: str, after: str) -> Diagnostic:
    """Return the error of a file that holds `before`, and `after` in the canonical layout, both with LF line ends.

    It stands at the first line that differs, and the edit reaches to the last one. Texts that are equal differ in what
    is not shown, their line ends or a mark before the first line; then the error is of the whole file.
    """
    help_ = f"run `netspec fmt {show(file, PATH_LENGTH.value)}`"
    if before == after:
        headline = "the line ends, or a mark before the first line, are not those of the canonical layout"
        return Diagnostic("layout", headline, Place(file), help=help_)
    old, new = before.split("\n"), after.split("\n")
    first = min(_common(old, new), len(old) - 1, len(new) - 1)
    last = min(_common(old[::-1], new[::-1]), len(old) - first - 1, len(new) - first - 1)
    changed = old[first : len(old) - last]
    place = Place(file, Span(first + 1, 1, first + 1, len(old[first]) + 1))
    span = Span(first + 1, 1, first + len(changed), len(changed[-1]) + 1)
    edit = Edit(span, "\n".join(new[first : len(new) - last]))
    return Diagnostic("layout", "the layout is not the canonical one", place, help=help_, fix=(edit,))


def _common(one: list[str], other: list[str]) -> int:
    """Return how many lines two texts begin with both."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
