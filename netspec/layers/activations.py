"""The fields that name an activation: one validator, and the table of what other libraries call each."""

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Annotated, Final, NoReturn

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from netspec.diagnostics import Mend, did_you_mean, quote, show
from netspec.layers.faults import Path, describe, hold_back, refuse, together
from netspec.layers.fields import number, one_or_list, patient
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.operations import FUNCTIONS, Argument, Elementwise, Function
from netspec.source import REFUSED

# What other libraries and papers call an activation, in small letters and without `_`.
_ELSEWHERE: Final = {
    "binarystep": "heaviside",
    "clamp": "hard_tanh",
    "clip": "hard_tanh",
    "clippedrelu": "relu6",
    "erfgelu": "gelu",
    "geluapproximate": "gelu_tanh",
    "gelunew": "gelu_tanh",
    "gelupytorchtanh": "gelu_tanh",
    "hardsilu": "hard_swish",
    "hardsigmoid": "hard_sigmoid",
    "hardshrink": "hard_shrink",
    "hardswish": "hard_swish",
    "hardtanh": "hard_tanh",
    "leaky": "leaky_relu",
    "leakyrelu": "leaky_relu",
    "linear": "identity",
    "logistic": "sigmoid",
    "logsigmoid": "log_sigmoid",
    "lrelu": "leaky_relu",
    "none": "identity",
    "ramp": "relu",
    "rectifier": "relu",
    "sigmoidlinear": "silu",
    "softshrink": "soft_shrink",
    "step": "heaviside",
    "swish": "silu",
    "tanhshrink": "tanh_shrink",
    "threshold": "heaviside",
}


def _activation(value: object, scope: Scope) -> Elementwise:
    if value is REFUSED:
        hold_back()
    if isinstance(value, str):
        return Elementwise(_known(value, ()), tuple(argument.default for argument in FUNCTIONS[value].arguments))
    if not isinstance(value, dict) or len(value) != 1:
        refuse(
            "wrong-type",
            f"expects the name of an activation, got {describe(value)}",
            help="such as `relu`, or `leaky_relu: {slope: 0.1}`",
        )
    ((name, given),) = value.items()
    function = FUNCTIONS[_known(name, (name,))]
    if given is REFUSED:
        hold_back()
    names = tuple(argument.name for argument in function.arguments)
    if not isinstance(given, dict):
        example = f"`{name}: {{{names[0]}: {function.arguments[0].default}}}`" if names else f"`{name}`"
        refuse(
            "wrong-type",
            f"expects the arguments of `{name}` as a mapping, got {describe(given)}",
            at=(name,),
            help=f"write {example}",
        )
    own = (partial(_argument, given, argument, name, scope) for argument in function.arguments)
    strangers = (partial(_stranger, name, key, names) for key in islice(given, MOST_FAULTS) if key not in names)
    values = together(*own, *strangers)
    ordered(function, dict(zip(names, values, strict=True)), (name,))
    return Elementwise(name, tuple(values))


def _stranger(function: str, key: str, names: tuple[str, ...]) -> NoReturn:
    takes = f"it takes {', '.join(f'`{known}`' for known in names)}" if names else "it takes none"
    words = f"`{function}` has no argument {quote(key)}"
    at, near = (function, key), did_you_mean(key, names)
    refuse("unknown-key", words, subject=False, at=at, key=True, help=near or takes)


def _known(name: str, at: tuple[str, ...]) -> str:
    """Return the name of an activation, refused where there is none of that name."""
    if name not in FUNCTIONS:
        if name in ("softmax", "log_softmax"):
            words = f"`{name}` is a layer, not an activation: it is not elementwise"
            help_ = "leave it out, and apply it to the logits"
        else:
            words = f"there is no activation {quote(name)}"
            known = _ELSEWHERE.get(name.lower().replace("_", ""))
            near = Mend.by(known, f"it is called `{known}` here") if known else did_you_mean(name, FUNCTIONS)
            help_ = near or f"there are {', '.join(FUNCTIONS)}"
        refuse("unknown-activation", words, subject=False, at=at, key=bool(at), help=help_)
    return name


def _argument(given: dict[str, object], argument: Argument, function: str, scope: Scope) -> float:
    if argument.name not in given:
        return argument.default
    return bounded(given[argument.name], argument, scope, (function, argument.name))


def bounded(value: object, argument: Argument, scope: Scope, at: Path) -> float:
    """Return an argument's value within its bounds; `at` leads to it from the value that is checked."""
    written = number(value, scope, at)
    if argument.at_least is not None and written < argument.at_least:
        refuse("out-of-range", f"is {show(written)}; at least {argument.at_least:g} is needed", at=at)
    if argument.above is not None and written <= argument.above:
        refuse("out-of-range", f"is {show(written)}; it must be above {argument.above:g}", at=at)
    return float(written)


def ordered(function: Function, values: Mapping[str, float], at: Path = (), *, beside: bool = False) -> None:
    """Refuse two arguments of which the second is not above the first; `at` leads to the mapping that they stand in,
    or where `beside` the value that is checked stands in it too.

    The second is blamed, but where it has its default, which nobody may have written, the first.
    """
    for argument in function.arguments:
        if argument.above_argument and argument.name in values and argument.above_argument in values:
            least, given = values[argument.above_argument], values[argument.name]
            if given <= least and given != argument.default:
                words = f"is {show(given)}; it must be above `{argument.above_argument}`, {show(least)}"
                refuse("out-of-range", words, at=(*at, argument.name), beside=beside)
            if given <= least:
                words = f"is {show(least)}; it must be below `{argument.name}`, {show(given)}"
                refuse("out-of-range", words, at=(*at, argument.above_argument), beside=beside)


Activation = Annotated[
    Elementwise,
    PlainValidator(patient(_activation)),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": list(FUNCTIONS)},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                    "properties": {
                        function.name: {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                argument.name: {"type": ["number", "string"], "default": argument.default}
                                for argument in function.arguments
                            },
                        }
                        for function in FUNCTIONS.values()
                        if function.arguments
                    },
                },
            ],
            "description": "an elementwise function by its name, or a mapping with its argument",
        }
    ),
]
Activations = Annotated[
    Annotated[Activation, Tag("·one")] | Annotated[list[Activation], Tag("·list")],
    Discriminator(one_or_list),
]
