"""The least that a validator of such files would be: one typer command, PyYAML with libyaml, one pydantic model.

    python typer_baseline.py validate SPEC

It has what makes a typer program start quickly, as netspec has: no completion, no rich, one command.
"""

from typing import Annotated, Literal

import typer
import yaml
from pydantic import BaseModel, ConfigDict

program = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Spec(BaseModel):
    """The keys of a fully connected network, each with its type and no more."""

    model_config = ConfigDict(extra="forbid", strict=True)

    netspec: Literal[1]
    name: str
    description: str | None = None
    input: int
    K: int | None = None
    widths: list[int] | int
    output: int
    activation: str = "relu"
    expect: dict[str, int | dict[str, int]] | None = None
    parameters: dict[str, object] | None = None


@program.callback()
def _program() -> None:
    """Keep `validate` a command to be named."""


@program.command()
def validate(path: Annotated[str, typer.Argument()]) -> None:
    """Check one file."""
    with open(path, encoding="utf-8") as stream:
        spec = Spec.model_validate(yaml.load(stream, yaml.CSafeLoader))
    typer.echo(f"valid: {path} ({spec.name})")


program()
