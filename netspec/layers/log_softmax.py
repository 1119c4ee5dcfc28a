"""The logarithm of the softmax."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, axis_of
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.softmax import Softmax


class LogSoftmax(Layer):
    """y = x - log Σ exp(x) over the axis: the logarithm of the softmax.

    x and y: one shape.

    Source: Bridle 1990; Prince, *Understanding Deep Learning*, equation 5.22, its logarithm. As torch.nn.LogSoftmax.

    Example:
        - log_softmax
    """

    keyword: ClassVar[str] = "log_softmax"
    shorthand: ClassVar[str] = "axis"

    axis: Axis = Field(-1, description="the axis over which the sum is")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Softmax(axis_of(self.axis, net.shape(x)), log=True), x)
