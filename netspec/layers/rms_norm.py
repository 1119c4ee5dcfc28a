"""Normalisation by the root of the mean square."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.rms_norm import RmsNorm as Operation


class RmsNorm(Layer):
    """y = γ x / √(mean(x²) + ε) over the last axis.

    x and y: (…, D), γ: (D,). Tensors: `gamma`, which begins with ones.

    Source: Zhang & Sennrich 2019. As torch.nn.RMSNorm, whose ε is the smallest step of the dtype unless given.

    Example:
        - rms_norm
    """

    keyword: ClassVar[str] = "rms_norm"

    epsilon: Positive = Field(1e-6, description="ε, added to the mean square")
    scale: Switch = Field(True, description="whether there is γ")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(self.epsilon, self.scale), x)
