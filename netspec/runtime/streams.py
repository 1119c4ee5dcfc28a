"""The standard streams of a run, and what becomes of their failures."""

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO, cast

from netspec.diagnostics.faults import SystemFault
from netspec.files.folder import why

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Streams(NamedTuple):
    """The standard streams, None where one is closed."""

    stdin: BinaryIO | None
    stdout: BinaryIO | None
    stderr: TextIO | None

    def complain(self, text: str) -> None:
        """Write lines to standard error; where that fails too, nobody can be told."""
        if self.stderr is not None:
            try:
                self.stderr.write(text + "\n")
                self.stderr.flush()
            except OSError:
                lead_nowhere(self.stderr)


def standard_streams() -> Streams:
    """Return the process's own streams; what Python has buffered in its text layer stays there.

    Where somebody has put a stream of text alone in place of one, as notebooks do, its bytes are its UTF-8.
    """
    stdin, stdout = sys.stdin, sys.stdout
    reader = None if stdin is None else stdin.buffer if hasattr(stdin, "buffer") else _FromText(stdin)
    writer = None if stdout is None else stdout.buffer if hasattr(stdout, "buffer") else _ToText(stdout)
    return Streams(cast(BinaryIO, reader), cast(BinaryIO, writer), sys.stderr)


class _FromText(io.RawIOBase):
    """The bytes of a stream of text."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def read(self, size: int = -1) -> bytes:
        """Return bytes of the next `size` characters."""
        return self._text.read(size).encode("utf-8", "surrogateescape")


class _ToText(io.RawIOBase):
    """Writes bytes to a stream of text; bytes that are no text, which a table of numbers has not, are escaped."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all of the data as text."""
        return self._text.write(bytes(data).decode("utf-8", "backslashreplace"))

    def isatty(self) -> bool:
        """Tell whether binary data should stay away: there is no place for it here."""
        return True

    def flush(self) -> None:
        """Hand on what was written."""
        self._text.flush()


class ReaderGoneError(Exception):
    """Nobody reads standard output any more: no fault, but there is nothing left to do."""


class Stdout:
    """Standard output for bytes. After a failure it leads into nothing, so that the process does not end in another.

    Raises SystemFault `stdout-unwritable` where it is closed, and `usage` where `binary` data would go to a terminal.
    """

    def __init__(self, stream: BinaryIO | None, *, binary: bool = False) -> None:
        if stream is None:
            raise SystemFault("stdout-unwritable", "standard output is closed", "name a file with -o")
        if binary and stream.isatty():
            raise SystemFault("usage", "binary results would go to the terminal", "name a file with -o")
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Write all of the data. Raises SystemFault `stdout-unwritable`, or ReaderGoneError."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._give_up(error) from error

    def flush(self) -> None:
        """Hand on what was written; raises as `write`."""
        try:
            self._stream.flush()
        except OSError as error:
            raise self._give_up(error) from error

    def _give_up(self, error: OSError) -> Exception:
        lead_nowhere(self._stream)
        if isinstance(error, BrokenPipeError):
            return ReaderGoneError()
        headline = f"standard output takes no more: {why(error)}"
        return SystemFault("stdout-unwritable", headline, "make room there, or write to another place")


def lead_nowhere(stream: BinaryIO | TextIO) -> None:
    """Point the stream's descriptor at nothing: what is still buffered goes there when the process ends."""
    with suppress(OSError):  # a stream in memory has no descriptor
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
