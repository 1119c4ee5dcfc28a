"""Interruption: a first Ctrl-C asks a training to end after its step, a second one ends it."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """Within its block a SIGINT is remembered, and calling this says so; another one raises KeyboardInterrupt.

    Only the main thread hears signals; in any other the block changes nothing.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None
        self._set = False

    def __call__(self) -> bool:
        """Return whether there was a Ctrl-C."""
        return self._asked

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
            self._set = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._set:
            signal.signal(signal.SIGINT, self._before)
            self._set = False

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
