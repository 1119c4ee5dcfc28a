"""The embedding: a row of a table for each integer."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape


class Embed(NamedTuple):
    """y = Ω[x]: the rows of Ω that the integers of x number from 0. x: (…), Ω: (vocabulary, width), y: (…, width).

    Cost: none. The rows are drawn with a variance of 1 / width, or what the initialisation makes of a fan of width.
    """

    vocabulary: int
    width: int

    @property
    def keyword(self) -> str:
        return "embed"

    @property
    def linearity(self) -> Linearity:
        return "smooth"  # no affine piece is asked for: what it reads are no numbers to compute with

    @property
    def takes_integers(self) -> bool:
        """Whether it reads integers, which no other operation does."""
        return True

    def shape(self, *operands: Shape) -> Shape:
        return (*operands[0], self.width)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return (Role("Omega", (self.vocabulary, self.width), self.width, self.width, "drawn"),)

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"embed {self.vocabulary} {self.width}"
