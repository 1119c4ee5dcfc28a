"""The types of a layer's fields: each one strict validator of our own, so that one mistake gives one fault.

A validator finds the scope it stands in as the validation's context, and gives back what the field means there: an
expression becomes its integer, a bare name its number or switch. So a model holds plain values, never expressions.
"""

import re
from collections.abc import Callable
from math import prod
from typing import Annotated, Any, Final, TypeVar

from pydantic import Discriminator, PlainValidator, Tag, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from netspec.diagnostics import Mend, did_you_mean, quote, show
from netspec.layers.faults import Path, describe, hold_back, refuse
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.limits import HIDDEN_LAYERS, INTEGER_DIGITS, NAME_LENGTH, WIDTH, Limit
from netspec.sizes import Expression, ExpressionFault, Polynomial, Size, parse, symbols
from netspec.source import REFUSED

Read = TypeVar("Read")

NAME: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{NAME_LENGTH.value - 1}}}\Z")
FILE_NAME: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_.-]{{0,{NAME_LENGTH.value - 1}}}\Z")
_AXES: Final = 8  # axes of a shape that is read as one width in a hint
NUMBER: Final = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?\Z")


def scope_of(info: ValidationInfo) -> Scope:
    """Return the scope that a model is read in; none sees no names."""
    return info.context if isinstance(info.context, Scope) else Scope({})


def integer(value: object, scope: Scope, noun: str = "an integer", at: Path = ()) -> int:
    """Return the integer that a value means in a scope; refuses what is not one. `noun` says what it is for, and `at`
    leads to it from the value that is checked.
    """
    if value is REFUSED:
        hold_back()
    digits = INTEGER_DIGITS.value if scope.digits is None else scope.digits
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**digits:
            refuse("integer-too-large", f"has {len(str(abs(value)))} digits; at most {digits:,} are read", at=at)
        return value
    if not isinstance(value, str) or not value:
        refuse("wrong-type", f"expects {noun}, got {describe(value)}", at=at, help=_integer_meant(value))
    if NUMBER.match(value):
        words = f"expects {noun}, got the quoted text {quote(value)}"
        refuse("quoted-number", words, at=at, help=Mend.by(value, "leave the quotes out"))
    return evaluate(value, scope, digits, at)


def _integer_meant(value: object) -> str:
    """Return the help for what is no integer and yet means one: 3.0, or the shape of an image for its width."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return f"write {int(value)}"
    if isinstance(value, list) and 0 < len(value) <= _AXES and all(type(n) is int and 0 < n < 10**9 for n in value):
        return f"write {prod(value)}: it has one axis" if len(value) > 1 else f"write {show(value[0])}"
    return ""


def evaluate(written: str | Expression, scope: Scope, digits: int, at: Path = ()) -> int:
    """Return the value of an expression over the sizes in scope, none of which may be free."""
    value = evaluate_size(written, scope, digits, at)
    if isinstance(value, Polynomial):
        free = sorted(symbols(value))
        names = ", ".join(f"`{name}`" for name in free)
        verb = "is" if len(free) == 1 else "are"
        words = f"expects a number that is known before any run, and {names} {verb} free"
        refuse("free-size", words, at=at, help="free sizes stand in shapes: in `input`, `shape` and `output`")
    return value


def evaluate_size(written: str | Expression, scope: Scope, digits: int, at: Path = ()) -> Size:
    """Return the size that an expression means; a name that is itself at fault is not blamed again."""
    try:
        expression = parse(written, digits=digits) if isinstance(written, str) else written
        scope.used.update(expression.names)
        if not scope.held_back.isdisjoint(expression.names):
            hold_back()
        value = expression.evaluate(scope.values, digits=digits)
    except ExpressionFault as fault:
        if scope.blind and fault.code == "unknown-size":
            hold_back()
        refuse(fault.code, fault.message, subject=False, at=at, start=fault.start, end=fault.end, help=fault.help)
    return value


def patient(read: Callable[[object, Scope], Read]) -> Callable[[object, ValidationInfo], Read]:
    """Return the validator that a reading in a scope makes; beyond MOST_FAULTS in one scope all is held back."""

    def validate(value: object, info: ValidationInfo) -> Read:
        scope = scope_of(info)
        if scope.refused >= MOST_FAULTS:
            hold_back()
        try:
            return read(value, scope)
        except PydanticCustomError:
            scope.refused += 1
            raise

    return validate


def _size(least: int, most: Limit, noun: str) -> Callable[[object, Scope], int]:
    def read(value: object, scope: Scope) -> int:
        if value.__class__ is int and least <= value <= most.value:  # the common case, quickly
            return value
        size = integer(value, scope, noun)
        if size < least:
            written = f" ({quote(value)})" if isinstance(value, str) else ""
            refuse("out-of-range", f"is {size}{written}; at least {least} is needed")
        if size > most.value:
            written = f" ({quote(value)})" if isinstance(value, str) else ""
            refuse(
                most.code,
                f"is {size:,}{written}; the limit is {most.value:,}",
                help="`netspec limits` lists the limits",
            )
        return size

    return read


def _size_schema(least: int, most: Limit, meaning: str) -> dict[str, Any]:
    return {
        "anyOf": [
            {"type": "integer", "minimum": least, "maximum": most.value},
            {"type": "string", "description": "an expression over the sizes in scope, such as `2*D`"},
        ],
        "description": meaning,
    }


Width = Annotated[
    int,
    PlainValidator(patient(_size(1, WIDTH, "a width"))),
    WithJsonSchema(_size_schema(1, WIDTH, "a width: an integer or an expression over the sizes in scope")),
]
Count = Annotated[
    int,
    PlainValidator(patient(_size(1, WIDTH, "a size"))),
    WithJsonSchema(_size_schema(1, WIDTH, "a number of 1 or more, or an expression")),
]
Amount = Annotated[
    int,
    PlainValidator(patient(_size(0, WIDTH, "a size"))),
    WithJsonSchema(_size_schema(0, WIDTH, "a number of 0 or more, or an expression")),
]
LayerCount = Annotated[
    int,
    PlainValidator(patient(_size(0, HIDDEN_LAYERS, "a number of layers"))),
    WithJsonSchema(_size_schema(0, HIDDEN_LAYERS, "a number of layers: an integer or an expression")),
]


def one_or_list(value: object) -> str:
    """Return the tag of a field that takes one value or a list of them. A tag begins with ·, which no key can."""
    return "·list" if isinstance(value, list) else "·one"


Widths = Annotated[
    Annotated[Width, Tag("·one")] | Annotated[list[Width], Tag("·list")],
    Discriminator(one_or_list),
]


def number(value: object, scope: Scope, at: Path = ()) -> int | float:
    """Return the number that a literal, or the bare name of a hyperparameter, stands for."""
    if value is REFUSED:
        hold_back()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int) and abs(value) >= 10**INTEGER_DIGITS.value:
            words = f"has {len(str(abs(value)))} digits; at most {INTEGER_DIGITS.value} are read"
            refuse("integer-too-large", words, at=at, help="write it as a decimal number, such as 1.0e+20")
        return value
    if not isinstance(value, str):
        refuse("wrong-type", f"expects a number, got {describe(value)}", at=at)
    scope.used.add(value)
    if value in scope.held_back or (scope.blind and NAME.match(value)):
        hold_back()
    named = scope.values.get(value)
    if isinstance(named, int | float) and not isinstance(named, bool):
        return named
    if NUMBER.match(value):
        refuse(
            "quoted-number",
            f"expects a number, got the quoted text {quote(value)}",
            at=at,
            help=Mend.by(value, "leave the quotes out"),
        )
    if isinstance(named, bool):
        refuse("wrong-type", f"expects a number, and {quote(value)} is {describe(named)}", at=at)
    near = did_you_mean(value, scope.values)
    refuse("wrong-type", f"expects a number or the name of one, got {describe(value)}", at=at, help=near)


def named_value(value: object, scope: Scope) -> object:
    """Return the value of an expression or a bare name in scope, and any other value as it is."""
    if not isinstance(value, str):
        return value
    if value in scope.values:
        scope.used.add(value)
        return scope.values[value]
    return integer(value, scope)


def text(value: object) -> str:
    """Return a text; a number or a switch is not one."""
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str):
        refuse(
            "wrong-type",
            f"expects a text, got {describe(value)}",
            help="quote it" if not isinstance(value, list | dict) else "",
        )
    return value


def word(value: object, known: tuple[str, ...], noun: str) -> str:
    """Return one of a closed set of words."""
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str) or value not in known:
        listed = ", ".join(f"`{name}`" for name in known)
        near = did_you_mean(value, known) if isinstance(value, str) else ""
        refuse("unknown-word", f"expects {noun}, got {describe(value)}", help=near or f"one of {listed}")
    return value


Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string"})]
