"""Normalisation by the root of the mean square, over the last axis."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume


class RmsNorm(NamedTuple):
    """y = γ x / √(mean(x²) + epsilon) over the last axis. x and y: (…, D), γ: (D,), or 1 without `scale`.

    As torch.nn.RMSNorm. Cost: three FLOPs for each element (a square, its sum, a quotient), and one for γ.
    """

    epsilon: float
    scale: bool = True

    @property
    def keyword(self) -> str:
        return "rms_norm"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if not x:
            raise OperationFault("it normalises the last axis, and there is none")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        return (Role("gamma", (fixed(operands[0][-1], "the last axis"),), fill="ones"),) if self.scale else ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, (3 + self.scale) * volume(operands[0]))

    def record(self) -> str:
        return f"rms_norm {' '.join(map(repr, self))}"
