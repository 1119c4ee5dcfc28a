"""Pools: the largest or the mean element of each window."""

from math import prod
from typing import Literal, NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, volume
from netspec.operations.windows import Padding, check_axes, positions

PoolKind = Literal["max", "average"]


class Pool(NamedTuple):
    """y[c, p] = the largest, or the mean, of x[c, stride·p + dilation·k - padding] over the elements k of the window.

    x: (C, *positions), y: (C, *positions'). As torch.nn.MaxPool2d, whose padding is -∞, and torch.nn.AvgPool2d, whose
    padding are zeros that count in the mean, or with `count_padding` false do not. With `ceil` a last window may hang
    over the end; what is beyond the padding never counts.

    Cost: a comparison for each element of a window but the first; or an addition for each, the quotient for the first.
    """

    kind: PoolKind
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Padding
    dilation: tuple[int, ...]
    ceil: bool = False
    count_padding: bool = True

    @property
    def keyword(self) -> str:
        return f"{self.kind}_pool"

    @property
    def linearity(self) -> Linearity:
        return "piecewise linear" if self.kind == "max" else "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        check_axes(x, len(self.kernel))
        for k, pair, d in zip(self.kernel, self.padding, self.dilation, strict=True):
            if 2 * max(pair) > (extent := d * (k - 1) + 1):
                raise OperationFault(f"a padding of {max(pair)} is more than half a window of {extent}")
        return (x[0], *positions(x[1:], self.kernel, self.stride, self.padding, self.dilation, ceil=self.ceil))

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, volume(self.shape(*operands)) * (prod(self.kernel) - (self.kind == "max")))

    def record(self) -> str:
        return f"pool {' '.join(map(repr, self))}"
