"""A bar on the terminal for work that takes long; nothing elsewhere."""

import time
from typing import Final, TextIO

_PATIENCE: Final = 1.0  # seconds before a bar appears
_PAUSE: Final = 0.1  # seconds between two drawings
_WIDTH: Final = 30


class Progress:
    """Draws `[#####.....]  50 %  1,234 rows` in one line of a terminal; `close` wipes it. `unit` is what is counted."""

    def __init__(self, terminal: TextIO | None, unit: str = "rows") -> None:
        self._unit = unit
        self._terminal = terminal if terminal is not None and terminal.isatty() else None
        self._next = time.monotonic() + _PATIENCE
        self._drawn = 0

    def show(self, done: int, share: float | None) -> None:
        """Draw how far the work is: what is done, and its share of all, from 0 to 1, where that is known."""
        if self._terminal is None or time.monotonic() < self._next:
            return
        text = f"{done:,} {self._unit}"
        if share is not None:
            full = round(_WIDTH * min(share, 1.0))
            text = f"[{'#' * full}{'.' * (_WIDTH - full)}] {min(share, 1.0):4.0%}  {text}"
        self._terminal.write(f"\r{text:<{self._drawn}}")
        self._terminal.flush()
        self._drawn = len(text)
        self._next = time.monotonic() + _PAUSE

    def close(self) -> None:
        """Wipe the bar, so that messages begin on an empty line."""
        if self._terminal is not None and self._drawn:
            self._terminal.write("\r" + " " * self._drawn + "\r")
            self._terminal.flush()
            self._drawn = 0
