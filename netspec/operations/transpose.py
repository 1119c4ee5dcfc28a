"""The axes in another order."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, written


class Transpose(NamedTuple):
    """Axis i of y is axis `axes[i]` of x, counted from 0 without the batch axis. Cost: none."""

    axes: tuple[int, ...]

    @property
    def keyword(self) -> str:
        return "transpose"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) != len(self.axes):
            raise OperationFault(f"it puts {len(self.axes)} axes in order, and gets {written(x)}")
        return tuple([x[axis] for axis in self.axes])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"transpose {self.axes}"
