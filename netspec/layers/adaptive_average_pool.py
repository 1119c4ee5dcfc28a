"""The mean of each of a given number of windows."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, axes_of, spread
from netspec.operations import Builder, Tensor
from netspec.operations.adaptive_pool import AdaptivePool


class AdaptiveAveragePool(Layer):
    """y[c, i] = mean of x[c, ⌊i n / size⌋ … ⌈(i + 1) n / size⌉ - 1], i = 0 … size - 1, on each axis of n positions.

    x: (C, positions …), y: (C, size …), whatever the positions of x.

    Source: He et al. 2014, "Spatial pyramid pooling". As torch.nn.AdaptiveAvgPool1d, AdaptiveAvgPool2d and
    AdaptiveAvgPool3d.

    Example:
        - adaptive_average_pool: 7
    """

    keyword: ClassVar[str] = "adaptive_average_pool"
    shorthand: ClassVar[str] = "size"

    size: Counts = Field(description="the positions of y: a number for all axes, or one for each")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        sizes = spread(self.size, axes_of(net.shape(x)), "size")
        return net.apply(AdaptivePool("average", sizes), x)
