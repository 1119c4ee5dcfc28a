"""The rectifier whose slope below zero is learned."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume


class Prelu(NamedTuple):
    """y = x for x > 0, slope · x otherwise. x and y: one shape; slope: (1,), or (C,) for axis 0 where `channels`.

    The slope begins with 0.25. As torch.nn.PReLU. Cost: one FLOP for each element.
    """

    channels: bool = False

    @property
    def keyword(self) -> str:
        return "prelu"

    @property
    def linearity(self) -> Linearity:
        return "piecewise linear"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if not x:
            raise OperationFault("it has a slope for each channel, and there is no axis")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        size = fixed(operands[0][0], "the axis of channels") if self.channels else 1
        return (Role("slope", (size,), fill="quarters"),)

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(operands[0]))

    def record(self) -> str:
        return f"prelu {self.channels}"
