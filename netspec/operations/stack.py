"""Values put one behind the other along a new axis."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, written


class Stack(NamedTuple):
    """y = (x_1, x_2, …) along a new axis, which y then has at this number from 0; all are of one shape. Cost: none."""

    axis: int

    @property
    def keyword(self) -> str:
        return "stack"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        first, *others = operands
        for other in others:
            if other != first:
                raise OperationFault(f"it stacks {written(first)} and {written(other)}, which differ")
        return (*first[: self.axis], len(operands), *first[self.axis :])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"stack {self.axis}"
