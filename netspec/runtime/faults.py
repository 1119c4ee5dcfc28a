"""What is wrong with the data of a run, as data; and how it is drawn where no renderer of the package is at hand."""

from typing import Final

from netspec.diagnostics.faults import NetspecError
from netspec.diagnostics.show import show

_FILE_NAME: Final = 1024  # characters of a file's name that are shown: a place must stay one that can be opened


class DataFault(NetspecError):
    """The input is refused (exit code 1). `line` and `column` count from 1, the column in characters; None: no place.

    Codes: `data-columns` (another number of columns), `data-not-a-number`, `data-empty`, `data-unreadable`,
    `data-dtype`, `data-shape`; and `data-not-finite`, which a training raises, and a
    run draws as a warning.
    Every text holds user text only as `show` gives it back.
    """

    def __init__(
        self,
        code: str,
        headline: str,
        file: str,
        line: int | None = None,
        column: int | None = None,
        advice: str = "",
    ) -> None:
        self.code, self.headline, self.help = code, headline, advice
        self.file, self.line, self.column = file, line, column
        super().__init__(code, headline, file, line, column, advice)

    def __str__(self) -> str:
        return draw("error", self.code, self.headline, self.place(), self.help)

    def place(self) -> str:
        """Return `file:line:column`, as far as it is known."""
        numbers = [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join([show(self.file, _FILE_NAME), *numbers])


def draw(severity: str, code: str, headline: str, place: str = "", advice: str = "") -> str:
    """Return a fault as lines of text without the last newline, as the package draws a fault without source lines."""
    lines = [f"{severity}[{code}]: {headline}"]
    if place:
        lines.append(f"  --> {place}")
    if advice:
        lines.append(f"   = help: {advice}")
    return "\n".join(lines)


def count(number: int, noun: str) -> str:
    """Return the number with its noun, in the plural but for one."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
