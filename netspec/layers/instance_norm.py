"""Instance normalisation."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.layer import Layer
from netspec.layers.windows import axes_of
from netspec.operations import Builder, Tensor
from netspec.operations.group_norm import GroupNorm
from netspec.operations.operation import fixed


class InstanceNorm(Layer):
    """y[c] = (x[c] - mean[c]) / √(variance[c] + ε), mean and variance (over n) being those of channel c.

    A `group_norm` with as many groups as channels: each is taken over all positions. With `affine: true` times γ[c],
    plus β[c]. x and y: (C, positions …), γ and β: (C,). Tensors, where `affine`: `gamma`, which begins with ones,
    `beta`.

    Source: Ulyanov, Vedaldi & Lempitsky 2016. As torch.nn.InstanceNorm1d, InstanceNorm2d and InstanceNorm3d.

    Example:
        - instance_norm: {affine: true}
    """

    keyword: ClassVar[str] = "instance_norm"

    epsilon: Positive = Field(1e-5, description="ε, added to the variance")
    affine: Switch = Field(False, description="whether there are γ and β")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes_of(net.shape(x))
        channels = fixed(net.shape(x)[0], "the axis of channels")
        return net.apply(GroupNorm(channels, self.epsilon, self.affine), x)
