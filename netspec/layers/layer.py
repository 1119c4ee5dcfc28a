"""What every kind of layer is: a strict, frozen model of its fields, and one method that says what it means."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from netspec.operations import Builder, Tensor

Reads = Literal["one", "none", "many"] | tuple[str, ...]
"""How many values a layer reads: one; none; two or more in a list, a merge; or named ones, of which those that end in
`?` may be left out and the first is the layer above where `from` is not a mapping."""

Result = Tensor | dict[str, Tensor]
"""What a layer gives: one value, or several by name."""


class Strict(BaseModel):
    """The one policy of every model of the language: unknown keys refused, nothing coerced, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, validate_default=False)


class Layer(Strict):
    """A kind of layer. Its fields hold evaluated sizes; `build` appends its operations and gives back its result.

    `shorthand` is the field that may stand alone: `dense: 10` is `dense: {width: 10}`.
    """

    keyword: ClassVar[str]
    shorthand: ClassVar[str | None] = None
    reads: ClassVar[Reads] = "one"

    def build(self, net: Builder, *operands: Any) -> Result:
        """Append the layer's operations to `net`; returns the tensor that it gives for what it reads.

        Raises OperationFault where the operands do not fit.
        """
        raise NotImplementedError


__all__ = ["Layer", "Reads", "Result", "Strict"]
