"""Values put one behind the other along a new axis."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, axis_of
from netspec.layers.layer import Layer, Reads
from netspec.operations import Builder, Tensor
from netspec.operations.stack import Stack as Operation


class Stack(Layer):
    """y = (x_1, x_2, …), one behind the other along a new axis.

    x_i: one shape, y: that shape with as many as there are values on the new axis.

    Source: elementary. As torch.stack, whose axes are numbered with the batch axis.

    Example:
        - dense: {width: 8, from: in, as: left}
        - dense: {width: 8, from: in, as: right}
        - stack: [left, right]
    """

    keyword: ClassVar[str] = "stack"
    reads: ClassVar[Reads] = "many"

    axis: Axis = Field(0, description="the number of the new axis in y")

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        first = net.shape(operands[0])
        return net.apply(Operation(axis_of(self.axis, first, len(first) + 1)), *operands)
