"""More positions than come."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.layers.fields import patient, word
from netspec.layers.layer import Layer
from netspec.layers.scope import Scope
from netspec.layers.windows import Counts, axes_of, spread
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.upsample import Upsample as Operation

Mode = Literal["nearest", "linear", "bilinear", "trilinear"]

_MODES: Final[tuple[Mode, ...]] = ("nearest", "linear", "bilinear", "trilinear")


def _mode(value: object, _: Scope) -> str:
    return word(value, _MODES, "how positions are filled")


class Upsample(Layer):
    """y[c, p] = x[c, ⌊p / factor⌋], or with `bilinear` the values between: x at (p + 1/2) / factor - 1/2 on each axis.

    x: (C, positions …), y: (C, factor · positions …). `linear` is for one axis of positions, `bilinear` for two,
    `trilinear` for three; beyond the first and last position x goes on as it is there.

    Source: Odena, Dumoulin & Olah 2016. As torch.nn.Upsample with `scale_factor`, and align_corners false.

    Example:
        - upsample: {factor: 2, mode: bilinear}
    """

    keyword: ClassVar[str] = "upsample"
    shorthand: ClassVar[str] = "factor"

    factor: Counts = Field(description="how many positions there are for one: a number for all axes, or one for each")
    mode: Annotated[Mode, PlainValidator(patient(_mode)), WithJsonSchema({"type": "string", "enum": list(_MODES)})] = (
        Field("nearest", description="how they are filled: `nearest`, or `linear`, `bilinear`, `trilinear`")
    )

    def build(self, net: Builder, x: Tensor) -> Tensor:
        axes = axes_of(net.shape(x))
        if self.mode != "nearest" and self.mode != _MODES[axes]:
            others = f"{axes} {'axis' if axes == 1 else 'axes'} of positions"
            raise OperationFault(f"`{self.mode}` is for other shapes: with {others} it is `{_MODES[axes]}`")
        factors = spread(self.factor, axes, "factor")
        return net.apply(Operation("nearest" if self.mode == "nearest" else "linear", factors), x)
