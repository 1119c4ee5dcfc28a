"""The tensors that a network wants, each with the operation that it belongs to."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault
from netspec.graph.walk import Visit, tensor_count, tensors, unrolled, visits
from netspec.limits import TENSORS
from netspec.migration.steps import Sizes
from netspec.operations import Graph, Operation, Parameter

_MOST_OPERATIONS: Final = 4 * TENSORS.value  # beyond, what a network computes is not followed


class Owner(NamedTuple):
    """An operation with tensors of its own: their names by role, and their shapes in the same order."""

    operation: Operation
    names: Mapping[str, str]
    shapes: tuple[Sizes, ...]


class Wanted(NamedTuple):
    """A network as a plan sees it. `visits` is None of one that has too many operations to be followed.

    `tensors` are by name, in the order of the graph; `owners` are the operations, in that order too.
    """

    tensors: Mapping[str, Parameter]
    visits: tuple[Visit, ...] | None
    owners: tuple[Owner, ...]

    @property
    def shapes(self) -> dict[str, Sizes]:
        """The shape of each tensor by its name."""
        return {name: parameter.shape for name, parameter in self.tensors.items()}


def wanted(graph: Graph) -> Wanted:
    """Return what a network wants. SystemFault `too-many-tensors` beyond what a model may have."""
    count = tensor_count(graph)
    if count > TENSORS.value:
        headline = f"the network has {count:,} tensors; weights are of at most {TENSORS.value:,}"
        raise SystemFault(TENSORS.code, headline, "`validate` and `show` take networks of any size")
    found = {tensor.name: tensor.parameter for tensor in tensors(graph)}
    if unrolled(graph) > _MOST_OPERATIONS:
        return Wanted(found, None, ())
    walked = tuple(visits(graph))
    owners: dict[str, Owner] = {}
    for visit in walked:
        own = [(name, parameter) for name, parameter in visit.tensors if not parameter.tied]
        if own:
            names = {parameter.role: name for name, parameter in own}
            shapes = tuple(parameter.shape for _, parameter in own)
            owners.setdefault(own[0][0], Owner(visit.operation, names, shapes))
    return Wanted(found, walked, tuple(owners.values()))
