"""Merges: values of one shape joined element by element."""

from functools import reduce
from typing import Literal, NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, differing, volume, written

MergeKind = Literal["add", "subtract", "multiply", "abs_difference"]


class Merge(NamedTuple):
    """y = x_1 ∘ x_2 ∘ …, elementwise. Ranks are equal; an axis is equal in all, or 1 and then repeated."""

    kind: MergeKind

    @property
    def keyword(self) -> str:
        return self.kind

    @property
    def linearity(self) -> Linearity:
        if self.kind == "abs_difference":
            return "piecewise linear"
        return "smooth" if self.kind == "multiply" else "affine"

    def shape(self, *operands: Shape) -> Shape:
        return reduce(_joined, operands)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        steps = len(operands) - 1 + (self.kind == "abs_difference")
        return Cost(0, steps * volume(self.shape(*operands)))

    def record(self) -> str:
        return self.kind


def _joined(one: Shape, other: Shape) -> Shape:
    """Return the shape of two values joined."""
    if len(one) != len(other):
        raise OperationFault(
            f"it joins {written(one)} and {written(other)}, which have {len(one)} and {len(other)} axes"
        )
    if any(a != b and 1 not in (a, b) for a, b in zip(one, other, strict=True)):
        differ = differing(one, other, lambda axis: 1 in (one[axis], other[axis]))
        raise OperationFault(f"it joins {written(one)} and {written(other)}, which {differ}")
    return tuple([b if a == 1 else a for a, b in zip(one, other, strict=True)])
