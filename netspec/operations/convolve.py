"""The convolution, in one, two or three dimensions."""

from math import prod
from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume
from netspec.operations.windows import Padding, check_axes, positions
from netspec.sizes import Size


class Convolve(NamedTuple):
    """y[c, p] = β[c] + Σ_{d, k} Ω[c, d, k] x[d, stride·p + dilation·k - padding] over the channels d of the group.

    x: (C, *positions), Ω: (channels, C / groups, *kernel), β: (channels,), y: (channels, *positions'). As
    torch.nn.Conv1d, Conv2d and Conv3d; `padding` has the zeros before and behind each axis.
    """

    channels: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Padding
    dilation: tuple[int, ...]
    groups: int = 1
    bias: bool = True

    @property
    def keyword(self) -> str:
        return "convolve"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        check_axes(x, len(self.kernel))
        self._channels(x)
        return (self.channels, *positions(x[1:], self.kernel, self.stride, self.padding, self.dilation))

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        within, area = self._channels(operands[0]) // self.groups, prod(self.kernel)
        fans = (within * area, self.channels // self.groups * area)
        weight = Role("Omega", (self.channels, within, *self.kernel), *fans, "drawn")
        return (Role("beta", (self.channels,)), weight) if self.bias else (weight,)

    def cost(self, *operands: Shape) -> Cost:
        results = volume(self.shape(*operands))
        macs: Size = results * (self._channels(operands[0]) // self.groups * prod(self.kernel))
        return Cost(macs, 2 * macs + (results if self.bias else 0))

    def record(self) -> str:
        return f"convolve {' '.join(map(repr, self))}"

    def _channels(self, x: Shape) -> int:
        """Return the channels of x, which the groups divide, as they do those of y."""
        channels = fixed(x[0], "the axis of channels")
        for noun, count in (("reads", channels), ("gives", self.channels)):
            if count % self.groups:
                raise OperationFault(f"it {noun} {count} channels, which {self.groups} groups do not divide")
        return channels
