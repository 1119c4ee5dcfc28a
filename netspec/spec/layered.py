"""The body `layers`: values that come, a list of layers, values that leave; and the items of the list."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.diagnostics import quote
from netspec.layers.axes import SHAPE_SCHEMA, Dimensions, shape_of
from netspec.layers.faults import describe, hold_back, mend_name, refuse
from netspec.layers.fields import NAME, LayerCount, patient, word
from netspec.layers.layer import Strict
from netspec.layers.scope import Scope
from netspec.operations import Shape
from netspec.source import REFUSED

INTEGERS = ("int32", "int64")
INPUT_DTYPES = ("float32", "float64", *INTEGERS)
InputDtype = Literal["float32", "float64", "int32", "int64"]


class Intake(NamedTuple):
    """An input as it is declared: its shape, None where a part takes what comes; its dtype, None for the file's."""

    shape: Shape | None
    dtype: InputDtype | None = None


def value_name(value: object, noun: str = "a value") -> str:
    """Return the name of a value; refuses what is none."""
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str):
        refuse("wrong-type", f"expects the name of {noun}, got {describe(value)}")
    if not NAME.match(value):
        refuse("bad-name", f"{quote(value)} is not a name", subject=False, help=mend_name(value, NAME))
    return value


def _own_name(value: object) -> str:
    name = value_name(value)
    if name in ("in", "out"):
        words = f"`{name}` is a word of the language, not a name for a value"
        refuse("bad-name", words, subject=False, help="call it something else")
    return name


def _intake(value: object, scope: Scope) -> Intake:
    if not isinstance(value, dict):
        return Intake(shape_of(value, scope))
    for key in value:
        if key not in ("shape", "dtype"):
            words = f"an input has no key {quote(key)}"
            named = NAME.match(key) and not {"shape", "dtype"}.intersection(value)
            help_ = f"inputs by name stand under `inputs`: `inputs: {{{key}: …}}`" if named else ""
            help_ = help_ or "it has a `shape` and a `dtype`"
            refuse("unknown-key", words, subject=False, at=(key,), key=True, help=help_)
    if "shape" not in value:
        refuse("missing-key", "the key `shape` is missing", subject=False, help="add `shape`")
    dtype = word(value["dtype"], INPUT_DTYPES, "a dtype") if "dtype" in value else None
    return Intake(shape_of(value["shape"], scope), dtype)  # type: ignore[arg-type]  # one of the words


def _inputs(value: object, scope: Scope) -> dict[str, Intake]:
    if value is REFUSED:
        hold_back()
    if isinstance(value, list):
        names = [_own_name(each) for each in value]
        if len(set(names)) < len(names):
            refuse("wrong-type", "names an input twice")
        return {name: Intake(None) for name in names}
    if not isinstance(value, dict) or not value:
        words = f"expects inputs by name, got {describe(value)}"
        refuse(
            "wrong-type", words, help="such as `{tokens: {shape: [T], dtype: int32}}`; one without a name is `input`"
        )
    return {_own_name(name): _intake(each, scope) for name, each in value.items()}


def _outputs(value: object, scope: Scope) -> dict[str, Shape | None]:
    if value is REFUSED:
        hold_back()
    if isinstance(value, list):
        return {value_name(each): None for each in value}
    if not isinstance(value, dict) or not value:
        words = f"expects the layers that leave by name, got {describe(value)}"
        refuse("wrong-type", words, help="such as `{logits: 10}`")
    return {value_name(name): shape_of(each, scope) for name, each in value.items()}


def _output(value: object, scope: Scope) -> Shape:
    name = next(iter(value), None) if isinstance(value, dict) else None
    if isinstance(name, str) and NAME.match(name):
        words = f"expects a shape, got {describe(value)}"
        refuse("wrong-type", words, help=f"outputs by name stand under `outputs`: `outputs: {{{name}: …}}`")
    return shape_of(value, scope)


def _symbols(value: object) -> list[str]:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not value:
        refuse("wrong-type", f"expects a list of names, got {describe(value)}", help="such as `[T]`")
    names = [value_name(each, "a size") for each in value]
    for i, name in enumerate(names):
        if name in names[:i]:
            refuse("name-taken", f"the name `{name}` is taken: it is listed twice", subject=False, at=(i,))
    return names


def _layers(value: object) -> list[Any]:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not value:
        refuse("wrong-type", f"expects a list of layers, got {describe(value)}", help="such as `- dense: 10`")
    return value


_INTAKE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        *SHAPE_SCHEMA["anyOf"],
        {
            "type": "object",
            "properties": {"shape": SHAPE_SCHEMA, "dtype": {"enum": list(INPUT_DTYPES)}},
            "required": ["shape"],
            "additionalProperties": False,
        },
    ]
}
Layers = Annotated[list[Any], PlainValidator(_layers), WithJsonSchema({"type": "array", "minItems": 1})]


class Layered(Strict):
    """A list of layers, each reading the one above it unless it says otherwise.

    Example:
        netspec: 1
        input: [1, 28, 28]
        layers:
          - conv: {channels: 6, kernel: 5, padding: 2, activation: relu}
          - flatten
          - dense: 10
        output: 10
    """

    symbols: Annotated[
        list[str], PlainValidator(_symbols), WithJsonSchema({"type": "array", "items": {"type": "string"}})
    ] = Field([], description="free sizes, known only when the network runs")
    input: Annotated[Intake, PlainValidator(patient(_intake)), WithJsonSchema(_INTAKE_SCHEMA)] | None = Field(
        None, description="the shape of the only input, which is called `in`"
    )
    inputs: (
        Annotated[
            dict[str, Intake],
            PlainValidator(patient(_inputs)),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "object", "additionalProperties": _INTAKE_SCHEMA, "minProperties": 1},
                        {"type": "array", "items": {"type": "string"}},
                    ]
                }
            ),
        ]
        | None
    ) = Field(None, description="several inputs by name, each with its shape")
    layers: Layers = Field(description="the layers in order; each reads the one above it unless it says `from`")
    output: Annotated[Shape, PlainValidator(patient(_output)), WithJsonSchema(SHAPE_SCHEMA)] | None = Field(
        None, description="the shape of the last result, asserted"
    )
    outputs: (
        Annotated[
            dict[str, Shape | None],
            PlainValidator(patient(_outputs)),
            WithJsonSchema({"type": "object", "additionalProperties": SHAPE_SCHEMA, "minProperties": 1}),
        ]
        | None
    ) = Field(None, description="the layers that leave, by their names, each with its shape")

    @property
    def shaped(self) -> bool:
        """Whether it says the shapes of all that comes in."""
        intakes = [self.input] if self.inputs is None else list(self.inputs.values())
        return all(each is not None and each.shape is not None for each in intakes)


class Repeated(Strict):
    """`times` rounds of a list of layers, one after the other: each reads, as `in`, what the round before gave.

    Each round has parameters of its own. 0 times is the identity. The list sees the names around it.

    Example:
        - repeat: {times: 3, layers: [{dense: {width: 64, activation: relu}}]}
    """

    times: LayerCount = Field(description="how many rounds")
    index: Annotated[str, PlainValidator(_own_name), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="a name for the number of the round, from 0, in the sizes of its layers"
    )
    layers: Layers = Field(description="the layers of a round")


class Asserted(Strict):
    """What an item asserts of its result."""

    shape: Dimensions
