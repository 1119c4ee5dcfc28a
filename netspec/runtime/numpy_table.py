"""`.npy` and `.npz`: arrays of numbers, read row by row with plain reads; nothing is unpickled, nothing is mapped.

A mapped file that another process cuts short ends the reader with a bus error; a short read is a message.
"""

import io
import os
import re
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from math import prod
from typing import Any, BinaryIO, Final, cast

import numpy as np

from netspec.diagnostics.show import quote
from netspec.files.window import Window
from netspec.files.zip_directory import MemberReader, ZipFault, read_directory
from netspec.limits import NPZ_HEADER, TENSORS
from netspec.runtime.faults import DataFault, count
from netspec.runtime.ports import Port
from netspec.runtime.tables import Array, Table, block_rows

_MAGIC: Final = b"\x93NUMPY"
_VERSIONS: Final = {b"\x01\x00": "<H", b"\x02\x00": "<I", b"\x03\x00": "<I"}  # how the header's length is packed
# The header is the text of a Python dict. It is matched, not evaluated: three entries, in any order.
_ENTRY: Final = r"'(descr)' *: *('[^']*'|\[[^\]]*\])|'(fortran_order)' *: *(True|False)|'(shape)' *: *(\([\d, ]*\))"
_ENTRIES: Final = re.compile(rf"\{{ *(?:(?:{_ENTRY}) *(?:, *)?){{3}}\}}", re.A)
_REAL: Final = re.compile(r"'[<>|=]?[biuf]\d{1,2}'", re.A)
_WRITTEN: Final = 128  # bytes of a header that is written: room for any shape, and the data begin aligned
_SHOWN: Final = 5  # names of arrays in a message
_PIECE: Final = 1 << 20  # bytes copied at a time


class NpyTable(Table):
    """A table from one array, of any real dtype, byte order and memory order: of one or two dimensions, or of examples
    of the shape of `port`, with or without the batch axis. `shape` is that of an example, whose numbers are a row;
    `alone` says that there is one, without the axis. As `examples` it is taken in any shape, axis 0 counting the rows:
    who asks looks at `shape` and at `found`, its dtype, before it is read.
    """

    alone: bool = False
    rows: int

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        width: int,
        dtype: np.dtype[Any],
        batch: int | None,
        scratch: ExitStack,
        port: Port | None = None,
        *,
        examples: bool = False,
    ) -> None:
        super().__init__(stream, file, width, dtype, batch)
        self._scratch = scratch
        shape, self._fortran, self.found = self._read_header()
        self.shape: tuple[int, ...] = (width,)
        self.label = ""
        if examples:
            if not shape:
                raise self.fault("data-shape", "it holds one number; expected rows")
            self.rows, self.shape = shape[0], shape[1:]
            self.width = prod(self.shape)
            self.batch = block_rows(self.width) if batch is None else batch
            return
        if port is not None:
            self.label = port.label
            self._take(shape, port)
            return
        if len(shape) not in (1, 2):
            advice = f"give it the shape (rows, {width})"
            raise self.fault("data-shape", f"the array has shape {shape}; expected rows and columns", advice=advice)
        if len(shape) == 1:
            self.flat = True
            self.check_flat(shape[0])
            shape = (shape[0] // width, width)
        elif shape[1] != width:
            advice = "is it transposed?" if shape[0] == width else ""
            headline = f"expected {count(width, 'column')}, got {shape[1]:,}: the array has shape {shape}"
            raise self.fault("data-columns", headline, advice=advice)
        self.rows = shape[0]

    def _take(self, shape: tuple[int, ...], port: Port) -> None:
        """Take the shape of an array of examples. Raises DataFault where it does not fit the input."""
        if port.dtype == "int64" and self.found.kind not in "biu":
            headline = f"{port.label} is of integers, and the array is of dtype {quote(self.found.name)}"
            raise self.fault("data-dtype", headline)
        self.alone = len(shape) == len(port.shape)
        self.shape = shape if self.alone else shape[1:]
        if len(self.shape) != len(port.shape) or any(
            isinstance(size, int) and size != found for size, found in zip(port.shape, self.shape, strict=True)
        ):
            raise self.fault(
                "data-shape", f"{port.label} has shape {shape}; expected {port.expected} or {port.example}"
            )
        self.width = prod(self.shape)
        self.rows = 1 if self.alone else shape[0]

    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh arrays (at most `batch`, width). Raises DataFault where the file is cut short."""
        apart = self.width > 1 and (self.rows > 1 or len(self.shape) > 1)  # else both orders are the same
        read = self._columns if self._fortran and apart else self._rows
        for start in range(0, self.rows, self.batch):
            block = read(start, min(self.batch, self.rows - start))
            if self.found.kind == "u" and self.dtype.kind == "i":
                self._check_largest(block, start)
            with np.errstate(over="ignore"):
                yield np.ascontiguousarray(block, self.dtype)
        if self.stream.read(1):
            raise self.fault("data-unreadable", "bytes follow after the array")

    def _check_largest(self, block: Array, start: int) -> None:
        """Refuse an integer that would be another one in the dtype that is computed with."""
        largest = block.max(initial=0)
        if largest > np.iinfo(self.dtype).max:
            row = start + int(np.argmax(block.max(axis=1))) + 1
            headline = f"{self.label or 'the array'} has {largest} in row {row:,}, which is too large an integer"
            raise self.fault("data-dtype", headline)

    def _rows(self, start: int, rows: int) -> Array:
        """Return the next rows of an array in C order."""
        size = rows * self.width * self.found.itemsize
        data = self.stream.read(size)
        if len(data) < size:
            whole = start + len(data) // (self.width * self.found.itemsize)
            raise self.fault("data-unreadable", f"it ends after row {whole:,} of {self.rows:,}")
        return np.frombuffer(data, self.found).reshape(rows, self.width)

    def _columns(self, start: int, rows: int) -> Array:
        """Return rows of an array in Fortran order: a piece of every column."""
        if not start:
            self._first = self._seekable().tell()
        block = np.empty((rows, self.width), self.found)
        for column in range(self.width):
            self.stream.seek(self._first + (column * self.rows + start) * self.found.itemsize)
            data = self.stream.read(rows * self.found.itemsize)
            if len(data) < rows * self.found.itemsize:
                raise self.fault("data-unreadable", f"it ends in column {column + 1:,} of {self.width:,}")
            block[:, column] = np.frombuffer(data, self.found)
        axes = range(len(self.shape), 0, -1)
        return block.reshape(rows, *self.shape[::-1]).transpose(0, *axes).reshape(rows, self.width)

    def _seekable(self) -> BinaryIO:
        """Return the stream, from a temporary file where it cannot go back: a pipe, or a compressed member."""
        if not self.stream.seekable():
            self.stream = spool(self.stream, self._scratch)
        return self.stream

    def _read_header(self) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
        """Return shape, whether in Fortran order, and dtype. Raises DataFault for what is no header of an array."""
        start = self.stream.read(len(_MAGIC) + 2)
        if not start:
            raise self.fault("data-empty", "there is nothing in it")
        if not start.startswith(_MAGIC) or start[len(_MAGIC) :] not in _VERSIONS:
            raise self.fault("data-unreadable", "it is no .npy file of version 1, 2 or 3")
        size = struct.Struct(_VERSIONS[start[len(_MAGIC) :]])
        prefix = self.stream.read(size.size)
        length = size.unpack(prefix)[0] if len(prefix) == size.size else 0
        if length > NPZ_HEADER.value:
            raise self.fault("data-unreadable", f"its header has {length:,} bytes, more than {NPZ_HEADER.value:,}")
        header = self.stream.read(length).decode("latin-1").strip()
        found = re.findall(_ENTRY, header, re.A)
        entries = {groups[at]: groups[at + 1] for groups in found for at in (0, 2, 4) if groups[at]}
        if not _ENTRIES.fullmatch(header) or len(entries) != 3:
            raise self.fault("data-unreadable", "its header is damaged")
        try:
            shape = tuple(int(size) for size in entries["shape"].strip("()").split(",") if size.strip())
            dtype = np.dtype(entries["descr"].strip("'")) if _REAL.fullmatch(entries["descr"]) else None
        except (ValueError, TypeError):  # digits that are no size, `<f3`
            raise self.fault("data-unreadable", "its header is damaged") from None
        if dtype is None:
            kind = quote(entries["descr"].removeprefix("'").removesuffix("'"))
            advice = "save numbers, one array of one dtype"
            raise self.fault("data-dtype", f"the array is of dtype {kind}, not of real numbers", advice=advice)
        return shape, entries["fortran_order"] == "True", dtype


class Member(io.RawIOBase):
    """The member of an `.npz` that holds an input; damage is a DataFault.

    It is the array called `name`; or the only one there is, unless it is `one_of` several inputs.
    """

    def __init__(self, stream: BinaryIO, file: str, name: str, *, one_of: bool = False) -> None:
        self._file = file
        try:
            size = stream.seek(0, os.SEEK_END)
            members = [m for m in read_directory(stream, size, TENSORS.value) if m.name.endswith(".npy")]
            chosen = members if len(members) == 1 and not one_of else [m for m in members if m.name == f"{name}.npy"]
            if not chosen:
                held = [quote(member.name.removesuffix(".npy")) for member in members[:_SHOWN]]
                headline = f"it holds {count(len(members), 'array')}" + (f": {', '.join(held)}" if held else "")
                more = ", ..." if len(members) > _SHOWN else ""
                advice = (
                    f"save an array called {quote(name)}"
                    if one_of
                    else f"save one array, or call the input {quote(name)}"
                )
                raise DataFault("data-shape", headline + more, file, advice=advice)
            self._reader = MemberReader(stream, chosen[0])
        except ZipFault as fault:
            raise self._damage(fault) from None

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes; fewer only at the end, where the checksum has been compared."""
        try:
            data = self._reader.read(size)
            if len(data) < size:
                self._reader.finish()
        except ZipFault as fault:
            raise self._damage(fault) from None
        return data

    def _damage(self, fault: ZipFault) -> DataFault:
        return DataFault("data-unreadable", f"it is no sound .npz file: {fault}", self._file)


def open_members(stream: BinaryIO, file: str, names: list[str]) -> list[BinaryIO]:
    """Return the members of an `.npz` that hold the inputs, to be read side by side."""
    size = stream.seek(0, os.SEEK_END)
    windows = [cast(BinaryIO, Window(stream, 0, size)) for _ in names]
    members = [Member(window, file, name, one_of=len(names) > 1) for window, name in zip(windows, names, strict=True)]
    return [cast(BinaryIO, member) for member in members]


def spool(stream: BinaryIO, scratch: ExitStack) -> BinaryIO:
    """Return what is left of the stream as a temporary file, which goes with `scratch`."""
    file = scratch_file(scratch)
    while piece := stream.read(_PIECE):
        file.write(piece)
    file.seek(0)
    return file


def scratch_file(scratch: ExitStack) -> BinaryIO:
    """Return an empty temporary file without a name, which goes with `scratch`, or with the process."""
    import tempfile  # an array in a file needs none, and at a start it would be loaded for nothing

    return cast(BinaryIO, scratch.enter_context(tempfile.TemporaryFile()))


class NpyResults:
    """Writes y as an array of its dtype in C order: (rows, width), or flat as the input was; (rows, *shape), or the one
    example alone, where it has a `shape`.

    `rows` is their number, where it is known beforehand; where not, the array goes through a temporary file.
    """

    def __init__(
        self,
        stream: BinaryIO,
        width: int,
        dtype: np.dtype[Any],
        scratch: ExitStack,
        *,
        flat: bool,
        rows: int | None,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self._width, self._dtype, self._flat = width, dtype.newbyteorder("<"), flat
        self._example = shape
        self._rows, self._known, self._stream = 0, rows is not None, stream
        self._target = stream if rows is not None else scratch_file(scratch)
        if rows is not None:
            self._target.write(self._header(rows))

    def write(self, y: Array) -> None:
        """Write the rows of y (rows, width)."""
        self._rows += len(y)
        self._target.write(np.ascontiguousarray(y, self._dtype).data)

    def finish(self) -> None:
        """Write what waited for the number of rows."""
        if not self._known:
            self._stream.write(self._header(self._rows))
            self._target.seek(0)
            while piece := self._target.read(_PIECE):
                self._stream.write(piece)

    def _header(self, rows: int) -> bytes:
        """Return the header, always of one length: the magic, version 1, the length and the padded text."""
        if self._example is not None:
            shape = str(self._example if self._flat else (rows, *self._example))
        else:
            shape = f"({rows * self._width},)" if self._flat else f"({rows}, {self._width})"
        text = f"{{'descr': '{self._dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
        start = _MAGIC + b"\x01\x00" + struct.pack("<H", _WRITTEN - 10)
        return start + text.encode().ljust(_WRITTEN - 11) + b"\n"


class NpzResults:
    """Writes y as the one member `y.npy` of an archive, the same bytes each time; through a temporary file."""

    def __init__(
        self, stream: BinaryIO, width: int, dtype: np.dtype[Any], scratch: ExitStack, *, flat: bool, rows: int | None
    ) -> None:
        self._stream, self._scratch = stream, scratch
        self._file = scratch_file(scratch)
        self._array = NpyResults(self._file, width, dtype, scratch, flat=flat, rows=rows)

    def write(self, y: Array) -> None:
        """Write the rows of y (rows, width)."""
        self._array.write(y)

    def finish(self) -> None:
        """Write the archive, which needs a file that can go back, and hand it on."""
        self._array.finish()
        write_members(self._stream, {"y": self._file}, self._scratch)


def write_members(stream: BinaryIO, arrays: dict[str, BinaryIO], scratch: ExitStack) -> None:
    """Write an archive of the arrays, each from a temporary file that has been written to its end."""
    from netspec.files.archive import Member as ArchiveMember
    from netspec.files.archive import write_zip

    members = []
    for name, file in arrays.items():
        size = file.tell()
        file.seek(0)
        members.append(ArchiveMember(f"{name}.npy", size, iter(partial(file.read, _PIECE), b"")))
    archive = scratch_file(scratch)
    write_zip(archive, members)
    archive.seek(0)
    while piece := archive.read(_PIECE):
        stream.write(piece)
