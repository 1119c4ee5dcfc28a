"""Every activation as a layer of its own: `- relu`, `- leaky_relu: {slope: 0.1}`."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema, create_model

from netspec.layers.activations import bounded, ordered
from netspec.layers.fields import patient
from netspec.layers.layer import Layer
from netspec.layers.scope import Scope
from netspec.operations import FUNCTIONS, Argument, Builder, Elementwise, Function, Tensor


class ActivationLayer(Layer):
    """y = a[x], elementwise: what `activation_kind` makes a layer of, for each function of the table.

    Source: the table, `netspec.operations.functions`.

    Example:
        - relu
    """

    def build(self, net: Builder, x: Tensor) -> Tensor:
        function = FUNCTIONS[self.keyword]
        values = self.model_dump()
        return net.apply(Elementwise(function.name, tuple(values[each.name] for each in function.arguments)), x)


def activation_kind(name: str) -> type[Layer]:
    """Return the layer that applies a function of the table; its fields are the function's arguments."""
    function = FUNCTIONS[name]
    fields: dict[str, Any] = {
        argument.name: (
            _field(argument, function),
            Field(argument.default, validate_default=True, description=f"{argument.name} in {function.formula}"),
        )
        for argument in function.arguments
    }
    made = create_model(f"{name}_layer", __base__=ActivationLayer, __doc__=_page(name), **fields)
    made.keyword = name
    made.shorthand = function.arguments[0].name if len(function.arguments) == 1 else None
    return made


def _page(name: str) -> str:
    function = FUNCTIONS[name]
    arguments = ", ".join(f"{argument.name}: {argument.default}" for argument in function.arguments)
    example = f"- {name}: {{{arguments}}}" if arguments else f"- {name}"
    return f"y = {function.formula}, elementwise, z being x.\n\nSource: {function.source}.\n\nExample:\n    {example}\n"


def _field(argument: Argument, function: Function) -> Any:
    def read(value: object, scope: Scope) -> float:
        return bounded(value, argument, scope, ())

    def compare(value: float, info: ValidationInfo) -> float:
        ordered(function, {**info.data, argument.name: value}, beside=True)
        return value

    schema = {"type": ["number", "string"], "description": "a number, or the name of a hyperparameter"}
    return Annotated[float, PlainValidator(patient(read)), AfterValidator(compare), WithJsonSchema(schema)]
