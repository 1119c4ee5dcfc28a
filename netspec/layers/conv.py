"""The convolution."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.activations import Activation
from netspec.layers.axes import Switch
from netspec.layers.fields import Count, Width
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, Padding, axes_of, padded, spread
from netspec.operations import Builder, Tensor
from netspec.operations.convolve import Convolve


class Conv(Layer):
    """y[c, p] = a[β[c] + Σ_{d, k} Ω[c, d, k] x[d, stride·p + dilation·k - padding]].

    One to three dimensions, by the rank of x. x: (C, positions …), Ω: (channels, C / groups, *kernel), β: (channels,),
    y: (channels, positions …), each axis with ⌊(n + padding - dilation (kernel - 1) - 1) / stride⌋ + 1 positions, where
    n + padding counts the zeros before and behind. Tensors: `beta`, `Omega`.

    Source: LeCun et al. 1989; Prince, *Understanding Deep Learning*, chapter 10. As torch.nn.Conv1d, Conv2d and Conv3d.

    Example:
        - conv: {channels: 16, kernel: 3, padding: same, activation: relu}
    """

    keyword: ClassVar[str] = "conv"

    channels: Width = Field(description="the channels of y")
    kernel: Counts = Field(description="the window's size on each axis")
    stride: Counts = Field(1, description="how far the window moves")
    padding: Padding = Field(0, description="zeros around x: numbers, `same` or `valid`")
    dilation: Counts = Field(1, description="how far apart the window's elements are")
    groups: Count = Field(1, description="how many groups of channels are convolved each by itself")
    bias: Switch = Field(True, description="whether there is β")
    activation: Activation | None = Field(None, description="a[·]; none unless given")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        kernel, stride = spread(self.kernel, axes, "kernel"), spread(self.stride, axes, "stride")
        dilation = spread(self.dilation, axes, "dilation")
        padding = padded(self.padding, kernel, stride, dilation)
        operation = Convolve(self.channels, kernel, stride, padding, dilation, self.groups, self.bias)
        init = default_init(None if self.activation is None else self.activation.name)
        return net.activate(net.apply(operation, x, init=init), self.activation)
