"""What every operation is: frozen data, and pure functions of its operands' shapes.

Layers are sentences, operations are words: shapes, costs, kernels and region analysis are defined on operations only,
so that a new layer gets all of them from the words it is made of. How an operation is computed stands in
`netspec.compiler.kernels`.
"""

from typing import Literal, NamedTuple, Protocol

Shape = tuple[int, ...]
Linearity = Literal["affine", "piecewise linear", "smooth"]


class Cost(NamedTuple):
    """The work for one example. One multiply-accumulate is two FLOPs; an addition and an activation are one each."""

    macs: int
    flops: int


class Role(NamedTuple):
    """A tensor that an operation owns: its shape, and the fans that scale its initial values (0 where drawn as 0)."""

    role: str
    shape: Shape
    fan_in: int
    fan_out: int


class OperationFault(Exception):
    """Operands do not fit: one short clause. The builder adds the layer, its line and where each size came from."""


class Operation(Protocol):
    """Frozen data that names one primitive computation; shapes exclude the batch axis."""

    @property
    def keyword(self) -> str:
        """The operation's name, as facts, pictures and plans show it."""

    @property
    def linearity(self) -> Linearity:
        """Whether the operation is affine, piecewise linear or smooth in its operands."""

    def shape(self, *operands: Shape) -> Shape:
        """Return the result's shape; raises OperationFault where the operands do not fit."""

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        """Return the tensors that the operation owns."""

    def cost(self, *operands: Shape) -> Cost:
        """Return the work for one example."""

    def record(self) -> str:
        """Return the text that identifies the operation in a fingerprint; equal only for equal operations."""
