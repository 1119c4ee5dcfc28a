"""The tensors of a layer by their full names, and how those of one layer became those of another."""

from typing import NamedTuple

from netspec.graph.walk import Frames
from netspec.operations import Parameter
from netspec.review.changes import TensorChange
from netspec.review.spelling import spelled


class Held(NamedTuple):
    """A tensor of a layer: its name below the whole network, with ranges of rounds; its role in the layer, and shape.

    `tied` is the name of the tensor that it is, where it is not one of its own; a name in rounds is of as many `times`
    one.
    """

    name: str
    role: str
    shape: tuple[int, ...]
    learned: bool
    tied: str | None
    times: int


class Compared(NamedTuple):
    """What is different between the tensors of two layers, and those that are tied in both."""

    changes: list[TensorChange]
    ties: list[tuple[Held, Held]]


def held(parameter: Parameter, frames: Frames, ranges: tuple[tuple[int, int], ...], times: int) -> Held:
    """Return a tensor by its full name."""
    up = parameter.up or 0
    prefix = frames[max(0, len(frames) - 1 - up)]
    name = prefix + spelled(parameter.name, ranges if up == 0 else _as_long(ranges))
    return Held(name, parameter.role, parameter.shape, parameter.learned, name if parameter.tied else None, times)


def tensor_changes(old: list[Held], new: list[Held]) -> Compared:
    """Return how the tensors of a layer changed; they are told apart by role, those of one role by their order."""
    ours, theirs = _by_place(old), _by_place(new)
    changes: list[TensorChange] = []
    ties: list[tuple[Held, Held]] = []
    for place in dict.fromkeys((*ours, *theirs)):
        a, b = ours.get(place), theirs.get(place)
        if a is not None and b is not None and a.tied is not None and b.tied is not None:
            ties.append((a, b))
        elif a is not None and b is not None:
            changes += _changed(a, b)
        elif a is not None and a.tied is None:
            changes.append(TensorChange("removed", a.name, None, a.shape, None, a.times))
        elif b is not None and b.tied is None:
            changes.append(TensorChange("added", None, b.name, None, b.shape, b.times))
    return Compared(changes, ties)


def _changed(a: Held, b: Held) -> list[TensorChange]:
    if b.tied is not None:
        return [TensorChange("tied", a.name, b.tied, a.shape, b.shape, b.times)]
    if a.tied is not None:
        return [TensorChange("untied", a.tied, b.name, a.shape, b.shape, b.times)]
    if a.name == b.name:
        return [] if a.shape == b.shape else [TensorChange("reshaped", a.name, b.name, a.shape, b.shape, b.times)]
    kind = "renamed" if a.shape == b.shape else "moved"
    return [TensorChange(kind, a.name, b.name, a.shape, b.shape, b.times)]  # type: ignore[arg-type]  # one of the words


def _by_place(tensors: list[Held]) -> dict[tuple[str, int], Held]:
    found: dict[tuple[str, int], Held] = {}
    for each in tensors:
        number = 0
        while (each.role, number) in found:
            number += 1
        found[each.role, number] = each
    return found


def _as_long(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return ranges for a name in a part around, whose rounds are not told here: the first of each."""
    return ranges + ((0, 0),) * 33
