"""Lines of a text stream, of bounded length, and remembered as long as a message may need to point into them."""

import codecs
import io
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final

from netspec.runtime.faults import DataFault

_PIECE: Final = 1 << 16  # bytes read at a time, at least
_LINE: Final = 1 << 20  # bytes that any line may have
_PER_VALUE: Final = 256  # and for each value of its row so many more
_TAKEN: Final = 1 << 23  # characters of lines that are taken at once
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Lines:
    r"""The lines of UTF-8 text one after the other (`each`), with their \n or \r\n; a byte order mark is dropped.

    Bytes that are not UTF-8 become lone surrogates: no number has one, and `show` escapes it. `kept` are the lines
    given since `forget`, `number` is the last one's. `odd` says that something near it is what `float` takes and a
    table does not: an underscore, or a letter outside ASCII.
    """

    def __init__(self, stream: BinaryIO, file: str, width: int) -> None:
        self.number = 0
        self.kept: list[str] = []
        self.odd = False
        self.each: Iterator[str] = self._each()
        self._stream, self._file = stream, file
        self._limit = _LINE + _PER_VALUE * width

    def forget(self) -> None:
        """Drop the lines kept so far."""
        self.kept.clear()

    def take(self, most: int) -> list[str]:
        """Return the next lines, at most so many, and no more than some megabytes."""
        taken: list[str] = []
        letters = 0
        for line in self.each:
            taken.append(line)
            letters += len(line)
            if len(taken) == most or letters > _TAKEN:
                break
        return taken

    def again(self, lines: list[str]) -> None:
        """Give these lines, which were given last, once more."""
        self.number -= len(lines)
        del self.kept[len(self.kept) - len(lines) :]
        self.each = chain(self._repeat(lines), self.each)

    def _repeat(self, lines: list[str]) -> Iterator[str]:
        self.odd = self.odd or any("_" in line or not line.isascii() for line in lines)
        for line in lines:
            self.number += 1
            self.kept.append(line)
            yield line

    def _each(self) -> Iterator[str]:
        kept = self.kept
        for piece in self._pieces():
            self.odd = b"_" in piece or not piece.isascii()
            # StringIO splits at \n alone; splitlines would also split at separators that may stand in a field.
            for line in io.StringIO(piece.decode("utf-8", "surrogateescape"), newline="\n"):
                self.number += 1
                kept.append(line)
                yield line

    def _pieces(self) -> Iterator[bytes]:
        """Give the bytes in pieces of whole lines. Raises DataFault for a line that is too long, and for UTF-16."""
        rest = b""
        first = True
        while data := self._stream.read(max(_PIECE, len(rest))):
            data = rest + data
            if first:
                if data.startswith(_UTF_16):
                    raise DataFault("data-unreadable", "it is UTF-16 text", self._file, 1, 1, "save it as UTF-8")
                data = data.removeprefix(codecs.BOM_UTF8)
                first = False
            end = data.rfind(b"\n") + 1
            if end:
                yield data[:end]
            rest = data[end:]
            if len(rest) > self._limit:
                headline = f"the line is longer than {self._limit:,} bytes"
                raise DataFault("data-unreadable", headline, self._file, self.number + 1, 1)
        if rest:
            yield rest
