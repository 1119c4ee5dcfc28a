"""What every operation is: frozen data, and pure functions of its operands' shapes.

Layers are sentences, operations are words: shapes, costs, kernels and region analysis are defined on operations only,
so that a new layer gets all of them from the words it is made of. How an operation is computed stands in
`netspec.compiler.kernels`.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from netspec.sizes import Polynomial, Size

Shape = tuple[Size, ...]
"""The sizes of a value's axes without the batch axis: integers, or polynomials in the sizes known only at run time."""

Linearity = Literal["affine", "piecewise linear", "smooth"]
_LONGEST = 60  # letters of a size in a message
Fill = Literal["drawn", "zeros", "ones", "quarters"]


class Cost(NamedTuple):
    """The work for one example. One multiply-accumulate is two FLOPs; an addition and an activation are one each."""

    macs: Size
    flops: Size


class Role(NamedTuple):
    """A tensor that an operation owns: its shape, the fans that scale its initial values, and how it begins.

    `learned` is false for state: what is kept and stored but not learned, and not counted.
    """

    role: str
    shape: tuple[int, ...]
    fan_in: int = 0
    fan_out: int = 0
    fill: Fill = "zeros"
    learned: bool = True


class OperationFault(Exception):
    """Operands do not fit: one short clause. The layer's door adds the layer, its line and where each size is from."""


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


def volume(shape: Shape) -> Size:
    """Return the number of elements of one example."""
    total: Size = 1
    for size in shape:
        total = total * size
    return total


def fixed(size: Size, noun: str) -> int:
    """Return a size that must be known before any run; raises OperationFault where it is free."""
    if isinstance(size, Polynomial):
        raise OperationFault(f"{noun} is {size}, which is known only when it runs, and a tensor's size must be known")
    return size


def written(shape: Shape) -> str:
    """Return a shape as a spec writes it: a width as a number, another shape in brackets."""
    sizes = [text if len(text := str(size)) <= _LONGEST else f"{text[:_LONGEST]}…" for size in shape]
    return sizes[0] if len(shape) == 1 else f"[{', '.join(sizes)}]"


def differing(one: Shape, other: Shape, free: Callable[[int], bool]) -> str:
    """Return on which axes two shapes of one rank differ, those left out that are `free` to."""
    axes = [axis for axis, (a, b) in enumerate(zip(one, other, strict=True)) if a != b and not free(axis)]
    if len(one) == 1:
        return f"differ: {one[0]} and {other[0]}"
    return "differ " + ", and ".join(f"on axis {axis}: {one[axis]} and {other[axis]}" for axis in axes)
