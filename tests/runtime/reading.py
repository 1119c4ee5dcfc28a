"""Tables read whole in tests: bytes in, an array or the drawn fault out."""

import io
from contextlib import ExitStack
from typing import BinaryIO, cast

import numpy as np
import pytest

from netspec.runtime.faults import DataFault
from netspec.runtime.formats import Format, open_table
from netspec.runtime.tables import Table
from tests.runtime.networks import Array


class Pipe(io.RawIOBase):
    """Bytes that cannot go back, handed out a few at a time, as a pipe does."""

    def __init__(self, data: bytes, piece: int = 7) -> None:
        self._data, self._piece = data, piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # what BufferedReader passes
        given = self._data[: min(self._piece, len(buffer))]
        self._data = self._data[len(given) :]
        buffer[: len(given)] = given
        return len(given)


def pipe(data: bytes, piece: int = 7) -> BinaryIO:
    """Return the bytes as a buffered stream that cannot seek."""
    return cast(BinaryIO, io.BufferedReader(Pipe(data, piece)))


def read(
    data: bytes | BinaryIO, width: int, kind: Format | None = None, dtype: str = "float64", batch: int | None = None
) -> tuple[Table, Array]:
    """Return the table and all its rows; every block holds at most `batch` rows and is contiguous."""
    stream = cast(BinaryIO, io.BytesIO(data)) if isinstance(data, bytes) else data
    with ExitStack() as scratch:
        table, _ = open_table(stream, "data", width, np.dtype(dtype), scratch, kind=kind, batch=batch)
        blocks = []
        for block in table.blocks():
            assert block.dtype == dtype
            assert block.flags.c_contiguous
            assert block.shape[1] == width
            assert batch is None or 0 < len(block) <= batch
            blocks.append(block)
    return table, np.concatenate([np.empty((0, width), dtype), *blocks])


def refusal(data: bytes | BinaryIO, width: int, kind: Format | None = None, batch: int | None = None) -> str:
    """Return the drawn fault that the data meet with."""
    with pytest.raises(DataFault) as caught:
        read(data, width, kind, batch=batch)
    return str(caught.value)
