"""Interruption: a first Ctrl-C asks a training to end after its step, a second one ends it."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """Within its block a SIGINT is remembered, and calling this says so; another one raises KeyboardInterrupt.

    A program that ends with the training names SIGTERM too; the second of those does what it did before the block.
    `signal` is the first, None before there was any. Only the main thread hears signals; in any other the block changes
    nothing.
    """

    def __init__(self, *signals: int) -> None:
        self.signal: int | None = None
        self._signals = signals or (signal.SIGINT,)
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Return whether there was one."""
        return self.signal is not None

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            for each in self._signals:
                if signal.getsignal(each) != signal.SIG_IGN:  # as under nohup, whose process is to go on
                    self._before[each] = signal.signal(each, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for each, before in self._before.items():
            signal.signal(each, before)
        self._before = {}

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.signal is None:
            self.signal = number
            return
        before = self._before.get(number)
        if not callable(before) or number == signal.SIGINT:
            raise KeyboardInterrupt
        before(number, frame)
