"""The fields that name axes, shapes, switches and numbers, and what they mean of one shape."""

from typing import Annotated, Any

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from netspec.diagnostics import did_you_mean, quote
from netspec.layers.faults import describe, hold_back, refuse
from netspec.layers.fields import NAME, NUMBER, evaluate_size, integer, number, one_or_list, patient
from netspec.layers.scope import Scope
from netspec.limits import INTEGER_DIGITS, WIDTH
from netspec.operations import OperationFault, Shape
from netspec.sizes import Polynomial, Size
from netspec.source import REFUSED


def _axis(value: object, scope: Scope) -> int:
    return integer(value, scope, "an axis")


Axis = Annotated[
    int,
    PlainValidator(patient(_axis)),
    WithJsonSchema({"type": ["integer", "string"], "description": "an axis: from 0, or from the end by -1"}),
]
Axes = Annotated[Annotated[Axis, Tag("·one")] | Annotated[list[Axis], Tag("·list")], Discriminator(one_or_list)]


def _place(value: object, scope: Scope) -> int:
    return integer(value, scope, "a place")


Place = Annotated[
    int,
    PlainValidator(patient(_place)),
    WithJsonSchema({"type": ["integer", "string"], "description": "a place: from 0, or from the end by -1"}),
]


def axis_of(axis: int, x: Shape, rank: int | None = None) -> int:
    """Return an axis counted from 0; raises OperationFault where x, or a result of `rank` axes, has none such."""
    rank = len(x) if rank is None else rank
    if not -rank <= axis < rank:
        raise OperationFault(
            f"there is no axis {axis}: there are {rank}, from 0 to {rank - 1} or from -1 back to -{rank}"
        )
    return axis % rank


def axes_in(axes: int | list[int], x: Shape) -> tuple[int, ...]:
    """Return axes counted from 0, in order; raises OperationFault where one is missing or named twice."""
    found = sorted(axis_of(axis, x) for axis in (axes if isinstance(axes, list) else [axes]))
    if len(set(found)) < len(found):
        raise OperationFault("an axis is named twice")
    return tuple(found)


def dimension(value: object, scope: Scope, at: tuple[str | int, ...] = ()) -> Size:
    """Return a size of a shape, which may be free; refuses what is not 1 or more."""
    if value is REFUSED:
        hold_back()
    if isinstance(value, str) and value and not NUMBER.match(value):
        size = evaluate_size(value, scope, INTEGER_DIGITS.value, at)
        if isinstance(size, Polynomial):
            return size
    else:
        size = integer(value, scope, "a size", at)
    written = f" ({quote(value)})" if isinstance(value, str) else ""
    if size < 1:
        refuse("out-of-range", f"is {size}{written}; at least 1 is needed", at=at)
    if size > WIDTH.value:
        help_ = "`netspec limits` lists the limits"
        refuse(WIDTH.code, f"is {size:,}{written}; the limit is {WIDTH.value:,}", at=at, help=help_)
    return size


def shape_of(value: object, scope: Scope) -> Shape:
    """Return the shape that a value means: a list of sizes, or one size for a single axis."""
    if value is REFUSED:
        hold_back()
    if isinstance(value, list):
        if not 0 < len(value) <= MOST_AXES:
            refuse("wrong-type", f"expects a shape of 1 to {MOST_AXES} sizes, got {describe(value)}")
        return tuple([dimension(each, scope, (i,)) for i, each in enumerate(value)])
    if isinstance(value, dict) or value is None:
        refuse("wrong-type", f"expects a shape, got {describe(value)}", help="such as 10, or [1, 28, 28]")
    return (dimension(value, scope),)


MOST_AXES = 8
"""Axes that a shape may have, the batch axis left out."""

SHAPE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": ["integer", "string"]},
        {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": MOST_AXES},
    ],
    "description": "a shape without the batch axis: a list of sizes, or one size",
}
Dimensions = Annotated[Shape, PlainValidator(patient(shape_of)), WithJsonSchema(SHAPE_SCHEMA)]


def _number(value: object, scope: Scope) -> float:
    return float(number(value, scope))


Number = Annotated[
    float,
    PlainValidator(patient(_number)),
    WithJsonSchema({"type": ["number", "string"], "description": "a number, or the name of a hyperparameter"}),
]


def switch(value: object, scope: Scope, at: tuple[str | int, ...] = ()) -> bool:
    """Return the switch that a literal, or the bare name of a hyperparameter, stands for."""
    if value is REFUSED:
        hold_back()
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        scope.used.add(value)
        if value in scope.held_back or (scope.blind and NAME.match(value)):
            hold_back()
        named = scope.values.get(value)
        if isinstance(named, bool):
            return named
        switches = [name for name, each in scope.values.items() if isinstance(each, bool)]
        near = did_you_mean(value, (*switches, "true", "false"))
        words = f"expects `true` or `false` or the name of a switch, got {describe(value)}"
        refuse("wrong-type", words, at=at, help=near)
    refuse("wrong-type", f"expects `true` or `false`, got {describe(value)}", at=at)


Switch = Annotated[
    bool,
    PlainValidator(patient(switch)),
    WithJsonSchema({"type": ["boolean", "string"], "description": "`true` or `false`, or the name of a switch"}),
]
