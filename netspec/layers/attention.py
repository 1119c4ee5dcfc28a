"""Attention of several heads."""

from typing import Annotated, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.layers.axes import Switch, switch
from netspec.layers.bounds import above_zero
from netspec.layers.faults import hold_back
from netspec.layers.fields import Count, Width, patient
from netspec.layers.layer import Layer, Reads
from netspec.layers.scope import Scope
from netspec.operations import Builder, OperationFault, Tensor, written
from netspec.operations.attend import Attend
from netspec.operations.operation import fixed
from netspec.operations.rotate import Rotate
from netspec.source import REFUSED

BASE = 10000.0


def _rotary(value: object, scope: Scope) -> float | None:
    """Return the base of the rotations, None for none; `true` is the usual base."""
    if value is REFUSED:
        hold_back()
    named = scope.values.get(value) if isinstance(value, str) else value
    if isinstance(named, bool):
        return BASE if switch(value, scope) else None
    return above_zero(value, scope)


class Attention(Layer):
    """y = β_output + Ω_output [head_1; head_2; …], head_h = softmax(q_h k_hᵀ / √d) v_h, the softmax over positions.

    q = β_query + Ω_query x, and of the memory m, which is x unless given, k = β_key + Ω_key m, v = β_value + Ω_value m;
    a head has d = `width` features of each. With fewer `key_heads` heads that follow each other share keys and values.
    Where `causal`, position t sees 0 … t; otherwise every one. Nothing masks padding: a batch is of one length.

    query x: (T, D), memory m: (S, D'), y: (T, output), Ω_query: (heads d, D), Ω_key, Ω_value: (key_heads d, D'),
    Ω_output: (output, heads d), each β as long as its Ω. Tensors: `beta_query`, `Omega_query`, `beta_key`, `Omega_key`,
    `beta_value`, `Omega_value`, `beta_output`, `Omega_output`.

    Source: Vaswani et al. 2017; Prince, *Understanding Deep Learning*, section 12.3; shared keys: Ainslie et al. 2023.
    As torch.nn.MultiheadAttention, which keeps Ω_query, Ω_key and Ω_value in one tensor.

    Example:
        - attention: {heads: 4, causal: true}
    """

    keyword: ClassVar[str] = "attention"
    shorthand: ClassVar[str] = "heads"
    reads: ClassVar[Reads] = ("query", "memory?")

    heads: Count = Field(description="how many heads there are")
    key_heads: Count | None = Field(None, description="how many have keys and values of their own; all unless given")
    width: Width | None = Field(None, description="the width d of a head; that of the query by `heads` unless given")
    output: Width | None = Field(None, description="the width of y; that of the query unless given")
    causal: Switch = Field(False, description="whether a position sees itself and those before it alone")
    bias: Switch = Field(True, description="whether there is β")
    rotary: Annotated[
        float | None,
        PlainValidator(patient(_rotary)),
        WithJsonSchema({"type": ["boolean", "number", "string"]}),
    ] = Field(None, description="whether queries and keys are turned by position: `false`, `true`, or the base")

    def build(self, net: Builder, query: Tensor, memory: Tensor | None = None) -> Tensor:
        if memory is not None and self.causal:
            raise OperationFault("`causal` is about positions of one sequence, and `memory` is another")
        source = query if memory is None else memory
        for x in (query, source):
            if len(net.shape(x)) != 2:
                raise OperationFault(f"it reads (positions, features), and gets {written(net.shape(x))}")
        features = fixed(net.shape(query)[1], "the axis of features")
        width = self.width
        if width is None:
            if features % self.heads:
                raise OperationFault(f"it reads {features} features, which {self.heads} heads do not divide")
            width = features // self.heads
        key_heads = self.heads if self.key_heads is None else self.key_heads

        def affine(x: Tensor, size: int, tag: str) -> Tensor:
            return net.affine(x, size, init="glorot_normal", tag=tag, bias=self.bias)

        q = affine(query, self.heads * width, "query")
        k = affine(source, key_heads * width, "key")
        v = affine(source, key_heads * width, "value")
        if self.rotary is not None:
            q, k = net.apply(Rotate(self.heads, self.rotary), q), net.apply(Rotate(key_heads, self.rotary), k)
        y = net.apply(Attend(self.heads, key_heads, self.causal, width**-0.5), q, k, v)
        return affine(y, features if self.output is None else self.output, "output")
