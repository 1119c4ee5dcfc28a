"""A value that is learned and reads nothing."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from netspec.layers.axes import MOST_AXES
from netspec.layers.faults import describe, refuse
from netspec.layers.layer import Layer, Reads
from netspec.layers.windows import Counts
from netspec.operations import Builder, Tensor
from netspec.operations.learned import Learned as Operation


def _bounded(sizes: int | list[int]) -> int | list[int]:
    if isinstance(sizes, list) and not 0 < len(sizes) <= MOST_AXES:
        refuse("wrong-type", f"expects a shape of 1 to {MOST_AXES} sizes, got {describe(sizes)}")
    return sizes


class Learned(Layer):
    """y = Ω, the same for every example.

    It reads nothing: a token before a sequence, or the queries of a set. Ω and y: `shape`. Tensors: `Omega`.

    Source: the class token of Devlin et al. 2019. As torch.nn.Parameter.

    Example:
        - learned: {shape: [1, 8], as: token}
        - concat: [token, in]
    """

    keyword: ClassVar[str] = "learned"
    shorthand: ClassVar[str] = "shape"
    reads: ClassVar[Reads] = "none"

    shape: Annotated[Counts, AfterValidator(_bounded)] = Field(description="the shape of Ω and y, without free sizes")

    def build(self, net: Builder) -> Tensor:
        return net.apply(Operation(tuple(self.shape) if isinstance(self.shape, list) else (self.shape,)))
