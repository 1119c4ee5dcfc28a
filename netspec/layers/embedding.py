"""The embedding of integers."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.fields import Width
from netspec.layers.layer import Layer
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.embed import Embed


class Embedding(Layer):
    """y = Ω[x]: for each integer of x, 0 … vocabulary - 1, its row of Ω.

    x: (…), integers, Ω: (vocabulary, width), y: (…, width). Tensors: `Omega`.

    Source: Bengio et al. 2003; Prince, *Understanding Deep Learning*, section 12.5. As torch.nn.Embedding, but drawn
    with a variance of 1 / width.

    Example:
        - embedding: {vocabulary: 1000, width: 16}
    """

    keyword: ClassVar[str] = "embedding"

    vocabulary: Width = Field(description="how many integers there are")
    width: Width = Field(description="the width of each one's row")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        if x not in net.graph.integers:
            raise OperationFault("it reads integers, and gets numbers: an input of integers says `dtype: int32`")
        return net.apply(Embed(self.vocabulary, self.width), x)
