"""A value without its borders."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.layer import Layer
from netspec.layers.shapes import sliced
from netspec.layers.windows import Borders, borders
from netspec.operations import Builder, OperationFault, Tensor


class Crop(Layer):
    """y = x without so many elements before and behind each axis.

    x: (n_0, n_1, …), y: (n_0 - low_0 - high_0, …).

    Source: Ronneberger, Fischer & Brox 2015, "U-Net". As torch.nn.ZeroPad2d with negative numbers, but for each axis in
    order, that of channels included.

    Example:
        - crop: [0, [1, 2]]
    """

    keyword: ClassVar[str] = "crop"
    shorthand: ClassVar[str] = "widths"

    widths: Borders = Field(description="for each axis how many before and behind: a pair, or one number for both")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        for axis, (low, high) in enumerate(borders(self.widths, net.shape(x))):
            size = net.shape(x)[axis]
            if isinstance(size, int) and low + high >= size:
                raise OperationFault(f"a crop of {low} and {high} leaves nothing of axis {axis}, which has {size}")
            x = sliced(net, x, axis, low, -high if high else None)
        return x
