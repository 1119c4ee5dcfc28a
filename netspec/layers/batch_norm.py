"""Batch normalisation, by the mean and variance that training has kept."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.batch_norm import BatchNorm as Operation


class BatchNorm(Layer):
    """y[c] = γ[c] (x[c] - mean[c]) / √(variance[c] + ε) + β[c] for each channel c, axis 0.

    x and y: (C, …), γ, β, mean and variance: (C,). Tensors: `gamma`, `beta`, and as state, kept and not learned,
    `mean`, `variance`; γ and the variance begin with ones, β and the mean with zeros.

    Source: Ioffe & Szegedy 2015. As torch.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d in evaluation.

    Example:
        - conv: {channels: 16, kernel: 3, bias: false}
        - batch_norm
        - relu
    """

    keyword: ClassVar[str] = "batch_norm"

    epsilon: Positive = Field(1e-5, description="ε, added to the variance")
    affine: Switch = Field(True, description="whether there are γ and β")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(self.epsilon, self.affine), x)
