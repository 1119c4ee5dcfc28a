"""Models as functions of rows in float64, whatever the shapes and the number of their inputs and outputs."""

from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from netspec.equivalence.search import POINTS, Function, Rows
from netspec.model import Model
from netspec.model.tensors import Held

if TYPE_CHECKING:
    from netspec.runtime.ports import Port

_BATCH_BYTES: Final = 1 << 28  # of activations at a time
_FLOPS: Final = 4_000_000_000  # of one function in a search; about a second or two


class Effort(NamedTuple):
    """How many rows are evaluated at a time, and how much of a full search is made."""

    batch: int
    share: float


def signature(model: Model) -> str:
    """Return what a model takes and gives, its shapes and kinds without the names."""
    return " -> ".join(", ".join(_port(port) for port in ports) for ports in (model.inputs, model.outputs))


def sizes(model: Model) -> int | None:
    """Return how many real numbers a model takes; None where a size is free, and where it takes integers."""
    return sum(_size(port) for port in model.inputs) if _countable(model) else None


def function_of(model: Model) -> Function:
    """Return the model in float64 as a function of rows (N, inputs), which gives (N, outputs).

    Nothing is folded, so that the sums are those of the spec.
    """
    wide = {name: Held(array.astype(np.float64)) for name, array in model.parameters.items()}
    program = Model(model.part, model.graph, "float64", wide, None, exact=True)
    shapes = [tuple(int(size) for size in port.shape) for port in model.inputs]
    ends = np.cumsum([prod(shape) for shape in shapes])

    def call(x: Rows) -> Rows:
        parts = np.split(x, ends[:-1], axis=1)
        given = [part.reshape(len(x), *shape) for part, shape in zip(parts, shapes, strict=True)]
        y: Any = program(*given)
        results = list(y.values()) if isinstance(y, dict) else [y]
        return np.concatenate([result.reshape(len(x), -1) for result in results], axis=1)

    return call


def effort(*models: Model) -> Effort:
    """Return the effort that a search over these models is worth."""
    heaviest = max(_number(model.facts.activation_bytes) for model in models)
    flops = max(_number(model.facts.flops) for model in models)
    share = min(1.0, _FLOPS / (max(flops, 1) * 3 * POINTS))
    return Effort(int(max(1, min(POINTS, _BATCH_BYTES // max(2 * heaviest, 1)))), share)


def _number(fact: object) -> int:
    return fact if isinstance(fact, int) else 1 << 30


def _countable(model: Model) -> bool:
    return not any(isinstance(size, str) for port in model.inputs for size in port.shape) and all(
        port.dtype != "int64" for port in model.inputs
    )


def _size(port: "Port") -> int:
    return prod(int(size) for size in port.shape)


def _port(port: "Port") -> str:
    shape = str(port.shape[0]) if len(port.shape) == 1 else f"[{', '.join(map(str, port.shape))}]"
    return f"{shape} of integers" if port.dtype == "int64" else shape
