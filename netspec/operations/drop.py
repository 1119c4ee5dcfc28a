"""Dropout, as a graph for training has it; that of a network that runs has no such operation."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape, volume


class Drop(NamedTuple):
    """y = x m / (1 - rate), each element of m being 0 with probability `rate` and else 1, drawn at every step anew.

    x and y: one shape. Source: Srivastava et al. 2014. Cost: one FLOP for each element.
    """

    rate: float

    @property
    def keyword(self) -> str:
        return "drop"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        return operands[0]

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(operands[0]))

    def record(self) -> str:
        return f"drop {self.rate!r}"
