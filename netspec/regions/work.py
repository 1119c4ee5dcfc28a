"""How counting goes about its work: processes, memory, and who is told how far it is."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from netspec.regions.domains import Domain
from netspec.regions.steps import Chain

Report = Callable[[int, float], None]
"""Told, now and then, how many cells were found, and what share of the work is done, from 0 to 1."""


class Work(NamedTuple):
    """What a caller says of the work: `workers` processes, bytes of memory at most, and whom to tell."""

    workers: int = 1
    max_memory: int | None = None
    report: Report | None = None

    def tell(self, cells: int, share: float) -> None:
        """Tell how far the work is."""
        if self.report is not None:
            self.report(cells, share)


class Found(NamedTuple):
    """What an engine counted. `complete` is false where it was interrupted: then so many were found by then.

    `unsure` is how often float64 could not tell two knots, two maps, or whether a hyperplane enters a cell: they were
    taken for one, and it was taken not to.
    """

    cells: int
    pieces: int
    unsure: int
    complete: bool


class Interrupted(KeyboardInterrupt):
    """A search was interrupted; `found` is what it had counted by then."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


class Engine(Protocol):
    """Counts in some dimension."""

    def __call__(self, chain: Chain, domain: Domain, work: Work) -> Found:
        """Return the cells and pieces of a chain on a domain. An interrupt ends it early, and is no exception."""
