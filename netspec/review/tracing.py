"""Which commits changed one tensor: its name is followed through the commits that gave it another."""

import re
from collections.abc import Sequence
from typing import Final

from netspec.diagnostics import SystemFault, did_you_mean, quote
from netspec.review.changes import TensorChange
from netspec.review.history import Step

_RANGE: Final = re.compile(r"\{(\d{1,18})…(\d{1,18})\}")
_NUMBER: Final = r"(\d{1,18})"


def traced(steps: Sequence[Step], name: str) -> list[Step]:
    """Return the steps that changed a tensor, each with what became of it alone; the newest is first in both.

    `name` is what it is called in the newest of them. Where rounds are told together by `{0…3}`, each of them is meant
    by its own name, and all by that one. Raises SystemFault `usage` where no step has such a tensor.
    """
    found: list[Step] = []
    known: dict[str, None] = {}
    asked = name
    for step in steps:
        hits: list[TensorChange] = []
        following = name
        for each in step.tensors:
            known.update(dict.fromkeys(one for one in (each.after, each.before) if one is not None))
            numbers = _within(each.after, name)
            if numbers is not None:
                hits.append(each)
                if each.kind in ("renamed", "moved") and each.before is not None and each.after is not None:
                    following = _before(each.before, each.after, numbers)
            elif _within(each.before, name) is not None and each.kind in ("removed", "tied", "retied"):
                hits.append(each)
        name = following
        if hits:
            found.append(step._replace(tensors=tuple(hits)))
    if not found:
        near = str(did_you_mean(asked, list(known)[:2_000]))
        raise SystemFault("usage", f"--tensor: no commit has a tensor {quote(asked)}", near or "`--all` lists them")
    return found


def _within(pattern: str | None, name: str) -> tuple[int, ...] | None:
    """Return the numbers of rounds by which a name is among those that a pattern stands for; None where it is not."""
    if pattern is None:
        return None
    ranges = [(int(first), int(last)) for first, last in _RANGE.findall(pattern)]
    if pattern == name:
        return tuple(first for first, _ in ranges)
    if not ranges:
        return None
    text = _NUMBER.join(map(re.escape, _RANGE.sub("\0", pattern).split("\0")))
    match = re.fullmatch(text, name)
    if match is None:
        return None
    numbers = tuple(int(each) for each in match.groups())
    inside = all(first <= number <= last for number, (first, last) in zip(numbers, ranges, strict=True))
    return numbers if inside else None


def _before(before: str, after: str, numbers: tuple[int, ...]) -> str:
    """Return what a tensor was called whose rounds have these numbers in the name after; all where rounds differ."""
    starts = [int(first) for first, _ in _RANGE.findall(after)]
    others = _RANGE.findall(before)
    if len(others) != len(starts):
        return before
    shifted = iter(
        [int(first) + number - start for (first, _), number, start in zip(others, numbers, starts, strict=True)]
    )
    return _RANGE.sub(lambda _: str(next(shifted)), before)
