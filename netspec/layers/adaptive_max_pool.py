"""The largest element of each of a given number of windows."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.layer import Layer
from netspec.layers.windows import Counts, axes_of, spread
from netspec.operations import Builder, Tensor
from netspec.operations.adaptive_pool import AdaptivePool


class AdaptiveMaxPool(Layer):
    """y[c, i] = max of x[c, ⌊i n / size⌋ … ⌈(i + 1) n / size⌉ - 1], i = 0 … size - 1, on each axis of n positions.

    x: (C, positions …), y: (C, size …), whatever the positions of x.

    Source: He et al. 2014, "Spatial pyramid pooling". As torch.nn.AdaptiveMaxPool1d, AdaptiveMaxPool2d and
    AdaptiveMaxPool3d.

    Example:
        - adaptive_max_pool: 7
    """

    keyword: ClassVar[str] = "adaptive_max_pool"
    shorthand: ClassVar[str] = "size"

    size: Counts = Field(description="the positions of y: a number for all axes, or one for each")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        sizes = spread(self.size, axes_of(net.shape(x)), "size")
        return net.apply(AdaptivePool("max", sizes), x)
