"""What every kind of layer is: a strict, frozen model of its fields, and one method that says what it means."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from netspec.operations import Builder, Tensor


class Strict(BaseModel):
    """The one policy of every model of the language: unknown keys refused, nothing coerced, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, validate_default=False)


class Layer(Strict):
    """A kind of layer. Its fields hold evaluated sizes; `build` appends its operations and gives back its result."""

    keyword: ClassVar[str]

    def build(self, net: Builder, x: Tensor) -> Tensor:
        """Append the layer's operations to `net`; returns the tensor that it gives for x."""
        raise NotImplementedError


__all__ = ["Layer", "Strict"]
