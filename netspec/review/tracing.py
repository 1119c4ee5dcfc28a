"""Which commits changed one tensor: its name is followed through the commits that gave it another."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault, did_you_mean
from netspec.review.changes import TensorChange
from netspec.review.history import Step
from netspec.review.telling import clean

_RANGE: Final = re.compile(r"\{(\d{1,18})…(\d{1,18})\}")
_NUMBERS: Final = re.compile(r"(\{\d{1,18}…\d{1,18}\}|\d{1,18})")
_ROUNDS: Final = re.compile(r"\.(?:\{\d{1,18}…\d{1,18}\}|\d{1,18})(?=\.)")
_MOST_NAMES: Final = 100  # that are followed at once, where rounds had names of their own
_MOST_KNOWN: Final = 2_000  # names that a hint is looked for among
_SHOWN: Final = 3  # of them in a hint

Span = tuple[int, int]


class _Met(NamedTuple):
    """What a name means of what a pattern stands for: the rounds, for each range of it; `whole` where it means no more
    than that.
    """

    rounds: tuple[Span, ...]
    whole: bool


def traced(steps: Sequence[Step], name: str) -> list[Step]:
    """Return the steps that changed a tensor, each with what became of it alone; the newest is first in both.

    `name` is what it is called in the newest of them. Where rounds are told together by `{0…3}`, each of them is meant
    by its own name, and all by that one, in commits that tell of some of them too. Raises SystemFault `usage` where no
    step has such a tensor.
    """
    found: list[Step] = []
    known: dict[str, None] = {}
    names = [name]
    for step in steps:
        hits: dict[TensorChange, None] = {}
        following = dict.fromkeys(names)
        for each in step.tensors:
            known.update(dict.fromkeys(one for one in (each.after, each.before) if one is not None))
            for one in names:
                met = _met(each.after, one)
                if met is not None:
                    hits[each] = None
                    if each.kind in ("renamed", "moved") and each.before is not None and each.after is not None:
                        following[_before(each.before, each.after, met.rounds)] = None
                        if met.whole:
                            following.pop(one, None)
                elif _met(each.before, one) is not None and each.kind in ("removed", "tied", "retied"):
                    hits[each] = None
        names = list(following)[:_MOST_NAMES]
        if hits:
            found.append(step._replace(tensors=tuple(hits)))
    if not found:
        raise SystemFault("usage", f"--tensor: no commit has a tensor `{clean(name)}`", _near(name, list(known)))
    return found


def _met(pattern: str | None, name: str) -> _Met | None:
    """Return which of the tensors that a pattern stands for a name means; None where it means none of them."""
    if pattern is None:
        return None
    theirs = _NUMBERS.split(name)
    if not pattern.startswith(theirs[0]):  # which spares nearly all of them the search
        return None
    ours = _NUMBERS.split(pattern)
    if len(ours) != len(theirs):
        return None
    rounds: list[Span] = []
    whole = True
    for one, other in zip(ours, theirs, strict=True):
        here, asked = _span(one), _span(other)
        if here is None and asked is None:
            if one != other:
                return None
            continue
        (low, high), (first, last) = here or (int(one), int(one)), asked or (int(other), int(other))
        if last < low or first > high:
            return None
        whole &= low <= first and last <= high
        if here is not None:
            rounds.append((max(low, first), min(high, last)))
    return _Met(tuple(rounds), whole)


def _span(text: str) -> Span | None:
    match = _RANGE.fullmatch(text)
    return None if match is None else (int(match[1]), int(match[2]))


def _before(before: str, after: str, rounds: Sequence[Span]) -> str:
    """Return what tensors were called that are these rounds in the name after; all of them where rounds differ."""
    starts = [int(first) for first, _ in _RANGE.findall(after)]
    others = _RANGE.findall(before)
    if len(others) != len(starts):
        return before
    shifted = iter(
        [
            _spelled(*(int(first) + number - start for number in span))
            for (first, _), span, start in zip(others, rounds, starts, strict=True)
        ]
    )
    return _RANGE.sub(lambda _: next(shifted), before)


def _spelled(first: int, last: int) -> str:
    return str(first) if first == last else f"{{{first}…{last}}}"


def _near(name: str, known: Sequence[str]) -> str:
    """Return which tensor may have been meant: one in rounds, one of a like name, those of any layer, or just some."""
    names = known[:_MOST_KNOWN]
    for each in names:
        if _ROUNDS.sub("", each) == name:
            return f"did you mean `{clean(each)}`?"
    others = [each for each in names if each.rpartition(".")[2] == name]
    near = "" if others else str(did_you_mean(name, names))
    if near or not names:
        return near
    some = ", ".join(f"`{clean(each)}`" for each in (others or names)[:_SHOWN])
    more = len(others or names) - _SHOWN
    told = f"{some}{f' and {more:,} more' if more > 0 else ''}"
    return f"name it with its layer: {told}" if others else f"there are {told}"
