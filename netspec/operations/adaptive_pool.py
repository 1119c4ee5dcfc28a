"""Pools whose windows are chosen so that a given number of positions leaves."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape, volume
from netspec.operations.pool import PoolKind
from netspec.operations.windows import check_axes


class AdaptivePool(NamedTuple):
    """y[c, i] = the largest, or the mean, of x[c, ⌊i n / s⌋ … ⌈(i + 1) n / s⌉ - 1] for i = 0 … s - 1, on each axis.

    x: (C, *positions), y: (C, *sizes). As torch.nn.AdaptiveMaxPool2d and AdaptiveAvgPool2d.

    Cost: a FLOP for each element of x, as if no two windows had one in common, as none have where s divides n.
    """

    kind: PoolKind
    sizes: tuple[int, ...]

    @property
    def keyword(self) -> str:
        return f"adaptive_{self.kind}_pool"

    @property
    def linearity(self) -> Linearity:
        return "piecewise linear" if self.kind == "max" else "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        check_axes(x, len(self.sizes))
        return (x[0], *self.sizes)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(operands[0]))

    def record(self) -> str:
        return f"adaptive_pool {' '.join(map(repr, self))}"
