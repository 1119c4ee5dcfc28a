"""Processes that work on specs side by side."""

import contextlib
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from netspec.cli.jobs import Method
from netspec.processes import Crew, Send, in_order, results

_SHARES: Final = 8  # chunks for each worker at least, so that none is idle while another has the large files
_CHUNK: Final = 32  # specs in a chunk at most
_HELP: Final = "`--jobs 1` checks one spec after the other, in one process"

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result | None]
"""What is done with each item; it can be sent to a process, and its result back. None leaves the item to the parent."""


def in_processes(
    items: Sequence[Item], work: Work[Item, Result], jobs: int, method: Method
) -> Generator[Result | None, None, None]:
    """Yield what `work` makes of each item, in their order, by `jobs` processes of their own.

    Raises SystemFault `worker-ended` where one of them dies. However the iteration ends, no process is left.
    """
    size = max(1, min(_CHUNK, len(items) // (jobs * _SHARES)))
    crew = Crew(jobs, method, "checks specs", _HELP)
    orders = -(-len(items) // size)
    with contextlib.closing(results(partial(_chunk, items, work, size), orders, crew)) as found:
        for _, chunk in in_order(found):
            yield from chunk


def _chunk(items: Sequence[Any], work: Work[Any, Any], size: int, number: int, send: Send) -> None:
    """Send what is made of the items of a chunk."""
    send([work(item) for item in items[number * size : (number + 1) * size]])
