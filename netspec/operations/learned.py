"""A value that is learned and reads nothing."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape


class Learned(NamedTuple):
    """y = Ω, the same for every example. Ω and y: sizes. Cost: none.

    It is drawn with a variance of 1 / D, D the last size, or what the initialisation makes of a fan of D.
    """

    sizes: tuple[int, ...]

    @property
    def keyword(self) -> str:
        return "learned"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:  # noqa: ARG002 - the contract's signature
        return self.sizes

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return (Role("Omega", self.sizes, self.sizes[-1], self.sizes[-1], "drawn"),)

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"learned {self.sizes}"
