"""Whether the old and the new network give the same: both run on drawn inputs, in float64."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, Final, NamedTuple, TypeAlias

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
from netspec.review.spelling import shape as spelled

Array: TypeAlias = NDArray[Any]

_EXAMPLES: Final = 16
_FREE: Final = (8, 16, 64)  # what free sizes are, the first that the networks take
_MOST: Final = 10**8  # numbers of both networks; more would take longer than the migration itself
_SHARE: Final = 1e-6  # of the largest output, which rounding in float64 stays far below


class Outputs(NamedTuple):
    """How the outputs on drawn inputs compare. `why` says why they were not compared, and is empty where they were.

    `exact` says that they are equal to the bit; `differ` says how they differ where that is more than rounding.
    """

    why: str = ""
    exact: bool = False
    differ: str = ""
    largest: float = 0.0
    examples: int = _EXAMPLES
    finite: bool = True

    @property
    def agree(self) -> bool:
        """Whether they differ by no more than rounding."""
        return not self.differ


def compare_outputs(old: Model, new: Model, stream: BinaryIO, path: str, max_memory: int | None) -> Outputs:
    """Return how the outputs of two networks compare; the new one's tensors are read from what was written.

    Of several inputs and outputs those of one name are compared, whatever their places.

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
    before = Model(
        old.part, old.graph, "float64", {n: Held(s.array().astype("float64")) for n, s in old.sources.items()}, None
    )
    for size in _FREE:
        inputs = _inputs(before, size)
        try:
            one, other = _run(before, before, inputs), _run(again, before, inputs)
        except ValueError:  # sizes that do not keep what the spec checks
            continue
        except SystemFault as fault:
            return Outputs(fault.headline)
        return _compared(one, other)
    return Outputs(f"with free sizes of {', '.join(map(str, _FREE))} they are refused")


def _run(model: Model, first: Model, inputs: Sequence[Array]) -> Mapping[str, Array]:
    """Return the outputs by their names for the inputs of `first`, which are told by name where there are several."""
    numbers = {port.name: number for number, port in enumerate(first.inputs)}
    if len(inputs) > 1 and {port.name for port in model.inputs} == numbers.keys():
        inputs = [inputs[numbers[port.name]] for port in model.inputs]
    try:
        with np.errstate(all="ignore"):  # what overflows is compared, and said once
            given = model(*inputs)
    except TypeError as error:  # another number of inputs, which no proof bears
        raise ValueError(str(error)) from error
    return given if isinstance(given, dict) else {"": given}


def _compared(ours: Mapping[str, Array], theirs: Mapping[str, Array]) -> Outputs:
    """Return how outputs compare: a number that is not finite agrees with the same one alone."""
    if len(ours) == len(theirs) == 1:  # whatever it is called
        theirs = dict(zip(ours, theirs.values(), strict=True))
    if ours.keys() != theirs.keys():
        return Outputs(differ="are not of the same names")
    largest, scale, exact = 0.0, 0.0, True
    for name, a in ours.items():
        b = theirs[name]
        if a.shape != b.shape:
            return Outputs(differ=f"have the shapes {spelled(a.shape[1:])} and {spelled(b.shape[1:])}")
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        if not (same | np.isfinite(a) & np.isfinite(b)).all():
            return Outputs(differ="are not finite at the same places", finite=False)
        exact &= bool(same.all())
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.where(same, 0.0, np.abs(a - b))
        largest = max(largest, float(difference.max(initial=0.0)))
        scale = max(scale, float(np.abs(a[np.isfinite(a)]).max(initial=0.0)))
    differ = "" if largest <= _SHARE * (1 + scale) else f"differ by up to {largest:.3g}"
    return Outputs("", exact, differ, largest)


def _inputs(model: Model, free: int) -> list[Array]:
    """Return examples for each input: numbers, or integers below the smallest vocabulary."""
    random = np.random.default_rng(0)
    words = [visit.operation.vocabulary for visit in visits(model.graph) if isinstance(visit.operation, Embed)]
    found: list[Array] = []
    for port in model.inputs:
        shape = (_EXAMPLES, *(size if isinstance(size, int) else free for size in port.shape))
        if port.dtype.startswith("int"):
            found.append(random.integers(0, min(words, default=1), shape))
        else:
            found.append(random.integers(-32, 33, shape) / 8)
    return found
