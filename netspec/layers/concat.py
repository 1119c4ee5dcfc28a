"""Values put one behind the other along an axis."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, axis_of
from netspec.layers.layer import Layer, Reads
from netspec.operations import Builder, Tensor
from netspec.operations.concat import Concat as Operation


class Concat(Layer):
    """y = (x_1, x_2, …), one behind the other along the axis.

    x_i: (…, n_i, …), equal on the other axes, y: (…, n_1 + n_2 + …, …).

    Source: Huang et al. 2017, "DenseNet". As torch.cat, whose axes are numbered with the batch axis.

    Example:
        - conv: {channels: 8, kernel: 3, padding: same, as: branch}
        - concat: [branch, in]
    """

    keyword: ClassVar[str] = "concat"
    reads: ClassVar[Reads] = "many"

    axis: Axis = Field(0, description="the axis along which they are joined")

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        return net.apply(Operation(axis_of(self.axis, net.shape(operands[0]))), *operands)
