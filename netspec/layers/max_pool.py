"""The largest element of each window."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, Padding, axes_of, padded, spread
from netspec.operations import Builder, Tensor
from netspec.operations.pool import Pool


class MaxPool(Layer):
    """y[c, p] = max_k x[c, stride·p + dilation·k - padding], what is beyond x left out.

    One to three dimensions, by the rank of x. x: (C, positions …), y: (C, positions …), each axis with
    ⌊(n + padding - dilation (kernel - 1) - 1) / stride⌋ + 1 positions, where n + padding counts what is before and
    behind; with `ceil` the quotient is rounded up, but no window begins behind x.

    Source: Ranzato et al. 2007; Prince, *Understanding Deep Learning*, section 10.4. As torch.nn.MaxPool1d, MaxPool2d
    and MaxPool3d.

    Example:
        - max_pool: {kernel: 3, stride: 2, padding: 1}
    """

    keyword: ClassVar[str] = "max_pool"
    shorthand: ClassVar[str] = "kernel"

    kernel: Counts = Field(description="the window's size on each axis")
    stride: Counts | None = Field(None, description="how far the window moves; as far as it is long unless given")
    padding: Padding = Field(0, description="how far windows reach beyond x: numbers, `same` or `valid`")
    dilation: Counts = Field(1, description="how far apart the window's elements are")
    ceil: Switch = Field(False, description="whether a last window, or the only one, may hang over the end")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        kernel, dilation = spread(self.kernel, axes, "kernel"), spread(self.dilation, axes, "dilation")
        stride = kernel if self.stride is None else spread(self.stride, axes, "stride")
        padding = padded(self.padding, kernel, stride, dilation)
        return net.apply(Pool("max", kernel, stride, padding, dilation, self.ceil), x)
