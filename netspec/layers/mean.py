"""The mean over axes."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axes, Switch, axes_in
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.reduce import Reduce


class Mean(Layer):
    """y = mean of x over the axes, which are then gone, or with `keep: true` are 1.

    x: any shape, y: that of x without the axes.

    Source: elementary. As torch.mean with `dim` and `keepdim`; axes are numbered without the batch axis.

    Example:
        - mean: 0
    """

    keyword: ClassVar[str] = "mean"
    shorthand: ClassVar[str] = "axes"

    axes: Axes = Field(description="an axis or a list of them, from 0 or from the end by -1")
    keep: Switch = Field(False, description="whether each axis stays, as 1")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Reduce("mean", axes_in(self.axes, net.shape(x)), self.keep), x)
