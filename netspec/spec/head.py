"""The keys that every file and every part may have, whatever its body."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.diagnostics import Mend, quote
from netspec.layers.faults import describe, hold_back, mend_name, refuse
from netspec.layers.fields import FILE_NAME, NAME, Text, text, word
from netspec.layers.layer import Strict
from netspec.source import REFUSED
from netspec.spec.expectations import Expect
from netspec.spec.hyperparameters import Declaration, HyperparameterName
from netspec.spec.parameters import ParametersField

LANGUAGE_VERSION = 1
Dtype = Literal["float32", "float64"]
DTYPES: tuple[Dtype, ...] = ("float32", "float64")


OF_A_VARIANT = ("expect", "parameters", "training")
"""The keys of a file that a variant may say anew."""


class Variant(NamedTuple):
    """A named setting of hyperparameters; the keys of a file that it says anew are read when its sizes are known."""

    settings: dict[str, object]
    expect: object = None
    parameters: object = None
    training: object = None


def _version(value: object) -> int:
    if value is REFUSED:
        hold_back()
    if value.__class__ is not int or value != LANGUAGE_VERSION:
        words = f"expects the version of the language, {LANGUAGE_VERSION}, got {describe(value)}"
        fix = f"write `netspec: {LANGUAGE_VERSION}`"
        meant = value in (float(LANGUAGE_VERSION), str(LANGUAGE_VERSION)) and not isinstance(value, bool)
        refuse("language-version", words, help=Mend.by(str(LANGUAGE_VERSION), fix) if meant else fix)
    return LANGUAGE_VERSION


def _file_name(value: object) -> str:
    name = text(value)
    if not FILE_NAME.match(name):
        refuse("bad-name", f"{quote(name)} is not a name", subject=False, help=mend_name(name, FILE_NAME))
    return name


def _part_name(name: str) -> str:
    if not NAME.match(name):
        refuse("bad-name", f"{quote(name)} is not a name", subject=False, help=mend_name(name, NAME))
    if name in ("in", "out"):
        words = f"`{name}` is a word of the language, not a name for a network"
        refuse("bad-name", words, subject=False, help="call it something else")
    return name


def _dtype(value: object) -> str:
    return word(value, DTYPES, "a dtype")


def _check(value: object) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str):
        refuse("wrong-type", f"expects a comparison of sizes, got {describe(value)}", help="such as `D % heads == 0`")
    return value


def _variant(value: object) -> Variant:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict):
        refuse("wrong-type", f"expects settings of hyperparameters, got {describe(value)}", help="such as `{D: 64}`")
    settings = {key: setting for key, setting in value.items() if key not in OF_A_VARIANT}
    return Variant(settings, value.get("expect"), value.get("parameters"), value.get("training"))


def _network(value: object) -> dict[str, object]:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict) or not value:
        words = f"expects the keys of a network or a file, got {describe(value)}"
        refuse("wrong-type", words, help="such as `{file: fold.yaml}`")
    return value


class Claims(Strict):
    """The keys that a variant may say anew: which function of the family, and what is asserted of the facts."""

    parameters: ParametersField | None = Field(None, description="how to draw the parameters, or their values")
    expect: Expect | None = Field(None, description="what is asserted of the inferred facts")


PartName = Annotated[str, PlainValidator(_part_name), WithJsonSchema({"type": "string"})]


class Head(Strict):
    """The keys of a file besides its body.

    Example:
        netspec: 1
        name: two-layer
        dtype: float64
    """

    netspec: Annotated[int, PlainValidator(_version), WithJsonSchema({"const": LANGUAGE_VERSION})] = Field(
        description="the version of the language"
    )
    name: (
        Annotated[
            str,
            PlainValidator(_file_name),
            WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]{0,63}$"}),
        ]
        | None
    ) = Field(None, description="the network's name; the file's stem unless given")
    description: Text | None = Field(None, description="what it is, in words")
    hyperparameters: dict[HyperparameterName, Declaration] = Field(
        {}, description="named numbers and switches that fix one network of the family"
    )
    checks: list[Annotated[str, PlainValidator(_check), WithJsonSchema({"type": "string"})]] = Field(
        [], description="comparisons of sizes that must hold, such as `D % heads == 0`"
    )
    dtype: Annotated[Dtype, PlainValidator(_dtype), WithJsonSchema({"enum": list(DTYPES)})] = Field(
        "float32", description="what the network computes in"
    )
    variants: dict[
        HyperparameterName,
        Annotated[
            Variant,
            PlainValidator(_variant),
            WithJsonSchema(
                {
                    "type": "object",
                    "properties": {"expect": {"$ref": "#/$defs/Expect"}, "parameters": {"type": "object"}},
                    "additionalProperties": {"type": ["number", "boolean"]},
                }
            ),
        ],
    ] = Field({}, description="named settings of hyperparameters, every one validated")
    networks: dict[
        PartName,
        Annotated[dict[str, object], PlainValidator(_network), WithJsonSchema({"type": "object", "minProperties": 1})],
    ] = Field({}, description="networks by name: used twice, their parameters are shared")
    blocks: dict[
        PartName,
        Annotated[dict[str, object], PlainValidator(_network), WithJsonSchema({"type": "object", "minProperties": 1})],
    ] = Field({}, description="blocks by name: templates of layers, with fresh parameters at each use")


def read_variants(data: object) -> dict[str, Variant]:
    """Return the variants in the data of `variants`; those at fault, which the head's reading reports, left out."""
    found: dict[str, Variant] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, dict):
            found[name] = _variant(value)
    return found
