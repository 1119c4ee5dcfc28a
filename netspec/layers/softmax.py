"""The softmax."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, axis_of
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.softmax import Softmax as Operation


class Softmax(Layer):
    """y = exp(x) / Σ exp(x) over the axis: positive numbers whose sum is 1.

    x and y: one shape.

    Source: Bridle 1990; Prince, *Understanding Deep Learning*, equation 5.22. As torch.nn.Softmax.

    Example:
        - softmax
    """

    keyword: ClassVar[str] = "softmax"
    shorthand: ClassVar[str] = "axis"

    axis: Axis = Field(-1, description="the axis over which the sum is")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(axis_of(self.axis, net.shape(x))), x)
