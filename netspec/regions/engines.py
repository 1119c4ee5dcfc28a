"""What counts in each number of dimensions."""

from typing import Final

from netspec.diagnostics import SystemFault
from netspec.diagnostics.magnitude import magnitude
from netspec.model.memory import available
from netspec.regions.areas import count_areas
from netspec.regions.counting import count_line
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.solids import count_solids
from netspec.regions.steps import Chain
from netspec.regions.work import Engine, Found, Work

_BYTES: Final = 4096
"""Of a cell, or of a vertex, with what is made to find its neighbours."""
_BYTES_OF_A_NUMBER: Final = {True: 800, False: 64}
"""Of a number of its map, in rationals and in float64."""


def count_plane(chain: Chain, domain: Domain, work: Work) -> Found:
    """Count in two dimensions, in one process. Raises SystemFault `no-memory`."""
    try:
        return count_areas(chain, domain, most_cells(chain, domain, work.max_memory), work.tell)
    except TooMany as more:
        raise too_many_cells(more, work.max_memory) from None


def count_space(chain: Chain, domain: Domain, work: Work) -> Found:
    """Count in three to six dimensions, in one process. Raises SystemFault `no-memory`."""
    try:
        return count_solids(chain, domain, most_cells(chain, domain, work.max_memory), work.tell)
    except TooMany as more:
        raise too_many_cells(more, work.max_memory) from None


ENGINES: Final[dict[int, Engine]] = {
    1: count_line,
    2: count_plane,
    3: count_space,
    4: count_space,
    5: count_space,
    6: count_space,
}
"""By the dimension of the domain."""


def most_cells(chain: Chain, domain: Domain, max_memory: int | None) -> int | None:
    """Return how many cells may be held; None where nobody knows what is free."""
    free = available() if max_memory is None else max_memory
    size = _BYTES + _BYTES_OF_A_NUMBER[chain.exact] * (domain.dimension + 1) * chain.outputs
    return None if free is None else free // size


def too_many_cells(more: TooMany, max_memory: int | None) -> SystemFault:
    """Return the fault for more cells than may be held."""
    there = "than there is memory for" if max_memory is None else "than --max-memory allows"
    headline = f"there are more than {magnitude(more.found)} cells, {there}"
    return SystemFault("no-memory", headline, "take a smaller box, or a segment between two inputs")
