"""The graph of operations: columns, not a heap of objects.

Tensors are indices: first the inputs, then the results of the operations, in topological order. A stretch that repeats
is one operation (`Repeat`), a part applied is one (`Call`): both hold a graph of their own, so that a million equal
layers cost as much as one until something really needs them unrolled.
"""

from typing import NamedTuple

from netspec.operations.operation import Operation, Shape
from netspec.sizes import Size

Path = tuple[str | int, ...]


class Round(NamedTuple):
    """The number of a repeat's round in a name: `level` counts the repeats around, within the part (0 the outermost),
    plus `offset`.
    """

    level: int
    offset: int


Name = tuple[str | Round, ...]


def spell(name: Name, rounds: tuple[int, ...]) -> str:
    """Return the name in the given rounds of the repeats around it: `beta_3`, `res.2.branch.Omega`."""
    return "".join(part if isinstance(part, str) else str(rounds[part.level] + part.offset) for part in name)


class Parameter(NamedTuple):
    """A tensor of an operation: its name below the part it belongs to, its shape, and how it is drawn by default.

    `learned` is false for state. `up` is not None for a tensor that is tied: the name is then that of another one, in
    the part `up` frames above (0: the same), which is counted and stored there.
    """

    name: Name
    role: str
    shape: tuple[int, ...]
    fan_in: int
    fan_out: int
    init: str
    learned: bool = True
    up: int | None = None

    @property
    def tied(self) -> bool:
        """Whether it is another operation's tensor."""
        return self.up is not None


class Repeat(NamedTuple):
    """`times` rounds of `body`. Its first input is what the round before gave, of one shape with its only output; its
    further inputs are values from around the repeat, the same in every round. Every round has parameters of its own.
    """

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


Node = Operation | Repeat | Call


class Check(NamedTuple):
    """A comparison of free sizes that inference assumes and each run tests; `text` is as the spec has it."""

    text: str
    left: Size
    operator: str
    right: Size


class Graph:
    """Operations in topological order, as columns; frozen once built.

    `shapes[t]` is the shape of tensor t, without the batch axis; `operands[i]` are the tensors that operation i reads
    and `results[i]` those that it gives (one, but for a part with several outputs); `parameters[i]` are its own;
    `layers[i]` is the name of the layer that it belongs to, within the part (empty in a body without a list of them),
    `paths[i]` is where in the spec it comes from, and `part` the part of the spec that the graph was assembled from.

    `input_names` and `output_names` are empty for a graph with one input, or one output, that has no name of its own.
    `integers` holds the tensors that are integers: inputs of an integer dtype, and what keeps their elements. `checks`,
    of a whole network, are what its free sizes must keep.
    """

    __slots__ = (
        "checks", "input_names", "inputs", "integers", "layers", "operands", "operations", "output_names", "outputs",
        "parameters", "part", "paths", "results", "shapes",
    )  # fmt: skip

    def __init__(self, inputs: tuple[Shape, ...], part: object = None, names: tuple[str, ...] = ()) -> None:
        self.inputs = inputs
        self.input_names = names
        self.part = part
        self.operations: list[Node] = []
        self.operands: list[tuple[int, ...]] = []
        self.results: list[tuple[int, ...]] = []
        self.parameters: list[tuple[Parameter, ...]] = []
        self.layers: list[Name] = []
        self.paths: list[Path] = []
        self.shapes: list[Shape] = list(inputs)
        self.integers: set[int] = set()
        self.outputs: tuple[int, ...] = ()
        self.output_names: tuple[str, ...] = ()
        self.checks: tuple[Check, ...] = ()

    def __len__(self) -> int:
        return len(self.operations)

    def result(self, operation: int) -> int:
        """Return the tensor that an operation gives, the first of several."""
        return self.results[operation][0]

    def operand_shapes(self, operation: int) -> tuple[Shape, ...]:
        """Return the shapes that the operation reads."""
        return tuple([self.shapes[tensor] for tensor in self.operands[operation]])

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """The shapes that leave."""
        return tuple([self.shapes[tensor] for tensor in self.outputs])

    def outcome(self, index: int) -> str:
        """Return the name of one output: the one it was given, else `y`."""
        return self.output_names[index] if self.output_names else "y"

    def intake(self, index: int) -> str:
        """Return the name of one input: the one it was given, else `x`."""
        return self.input_names[index] if self.input_names else "x"
