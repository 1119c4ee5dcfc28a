"""What follows of what: each change that somebody wrote, with those that it brings about.

What follows of a change, such as the tensors of the layer behind a wider one, is told with the change that it follows
of: a hyperparameter that the layer's text names, else what was written otherwise before it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from netspec.review.changes import Change, Level, TensorChange, strictest

LAYERS: Final = ("added", "removed", "changed")
"""The kinds of changes that are of layers."""


class Cause:
    """A change with what follows of it."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.following: list[Change] = []

    @property
    def level(self) -> Level:
        """The strictest class of the change and of all that follows of it."""
        return strictest(self.change.level, *(each.level for each in self.following))

    @property
    def tensors(self) -> list[TensorChange]:
        """The tensors of the change and of all that follows of it."""
        return [each for change in (self.change, *self.following) for each in change.tensors]


def causes(changes: Iterable[Change]) -> list[Cause]:
    """Return the causes in the order of the changes, each with what follows of it."""
    changes = list(changes)
    hyperparameters = {change.subject for change in changes if change.kind == "hyperparameter"}
    found = [
        Cause(each)
        for each in changes
        if each.written or (each.kind not in LAYERS and hyperparameters.isdisjoint(each.names))
    ]
    by_name = {cause.change.subject: cause for cause in found if cause.change.kind == "hyperparameter"}
    ends = [cause for cause in found if cause.change.kind in ("input", "dtype")]
    last: Cause | None = None
    own = {id(cause.change): cause for cause in found}
    for change in changes:
        if id(change) in own:
            last = own[id(change)] if change.kind in LAYERS else last
            continue
        named = next((by_name[name] for name in change.names if name in by_name), None)
        cause = named or last or next(iter(ends), None) or next(iter(by_name.values()), None)
        if cause is None:
            cause = Cause(change)
            found.append(cause)
            last = cause
        else:
            cause.following.append(change)
    return found


def classed(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes, each hyperparameter of the class of what it brings about: of all that names it."""
    levels = {cause.change.subject: cause.level for cause in causes(changes) if cause.change.kind == "hyperparameter"}
    for change in changes:
        for name in () if change.written else change.names:
            if name in levels:
                levels[name] = strictest(levels[name], change.level)
    return tuple(
        change._replace(level=levels[change.subject]) if change.kind == "hyperparameter" else change
        for change in changes
    )
