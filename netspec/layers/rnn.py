"""The plain recurrent network."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.layers.axes import Switch
from netspec.layers.fields import Width, patient, word
from netspec.layers.layer import Layer
from netspec.layers.recurrent import Give, scanned
from netspec.layers.scope import Scope
from netspec.operations import Builder, Tensor
from netspec.operations.scan import Scan


def _function(value: object, _: Scope) -> str:
    return word(value, ("tanh", "relu"), "a function of the state")


class Rnn(Layer):
    """h_t = a[β_input + Ω_input x_t + β_hidden + Ω_hidden h_{t-1}] for t = 0, 1, …, h_{-1} = 0, and y = (h_0, h_1, …).

    x: (T, D), y: (T, width), Ω_input: (width, D), Ω_hidden: (width, width), β_input, β_hidden: (width,). With
    `give: last` y is h_{T-1}. With `bidirectional: true` a second one with tensors of its own reads from the end, its
    states stand behind on the last axis, and its last is that of position 0. Tensors: `beta_input`, `Omega_input`,
    `beta_hidden`, `Omega_hidden`, and of the second `beta_input_reverse` and so on.

    Source: Elman 1990. As torch.nn.RNN, one layer of it.

    Example:
        - rnn: {width: 16, give: last}
    """

    keyword: ClassVar[str] = "rnn"
    shorthand: ClassVar[str] = "width"

    width: Width = Field(description="the width of the state")
    bidirectional: Switch = Field(False, description="whether a second one reads from the end")
    give: Give = Field("every", description="which states y is: `every` one, or the `last`")
    bias: Switch = Field(True, description="whether there are β_input and β_hidden")
    function: Annotated[
        Literal["tanh", "relu"],
        PlainValidator(patient(_function)),
        WithJsonSchema({"type": "string", "enum": ["tanh", "relu"]}),
    ] = Field("tanh", description="a[·]: `tanh` or `relu`")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        scan = Scan("rnn", self.width, bias=self.bias, function=self.function)
        return scanned(net, x, scan, self.give, bidirectional=self.bidirectional)
