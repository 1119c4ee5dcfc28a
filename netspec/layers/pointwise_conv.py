"""The convolution of each position by itself."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.activations import Activation
from netspec.layers.axes import Switch
from netspec.layers.fields import Count, Width
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, axes_of, spread
from netspec.operations import Builder, Tensor
from netspec.operations.convolve import Convolve


class PointwiseConv(Layer):
    """y[c, p] = a[β[c] + Σ_d Ω[c, d, 0] x[d, stride·p]] over the channels d of the group.

    A `conv` with a window of 1: a dense layer over the channels at each position. x: (C, positions …),
    Ω: (channels, C / groups, 1 …), β: (channels,), y: (channels, positions …). Tensors: `beta`, `Omega`.

    Source: Lin et al. 2014, "Network in network". As torch.nn.Conv2d with a kernel of 1.

    Example:
        - pointwise_conv: {channels: 32, activation: relu}
    """

    keyword: ClassVar[str] = "pointwise_conv"
    shorthand: ClassVar[str] = "channels"

    channels: Width = Field(description="the channels of y")
    stride: Counts = Field(1, description="every how many-th position is taken")
    groups: Count = Field(1, description="how many groups of channels are convolved each by itself")
    bias: Switch = Field(True, description="whether there is β")
    activation: Activation | None = Field(None, description="a[·]; none unless given")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        one, none = (1,) * axes, ((0, 0),) * axes
        stride = spread(self.stride, axes, "stride")
        operation = Convolve(self.channels, one, stride, none, one, self.groups, self.bias)
        init = default_init(None if self.activation is None else self.activation.name)
        return net.activate(net.apply(operation, x, init=init), self.activation)
