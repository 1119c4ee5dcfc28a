"""Work by processes of their own: how they are started, what goes to them and comes back, and that none is left."""

import contextlib
import multiprocessing
import signal
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Literal, NamedTuple, TypeVar

from netspec.diagnostics import NetspecError, SystemFault
from netspec.files.folder import why

Result = TypeVar("Result")
Method = Literal["fork", "spawn"]
"""How a process is started: as a copy of this one, or anew."""

Send = Callable[[Any], None]
Work = Callable[[int, Send], None]
"""Does the order of a number, and sends each result as it comes; a process that is started anew is sent the work."""

_AHEAD: Final = 2  # orders that a worker has at a time: it begins the second while the first is on its way back
_LEFT_TO_PARENT: Final = (signal.SIGINT, signal.SIGTERM)  # who is told by them to end, ends its workers


class Crew(NamedTuple):
    """Processes that are alike: how many, how they are started, and within what they work.

    `what` they do stands in the fault where one of them dies, "checks specs", and `help` is what to do then.
    """

    size: int
    method: Method
    what: str
    help: str
    within: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext


class _Worker(NamedTuple):
    """A process, and this process's end of the connection to it: orders go there, results come back."""

    process: BaseProcess
    connection: "Connection[Any, Any]"


def results(work: Work, orders: int, crew: Crew) -> Generator[tuple[int, Any], None, None]:
    """Yield what the work sends, with the number of its order, as it comes: of one order in order, of all in none.

    A worker waits with what it has to send until it is asked for, so that no more is held than one result for each.
    Raises SystemFault `worker-ended` where one of them dies, and the fault that the work raises. However the iteration
    ends, no process is left: those that run are ended, and one whose parent was killed ends when it finds nobody to
    report to.
    """
    workers: list[_Worker] = []
    waiting = iter(range(orders))
    left = orders
    try:
        for _ in range(min(crew.size, orders)):
            _start(workers, work, crew)
        free = workers * _AHEAD
        while left:
            for worker, order in zip(free, waiting, strict=False):
                with _alive(worker, crew):
                    worker.connection.send(order)
            free = []
            for worker in _ready(workers):
                with _alive(worker, crew):
                    number, result, done = worker.connection.recv()
                if done:
                    left -= 1
                    free.append(worker)
                elif isinstance(result, NetspecError):
                    raise result
                else:
                    yield number, result
    finally:
        for worker in workers:
            worker.connection.close()
            worker.process.kill()
        for worker in workers:
            worker.process.join()


def in_order(found: Iterable[tuple[int, Result]]) -> Iterator[tuple[int, Result]]:
    """Yield results, one for each order, in the order of their numbers; what is too early is held."""
    early: dict[int, Result] = {}
    number = 0
    for which, result in found:
        early[which] = result
        while number in early:
            yield number, early.pop(number)
            number += 1


def _ready(workers: list[_Worker]) -> list[_Worker]:
    """Return those that have something to say, when there are any."""
    ready = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in ready]


def _start(workers: list[_Worker], work: Work, crew: Crew) -> None:
    """Add a worker. It inherits that signals are blocked, so that there is no moment at which one would reach it."""
    context: Any = multiprocessing.get_context(crew.method)
    ours, its = context.Pipe()
    inherited = ours if crew.method == "fork" else None
    process = context.Process(target=_work, args=(its, inherited, work, crew.within), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)
    try:
        with warnings.catch_warnings():  # of threads, which are those of BLAS: it is ready to be copied
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except OSError as error:
        raise SystemFault("worker-ended", f"no process can be started: {why(error)}", crew.help) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        its.close()
    workers.append(_Worker(process, ours))


@contextlib.contextmanager
def _alive(worker: _Worker, crew: Crew) -> Iterator[None]:
    """Raise SystemFault `worker-ended` where sending or receiving shows that nobody is at the other end any more."""
    try:
        yield
    except (EOFError, OSError) as error:
        worker.process.join()
        status = worker.process.exitcode
        cause = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
        headline = f"a process that {crew.what} ended {cause} before it was done"
        raise SystemFault("worker-ended", headline, crew.help) from error


def _work(
    connection: "Connection[Any, Any]",
    inherited: "Connection[Any, Any] | None",
    work: Work,
    within: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Do each order received, until nobody is at the other end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)  # a process that is not forked may have lost the mask
    if inherited is not None:
        inherited.close()  # a copy of the other end, which would keep the connection open for ever
    try:
        with within():
            while True:
                number = connection.recv()
                send = partial(_send, connection, number)
                try:
                    work(number, send)
                except NetspecError as fault:
                    send(fault)
                connection.send((number, None, True))
    except (EOFError, OSError):
        return


def _send(connection: "Connection[Any, Any]", number: int, result: Any) -> None:
    connection.send((number, result, False))
