"""The convolution of each channel by itself."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.activations import Activation
from netspec.layers.axes import Switch
from netspec.layers.fields import Count
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, Padding, axes_of, padded, spread
from netspec.operations import Builder, Tensor
from netspec.operations.convolve import Convolve
from netspec.operations.operation import fixed


class DepthwiseConv(Layer):
    """y[m·d + i, p] = a[β[m·d + i] + Σ_k Ω[m·d + i, 0, k] x[d, stride·p + dilation·k - padding]], m = multiplier.

    A `conv` with as many groups as channels: i = 0 … m - 1 are the channels of y that come from channel d of x.
    x: (C, positions …), Ω: (m C, 1, *kernel), β: (m C,), y: (m C, positions …). Tensors: `beta`, `Omega`.

    Source: Chollet 2017, "Xception"; Howard et al. 2017, "MobileNets". As torch.nn.Conv2d with `groups` the channels.

    Example:
        - depthwise_conv: {kernel: 3, padding: same}
    """

    keyword: ClassVar[str] = "depthwise_conv"
    shorthand: ClassVar[str] = "kernel"

    kernel: Counts = Field(description="the window's size on each axis")
    multiplier: Count = Field(1, description="the channels of y for each channel of x")
    stride: Counts = Field(1, description="how far the window moves")
    padding: Padding = Field(0, description="zeros around x: numbers, `same` or `valid`")
    dilation: Counts = Field(1, description="how far apart the window's elements are")
    bias: Switch = Field(True, description="whether there is β")
    activation: Activation | None = Field(None, description="a[·]; none unless given")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        channels = fixed(net.shape(x)[0], "the axis of channels")
        kernel, stride = spread(self.kernel, axes, "kernel"), spread(self.stride, axes, "stride")
        dilation = spread(self.dilation, axes, "dilation")
        padding = padded(self.padding, kernel, stride, dilation)
        operation = Convolve(channels * self.multiplier, kernel, stride, padding, dilation, channels, self.bias)
        init = default_init(None if self.activation is None else self.activation.name)
        return net.activate(net.apply(operation, x, init=init), self.activation)
