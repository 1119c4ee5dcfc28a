"""The fields that are bounded numbers: an epsilon, a base, a rate."""

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from netspec.diagnostics import show
from netspec.layers.faults import refuse
from netspec.layers.fields import number, patient
from netspec.layers.scope import Scope


def above_zero(value: object, scope: Scope) -> float:
    """Return a number above 0."""
    found = number(value, scope)
    if found <= 0:
        refuse("out-of-range", f"is {show(found)}; it must be above 0")
    return float(found)


def _rate(value: object, scope: Scope) -> float:
    found = number(value, scope)
    if not 0 <= found < 1:
        refuse("out-of-range", f"is {show(found)}; it must be at least 0 and below 1")
    return float(found)


Positive = Annotated[
    float,
    PlainValidator(patient(above_zero)),
    WithJsonSchema(
        {"type": ["number", "string"], "exclusiveMinimum": 0, "description": "a number above 0, or the name of one"}
    ),
]
Rate = Annotated[
    float,
    PlainValidator(patient(_rate)),
    WithJsonSchema(
        {
            "type": ["number", "string"],
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "a number from 0 to below 1, or the name of one",
        }
    ),
]
