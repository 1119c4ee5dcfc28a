"""The product of several values."""

from typing import ClassVar

from netspec.layers.layer import Layer, Reads
from netspec.operations import Builder, Tensor
from netspec.operations.merge import Merge


class Multiply(Layer):
    """y = x_1 · x_2 · …, elementwise. Ranks are equal; an axis of 1 is repeated.

    Source: the gate of Dauphin et al. 2017. As `x * y` in PyTorch.

    Example:
        - dense: {width: 8, from: in, as: left}
        - dense: {width: 8, from: in, as: right}
        - multiply: [left, right]
    """

    keyword: ClassVar[str] = "multiply"
    reads: ClassVar[Reads] = "many"

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        return net.apply(Merge("multiply"), *operands)
