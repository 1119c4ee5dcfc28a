"""Layer normalisation."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.fields import Count
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.layer_norm import LayerNorm as Operation


class LayerNorm(Layer):
    """y = γ (x - mean) / √(variance + ε) + β, mean and variance (over n) being those of the last axis, or last axes.

    x and y: (…, D), γ and β: (D,); with `axes: 2` they have the last two sizes. Tensors: `gamma`, which begins with
    ones, `beta`.

    Source: Ba, Kiros & Hinton 2016. As torch.nn.LayerNorm.

    Example:
        - layer_norm
    """

    keyword: ClassVar[str] = "layer_norm"

    axes: Count = Field(1, description="how many of the last axes are normalised together")
    epsilon: Positive = Field(1e-5, description="ε, added to the variance")
    scale: Switch = Field(True, description="whether there is γ")
    bias: Switch = Field(True, description="whether there is β")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(self.axes, self.epsilon, self.scale, self.bias), x)
