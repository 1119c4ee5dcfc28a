"""The gated recurrent network."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.fields import Width
from netspec.layers.layer import Layer
from netspec.layers.recurrent import Give, scanned
from netspec.operations import Builder, Tensor
from netspec.operations.scan import Scan


class Gru(Layer):
    """h_t = (1 - σ(z)) tanh(n) + σ(z) h_{t-1} for t = 0 … T - 1, h_{-1} = 0, and y = (h_0, h_1, …).

    With u = β_input + Ω_input x_t and v = β_hidden + Ω_hidden h_{t-1}, of three parts stacked in the order r, z, n:
    r = u_r + v_r, z = u_z + v_z, n = u_n + σ(r) v_n.

    x: (T, D), y: (T, width), Ω_input: (3 width, D), Ω_hidden: (3 width, width), β_input, β_hidden: (3 width,). With
    `give: last` y is h_{T-1}. With `bidirectional: true` a second one with tensors of its own reads from the end, its
    states stand behind on the last axis, and its last is that of position 0. Tensors: `beta_input`, `Omega_input`,
    `beta_hidden`, `Omega_hidden`, and of the second `beta_input_reverse` and so on.

    Source: Cho et al. 2014. As torch.nn.GRU, one layer of it: there r acts on v_n rather than on h.

    Example:
        - gru: {width: 16, give: last}
    """

    keyword: ClassVar[str] = "gru"
    shorthand: ClassVar[str] = "width"

    width: Width = Field(description="the width of the state")
    bidirectional: Switch = Field(False, description="whether a second one reads from the end")
    give: Give = Field("every", description="which states y is: `every` one, or the `last`")
    bias: Switch = Field(True, description="whether there are β_input and β_hidden")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        scan = Scan("gru", self.width, bias=self.bias)
        return scanned(net, x, scan, self.give, bidirectional=self.bidirectional)
