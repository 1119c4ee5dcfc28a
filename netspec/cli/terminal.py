"""Standard output and standard error as places for text: what they can show, and what becomes of their failures."""

import os
import sys
from typing import TextIO

from netspec.diagnostics import SystemFault
from netspec.diagnostics.letters import ascii_only, can_encode


class Terminal:
    """One stream to write text to: a terminal, a file, a pipe, or nothing where it was closed (`stream` is None).

    A reader that has gone away (a broken pipe) or was never there is no fault: the command goes on, decides what it
    would have decided, and what it writes is dropped.
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def interactive(self) -> bool:
        """Tell whether somebody watches: whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    @property
    def colour(self) -> bool:
        """Tell whether colours are wanted: on a terminal, unless NO_COLOR is set or TERM is dumb."""
        return self.interactive and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int | None:
        """Return the columns of the terminal; None where the stream is no terminal or does not know."""
        if self._stream is None or not self.interactive:
            return None
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or None
        except OSError:
            return None

    def encode(self, text: str) -> str:
        """Return the text in letters that the stream can take."""
        encoding = None if self._stream is None else self._stream.encoding
        return text if encoding is None or (can_encode(encoding) and _fits(text, encoding)) else ascii_only(text)

    def write(self, text: str) -> None:
        """Write the text. SystemFault `stdout-unwritable` where the stream takes no more, as on a full disk."""
        if self._stream is None:
            return
        try:
            self._stream.write(self.encode(text))
        except OSError as error:
            self._drop(error)

    def hand_on(self, data: bytes) -> None:
        """Write the bytes of a file as they are, whatever the encoding of the stream; errors as `write`."""
        if self._stream is None:
            return
        try:
            self._stream.flush()
            self._stream.buffer.write(data)
        except OSError as error:
            self._drop(error)

    def flush(self) -> None:
        """Hand on what was written, so that nothing is left to fail when the interpreter ends; errors as `write`."""
        if self._stream is None:
            return
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        """Lead the stream into nothing, so that neither a later write nor the end of the process fails again."""
        if self._stream is None:
            return
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._stream.fileno())
        os.close(nothing)
        if self._stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise SystemFault(
                "stdout-unwritable",
                f"standard output takes no more: {os.strerror(error.errno or 0).lower()}",
                "make room there, or write to another place",
            ) from error


def output() -> Terminal:
    """Return standard output: results, and the reports that were asked for."""
    return Terminal(sys.stdout)


def complaints() -> Terminal:
    """Return standard error: why there is no result. Where it fails too, nobody can be told, and nothing is raised."""
    return Terminal(sys.stderr)


def hold_closed_streams() -> None:
    """Give the standard streams that were closed at the start a descriptor that leads to nothing.

    Else the next file that is opened would get the number of the closed one, and what a library writes to standard
    error by number would end in that file.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)


def _fits(text: str, encoding: str) -> bool:
    """Return whether every letter of a text has a place in an encoding: some have β and Ω, and no ≈."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
