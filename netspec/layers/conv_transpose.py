"""The transposed convolution."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.activations import Activation
from netspec.layers.axes import Switch
from netspec.layers.fields import Count, Width
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.layers.windows import Amounts, Counts, Padding, axes_of, padded, spread
from netspec.operations import Builder, Tensor
from netspec.operations.convolve_transposed import ConvolveTransposed


class ConvTranspose(Layer):
    """y[c, stride·p + dilation·k - padding] = a[β[c] + Σ_{d, k} Ω[d, c, k] x[d, p]].

    What a convolution with these numbers reads from y, this one writes there, so it goes back from its positions to
    more. x: (C, positions …), Ω: (C, channels / groups, *kernel), β: (channels,), y: (channels, positions …), each
    axis with (n - 1) stride - padding + dilation (kernel - 1) + output_padding + 1 positions. Tensors: `beta`, `Omega`.

    Source: Zeiler et al. 2010; Dumoulin & Visin 2016, "A guide to convolution arithmetic". As
    torch.nn.ConvTranspose1d, ConvTranspose2d and ConvTranspose3d; the padding may differ before and behind.

    Example:
        - conv_transpose: {channels: 8, kernel: 4, stride: 2, padding: 1}
    """

    keyword: ClassVar[str] = "conv_transpose"

    channels: Width = Field(description="the channels of y")
    kernel: Counts = Field(description="the window's size on each axis")
    stride: Counts = Field(1, description="how far the window moves over y from one position of x to the next")
    padding: Padding = Field(0, description="positions cut off y before and behind: numbers, `same` or `valid`")
    output_padding: Amounts = Field(0, description="positions put behind y, below the stride or the dilation")
    dilation: Counts = Field(1, description="how far apart the window's elements are")
    groups: Count = Field(1, description="how many groups of channels are convolved each by itself")
    bias: Switch = Field(True, description="whether there is β")
    activation: Activation | None = Field(None, description="a[·]; none unless given")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        kernel, stride = spread(self.kernel, axes, "kernel"), spread(self.stride, axes, "stride")
        dilation = spread(self.dilation, axes, "dilation")
        more = spread(self.output_padding, axes, "output_padding")
        padding = padded(self.padding, kernel, stride, dilation)
        operation = ConvolveTransposed(self.channels, kernel, stride, padding, more, dilation, self.groups, self.bias)
        init = default_init(None if self.activation is None else self.activation.name)
        return net.activate(net.apply(operation, x, init=init), self.activation)
