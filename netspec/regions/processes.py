"""Parts of a count by processes of their own, each a copy of this one, which has all that they need."""

import contextlib
import multiprocessing
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, NamedTuple, TypeVar

from netspec.diagnostics import NetspecError, SystemFault
from netspec.files.folder import why
from netspec.runtime.threads import one_thread_of_blas

_AHEAD: Final = 2
_LEFT_TO_PARENT: Final = (signal.SIGINT, signal.SIGTERM)
_HELP: Final = "`--workers 1` counts in one process"
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


class _Worker(NamedTuple):
    process: BaseProcess
    connection: "Connection[Any, Any]"


def can_fork() -> bool:
    """Return whether a process can be started as a copy of this one."""
    return "fork" in multiprocessing.get_all_start_methods()


def in_processes(work: Callable[[_Part], _Result], parts: Sequence[_Part], count: int) -> Iterator[tuple[int, _Result]]:
    """Yield the number and the result of each part, in their order, worked out by `count` processes.

    Raises SystemFault `worker-ended` where one of them dies, and the fault that the work raises. However the iteration
    ends, no process is left.
    """
    workers: list[_Worker] = []
    orders = iter(range(len(parts)))
    done: dict[int, Any] = {}
    try:
        for _ in range(min(count, len(parts))):
            _start(workers, work, parts)
        free = workers * _AHEAD
        for number in range(len(parts)):
            while number not in done:
                for worker, order in zip(free, orders, strict=False):
                    with _alive(worker):
                        worker.connection.send(order)
                free = _receive(workers, done)
            result = done.pop(number)
            if isinstance(result, NetspecError):
                raise result
            yield number, result
    finally:
        for worker in workers:
            worker.connection.close()
            worker.process.kill()
        for worker in workers:
            worker.process.join()


def _start(workers: list[_Worker], work: Callable[[Any], Any], parts: Sequence[Any]) -> None:
    """Add a worker. It inherits that signals are blocked, so that there is no moment at which one would reach it."""
    context = multiprocessing.get_context("fork")
    ours, its = context.Pipe()
    process = context.Process(target=_work, args=(its, ours, work, parts), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)
    try:
        with warnings.catch_warnings():  # of threads, which are those of BLAS: it is ready to be copied
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except OSError as error:
        raise SystemFault("worker-ended", f"no process can be started: {why(error)}", _HELP) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        its.close()
    workers.append(_Worker(process, ours))


def _receive(workers: list[_Worker], done: dict[int, Any]) -> list[_Worker]:
    """Wait for results and keep them; return the workers that they came from, which are free for an order each."""
    ready = wait([worker.connection for worker in workers])
    free = [worker for worker in workers if worker.connection in ready]
    for worker in free:
        with _alive(worker):
            number, result = worker.connection.recv()
            done[number] = result
    return free


@contextlib.contextmanager
def _alive(worker: _Worker) -> Iterator[None]:
    """Raise SystemFault `worker-ended` where nobody is at the other end any more."""
    try:
        yield
    except (EOFError, OSError) as error:
        worker.process.join()
        status = worker.process.exitcode
        cause = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
        headline = f"a process that counts regions ended {cause} before it was done"
        raise SystemFault("worker-ended", headline, _HELP) from error


def _work(
    connection: "Connection[Any, Any]", inherited: "Connection[Any, Any]", work: Callable[[Any], Any], parts: Any
) -> None:
    """Work out the part of each number received, until nobody is at the other end."""
    inherited.close()  # a copy of the other end, which would keep the connection open for ever
    try:
        with one_thread_of_blas():
            while True:
                number = connection.recv()
                try:
                    result = work(parts[number])
                except NetspecError as fault:
                    result = fault
                connection.send((number, result))
    except (EOFError, OSError):
        return
