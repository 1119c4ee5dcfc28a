"""A stretch of a file read as a file of its own."""

import io
import zlib

import pytest

from netspec.files.window import Window


def test_a_window_reads_like_a_file() -> None:
    window = Window(io.BytesIO(b"before|inside|behind"), 7, 6)
    assert window.readable()
    assert window.seekable()
    assert (window.read(2), window.tell(), window.read(), window.read(1)) == (b"in", 2, b"side", b"")
    assert window.seek(-2, io.SEEK_END) == 4
    assert window.read() == b"de"
    assert window.seek(1) == 1
    assert window.seek(1, io.SEEK_CUR) == 2
    assert window.read(100) == b"side"


@pytest.mark.parametrize("size", [0, 1, 3 << 20])
def test_the_checksum_is_of_all_and_goes_back_to_the_start(size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    window = Window(io.BytesIO(b"??" + data + b"!!"), 2, size)
    assert window.checksum() == zlib.crc32(data)
    assert window.tell() == 0
