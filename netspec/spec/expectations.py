"""What an author asserts of the facts that netspec infers: `expect`."""

from functools import partial
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from netspec.diagnostics import did_you_mean, quote
from netspec.layers.faults import describe, hold_back, refuse, together
from netspec.layers.fields import NUMBER, Text, evaluate_size, integer, scope_of
from netspec.layers.layer import Strict
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.limits import EXPECTED_DIGITS
from netspec.sizes import Polynomial, Size, symbols
from netspec.source import REFUSED

_BOUNDS = ("at_least", "at_most")


class Assertion(NamedTuple):
    """An exact value, which may be one in free sizes, or bounds on it."""

    exactly: Size | None = None
    at_least: int | None = None
    at_most: int | None = None


def _number(value: object, info: ValidationInfo) -> Assertion:
    found = _size(value, info)
    if isinstance(found.exactly, Polynomial):
        names = " and ".join(f"`{name}`" for name in sorted(symbols(found.exactly)))
        words = f"expects a number that is known before any run, and {names} {'are' if ' ' in names else 'is'} free"
        refuse("free-size", words, help="this fact is a number whatever the free sizes are")
    return found


def _size(value: object, info: ValidationInfo) -> Assertion:
    if value is REFUSED:
        hold_back()
    scope = scope_of(info).under(EXPECTED_DIGITS.value)
    if isinstance(value, str) and value and not NUMBER.match(value):
        return Assertion(exactly=evaluate_size(value, scope, EXPECTED_DIGITS.value))
    if not isinstance(value, dict):
        return Assertion(exactly=integer(value, scope))
    if not value:
        refuse("wrong-type", "expects an integer or bounds, got an empty mapping", help="such as `{at_most: 1000}`")
    bounds = dict(together(*(partial(_bound, key, bound, scope) for key, bound in islice(value.items(), MOST_FAULTS))))
    return Assertion(None, bounds.get("at_least"), bounds.get("at_most"))


def _bound(key: str, bound: object, scope: Scope) -> tuple[str, int]:
    """Return a bound by its key; refuses what is no key of bounds, or no integer."""
    if key not in _BOUNDS:
        near = did_you_mean(key, _BOUNDS) or "the bounds are `at_least` and `at_most`"
        refuse("unknown-key", f"there is no bound {quote(key)}", subject=False, at=(key,), key=True, help=near)
    if isinstance(bound, dict | list):
        refuse("wrong-type", f"expects an integer, got {describe(bound)}", at=(key,))
    return key, integer(bound, scope, at=(key,))


_INTEGER: dict[str, Any] = {"type": ["integer", "string"]}
_SCHEMA: Final = WithJsonSchema(
    {
        "anyOf": [
            _INTEGER,
            {
                "type": "object",
                "properties": dict.fromkeys(_BOUNDS, _INTEGER),
                "additionalProperties": False,
                "minProperties": 1,
            },
        ],
        "description": "an integer or an expression, or bounds: `{at_least: …, at_most: …}`",
    }
)
Asserted = Annotated[Assertion, PlainValidator(_number), _SCHEMA]
Sized = Annotated[Assertion, PlainValidator(_size), _SCHEMA]
"""What is asserted of a fact that may hang on free sizes."""


class Expect(Strict):
    """The asserted facts; each is compared at every validation, for the file as written or for one variant.

    Example:
        expect: {parameters: 22, capacity: 6, regions: {at_most: 16}}
    """

    parameters: Asserted | None = Field(None, description="how many numbers are learned; shared ones once")
    capacity: Sized | None = Field(None, description="hidden units")
    depth: Asserted | None = Field(None, description="hidden layers on the longest path")
    receptive_field: Asserted | None = Field(
        None, description="positions of the input that one of the output sees, on the axis with the most"
    )
    macs: Sized | None = Field(None, description="multiply-accumulates for one example")
    flops: Sized | None = Field(None, description="floating-point operations for one example")
    parameter_bytes: Asserted | None = Field(None, description="bytes of the parameters in the spec's dtype")
    activation_bytes: Sized | None = Field(None, description="bytes of activations at their peak, for one example")
    regions: Asserted | None = Field(
        None, description="linear regions: `at_least` asserts the lower bound, `at_most` the upper, a number both"
    )
    fingerprint: Text | None = Field(None, description="the identity of the architecture, as `netspec show` prints it")
