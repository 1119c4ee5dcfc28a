"""The graph of operations: columns, not a heap of objects.

Tensors are indices: first the inputs, then one result per operation, in topological order. A stretch that repeats is
one operation (`Repeat`), a part applied is one (`Call`): both hold a graph of their own, so that a million equal
layers cost as much as one until something really needs them unrolled.
"""

from typing import NamedTuple

from netspec.operations.affine import Affine
from netspec.operations.elementwise import Elementwise
from netspec.operations.operation import Cost, Linearity, Role, Shape

Path = tuple[str | int, ...]


class Round(NamedTuple):
    """The number of a repeat's round in a name: `level` counts the repeats around (0 the outermost), plus `offset`."""

    level: int
    offset: int


Name = tuple[str | Round, ...]


def spell(name: Name, rounds: tuple[int, ...]) -> str:
    """Return the name in the given rounds of the repeats around it: `beta_3`, `res.2.branch.Omega`."""
    return "".join(part if isinstance(part, str) else str(rounds[part.level] + part.offset) for part in name)


class Parameter(NamedTuple):
    """A tensor that is learned: its name below the part it belongs to, its shape, and how it is drawn by default."""

    name: Name
    role: str
    shape: Shape
    fan_in: int
    fan_out: int
    init: str


class Repeat(NamedTuple):
    """`times` rounds of `body`, whose result has the shape of its input; every round has parameters of its own."""

    times: int
    body: "Graph"


class Call(NamedTuple):
    """A part applied. Its tensors are named `name.` below the part `up` frames above: 0, fresh at this place;
    a network shared by name belongs to the part that declares it, and is the same tensors wherever it is called.
    """

    name: Name
    up: int
    shared: bool
    body: "Graph"


Node = Affine | Elementwise | Repeat | Call


class Graph:
    """Operations in topological order, as columns; frozen once built.

    `shapes[t]` is the shape of tensor t, without the batch axis; `operands[i]` are the tensors that operation i reads
    and its result is tensor `len(inputs) + i`; `parameters[i]` are its own; `paths[i]` is
    where in the spec it comes from, and `part` the part of the spec that the graph was assembled from.
    """

    __slots__ = ("inputs", "operands", "operations", "outputs", "parameters", "part", "paths", "shapes")

    def __init__(self, inputs: tuple[Shape, ...], part: object = None) -> None:
        self.inputs = inputs
        self.part = part
        self.operations: list[Node] = []
        self.operands: list[tuple[int, ...]] = []
        self.parameters: list[tuple[Parameter, ...]] = []
        self.paths: list[Path] = []
        self.shapes: list[Shape] = list(inputs)
        self.outputs: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.operations)

    def result(self, operation: int) -> int:
        """Return the tensor that the operation gives."""
        return len(self.inputs) + operation

    def operand_shapes(self, operation: int) -> tuple[Shape, ...]:
        """Return the shapes that the operation reads."""
        return tuple(self.shapes[tensor] for tensor in self.operands[operation])

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """The shapes that leave."""
        return tuple(self.shapes[tensor] for tensor in self.outputs)


__all__ = [
    "Call",
    "Cost",
    "Graph",
    "Linearity",
    "Name",
    "Node",
    "Parameter",
    "Path",
    "Repeat",
    "Role",
    "Round",
    "Shape",
    "spell",
]
