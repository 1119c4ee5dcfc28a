"""Positions as rotations."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.bounds import Positive
from netspec.layers.fields import Count
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.rotate import Rotate


class Rotary(Layer):
    """(y[i], y[i + d/2]) = (x[i] cos a - x[i + d/2] sin a, x[i] sin a + x[i + d/2] cos a), a = t / base^(2i / d).

    At each position t from 0, for each head of d = D / heads features, i = 0 … d/2 - 1. x and y: (T, D). An
    `attention` with `rotary: true` does it to its queries and keys.

    Source: Su et al. 2021, "RoFormer", whose pairs are neighbours; these are as in GPT-NeoX and LLaMA. PyTorch has no
    such layer.

    Example:
        - rotary: {heads: 2}
    """

    keyword: ClassVar[str] = "rotary"
    shorthand: ClassVar[str] = "heads"

    heads: Count = Field(description="how many heads the features are dealt into")
    base: Positive = Field(10000.0, description="the base of the angles' geometric row")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Rotate(self.heads, self.base), x)
