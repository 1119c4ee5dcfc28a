"""Group normalisation."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.fields import Count
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.group_norm import GroupNorm as Operation


class GroupNorm(Layer):
    """y[c] = γ[c] (x[c] - mean) / √(variance + ε) + β[c], mean and variance (over n) being those of the group of c.

    A group is C / groups channels that follow each other, at all positions. x and y: (C, …), γ and β: (C,).
    Tensors: `gamma`, which begins with ones, `beta`.

    Source: Wu & He 2018. As torch.nn.GroupNorm.

    Example:
        - conv: {channels: 16, kernel: 3}
        - group_norm: 4
    """

    keyword: ClassVar[str] = "group_norm"
    shorthand: ClassVar[str] = "groups"

    groups: Count = Field(description="how many groups the channels are dealt into")
    epsilon: Positive = Field(1e-5, description="ε, added to the variance")
    affine: Switch = Field(True, description="whether there are γ and β")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(self.groups, self.epsilon, self.affine), x)
