"""The softmax over an axis, and its logarithm."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape, volume


class Softmax(NamedTuple):
    """y = exp(x) / Σ exp(x) over the axis, or x - log Σ exp(x) where `log`. The axis is counted from 0.

    Cost: five FLOPs for each element: the largest, a difference, an exponential, a sum, a quotient or difference.
    """

    axis: int
    log: bool = False

    @property
    def keyword(self) -> str:
        return "log_softmax" if self.log else "softmax"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        return operands[0]

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, 5 * volume(operands[0]))

    def record(self) -> str:
        return f"softmax {' '.join(map(repr, self))}"
