"""The dense layer: an affine map over the last axis."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.activations import Activation
from netspec.layers.axes import Switch
from netspec.layers.fields import Width
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor


class Dense(Layer):
    """y = a[β + Ω x] over the last axis of x, the same at every position before it.

    x: (…, D), Ω: (width, D), β: (width,), y: (…, width). Tensors: `beta`, `Omega`.

    Source: Prince, *Understanding Deep Learning*, equation 4.15. As torch.nn.Linear and an activation.

    Example:
        - dense: {width: 120, activation: relu}
    """

    keyword: ClassVar[str] = "dense"
    shorthand: ClassVar[str] = "width"

    width: Width = Field(description="the width of y")
    bias: Switch = Field(True, description="whether there is β")
    activation: Activation | None = Field(None, description="a[·]; none unless given")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        init = default_init(None if self.activation is None else self.activation.name)
        return net.activate(net.affine(x, self.width, init=init, bias=self.bias), self.activation)
