"""One element of an axis, which is then gone."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape
from netspec.sizes import Polynomial


class Index(NamedTuple):
    """y = x[place] on the axis, counted from 0 without the batch axis; a place below 0 counts from the end.

    Cost: none.
    """

    axis: int
    place: int

    @property
    def keyword(self) -> str:
        return "index"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        size = x[self.axis]
        if not isinstance(size, Polynomial) and not -size <= self.place < size:
            raise OperationFault(f"axis {self.axis} has {size} elements, and there is no {self.place} among them")
        left = (*x[: self.axis], *x[self.axis + 1 :])
        if not left:
            raise OperationFault("no axis would be left; `start` and `stop` keep it")
        return left

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"index {self.axis} {self.place}"
