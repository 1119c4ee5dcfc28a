"""The same elements in another shape."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.layers.axes import MOST_AXES, dimension
from netspec.layers.faults import describe, hold_back, refuse
from netspec.layers.fields import patient
from netspec.layers.layer import Layer
from netspec.layers.scope import Scope
from netspec.layers.shapes import reshaped
from netspec.operations import Builder, OperationFault, Shape, Tensor, volume, written
from netspec.sizes import Polynomial, Size
from netspec.source import REFUSED

Target = tuple[Size | Literal["rest"], ...]


def _target(value: object, scope: Scope) -> Target:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not 0 < len(value) <= MOST_AXES:
        help_ = "such as [16, rest], where `rest` is what is left"
        refuse("wrong-type", f"expects a list of 1 to {MOST_AXES} sizes, got {describe(value)}", help=help_)
    if value.count("rest") > 1:
        again = value.index("rest", value.index("rest") + 1)
        refuse("wrong-type", "says `rest` twice", at=(again,), help="write one of the two as a size")
    if -1 in value and "rest" not in value:
        refuse(
            "out-of-range", "is -1; at least 1 is needed", at=(value.index(-1),), help="write `rest` for what is left"
        )
    return tuple(["rest" if each == "rest" else dimension(each, scope, (i,)) for i, each in enumerate(value)])


class Reshape(Layer):
    """y = the elements of x in another shape, the last axis going fastest in both.

    x: any shape, y: `shape`, of as many elements. One size may be `rest`: as many as are left.

    Source: elementary. As torch.reshape, whose -1 is `rest`.

    Example:
        - reshape: [4, rest]
    """

    keyword: ClassVar[str] = "reshape"
    shorthand: ClassVar[str] = "shape"

    shape: Annotated[
        Target,
        PlainValidator(patient(_target)),
        WithJsonSchema(
            {
                "type": "array",
                "items": {"type": ["integer", "string"]},
                "minItems": 1,
                "maxItems": MOST_AXES,
                "description": "the shape of y: a list of sizes, one of which may be `rest`",
            }
        ),
    ] = Field(description="the shape of y; one size may be `rest`, as many elements as are left")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        shape = net.shape(x)
        sizes = tuple([_rest(shape, self.shape) if size == "rest" else size for size in self.shape])
        return reshaped(net, x, sizes)


def _rest(shape: Shape, target: Target) -> Size:
    """Return what `rest` is. Free sizes are not divided by, so each has to stand on an axis of x and cancel out."""
    left = list(shape)
    divisor = 1
    for size in target:
        if size == "rest":
            continue
        if not isinstance(size, Polynomial):
            divisor *= size
        elif size in left:
            left.remove(size)
        else:
            words = f"`rest` is not found: no axis of {written(shape)} is {size}"
            raise OperationFault(f"{words}, by which it would be divided")
    elements = volume(tuple(left))
    if isinstance(elements, int) and elements % divisor:
        words = f"`rest` is not found: {divisor} does not divide the elements of {written(shape)}"
        raise OperationFault(words)
    return elements // divisor
