"""Networks applied one after the other: the body `compose`."""

from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from netspec.diagnostics import show
from netspec.layers.faults import describe, hold_back, refuse
from netspec.layers.fields import Width
from netspec.layers.layer import Strict
from netspec.source import REFUSED


def _entry(value: object) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str) or not value:
        inline = isinstance(value, dict) and bool(value)
        refuse(
            "wrong-type",
            f"expects a path or the name of a network, got {describe(value)}",
            help="give it a name under `networks`, and compose that" if inline else "such as `fold.yaml`",
        )
    return value


def _variant_name(value: object) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str) or not value:
        refuse("wrong-type", f"expects the name of a variant, got {describe(value)}")
    return value


def _spec_path(value: object) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str) or not value:
        refuse("wrong-type", f"expects the path of a spec, got {describe(value)}", help="such as `fold.yaml`")
    return value


def _entries(value: object) -> object:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not value:
        example = show(value) if isinstance(value, str) and value else "fold.yaml, bend.yaml"
        refuse("wrong-type", f"expects a list of networks, got {describe(value)}", help=f"write `[{example}]`")
    return value


class Composition(Strict):
    """y = f_n[… f_2[f_1[x]]]: each entry is a path to a spec, relative to the file, or a name under `networks`.

    Example:
        compose: [fold.yaml, bend.yaml]
    """

    compose: Annotated[
        list[Annotated[str, PlainValidator(_entry), WithJsonSchema({"type": "string"})]], BeforeValidator(_entries)
    ] = Field(description="networks in the order in which they are applied: paths, or names under `networks`")
    input: Width | None = Field(None, description="the width of x, asserted of the first network")
    output: Width | None = Field(None, description="the width of y, asserted of the last network")


class FileReference(Strict):
    """A part that is a file of its own, with a setting of its hyperparameters where wanted.

    Example:
        networks:
          tower: {file: tower.yaml, variant: small}
    """

    file: Annotated[str, PlainValidator(_spec_path), WithJsonSchema({"type": "string"})] = Field(
        description="the path of a spec, relative to this file"
    )
    set: dict[str, object] = Field({}, description="values for its hyperparameters")
    variant: Annotated[str, PlainValidator(_variant_name), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="the name of one of its variants"
    )
