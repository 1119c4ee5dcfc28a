"""What is asked of one operation as it is computed: its layer, what it reads, and its tensors by their roles."""

from collections.abc import Sequence

from netspec.graph.walk import Visit
from netspec.operations import Shape
from netspec.operations.convolve import Convolve


def depthwise(visit: Visit) -> bool:
    """Whether each channel of a convolution is of one that it reads, and of no other."""
    operation = visit.operation
    if not isinstance(operation, Convolve):
        return False
    return operation.groups == operation.channels == read(visit)[0]


def read(visit: Visit) -> Shape:
    """Return the shape of what an operation reads first."""
    return visit.graph.shapes[visit.graph.operands[visit.position][0]]


def named(visit: Visit, role: str) -> str:
    """Return the name of the tensor that has a role."""
    return next(name for name, parameter in visit.tensors if parameter.role == role)


def place(visit: Visit) -> str:
    """Return a layer by its name, or by its tensors where it has none."""
    if visit.place and not visit.place.endswith("."):
        return f"`{visit.place}`"
    return f"the layer of `{visit.tensors[-1][0]}`" if visit.tensors else "a layer"


def listed(names: Sequence[str]) -> str:
    """Return names in a row."""
    return ", ".join(f"`{name}`" for name in names)
