"""How a training goes, told while it does: a bar on a terminal, else a line every few epochs."""

import time
from typing import TYPE_CHECKING, Final

from netspec.cli.terminal import Terminal

if TYPE_CHECKING:
    from netspec.training.progress import Epoch

MOST_LINES: Final = 50
"""Lines about epochs, besides that of the first, where they are not drawn over one another."""

_PAUSE: Final = 0.1  # seconds between two drawings
_WIDTH: Final = 12  # of the bar
_COLUMNS: Final = 80  # of a terminal that does not say


class Epochs:
    """Watches a training of so many `epochs`; the time that is left is told by the steps since the first that it saw.

    On a terminal one line is drawn over and over, and `close` wipes it; elsewhere there are at most 50 lines.
    """

    def __init__(self, terminal: Terminal, epochs: int) -> None:
        self._terminal, self._epochs = terminal, epochs
        self._first: float | None = None  # the share that was done before, as of a training that goes on
        self._columns = (terminal.width or _COLUMNS) - 1 if terminal.interactive else 0
        self._every = max(1, -(-epochs // MOST_LINES))
        self._began = time.monotonic()
        self._next = self._began
        self._said: list[str] = []  # of the last epoch that is done
        self._sum, self._count = 0.0, 0
        self._drawn = 0
        self.last: Epoch | None = None

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Draw, where it is time to."""
        if not self._columns:
            return
        if self._first is None:
            self._first = (epoch - 1 + (step - 1) / steps) / self._epochs
        self._sum, self._count = (loss, 1) if step == 1 else (self._sum + loss, self._count + 1)
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _PAUSE
        share = (epoch - 1 + step / steps) / self._epochs
        here = share - self._first
        left = _span((now - self._began) / here * (1 - share)) if here > 0 else "?"
        full = int(_WIDTH * share)
        loss = self._sum / self._count
        head = f"[{'#' * full}{'.' * (_WIDTH - full)}] epoch {epoch:,}/{self._epochs:,}  {left} left"
        steady = [f"step {step:,}/{steps:,}"] if steps > 1 else []
        for part in (f"loss {loss:.4g}", *self._said, *steady):
            if len(head) + 2 + len(part) <= self._columns:
                head += f"  {part}"
        head = head[: self._columns]
        self._terminal.write(f"\r{head:<{self._drawn}}")
        self._terminal.flush()
        self._drawn = len(head)

    def epoch(self, epoch: "Epoch") -> None:
        """Take note of an epoch that is done, and tell of it where lines are written, and of the first and the last."""
        self.last = epoch
        if self._columns:
            self._said = measured(epoch)[1:]
        elif epoch.epoch % self._every == 0 or epoch.epoch in (1, self._epochs):
            width = len(str(self._epochs))
            self._terminal.write(f"epoch {epoch.epoch:>{width}}/{self._epochs}: {', '.join(measured(epoch))}\n")
            self._terminal.flush()

    def close(self) -> None:
        """Wipe the bar, so that messages begin on an empty line."""
        if self._drawn:
            self._terminal.write("\r" + " " * self._drawn + "\r")
            self._terminal.flush()
            self._drawn = 0


def measured(epoch: "Epoch") -> list[str]:
    """Return what is known of an epoch, each with its name."""
    found = [f"loss {epoch.loss:.4g}"]
    if epoch.validation_loss is not None:
        found.append(f"validation loss {epoch.validation_loss:.4g}")
    return [*found, *(f"{name} {value:.4g}" for name, value in epoch.metrics.items())]


def _span(seconds: float) -> str:
    """Return a time in two units at most: 7 s, 2 min 5 s, 3 h 20 min."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
