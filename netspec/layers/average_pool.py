"""The mean of each window."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, Padding, axes_of, padded, spread
from netspec.operations import Builder, Tensor
from netspec.operations.pool import Pool


class AveragePool(Layer):
    """y[c, p] = mean_k x[c, stride·p + k - padding], the padding being zeros that count unless `count_padding: false`.

    One to three dimensions, by the rank of x. x: (C, positions …), y: (C, positions …), each axis with
    ⌊(n + padding - kernel) / stride⌋ + 1 positions, where n + padding counts the zeros before and behind; with `ceil`
    the quotient is rounded up, but no window begins behind x, and what hangs over the padding never counts.

    Source: LeCun et al. 1990; Prince, *Understanding Deep Learning*, section 10.4. As torch.nn.AvgPool1d, AvgPool2d and
    AvgPool3d.

    Example:
        - average_pool: 2
    """

    keyword: ClassVar[str] = "average_pool"
    shorthand: ClassVar[str] = "kernel"

    kernel: Counts = Field(description="the window's size on each axis")
    stride: Counts | None = Field(None, description="how far the window moves; as far as it is long unless given")
    padding: Padding = Field(0, description="zeros around x: numbers, `same` or `valid`")
    ceil: Switch = Field(False, description="whether a last window, or the only one, may hang over the end")
    count_padding: Switch = Field(True, description="whether the zeros of the padding count in the mean")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        kernel, one = spread(self.kernel, axes, "kernel"), (1,) * axes
        stride = kernel if self.stride is None else spread(self.stride, axes, "stride")
        padding = padded(self.padding, kernel, stride, one)
        return net.apply(Pool("average", kernel, stride, padding, one, self.ceil, self.count_padding), x)
