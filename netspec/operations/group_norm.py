"""Group normalisation, and with as many groups as channels instance normalisation."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume


class GroupNorm(NamedTuple):
    """y = γ (x - mean) / √(variance + epsilon) + β, mean and variance (over n) being those of a group of channels.

    x and y: (C, …), γ and β: (C,); a group is C / groups channels that follow each other, at all positions. Without
    `affine` γ is 1 and β is 0. As torch.nn.GroupNorm, and torch.nn.InstanceNorm2d with C groups.

    Cost: five FLOPs for each element (a sum, a difference, a square, its sum, a quotient), and one each for γ and β.
    """

    groups: int
    epsilon: float
    affine: bool = True

    @property
    def keyword(self) -> str:
        return "group_norm"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if not x:
            raise OperationFault("it normalises groups of channels, and there is no axis")
        channels = fixed(x[0], "the axis of channels")
        if channels % self.groups:
            raise OperationFault(f"it reads {channels} channels, which {self.groups} groups do not divide")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        shape = (fixed(operands[0][0], "the axis of channels"),)
        return (Role("gamma", shape, fill="ones"), Role("beta", shape)) if self.affine else ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, (5 + 2 * self.affine) * volume(operands[0]))

    def record(self) -> str:
        return f"group_norm {' '.join(map(repr, self))}"
