"""Kinship of values: what a value of a new network has of one of the old network, and how operations pass it on."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from netspec.graph.walk import Visit
from netspec.migration.handing import NEVER_NEGATIVE
from netspec.operations import Elementwise, Operation
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.concat import Concat
from netspec.operations.merge import Merge
from netspec.operations.pool import Pool
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample
from netspec.review.changes import Field
from netspec.review.spelling import value
from netspec.review.telling import field_text

JOINS: Final = "joins units that are new with those that there were"
_OTHERWISE: Final = "computes otherwise"
_RELU: Final = Elementwise("relu")


class Kin(NamedTuple):
    """A value of the new network as one of the old: `value`, whose `axis` has `new` units here and `old` there, each of
    `block` elements; -1 where it is the very same. What is behind the old units are `copies` of them, or anything.

    `behind` is an activation whose values all its elements are, where that is known.
    """

    value: int
    axis: int = -1
    old: int = 0
    new: int = 0
    block: int = 1
    copies: bool = False
    behind: Elementwise | None = None

    @property
    def same(self) -> bool:
        """Whether it is the old value itself."""
        return self.axis < 0


class Lost(Exception):
    """An operation gives no kin of an old value; its text says why, as it goes on after the layer's name."""

    def after(self, place: str) -> str:
        """Return the text behind a layer's name."""
        text = str(self)
        return f"{place}{text}" if text.startswith(":") else f"{place} {text}"


def otherwise(before: Operation, operation: Operation, said: Sequence[Field] = ()) -> str:
    """Return why an operation is another than it was, as a review says it: `: epsilon 1e-05 → 0.001`.

    `said` are the fields of its layer that are written otherwise; what an operation has of other names comes of these.
    """
    if isinstance(before, Elementwise) and isinstance(operation, Elementwise):
        return f": activation {value(before)} → {value(operation)}"
    if before.keyword != operation.keyword:
        return f"is {operation.keyword}, and was {before.keyword}"
    ours, theirs = _fields(before), _fields(operation)
    own = {name: f"{name} {ours[name]} → {now}" for name, now in theirs.items() if ours[name] != now}
    fields = [each for each in said if each.before is not None and each.after is not None]
    told = [field_text(each) for each in fields if each.name in own] or list(own.values())
    return f": {', '.join(told)}" if told else _OTHERWISE


def _fields(operation: Operation) -> dict[str, str]:
    """Return what an operation is told by, as a spec may write it."""
    names: Sequence[str] = getattr(operation, "_fields", ())
    values = operation if isinstance(operation, tuple) else ()
    return {name: _written(each) for name, each in zip(names, values, strict=True)}


def _written(given: object) -> str:
    """Return a field of an operation as a spec may write it: one number where all axes have the same."""
    while isinstance(given, tuple) and given and given.count(given[0]) == len(given):
        given = given[0]
    return value(given)


def shaped(visit: Visit, old: Visit, kin: Sequence[Kin], said: Sequence[Field]) -> Kin:
    """Return the kin that an operation without tensors gives, which both networks have. Raises Lost."""
    operation, before = visit.operation, old.operation
    first = kin[0]
    grown = first._replace(value=old.results[0])
    if isinstance(operation, Reshape) and isinstance(before, Reshape) and first.axis == 0:
        return _flattened(operation, before, grown)
    if operation != before:
        raise Lost(otherwise(before, operation, said))
    if isinstance(operation, Merge) and len({each[1:6] for each in kin}) == 1:
        return grown
    if len(kin) > 1:
        raise Lost(JOINS)
    if isinstance(operation, Elementwise) or (
        isinstance(operation, Pool | AdaptivePool | Upsample) and first.axis == 0
    ):
        return grown
    if isinstance(operation, Transpose):
        return grown._replace(axis=operation.axes.index(first.axis))
    if isinstance(operation, Reduce) and first.axis not in operation.axes:
        gone = 0 if operation.keep else sum(axis < first.axis for axis in operation.axes)
        return grown._replace(axis=first.axis - gone)
    raise Lost(JOINS)


def _flattened(operation: Reshape, before: Reshape, kin: Kin) -> Kin:
    """Return the kin of all elements in one row, where those of a unit stay together."""
    if len(operation.sizes) == len(before.sizes) == 1:
        (total,), (was,) = operation.sizes, before.sizes
        if isinstance(total, int) and isinstance(was, int) and total * kin.old == was * kin.new:
            return kin._replace(block=total // kin.new)
    raise Lost(JOINS)


def still(operation: Operation, kin: Sequence[Kin]) -> Elementwise | None:
    """Return an activation whose values are all that an operation gives; None where none is known."""
    behind = [each.behind for each in kin]
    if isinstance(operation, Elementwise):
        return operation
    if isinstance(operation, Reshape | Transpose | Upsample) or (
        isinstance(operation, Pool | AdaptivePool | Reduce) and operation.kind == "max"
    ):
        nearest = not isinstance(operation, Upsample) or operation.kind == "nearest"
        return behind[0] if nearest else None
    averages = isinstance(operation, Pool | AdaptivePool | Reduce)
    sums = isinstance(operation, Merge) and operation.kind in ("add", "multiply")
    if averages or sums or isinstance(operation, Concat):
        return _RELU if all(each is not None and each.name in NEVER_NEGATIVE for each in behind) else None
    return None
