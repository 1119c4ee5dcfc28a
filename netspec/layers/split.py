"""A value taken apart along an axis."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.diagnostics import quote
from netspec.layers.axes import Axis, axis_of
from netspec.layers.faults import describe, hold_back, mend_name, refuse, together
from netspec.layers.fields import NAME, integer, patient
from netspec.layers.layer import Layer
from netspec.layers.scope import Scope
from netspec.layers.shapes import reshaped, sliced
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.index import Index
from netspec.sizes import Polynomial
from netspec.source import REFUSED

Part = int | Literal["rest"]


def _name(value: object, at: tuple[int, ...] = (), *, key: bool = False) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str):
        refuse("wrong-type", f"expects a name, got {describe(value)}", at=at, help="such as [mean, log_variance]")
    if not NAME.match(value):
        where: tuple[int | str, ...] = (value,) if key else at
        words = f"{quote(value)} is not a name"
        refuse("bad-name", words, subject=False, at=where, key=key, help=mend_name(value, NAME))
    return value


def _names(value: object, _: Scope) -> tuple[str, ...]:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not value:
        refuse("wrong-type", f"expects a list of names, got {describe(value)}", help="such as [mean, log_variance]")
    names = together(*(partial(_name, each, (i,)) for i, each in enumerate(value)))
    for i, name in enumerate(names):
        if name in names[:i]:
            refuse("name-taken", f"the name `{name}` is taken: it is listed twice", subject=False, at=(i,))
    return tuple(names)


def _sizes(value: object, scope: Scope) -> dict[str, Part]:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict) or not value:
        help_ = "such as {first: 1, others: rest}"
        refuse("wrong-type", f"expects sizes by name, got {describe(value)}", help=help_)
    readings: list[Callable[[], tuple[str, Part]]] = [partial(_part, name, each, scope) for name, each in value.items()]
    found = dict(together(*readings))
    rests = [name for name, each in found.items() if each == "rest"]
    if len(rests) > 1:
        refuse("wrong-type", "says `rest` twice", at=(rests[1],), help="write one of the two as a size")
    return found


def _part(name: object, value: object, scope: Scope) -> tuple[str, Part]:
    called = _name(name, key=True)
    if value == "rest":
        return called, "rest"
    size = integer(value, scope, "a size, or `rest`", (called,))
    if size < 1:
        refuse("out-of-range", f"is {size}; at least 1 is needed", at=(called,))
    return called, size


class Split(Layer):
    """y_name = x[start:stop] on the axis, one stretch behind the other: equal ones, or of given sizes.

    Each is read by name, `code.mean` where the layer is called `code`. x: (…, n, …), y_name: (…, n / parts, …) or
    (…, size, …). One of the sizes may be `rest`: what is left.

    Source: elementary. As torch.chunk and torch.split.

    Example:
        - dense: 4
        - split: {into: [mean, log_variance], axis: -1, as: code}
    """

    keyword: ClassVar[str] = "split"
    shorthand: ClassVar[str] = "into"

    into: (
        Annotated[
            tuple[str, ...],
            PlainValidator(patient(_names)),
            WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        ]
        | None
    ) = Field(None, description="the names of equal parts")
    sizes: (
        Annotated[
            dict[str, Part],
            PlainValidator(patient(_sizes)),
            WithJsonSchema(
                {"type": "object", "additionalProperties": {"type": ["integer", "string"]}, "minProperties": 1}
            ),
        ]
        | None
    ) = Field(None, description="the parts by name, each with its size; one may be `rest`, what is left")
    axis: Axis = Field(0, description="the axis that is taken apart")

    def build(self, net: Builder, x: Tensor) -> dict[str, Tensor]:
        axis = axis_of(self.axis, net.shape(x))
        if self.into is not None and self.sizes is None:
            return _equal(net, x, axis, self.into)
        if self.sizes is not None and self.into is None:
            return _sized(net, x, axis, self.sizes)
        raise OperationFault("it needs one of the two: `into`, names of equal parts, or `sizes`, a size for each name")


def _equal(net: Builder, x: Tensor, axis: int, names: tuple[str, ...]) -> dict[str, Tensor]:
    shape = net.shape(x)
    size, count = shape[axis], len(names)
    if isinstance(size, Polynomial):  # no stretch of it begins at a number, so the parts become an axis
        parts = reshaped(net, x, (*shape[:axis], count, size // count, *shape[axis + 1 :]))
        return {name: net.apply(Index(axis, i), parts) for i, name in enumerate(names)}
    if size % count:
        raise OperationFault(f"axis {axis} has {size} elements, which {count} equal parts do not divide")
    part = size // count
    return {name: sliced(net, x, axis, i * part, (i + 1) * part) for i, name in enumerate(names)}


def _sized(net: Builder, x: Tensor, axis: int, sizes: dict[str, Part]) -> dict[str, Tensor]:
    size = net.shape(x)[axis]
    total = sum(each for each in sizes.values() if each != "rest")
    if "rest" not in sizes.values():
        if total != size:
            raise OperationFault(f"axis {axis} has {size} elements, and the parts {total}")
    elif isinstance(size, int) and total >= size:
        raise OperationFault(f"axis {axis} has {size} elements, and without the rest the parts have {total}")
    found: dict[str, Tensor] = {}
    start = 0
    for name, each in sizes.items():
        if each == "rest":
            behind = start - total  # as many as follow, counted from the end
            found[name] = sliced(net, x, axis, start, behind or None)
            start = behind
        else:
            stop = start + each
            found[name] = sliced(net, x, axis, start, stop or None)
            start = stop
    return found
