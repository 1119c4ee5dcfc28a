"""What writes results of any number and shape, in each format."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from typing import BinaryIO, Final

import numpy as np

from netspec.runtime.csv_table import shortest
from netspec.runtime.feeds import Block, Feed
from netspec.runtime.formats import Results
from netspec.runtime.json_table import CONSTANTS
from netspec.runtime.numpy_table import NpyResults, scratch_file, write_members
from netspec.runtime.ports import Port, result_name
from netspec.runtime.tables import Array

_PIECE: Final = 1 << 20  # bytes copied at a time


class ColumnWriter:
    """CSV, each number in the fewest digits that read back equal."""

    def __init__(self, stream: BinaryIO, ports: tuple[Port, ...], header: bool, delimiter: str) -> None:
        self._stream, self._delimiter = stream, delimiter
        if header:
            places = ((port, at) for port in ports for at in product(*(range(int(size)) for size in port.shape)))
            stream.write((delimiter.join(result_name(port, at) for port, at in places) + "\n").encode())

    def write(self, block: Block) -> None:
        """Write the rows, one output behind the other."""
        parts: list[list[list[str]]] = [shortest(y.reshape(len(y), -1)) if y.size else [[] for _ in y] for y in block]
        join = self._delimiter.join
        for row in zip(*parts, strict=True):
            self._stream.write((join(word for part in row for word in part) + "\n").encode())

    def finish(self) -> None:
        """Do nothing: a CSV file has no end of its own."""


class ListWriter:
    """JSON, an array of examples, one to a line; or one example alone."""

    def __init__(self, stream: BinaryIO, alone: bool) -> None:
        self._stream, self._alone, self._rows = stream, alone, 0
        if not alone:
            stream.write(b"[")

    def write(self, block: Block) -> None:
        """Write the examples of the only output."""
        for text in _nested(block[0]):
            self._stream.write(("" if self._alone else ",\n" if self._rows else "\n").encode() + text.encode())
            self._rows += 1

    def finish(self) -> None:
        """Write the end of the value."""
        self._stream.write(b"\n" if self._alone else b"\n]\n" if self._rows else b"]\n")

    def close(self) -> None:
        """Write the end of the value within another."""
        if not self._alone:
            self._stream.write(b"\n]" if self._rows else b"]")


class ObjectWriter:
    """JSON, an object of the outputs by their names; through temporary files, as each of them may be long."""

    def __init__(self, stream: BinaryIO, ports: tuple[Port, ...], alone: bool, scratch: ExitStack) -> None:
        self._stream, self._ports = stream, ports
        self._files = [scratch_file(scratch) for _ in ports]
        self._arrays = [ListWriter(file, alone) for file in self._files]

    def write(self, block: Block) -> None:
        """Write the examples of each output."""
        for results, y in zip(self._arrays, block, strict=True):
            results.write((y,))

    def finish(self) -> None:
        """Write the object."""
        mark = "{"
        for port, results, file in zip(self._ports, self._arrays, self._files, strict=True):
            results.close()
            self._stream.write(f"{mark}{json.dumps(port.name)}: ".encode())
            file.seek(0)
            while piece := file.read(_PIECE):
                self._stream.write(piece)
            mark = ",\n"
        self._stream.write(b"}\n")


class LineWriter:
    """JSON lines: an example to a line, an object by the outputs' names where they have any."""

    def __init__(self, stream: BinaryIO, named: tuple[Port, ...]) -> None:
        self._stream, self._named = stream, named

    def write(self, block: Block) -> None:
        """Write the examples."""
        for texts in zip(*map(_nested, block), strict=True):
            words = [f"{json.dumps(port.name)}: {text}" for port, text in zip(self._named, texts, strict=False)]
            self._stream.write(((f"{{{', '.join(words)}}}" if words else texts[0]) + "\n").encode())

    def finish(self) -> None:
        """Do nothing: lines have no end of their own."""


class ArrayWriter:
    """`.npy` of the only output, or an `.npz` of all; the shapes are known when the first block is."""

    def __init__(
        self, stream: BinaryIO, ports: tuple[Port, ...], feed: Feed, scratch: ExitStack, *, packed: bool
    ) -> None:
        self._stream, self._ports, self._feed, self._scratch, self._packed = stream, ports, feed, scratch, packed
        self._files: dict[str, BinaryIO] = {}
        self._results: list[Results] = []

    def write(self, block: Block) -> None:
        """Write the examples of each output."""
        if not self._results:
            self._open(block)
        for results, y in zip(self._results, block, strict=True):
            results.write(y)

    def finish(self) -> None:
        """Write what waited for the last block, and the archive."""
        if not self._results:  # there was no block: the free sizes are those of nothing
            shapes = [[size if isinstance(size, int) else 0 for size in port.shape] for port in self._ports]
            self._open(
                tuple([np.empty((0, *shape), port.dtype) for shape, port in zip(shapes, self._ports, strict=True)])
            )
        for results in self._results:
            results.finish()
        if self._packed:
            write_members(self._stream, self._files, self._scratch)

    def _open(self, block: Block) -> None:
        """Write the beginnings of the arrays."""
        for port, y in zip(self._ports, block, strict=True):
            file = scratch_file(self._scratch) if self._packed else self._stream
            self._files[port.name if port.is_named else "y"] = file
            flat, rows = self._feed.alone, self._feed.rows
            self._results.append(NpyResults(file, 0, y.dtype, self._scratch, flat=flat, rows=rows, shape=y.shape[1:]))


def _nested(y: Array) -> Iterator[str]:
    """Yield each example as JSON, each number in the fewest digits that read back equal."""
    finite = y.dtype.kind != "f" or bool(np.isfinite(y).all())
    for words in shortest(y.reshape(len(y), -1)) if y.size else [[] for _ in y]:
        numbers = words if finite else [CONSTANTS.get(word, word) for word in words]
        yield _bracketed(numbers, y.shape[1:])


def _bracketed(words: list[str], shape: tuple[int, ...]) -> str:
    """Return words in the brackets of a shape: the inner arrays first, then arrays of these."""
    for size in reversed(shape):
        words = (
            [f"[{', '.join(words[at : at + size])}]" for at in range(0, len(words), max(1, size))] if size else ["[]"]
        )
    return words[0]
