"""Parts of a count by processes of their own, each a copy of this one, which has all that they need."""

import contextlib
import multiprocessing
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, TypeVar

from netspec.diagnostics import SystemFault
from netspec.processes import Crew, Send, in_order, results
from netspec.runtime.threads import one_thread_of_blas

_HELP: Final = "`--workers 1` counts in one process"
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def check_workers(count: int) -> None:
    """Raise ValueError for no workers, SystemFault `usage` where several cannot be had on this system."""
    if count < 1:
        raise ValueError(f"workers is {count}; expected 1 or more")
    if count > 1 and not can_fork():
        raise SystemFault("usage", "no process can be started as a copy of this one on this system", _HELP)


def can_fork() -> bool:
    """Return whether a process can be started as a copy of this one."""
    return "fork" in multiprocessing.get_all_start_methods()


def in_processes(
    work: Callable[[_Part], _Result], parts: Sequence[_Part], count: int
) -> Generator[tuple[int, _Result], None, None]:
    """Yield the number and the result of each part, in their order, worked out by `count` processes.

    Raises SystemFault `worker-ended` where one of them dies, and the fault that the work raises. However the iteration
    ends, no process is left.
    """

    def order(number: int, send: Send) -> None:
        send(work(parts[number]))

    with contextlib.closing(as_they_come(order, len(parts), count)) as found:
        yield from in_order(found)


def as_they_come(order: Callable[[int, Send], None], orders: int, count: int) -> Generator[tuple[int, Any], None, None]:
    """Yield all that `count` processes send of so many orders, as it comes; for the rest as `in_processes`."""
    return results(order, orders, Crew(count, "fork", "counts regions", _HELP, one_thread_of_blas))
