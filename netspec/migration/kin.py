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

JOINS: Final = "joins units that are new with those that there were"
OTHERWISE: Final = "computes otherwise"
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
    """An operation gives no kin of an old value; its text says why, as a sentence goes on after the layer's name."""


def shaped(visit: Visit, old: Visit, kin: Sequence[Kin]) -> Kin:
    """Return the kin that an operation without tensors gives, which both networks have. Raises Lost."""
    operation, before = visit.operation, old.operation
    first = kin[0]
    grown = first._replace(value=old.results[0])
    if isinstance(operation, Reshape) and isinstance(before, Reshape) and first.axis == 0:
        return _flattened(operation, before, grown)
    if operation != before:
        raise Lost(OTHERWISE)
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
