"""Elements put around a value."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Number
from netspec.layers.layer import Layer
from netspec.layers.windows import Borders, borders
from netspec.operations import Builder, Tensor
from netspec.operations.pad import Pad as Operation


class Pad(Layer):
    """y = x with elements of one value before and behind each axis.

    x: (n_0, n_1, …), y: (low_0 + n_0 + high_0, …).

    Source: elementary. As torch.nn.ConstantPad2d, but for each axis in order, that of channels included.

    Example:
        - pad: {widths: [0, [1, 2]], value: -1}
    """

    keyword: ClassVar[str] = "pad"
    shorthand: ClassVar[str] = "widths"

    widths: Borders = Field(description="for each axis how many before and behind: a pair, or one number for both")
    value: Number = Field(0.0, description="what is put there")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        widths = borders(self.widths, net.shape(x))
        return net.apply(Operation(widths, self.value), x) if any(map(any, widths)) else x
