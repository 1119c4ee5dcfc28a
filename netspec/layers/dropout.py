"""Dropout, which trains and does nothing when a network runs."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.bounds import Rate
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.drop import Drop


class Dropout(Layer):
    """y = x. In training each element is 0 with probability `rate`, and else divided by 1 - rate.

    x and y: any shape. It adds no operation, so it costs nothing, and no fingerprint has it.

    Source: Srivastava et al. 2014; Prince, *Understanding Deep Learning*, section 9.3.3. As torch.nn.Dropout in
    evaluation.

    Example:
        - dropout: 0.1
    """

    keyword: ClassVar[str] = "dropout"
    shorthand: ClassVar[str] = "rate"

    rate: Rate = Field(0.5, description="the share of elements that training drops")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Drop(self.rate), x) if net.trains and self.rate else x
