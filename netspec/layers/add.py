"""The sum of several values."""

from typing import ClassVar

from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.merge import Merge


class Add(Layer):
    """y = x_1 + x_2 + …, elementwise. Ranks are equal; an axis of 1 is repeated.

    Source: the residual connection, He et al. 2016. As `x + y` in PyTorch.

    Example:
        - dense: {width: 64, as: branch}
        - add: [branch, in]
    """

    keyword: ClassVar[str] = "add"
    reads: ClassVar = "many"

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        return net.apply(Merge("add"), *operands)
