"""What counts in each number of dimensions."""

from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault
from netspec.diagnostics.magnitude import magnitude
from netspec.model.memory import available
from netspec.regions.areas import count_areas
from netspec.regions.counting import count_line
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.refining import SOME_NUMBERS
from netspec.regions.solids import count_solids
from netspec.regions.steps import Chain, live_elements
from netspec.regions.work import Engine, Found, Work

_BYTES: Final = {1: 1024, 2: 1024, 3: 1024, 4: 2048, 5: 4096, 6: 16384}
"""Of a cell, or of a vertex, by the dimension, with what is made to find its neighbours."""
_BYTES_IN_RATIONALS: Final = 16384
"""As many besides, of corners and forms whose digits grow."""
_BYTES_OF_A_UNIT: Final = {True: 800, False: 12}
"""Of what a unit is at a vertex."""
_BYTES_OF_WORK: Final = {True: 800, False: 128}
"""Of a number in the forms of cells that are refined together, with the arrays that one cut makes."""
_BYTES_OF_A_NUMBER: Final = {True: 800, False: 64}
"""Of a number of its map, in rationals and in float64."""


def count_plane(chain: Chain, domain: Domain, work: Work) -> Found:
    """Count in two dimensions. Raises SystemFault `no-memory`."""
    try:
        cells, numbers, workers = room(chain, domain, work.max_memory, work.workers)
        return count_areas(chain, domain, cells, work.tell, numbers, workers)
    except TooMany as more:
        raise too_many_cells(more, work.max_memory) from None


def count_space(chain: Chain, domain: Domain, work: Work) -> Found:
    """Count in three to six dimensions. Raises SystemFault `no-memory`."""
    try:
        cells, numbers, workers = room(chain, domain, work.max_memory, work.workers)
        return count_solids(chain, domain, cells, work.tell, numbers, workers)
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


class Room(NamedTuple):
    """How many cells may be held, None where nobody knows what is free, how many numbers be worked on together by each
    process, and how many processes there is room for.
    """

    cells: int | None
    numbers: int
    workers: int


def room(chain: Chain, domain: Domain, max_memory: int | None, workers: int = 1) -> Room:
    """Return what fits: half of the memory at most is for the work, the rest for the cells that are held.

    How many numbers are worked on together does not hang on the number of processes, and so nor does what is found.
    """
    free = available() if max_memory is None else max_memory
    if free is None:
        return Room(None, SOME_NUMBERS, workers)
    each = _BYTES_OF_WORK[chain.exact]
    numbers = min(SOME_NUMBERS, free // 2 // each)
    workers = max(1, min(workers, free // 2 // max(1, numbers * each)))
    size = _BYTES[domain.dimension] + _BYTES_OF_A_NUMBER[chain.exact] * (domain.dimension + 1) * chain.outputs
    if chain.exact:
        size += _BYTES_IN_RATIONALS
    if domain.dimension > 2:
        size += _BYTES_OF_A_UNIT[chain.exact] * max(live_elements(chain))
    return Room((free - workers * numbers * each) // size, numbers, workers)


def most_cells(chain: Chain, domain: Domain, max_memory: int | None) -> int | None:
    """Return how many cells may be held; None where nobody knows what is free."""
    return room(chain, domain, max_memory).cells


def too_many_cells(more: TooMany, max_memory: int | None) -> SystemFault:
    """Return the fault for more cells than may be held."""
    there = "than there is memory for" if max_memory is None else "than --max-memory allows"
    headline = f"there are more than {magnitude(more.found)} cells, {there}"
    return SystemFault("no-memory", headline, "take a smaller box, or a segment between two inputs")
