"""Lines of a text stream, of bounded length, and remembered as long as a message may need to point into them."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from netspec.runtime.faults import DataFault

_LINE: Final = 1 << 20  # bytes that any line may have
_PER_VALUE: Final = 256  # and for each value of its row so many more


class Lines:
    r"""Iterates over the lines of UTF-8 text, each with its \n or \r\n; a byte order mark is dropped.

    Bytes that are not UTF-8 become lone surrogates: no number has one, and `show` escapes it. `kept` are the lines
    since `forget`; `number` is the last one's; `odd` says whether one of them holds what `float` takes and a table does
    not, an underscore or a letter outside ASCII.
    """

    def __init__(self, stream: BinaryIO, file: str, width: int) -> None:
        self.file = file
        self.number = 0
        self.kept: list[str] = []
        self.odd = False
        self._readline = stream.readline
        self._limit = _LINE + _PER_VALUE * width

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._readline(self._limit)
        if not line:
            raise StopIteration
        if len(line) == self._limit and line[-1:] != b"\n":
            headline = f"the line is longer than {self._limit:,} bytes"
            raise DataFault("data-unreadable", headline, self.file, self.number + 1, 1)
        if not self.number:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"_" in line or not line.isascii():
            self.odd = True
        text = line.decode("utf-8", "surrogateescape")
        self.number += 1
        self.kept.append(text)
        return text

    def forget(self) -> None:
        """Drop the lines kept so far."""
        self.kept.clear()
        self.odd = False
