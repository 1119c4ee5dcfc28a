"""A batch divided among threads, with a thread of BLAS for each.

NumPy lets go of the interpreter while it computes, so that parts of a batch run side by side. Their products are the
work; were each divided once more among BLAS's own threads, these would wait for each other.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import Any, Final


class Threads:
    """As many threads as a program may use; they are started when a batch is first divided."""

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"threads is {count}; expected 1 or more")
        self.count = count
        self._starting = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0

    def parts(self, rows: int, least: int) -> list[slice]:
        """Return the rows of each thread, alike to one; a single part where there are too few."""
        count = max(1, min(self.count, rows // max(1, least)))
        ends = [rows * i // count for i in range(count + 1)]
        return [slice(start, stop) for start, stop in pairwise(ends)]

    def run(self, work: Callable[[slice], None], parts: list[slice]) -> None:
        """Do the work on each part, the first in this thread; what one raises is raised."""
        with one_thread_of_blas():
            if len(parts) == 1:
                work(parts[0])
                return
            waiting = [self._started().submit(work, part) for part in parts[1:]]
            try:
                work(parts[0])
            finally:
                for each in waiting:
                    each.result()

    def _started(self) -> ThreadPoolExecutor:
        """Return the pool; a process that was forked has none of its parent's threads."""
        with self._starting:
            if self._pool is None or self._process != os.getpid():
                self._pool = ThreadPoolExecutor(max(1, self.count - 1), "netspec")
                self._process = os.getpid()
            return self._pool


class _Limit:
    """BLAS at one thread while anybody computes: its number of threads is one for the whole process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._within = 0
        self._limited: Any = None

    def enter(self) -> None:
        """Limit it, where nobody has before."""
        with self._lock:
            self._within += 1
            controller = _controller()
            if self._within == 1 and controller is not None:
                self._limited = controller.limit(limits=1, user_api="blas")
                self._limited.__enter__()

    def leave(self) -> None:
        """Give it its threads back, where nobody is left."""
        with self._lock:
            self._within -= 1
            if self._within == 0 and self._limited is not None:
                self._limited.__exit__(None, None, None)
                self._limited = None


_LIMIT: Final = _Limit()


@contextmanager
def one_thread_of_blas() -> Iterator[None]:
    """Let BLAS use one thread within, where threadpoolctl (the extra `threads`) can tell it so."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()


def give_blas(count: int) -> bool:
    """Return whether BLAS has so many threads from now on: whether threadpoolctl is there to tell it so."""
    controller = _controller()
    if controller is None:
        return False
    controller.limit(limits=count, user_api="blas")
    return True


@contextmanager
def threads_of_blas(count: int | None) -> Iterator[None]:
    """Let BLAS use so many threads within, None: as many as it has. RuntimeError where threadpoolctl is not installed.

    Its number of threads is one for the whole process.
    """
    if count is None:
        yield
        return
    if count < 1:
        raise ValueError(f"threads is {count}; expected 1 or more")
    controller = _controller()
    if controller is None:
        raise RuntimeError(
            "threads are set by threadpoolctl, which is not installed: pip install 'netspec-lang[threads]'"
        )
    with controller.limit(limits=count, user_api="blas"):
        yield


@cache
def _controller() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
