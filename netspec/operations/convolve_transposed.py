"""The transposed convolution, in one, two or three dimensions."""

from math import prod
from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume
from netspec.operations.windows import Padding, check_axes
from netspec.sizes import Polynomial, Size


class ConvolveTransposed(NamedTuple):
    """y[c, stride·p + dilation·k - padding] = β[c] + Σ_{d, k} Ω[d, c, k] x[d, p] over the channels d of the group.

    What a convolution with these numbers reads from y, this one writes there. x: (C, *positions),
    Ω: (C, channels / groups, *kernel), β: (channels,), y: (channels, *positions'), each axis with
    (n - 1) stride - padding + dilation (kernel - 1) + output_padding + 1 positions. As torch.nn.ConvTranspose2d.

    Cost: one mac for each element of x, element of the window and channel of y in the group; β one FLOP a result.
    """

    channels: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Padding
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    bias: bool = True

    @property
    def keyword(self) -> str:
        return "convolve_transposed"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        check_axes(x, len(self.kernel))
        self._channels(x)
        found: list[Size] = []
        numbers = (self.kernel, self.stride, self.padding, self.output_padding, self.dilation)
        for n, k, s, (low, high), more, d in zip(x[1:], *numbers, strict=True):
            if more >= max(s, d):
                words = f"an output padding of {more} is too much: below the stride or the dilation, {max(s, d)}"
                raise OperationFault(words)
            count: Size = (n - 1) * s - (low + high) + d * (k - 1) + more + 1
            if not isinstance(count, Polynomial) and count < 1:
                raise OperationFault(f"a padding of {low} and {high} leaves nothing of {count + low + high} positions")
            found.append(count)
        return (self.channels, *found)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        channels, area = self._channels(operands[0]), prod(self.kernel)
        # a result is reached by every stride-th element of a window
        fan_in = -(-channels // self.groups * area // prod(self.stride))
        within = self.channels // self.groups
        weight = Role("Omega", (channels, within, *self.kernel), fan_in, within * area, "drawn")
        return (Role("beta", (self.channels,)), weight) if self.bias else (weight,)

    def cost(self, *operands: Shape) -> Cost:
        macs: Size = volume(operands[0]) * (self.channels // self.groups * prod(self.kernel))
        return Cost(macs, 2 * macs + (volume(self.shape(*operands)) if self.bias else 0))

    def record(self) -> str:
        return f"convolve_transposed {' '.join(map(repr, self))}"

    def _channels(self, x: Shape) -> int:
        """Return the channels of x, which the groups divide, as they do those of y."""
        channels = fixed(x[0], "the axis of channels")
        for noun, count in (("reads", channels), ("gives", self.channels)):
            if count % self.groups:
                raise OperationFault(f"it {noun} {count} channels, which {self.groups} groups do not divide")
        return channels
