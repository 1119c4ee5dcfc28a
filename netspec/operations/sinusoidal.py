"""Positions as sines and cosines, added to each element of a sequence."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume, written


class Sinusoidal(NamedTuple):
    """y[t, 2i] = x[t, 2i] + sin(t / 10000^(2i / D)), y[t, 2i + 1] = x[t, 2i + 1] + cos(t / 10000^(2i / D)).

    x and y: (…, T, D).

    Cost: one FLOP for each element; the sines are known before any run.
    """

    @property
    def keyword(self) -> str:
        return "sinusoidal"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) < 2:
            raise OperationFault(f"it reads (positions, features), and gets {written(x)}")
        fixed(x[-1], "the axis of features")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(operands[0]))

    def record(self) -> str:
        return "sinusoidal"
