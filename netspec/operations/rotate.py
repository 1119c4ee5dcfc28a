"""Positions as rotations: pairs of features turned by angles that grow with the position."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume, written


class Rotate(NamedTuple):
    """(y[i], y[i + d/2]) = (x[i] cos a - x[i + d/2] sin a, x[i] sin a + x[i + d/2] cos a), a = t / base^(2i / d).

    For each position t from 0 and each head of d = D / heads features, i = 0 … d/2 - 1. x and y: (T, D), d even.

    Cost: three FLOPs for each element; sines and cosines are known before any run.
    """

    heads: int
    base: float

    @property
    def keyword(self) -> str:
        return "rotate"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) != 2:
            raise OperationFault(f"it reads (positions, features), and gets {written(x)}")
        width = fixed(x[1], "the axis of features")
        if width % self.heads:
            raise OperationFault(f"it reads {width} features, which {self.heads} heads do not divide")
        if width // self.heads % 2:
            raise OperationFault(f"it turns features in pairs, and a head has {width // self.heads}")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, 3 * volume(operands[0]))

    def record(self) -> str:
        return f"rotate {' '.join(map(repr, self))}"
