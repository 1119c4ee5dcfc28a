"""The distance of two values, element by element."""

from typing import ClassVar

from netspec.layers.layer import Layer, Reads
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.merge import Merge


class AbsDifference(Layer):
    """y = |x_1 - x_2|, elementwise. There are two, of equal ranks; an axis of 1 is repeated.

    Source: Koch, Zemel & Salakhutdinov 2015. As `(x - y).abs()` in PyTorch.

    Example:
        - dense: {width: 8, from: in, as: left}
        - dense: {width: 8, from: in, as: right}
        - abs_difference: [left, right]
    """

    keyword: ClassVar[str] = "abs_difference"
    reads: ClassVar[Reads] = "many"

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        if len(operands) != 2:
            raise OperationFault(f"it joins two values, and gets {len(operands)}")
        return net.apply(Merge("abs_difference"), *operands)
