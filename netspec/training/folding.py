"""How what data were standardised by becomes a part of the network, so that a model stays a spec and its tensors.

f trained on (x - μ) / σ is a function of x with other parameters, where all that reads x are affine maps, or
convolutions without padding; likewise one trained for (t - μ) / σ, where what gives the output is an affine map.

A training that begins with given parameters goes the other way first: they are those of a function of x, while what is
drawn is meant for (x - μ) / σ.
"""

from collections.abc import Container, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

from netspec.compiler.flow import Flow, Stored, Task
from netspec.operations import Affine
from netspec.operations.convolve import Convolve
from netspec.training.data.standardisation import Standardiser, folded_inputs, folded_targets
from netspec.training.recipe_faults import RecipeFault

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INSTEAD = "put `batch_norm: {affine: false}` first, which keeps a mean and a variance of its own"


class Folding(NamedTuple):
    """The maps whose Ω and β change: their names."""

    side: Literal["inputs", "targets"]
    maps: tuple[tuple[str, str], ...]

    def fold(self, tensors: "MutableMapping[str, NDArray[Any]]", scaling: Standardiser) -> None:
        """Change the tensors, so that the network takes or gives what was not standardised."""
        change = folded_inputs if self.side == "inputs" else folded_targets
        for Omega, beta in self.maps:
            tensors[Omega], tensors[beta] = change(tensors[Omega], tensors[beta], scaling)

    def unfold(
        self, tensors: "MutableMapping[str, NDArray[Any]]", scaling: Standardiser, given: "Container[str]"
    ) -> None:
        """Change the maps whose Ω is `given`, so that the network takes or gives what is standardised."""
        known = tuple([(Omega, beta) for Omega, beta in self.maps if Omega in given])
        self._replace(maps=known).fold(tensors, scaling.inverse)


def folding_of(flow: Flow, value: int, side: Literal["inputs", "targets"]) -> Folding:
    """Return the folding of an input or an output. Raises RecipeFault where there is none."""
    if side == "inputs":
        tasks = flow.readers().get(value, [])
    else:
        tasks = [task for task in [flow.makers().get(value)] if task is not None]
        if flow.readers().get(value):
            _refuse(side)
    uses: dict[str, int] = {}
    for task in flow.tasks:
        for tensor in task.tensors.values():
            if isinstance(tensor, Stored):
                uses[tensor.name] = uses.get(tensor.name, 0) + 1
    maps: list[tuple[str, str]] = []
    for task in tasks:
        names = [tensor.name for tensor in map(task.tensors.get, ("Omega", "beta")) if isinstance(tensor, Stored)]
        if not _takes(task, side, flow) or len(names) < 2 or any(uses[name] > 1 for name in names):
            _refuse(side)
        maps.append((names[0], names[1]))
    return Folding(side, tuple(maps))


def _takes(task: Task, side: str, flow: Flow) -> bool:
    """Return whether an operation's parameters can take a scaling in: of the last axis, or of channels."""
    operation = task.operation
    if side == "targets":
        return isinstance(operation, Affine)
    axes = len(flow.shapes[task.operands[0]])
    if isinstance(operation, Affine):
        return axes <= 2  # of (T, D) each column is scaled; what has more axes is scaled by the first
    return (
        isinstance(operation, Convolve) and axes > 2 and operation.groups == 1 and not any(map(any, operation.padding))
    )


def _refuse(side: str) -> NoReturn:
    if side == "inputs":
        headline = "inputs are standardised where dense layers, or convolutions without padding, read them and have a β"
        raise RecipeFault("standardise", headline, _INSTEAD)
    headline = "targets are standardised where a dense layer with a β gives the output, and nothing else reads it"
    raise RecipeFault("standardise", headline, "standardise the targets before, or leave it out")
