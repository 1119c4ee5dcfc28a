"""Elements put around a value."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, written
from netspec.operations.windows import Padding


class Pad(NamedTuple):
    """x with elements of one value before and behind each axis: `widths` has how many. Cost: none."""

    widths: Padding
    value: float = 0.0

    @property
    def keyword(self) -> str:
        return "pad"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) != len(self.widths):
            raise OperationFault(f"it pads {len(self.widths)} axes, and gets {written(x)}")
        return tuple([n + (low + high) for n, (low, high) in zip(x, self.widths, strict=True)])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"pad {' '.join(map(repr, self))}"
