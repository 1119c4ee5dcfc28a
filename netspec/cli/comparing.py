"""The comparisons of many specs with a revision, by several processes where that pays, in the order of the specs."""

import contextlib
from collections.abc import Generator, Iterator
from functools import partial
from typing import Final

from netspec.cli.jobs import Method, can_fork, cores
from netspec.review.many import Changes, Outcome, Work

# The specs that make a further process worth its start; one takes 4 to 8 ms, both sides and variants.
_WORTH_FORKING: Final = 12
_WORTH_SPAWNING: Final = 100


def compare_all(changes: Changes, jobs: int | None = None) -> Generator[Outcome, None, None]:
    """Yield what became of each spec that changed, those left out that are none."""
    method: Method = "fork" if can_fork() else "spawn"
    worth = _WORTH_FORKING if method == "fork" else _WORTH_SPAWNING
    jobs = min(jobs or cores(), 1 + len(changes.work) // worth)
    if jobs > 1:
        from netspec.cli.processes import in_processes  # multiprocessing is loaded only where it pays

        with contextlib.closing(in_processes(changes.work, partial(_attempt, changes), jobs, method)) as found:
            for work, outcome in zip(changes.work, found, strict=True):
                yield from _told(changes(work) if outcome is None else outcome)
    else:
        for work in changes.work:
            yield from _told(changes(work))


def _told(outcome: Outcome) -> Iterator[Outcome]:
    """Yield an outcome, but for that of a file which is no spec in either state."""
    if outcome.old is not None or outcome.new is not None:
        yield outcome


def _attempt(changes: Changes, work: Work) -> Outcome | None:
    """Return what became of a spec; None leaves it to the parent, where what nobody foresaw is told of."""
    try:
        return changes(work)
    except Exception:
        return None
