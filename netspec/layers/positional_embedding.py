"""Positions that are learned."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.fields import Width
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.positions import Positions


class PositionalEmbedding(Layer):
    """y[t] = x[t] + Ω[t] for each position t.

    x and y: (T, D), Ω: (length, D), T at most `length`. Tensors: `Omega`.

    Source: Gehring et al. 2017; Vaswani et al. 2017, section 3.5. As torch.nn.Embedding(length, D) of 0 … T - 1, added.

    Example:
        - positional_embedding: 128
    """

    keyword: ClassVar[str] = "positional_embedding"
    shorthand: ClassVar[str] = "length"

    length: Width = Field(description="how many positions there are at most")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Positions(self.length), x)
