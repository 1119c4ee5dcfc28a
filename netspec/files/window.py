"""A stretch of a file as a file of its own: what lies stored in an archive is read where it lies."""

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK: Final = 1 << 20


class Window(io.RawIOBase):
    """Bytes `start` to `start + size` of a seekable stream, read-only; reading moves the stream."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self._size = stream, start, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._size - self._at))
        self._stream.seek(self._start + self._at)
        piece = self._stream.read(count)
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def checksum(self) -> int:
        """Return the CRC-32 of all the bytes, and go back to the start."""
        self.seek(0)
        crc = 0
        while piece := self.read(_CHUNK):
            crc = zlib.crc32(piece, crc)
        self.seek(0)
        return crc
