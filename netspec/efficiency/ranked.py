"""A row of a comparison with the effective dimension that is found, at the values of the spec or at drawn ones."""

from typing import TYPE_CHECKING, Any, Protocol

from netspec.efficiency.comparison import Checked, Compared
from netspec.efficiency.rank import drawn_parameters, found_rank, reason_against
from netspec.model import holds_values

if TYPE_CHECKING:
    from netspec.model import Model

DRAWS = 4
"""How often parameters are drawn where none are given; the largest rank is what was found."""


class Buildable(Checked, Protocol):
    """A network that can be built."""

    def build(self, *, dtype: Any) -> "Model":
        """Return the network with parameters."""


def ranked(row: Compared, network: Buildable, seed: int = 0) -> Compared:
    """Return the row with the rank found at the spec's own values, or the largest of four generic draws from a seed.

    Where there is none, `rank_at` says why.
    """
    graph, facts = network.operations, network.facts
    against = reason_against(graph, facts)
    if against:
        return row._replace(rank_at=against)
    most = None if row.symmetry is None else row.symmetry.effective_dimension
    if holds_values(network.part):
        try:
            found = found_rank(graph, facts, network.build(dtype="float64").parameters, most=most)
        except ValueError as error:
            return row._replace(rank_at=str(error))
        return row._replace(rank=found, rank_at="the values given")
    best = found_rank(graph, facts, drawn_parameters(graph, seed), most=most)
    for draw in range(1, DRAWS):
        if best.rank == most:
            break
        again = found_rank(graph, facts, drawn_parameters(graph, seed + draw), most=most)
        best = max(best, again, key=lambda found: found.rank)
    return row._replace(rank=best, rank_at=f"drawn values, seed {seed}")
