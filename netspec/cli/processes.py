"""Processes that work on specs side by side."""

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, NamedTuple, TypeVar

from netspec.cli.jobs import Method
from netspec.diagnostics import SystemFault
from netspec.files.folder import why

_AHEAD: Final = 2  # chunks that a worker has at a time: it begins the second while the first is on its way back
_SHARES: Final = 8  # chunks for each worker at least, so that none is idle while another has the large files
_CHUNK: Final = 32  # specs in a chunk at most
_LEFT_TO_PARENT: Final = (signal.SIGINT, signal.SIGTERM)  # who is told by them to end, ends its workers
_HELP: Final = "`--jobs 1` checks one spec after the other, in one process"

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result | None]
"""What is done with each item; it can be sent to a process, and its result back. None leaves the item to the parent."""


class _Worker(NamedTuple):
    """A process, and this process's end of the connection to it: orders go there, results come back."""

    process: BaseProcess
    connection: "Connection[Any, Any]"


def in_processes(
    items: Sequence[Item], work: Work[Item, Result], jobs: int, method: Method
) -> Generator[Result | None, None, None]:
    """Yield what `work` makes of each item, in their order, by `jobs` processes of their own.

    Raises SystemFault `worker-ended` where one of them dies. However the iteration ends, no process is left: those
    that run are ended, and one whose parent was killed ends when it finds nobody to report to.
    """
    size = max(1, min(_CHUNK, len(items) // (jobs * _SHARES)))
    orders = iter(range(0, len(items), size))
    done: dict[int, list[Result | None]] = {}
    workers: list[_Worker] = []
    try:
        for _ in range(jobs):
            _start(workers, items, work, size, method)
        free = workers * _AHEAD
        for start in range(0, len(items), size):
            while start not in done:
                for worker, order in zip(free, orders, strict=False):
                    with _alive(worker):
                        worker.connection.send(order)
                free = _receive(workers, done)
            yield from done.pop(start)
    finally:
        for worker in workers:
            worker.connection.close()
            worker.process.kill()
        for worker in workers:
            worker.process.join()


def _start(workers: list[_Worker], items: Sequence[Any], work: Work[Any, Any], size: int, method: Method) -> None:
    """Add a worker. It inherits that signals are blocked, so that there is no moment at which one would reach it."""
    context = multiprocessing.get_context("fork") if method == "fork" else multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    inherited = ours if method == "fork" else None
    process = context.Process(target=_work, args=(its, inherited, items, work, size), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)
    try:
        process.start()
    except OSError as error:
        raise SystemFault("worker-ended", f"no process can be started: {why(error)}", _HELP) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        its.close()
    workers.append(_Worker(process, ours))


def _receive(workers: list[_Worker], done: dict[int, list[Any]]) -> list[_Worker]:
    """Wait for results and keep them; return the workers that they came from, which are free for an order each."""
    ready = wait([worker.connection for worker in workers])
    free = [worker for worker in workers if worker.connection in ready]
    for worker in free:
        with _alive(worker):
            start, results = worker.connection.recv()
            done[start] = results
    return free


@contextlib.contextmanager
def _alive(worker: _Worker) -> Iterator[None]:
    """Raise SystemFault `worker-ended` where sending or receiving shows that nobody is at the other end any more."""
    try:
        yield
    except (EOFError, OSError) as error:
        worker.process.join()
        raise _ended(worker.process.exitcode) from error


def _ended(status: int | None) -> SystemFault:
    """Return the fault for a worker that died: by a signal where its status is below 0."""
    cause = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
    return SystemFault("worker-ended", f"a process that checks specs ended {cause} before it was done", _HELP)


def _work(
    connection: "Connection[Any, Any]",
    inherited: "Connection[Any, Any] | None",
    items: Sequence[Any],
    work: Work[Any, Any],
    size: int,
) -> None:
    """Work on the chunk of items that begins at each number received, until nobody is at the other end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)  # a process that is not forked may have lost the mask
    if inherited is not None:
        inherited.close()  # a copy of the other end, which would keep the connection open for ever
    try:
        while True:
            start = connection.recv()
            connection.send((start, [work(target) for target in items[start : start + size]]))
    except (EOFError, OSError):
        return
