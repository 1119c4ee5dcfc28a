"""Which tensor of an old network is which of a new one, by the layers that a review matches."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from netspec.migration.steps import Sizes
from netspec.review.changes import Field, TensorChange
from netspec.review.member_layers import layer_changes
from netspec.validation import Member

_RANGE: Final = re.compile(r"\{([0-9]+)…([0-9]+)\}")


class Matched(NamedTuple):
    """The old name for each new one that has one; `copies` are new names whose old one goes on to be another's too.

    `fields` are what is written otherwise of a layer, by its name.
    """

    old: Mapping[str, str]
    copies: frozenset[str]
    fields: Mapping[str, Sequence[Field]]


def matched(old: Member, new: Member, ours: Mapping[str, Sizes], theirs: Mapping[str, Sizes]) -> Matched:
    """Return which tensor of `theirs`, the new network's by name and shape, was which of `ours`.

    A tensor that a change of a layer does not mention is what it was.
    """
    found: dict[str, str] = {}
    copies: set[str] = set()
    gone: set[str] = set()
    come: set[str] = set()
    fields: dict[str, Sequence[Field]] = {}
    for change in layer_changes(old, new):
        if change.kind == "changed":
            fields[change.subject] = change.fields
        for tensor in change.tensors:
            if tensor.kind == "retied":  # which is stored where it belongs, before and after
                continue
            for before, after in _one_by_one(tensor):
                if before is not None and tensor.kind != "untied":
                    gone.add(before)
                if after is not None and tensor.kind != "tied":
                    come.add(after)
                if before is None or after is None or tensor.kind == "tied":
                    continue
                if tensor.kind == "untied":
                    copies.add(after)
                found[after] = before
    found |= {name: name for name in theirs if name in ours and name not in come and name not in gone}
    sound = {new: before for new, before in found.items() if new in theirs and before in ours}
    return Matched({name: sound[name] for name in theirs if name in sound}, frozenset(copies & sound.keys()), fields)


def _one_by_one(change: TensorChange) -> Iterator[tuple[str | None, str | None]]:
    """Yield the names before and after of each tensor that a change is of, in the order of its rounds."""
    before, after = _spelled(change.before), _spelled(change.after)
    if change.before is not None and change.after is not None and len(before) != len(after):
        return  # one that is met in rounds became one of its own, or the other way round
    for number in range(max(len(before), len(after))):
        yield before[number] if before else None, after[number] if after else None


def _spelled(name: str | None) -> list[str]:
    """Return the names that one with ranges stands for: `beta_{2…4}` is beta_2, beta_3 and beta_4."""
    if name is None:
        return []
    ranges = [range(int(first), int(last) + 1) for first, last in _RANGE.findall(name)]
    pattern = _RANGE.sub("\0", name).split("\0")
    return ["".join(_joined(pattern, numbers)) for numbers in product(*ranges)]


def _joined(pattern: list[str], numbers: tuple[int, ...]) -> Iterator[str]:
    yield pattern[0]
    for number, text in zip(numbers, pattern[1:], strict=True):
        yield str(number)
        yield text
