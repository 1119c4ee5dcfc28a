"""The rows of a plan, those of rounds that are alike in one: `res.{0…3}.Omega`."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from netspec.migration.steps import Act
from netspec.review.spelling import span

_ROUND: Final = re.compile(r"(?<=[.])(?:0|[1-9][0-9]{0,8}|[{][0-9]{1,9}…[0-9]{1,9}[}])(?=[.`])")
_LEVELS: Final = 8  # of rounds within rounds that are told in one


class Row(NamedTuple):
    """A step as text: what is done, to which tensor, its shapes, and what is to be said of it.

    What is done alike to the tensors of several rounds is a row of as many `times` one: `res.{0…3}.Omega`.
    """

    act: Act
    name: str
    shapes: str
    words: str
    times: int = 1


def folded(table: Sequence[Row]) -> list[Row]:
    """Return the rows with those in one that differ in the number of a round only, which follow on each other.

    The innermost rounds are told in one first. A row stands where the first of those in it stood.
    """
    rows = list(table)
    for level in range(min(_LEVELS, max((len(_ROUND.findall(row.name)) for row in rows), default=0))):
        rows = _level(rows, level)
    return rows


def _level(table: Sequence[Row], level: int) -> list[Row]:
    """Return the rows with the numbers in one that are at a level, counted from the end of a name.

    The name before and that after have their numbers at the same places, or are not told in one.
    """
    found: list[Row] = []
    open_: dict[object, tuple[int, tuple[str, ...], list[int], int]] = {}  # where, around what, first numbers, count
    for row in table:
        spots = [_spot(part, level) for part in row.name.split(" → ")]
        if any(spot is None for spot in spots):
            found.append(row)
            continue
        parts = [spot for spot in spots if spot is not None]
        around = tuple(text for before, _, after in parts for text in (before, after))
        numbers = [number for _, number, _ in parts]
        key = (row.act, row.shapes, row.words, row.times, around)
        place, _, first, count = open_.get(key, (len(found), around, numbers, 0))
        if [number + count for number in first] == numbers and count:
            names = [
                f"{before}{span(start, number)}{after}"
                for (before, number, after), start in zip(parts, first, strict=True)
            ]
            found[place] = found[place]._replace(name=" → ".join(names), times=row.times * (count + 1))
            open_[key] = (place, around, first, count + 1)
        else:
            open_[key] = (len(found), around, numbers, 1)
            found.append(row)
    return found


def _spot(name: str, level: int) -> tuple[str, int, str] | None:
    """Return a name before the number at a level, the number, and the name behind it; None where there is none."""
    matches = list(_ROUND.finditer(name))
    if len(matches) <= level:
        return None
    match = matches[-1 - level]
    if not match[0].isdecimal():
        return None
    return name[: match.start()], int(match[0]), name[match.end() :]
