"""Learned positions: a row of a table added to each element of a sequence."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume, written
from netspec.sizes import Polynomial


class Positions(NamedTuple):
    """y = x + Ω[:T]. x and y: (…, T, D), Ω: (length, D), T at most `length`.

    Cost: one FLOP for each element.
    """

    length: int

    @property
    def keyword(self) -> str:
        return "positions"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) < 2:
            raise OperationFault(f"it reads (positions, features), and gets {written(x)}")
        if not isinstance(x[-2], Polynomial) and x[-2] > self.length:
            raise OperationFault(f"it reads {x[-2]} positions, and has {self.length}")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        width = fixed(operands[0][-1], "the axis of features")
        return (Role("Omega", (self.length, width), width, width, "drawn"),)

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(operands[0]))

    def record(self) -> str:
        return f"positions {self.length}"
