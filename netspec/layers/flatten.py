"""All axes as one."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, axis_of
from netspec.layers.layer import Layer
from netspec.layers.shapes import reshaped
from netspec.operations import Builder, Tensor, volume


class Flatten(Layer):
    """y[i n_1 + j] = x[i, j], and so on: all axes as one, the last going fastest; those before `start` stay.

    x: (n_0, n_1, …), y: (n_0 n_1 …,), or with `start: 1` (n_0, n_1 …).

    Source: LeCun et al. 1998. As torch.nn.Flatten, whose axes are numbered with the batch axis.

    Example:
        - flatten
    """

    keyword: ClassVar[str] = "flatten"
    shorthand: ClassVar[str] = "start"

    start: Axis = Field(0, description="the first axis that is flattened, with all behind it")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        shape = net.shape(x)
        start = axis_of(self.start, shape)
        return reshaped(net, x, (*shape[:start], volume(shape[start:])))
