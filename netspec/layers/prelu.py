"""The rectifier whose slope below zero is learned."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.layers.fields import patient, word
from netspec.layers.layer import Layer
from netspec.layers.scope import Scope
from netspec.operations import Builder, Tensor
from netspec.operations.prelu import Prelu as Operation


def _each(value: object, _: Scope) -> str:
    return word(value, ("all", "channel"), "what has a slope of its own")


class Prelu(Layer):
    """y = x for x > 0, slope · x otherwise, the slope being learned.

    x and y: one shape, slope: (1,), or (C,) with `each: channel`, axis 0 being channels. It begins with 0.25.
    Tensors: `slope`.

    Source: He et al. 2015, "Delving deep into rectifiers". As torch.nn.PReLU.

    Example:
        - prelu
    """

    keyword: ClassVar[str] = "prelu"
    shorthand: ClassVar[str] = "each"

    each: Annotated[
        Literal["all", "channel"],
        PlainValidator(patient(_each)),
        WithJsonSchema({"type": "string", "enum": ["all", "channel"]}),
    ] = Field("all", description="what has a slope of its own: `all` together, or each `channel`")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Operation(channels=self.each == "channel"), x)
