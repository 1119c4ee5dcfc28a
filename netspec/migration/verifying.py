"""Whether the old and the new network give the same: both run on drawn inputs, in float64."""

from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.diagnostics.magnitude import byte_size, magnitude
from netspec.files.parameters import read_parameters
from netspec.graph.walk import visits
from netspec.model import Model
from netspec.model.memory import available
from netspec.model.tensors import Held
from netspec.operations.embed import Embed

_EXAMPLES: Final = 16
_FREE: Final = (8, 16, 64)  # what free sizes are, the first that the networks take
_MOST: Final = 10**8  # numbers of both networks; more would take longer than the migration itself
_SHARE: Final = 1e-6  # of the largest output, which rounding in float64 stays far below


class Outputs(NamedTuple):
    """How the outputs on drawn inputs compare. `why` says why they were not compared, and is empty where they were.

    `exact` says that they are equal to the bit; `agree` that they differ by no more than rounding.
    """

    why: str = ""
    exact: bool = False
    agree: bool = True
    largest: float = 0.0
    examples: int = _EXAMPLES


def compare_outputs(old: Model, new: Model, stream: BinaryIO, path: str, max_memory: int | None) -> Outputs:
    """Return how the outputs of two networks compare; the new one's tensors are read from what was written.

    Inputs are multiples of 1/8 from -4 to 4, so that sums of few products are exact.
    """
    numbers = sum(model.facts.parameters + model.facts.state for model in (old, new))
    if numbers > _MOST:
        return Outputs(f"the networks have {magnitude(numbers)} numbers, more than {magnitude(_MOST)}")
    free = available() if max_memory is None else max_memory
    if free is not None and 32 * numbers > free:
        return Outputs(f"that needs {byte_size(32 * numbers)} of memory")
    expected = {name: source.shape for name, source in new.sources.items()}
    arrays = read_parameters(stream, path, expected, "float64").arrays
    again = Model(new.part, new.graph, "float64", {name: Held(arrays[name]) for name in expected}, None)
    before = Model(old.part, old.graph, "float64", {n: Held(s.array()) for n, s in old.sources.items()}, None)
    for size in _FREE:
        inputs = _inputs(before, size)
        try:
            return _compared(before(*inputs), again(*inputs))
        except ValueError:  # sizes that do not keep what the spec checks
            continue
        except SystemFault as fault:
            return Outputs(fault.headline)
    return Outputs(f"with free sizes of {', '.join(map(str, _FREE))} they are refused")


def _compared(one: Any, other: Any) -> Outputs:
    pairs = [(one[name], other[name]) for name in one] if isinstance(one, dict) else [(one, other)]
    largest, scale, exact = 0.0, 0.0, True
    for a, b in pairs:
        with np.errstate(invalid="ignore"):
            difference = np.where(a == b, 0.0, np.abs(a - b))
        exact &= bool(np.array_equal(a, b))
        largest = max(largest, float(difference.max(initial=0.0)))
        scale = max(scale, float(np.abs(a).max(initial=0.0)))
    return Outputs("", exact, bool(largest <= _SHARE * (1 + scale)), largest)


def _inputs(model: Model, free: int) -> list[NDArray[Any]]:
    """Return examples for each input: numbers, or integers below the smallest vocabulary."""
    random = np.random.default_rng(0)
    words = [visit.operation.vocabulary for visit in visits(model.graph) if isinstance(visit.operation, Embed)]
    found: list[NDArray[Any]] = []
    for port in model.inputs:
        shape = (_EXAMPLES, *(size if isinstance(size, int) else free for size in port.shape))
        if port.dtype.startswith("int"):
            found.append(random.integers(0, min(words, default=1), shape))
        else:
            found.append(random.integers(-32, 33, shape) / 8)
    return found
