"""Values put one behind the other along an axis."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, differing, written
from netspec.sizes import Size


class Concat(NamedTuple):
    """y = (x_1, x_2, …) along the axis, counted from 0; on the others they are of one size. Cost: none."""

    axis: int

    @property
    def keyword(self) -> str:
        return "concat"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        first, *others = operands
        total: Size = first[self.axis]
        for other in others:
            joined = f"it joins {written(first)} and {written(other)}"
            if len(first) != len(other):
                raise OperationFault(f"{joined}, which have {len(first)} and {len(other)} axes")
            if any(axis != self.axis and a != b for axis, (a, b) in enumerate(zip(first, other, strict=True))):
                differ = differing(first, other, lambda axis: axis == self.axis)
                raise OperationFault(f"{joined} on axis {self.axis}, which {differ}")
            total = total + other[self.axis]
        return (*first[: self.axis], total, *first[self.axis + 1 :])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"concat {self.axis}"
