"""Where the facts beside a spec say something else than the spec: line by line, so that each value has its place."""

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Note, Place, Span, quote, show
from netspec.review.facts_file import FIRST_KEY

_MOST_LINES: Final = 200_000  # of a file that is compared value by value
_TOLD: Final = 3  # values that the headline names, and that are marked
_LAST: Final = frozenset({"fingerprint", "spec", FIRST_KEY})  # told where nothing else is another
_LINE: Final = re.compile(r'[ \t]{0,64}("(?:[^"\\]|\\.)*"):[ \t]{0,64}(.*)')
_LONGEST: Final = 48  # characters of a value in a message
_LONGEST_NAME: Final = 120


class _Entry(NamedTuple):
    """A value as it is written, and the stretch of its line; an opened mapping has the value `{`."""

    value: str
    line: int
    start: int
    end: int


class _Difference(NamedTuple):
    """A value that is another, or is on one side only."""

    path: tuple[str, ...]
    before: _Entry | None
    after: _Entry | None


def stale(file: str, spec: str, before: str, after: str) -> Diagnostic:
    """Return the fault of a file of facts that says `before` where the spec has `after`, another text."""
    old, new = _entries(before), _entries(after)
    found = sorted(_differences(old, new), key=lambda each: each.path[-1] in _LAST)
    if not found:
        return Diagnostic(
            "stale-facts",
            f"{quote(file)} says what {quote(spec)} has, and is laid out otherwise",
            _first_line(file, before, after),
            help=_mend(spec),
        )
    told = [_said(each) for each in found[:_TOLD]]
    more = len(found) - _TOLD
    words = ", ".join([*told, f"and {more:,} more"] if more > 0 else told)
    marks = [(place, _mark(each)) for each in found[:_TOLD] if (place := _place(file, each, old)).span is not None]
    first, *others = marks or [(Place(file, Span(1, 1, 1, 2)), "")]
    return Diagnostic(
        "stale-facts",
        f"{quote(file)} is not what {quote(spec)} has: {words}",
        first[0],
        first[1],
        tuple(Note(place, text) for place, text in others if place.span != first[0].span),
        _mend(spec),
    )


def _mend(spec: str) -> str:
    return f"`netspec facts {show(spec)}` writes what it has now"


def _entries(text: str) -> dict[tuple[str, ...], _Entry]:
    """Return the values by the keys that lead to them; of a key that is given twice the first."""
    found: dict[tuple[str, ...], _Entry] = {}
    path: list[str] = []
    for number, line in enumerate(text.split("\n")[:_MOST_LINES], 1):
        match = _LINE.match(line.removesuffix("\r"))
        if match is None:
            if path and line.strip() in ("}", "},"):
                path.pop()
            continue
        value = match[2].removesuffix(",")
        here = (*path, str(_read(match[1])))
        found.setdefault(here, _Entry(value, number, match.start(2) + 1, match.start(2) + len(value) + 1))
        if value == "{":
            path.append(here[-1])
    return found


def _differences(old: dict[tuple[str, ...], _Entry], new: dict[tuple[str, ...], _Entry]) -> Iterator[_Difference]:
    """Yield the values that are others, in the order of the new ones, and then those that are gone."""
    for path, after in new.items():
        before = old.get(path)
        if after.value != "{" and (before is None or before.value != after.value):
            yield _Difference(path, before, after)
    for path, before in old.items():
        if path not in new and before.value not in ("{", "{}"):
            yield _Difference(path, before, None)


def _said(each: _Difference) -> str:
    name = _name(each.path)
    if each.before is None or each.before.value in ("{", "{}"):
        return f"{name} {_shown(each.after)} is new"
    if each.after is None or each.after.value in ("{", "{}"):
        return f"{name} is gone"
    return f"{name} {_shown(each.before)} → {_shown(each.after)}"


def _mark(each: _Difference) -> str:
    """Return what stands under the mark at the old value, or at what a new one stands in."""
    if each.after is None:
        return "gone now"
    if each.before is None or each.before.value in ("{", "{}"):
        return f"{_name(each.path)} {_shown(each.after)} is new"
    return f"{_shown(each.after)} now"


def _name(path: tuple[str, ...]) -> str:
    """Return what a reader calls a value: `parameters`, `h_1.Omega`, `input x`, `wide: parameters`."""
    if path[0] == "variants" and len(path) > 2:
        return f"{show(path[1])}: {_name(path[2:])}"
    if path[0] in ("inputs", "outputs") and len(path) > 1:
        return f"{path[0][:-1]} {show(path[-1])}"
    return show(path[-1], _LONGEST_NAME).replace("U+2026", "…")


def _place(file: str, each: _Difference, old: dict[tuple[str, ...], _Entry]) -> Place:
    """Return where the old value stands; of a new one where the mapping opens that it is in."""
    entry = each.before
    path = each.path
    while entry is None and path:
        path = path[:-1]
        entry = old.get(path)
    return Place(file, None if entry is None else Span(entry.line, entry.start, entry.line, entry.end))


def _first_line(file: str, before: str, after: str) -> Place:
    """Return the first line that is another, the last one where lines are missing behind it."""
    lines, others = before.split("\n"), after.split("\n")
    number = 0
    while number < len(lines) - 1 and number < len(others) and lines[number] == others[number]:
        number += 1
    return Place(file, Span(number + 1, 1, number + 1, max(len(lines[number]), 1) + 1))


def _shown(entry: _Entry | None) -> str:
    """Return a value as a message has it: numbers with their thousands apart, texts without their quotes."""
    if entry is None or entry.value == "null":
        return "–"
    value = _read(entry.value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, str):
        return show(value, _LONGEST)
    return show(entry.value, _LONGEST)


def _read(text: str) -> object:
    """Return the value that a JSON text is, or the text itself where it is none, or is too long to be a number."""
    try:
        return json.loads(text) if len(text) < 1_200 else text
    except (ValueError, RecursionError):
        return text
