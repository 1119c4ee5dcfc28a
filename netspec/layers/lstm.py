"""The network with a long short-term memory."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Switch
from netspec.layers.fields import Width
from netspec.layers.layer import Layer
from netspec.layers.recurrent import Give, scanned
from netspec.operations import Builder, Tensor
from netspec.operations.scan import Scan


class Lstm(Layer):
    """k_t = σ(f) k_{t-1} + σ(i) tanh(c), h_t = σ(o) tanh(k_t) for t = 0 … T - 1, both 0 before, and y = (h_0, h_1, …).

    (i, f, c, o) = β_input + Ω_input x_t + β_hidden + Ω_hidden h_{t-1}, the four stacked in this order.

    x: (T, D), y: (T, width), Ω_input: (4 width, D), Ω_hidden: (4 width, width), β_input, β_hidden: (4 width,). With
    `give: last` y is h_{T-1}. With `bidirectional: true` a second one with tensors of its own reads from the end, its
    states stand behind on the last axis, and its last is that of position 0. Tensors: `beta_input`, `Omega_input`,
    `beta_hidden`, `Omega_hidden`, and of the second `beta_input_reverse` and so on.

    Source: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000. As torch.nn.LSTM, one layer of it.

    Example:
        - lstm: {width: 16, give: last}
    """

    keyword: ClassVar[str] = "lstm"
    shorthand: ClassVar[str] = "width"

    width: Width = Field(description="the width of the state")
    bidirectional: Switch = Field(False, description="whether a second one reads from the end")
    give: Give = Field("every", description="which states y is: `every` one, or the `last`")
    bias: Switch = Field(True, description="whether there are β_input and β_hidden")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        scan = Scan("lstm", self.width, bias=self.bias)
        return scanned(net, x, scan, self.give, bidirectional=self.bidirectional)
