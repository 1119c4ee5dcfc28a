"""The largest element of each channel."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.layer import Layer
from netspec.layers.windows import axes_of
from netspec.operations import Builder, Tensor
from netspec.operations.reduce import Reduce


class GlobalMaxPool(Layer):
    """y[c] = max of x[c] over all positions.

    x: (C, positions …), y: (C,), or (C, 1 …) with `keep: true`.

    Source: Oquab et al. 2015, "Is object localization for free?". As torch.nn.AdaptiveMaxPool2d(1), the axes of 1 left
    out unless kept.

    Example:
        - global_max_pool
    """

    keyword: ClassVar[str] = "global_max_pool"

    keep: Switch = Field(False, description="whether each axis of positions stays, as 1")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        return net.apply(Reduce("max", tuple(range(1, axes + 1)), self.keep), x)
