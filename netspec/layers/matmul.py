"""The product of two matrices that both come from the input."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.layer import Layer, Reads
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.matmul import Matmul as Operation


class Matmul(Layer):
    """y[…, i, j] = Σ_k x_1[…, i, k] x_2[…, k, j]; a matrix that is transposed has its last two axes exchanged first.

    x_1: (…, n, m), x_2: (…, m, p), y: (…, n, p). Ranks are equal; an axis of 1 before the last two is repeated.

    Source: elementary. As torch.matmul.

    Example:
        - dense: {width: 8, from: in, as: queries}
        - dense: {width: 8, from: in, as: keys}
        - matmul: {from: [queries, keys], transpose_second: true}
    """

    keyword: ClassVar[str] = "matmul"
    reads: ClassVar[Reads] = "many"

    transpose_first: Switch = Field(False, description="whether x_1 is transposed")
    transpose_second: Switch = Field(False, description="whether x_2 is transposed")

    def build(self, net: Builder, *operands: Tensor) -> Tensor:
        if len(operands) != 2:
            raise OperationFault(f"it multiplies two matrices, and gets {len(operands)}")
        return net.apply(Operation(self.transpose_first, self.transpose_second), *operands)
