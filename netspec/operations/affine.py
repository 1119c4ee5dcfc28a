"""The affine map y = β + Ω x."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume


class Affine(NamedTuple):
    """y = β + Ω x over the last axis. x: (…, D), Ω: (width, D), β: (width,), y: (…, width).

    Source: Prince, *Understanding Deep Learning*, equation 4.15.
    """

    width: int
    bias: bool = True

    @property
    def keyword(self) -> str:
        return "affine"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if not x:
            raise OperationFault("an affine map needs an axis to act on")
        return (*x[:-1], self.width)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        size = fixed(operands[0][-1], "the last axis")
        weight = Role("Omega", (self.width, size), size, self.width, "drawn")
        return (Role("beta", (self.width,)), weight) if self.bias else (weight,)

    def cost(self, *operands: Shape) -> Cost:
        positions = volume(operands[0][:-1])
        macs = positions * self.width * operands[0][-1]
        return Cost(macs, 2 * macs + (positions * self.width if self.bias else 0))

    def record(self) -> str:
        return f"a{self.width}" if self.bias else f"l{self.width}"
