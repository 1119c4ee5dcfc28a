"""The formats of tables, in one place: which one a file has, and what reads and writes it.

Each format's module is loaded where it is needed: a built model compiles what it loads anew at every start.
"""

import io
import os
import re
import stat
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Protocol, cast, get_args

import numpy as np

from netspec.diagnostics.faults import FileFault, SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import open_named
from netspec.runtime.column_names import ColumnNames
from netspec.runtime.faults import DataFault
from netspec.runtime.tables import Array, Table

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Format = Literal["csv", "tsv", "json", "jsonl", "npy", "npz"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npy": "npy",
    ".npz": "npz",
}
_HEAD: Final = 1 << 16  # bytes looked at to tell the format of what has no suffix


class Results(Protocol):
    """What y is written with: block after block, and then its end."""

    def write(self, y: Array) -> None:
        """Write the rows of y (rows, width)."""

    def finish(self) -> None:
        """Write what belongs after the last row."""


def format_of(path: str) -> Format | None:
    """Return the format that the suffix of a file says, or None."""
    return _SUFFIXES.get(os.path.splitext(path)[1].lower())


def format_for(path: str) -> Format:
    """Return the format for a file that is to be written. Raises SystemFault `usage` where its suffix says none."""
    found = format_of(path)
    if found is None:
        advice = f"end its name in one of {', '.join(_SUFFIXES)}, or say --to"
        raise SystemFault("usage", f"the name of {quote(path)} does not say what format to write", advice)
    return found


def open_input(path: str) -> BinaryIO:
    """Return the stream of a data file that the user named: a regular file, or a pipe, which is read as it comes.

    Raises SystemFault `no-such-file`, `not-readable` and the like, and DataFault for a folder or a device.
    """
    try:
        is_pipe = stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        is_pipe = False  # whatever is wrong with it, `open_named` says it
    try:
        return open(path, "rb") if is_pipe else open_named(path)
    except FileFault as fault:
        raise DataFault("data-unreadable", fault.reason, path) from None


def open_table(
    stream: BinaryIO,
    file: str,
    width: int,
    dtype: np.dtype[Any],
    scratch: ExitStack,
    *,
    kind: Format | None = None,
    batch: int | None = None,
    name: str = "in",
    known: ColumnNames = ColumnNames(),  # noqa: B008  a named tuple cannot be changed
) -> tuple[Table, Format]:
    """Return the table in a stream and its format, which its first bytes tell where `kind` does not.

    `width` is the network's input, `dtype` what the blocks are given as, `name` the input's, which chooses among
    several arrays, `known` what columns are called; temporary files go with `scratch`. Raises DataFault where the
    beginning is refused already.
    """
    if kind is None:
        stream, kind = told(stream)
    if kind in ("csv", "tsv"):
        from netspec.runtime.csv_table import CsvTable

        return CsvTable(stream, file, width, dtype, batch, known=known), kind
    if kind in ("json", "jsonl"):
        from netspec.runtime.json_table import JsonLinesTable, JsonTable

        reader = JsonTable if kind == "json" else JsonLinesTable
        return reader(stream, file, width, dtype, batch), kind
    from netspec.runtime.numpy_table import Member, NpyTable, spool

    if kind == "npz":
        seekable = stream if stream.seekable() else spool(stream, scratch)
        stream = cast(BinaryIO, Member(seekable, file, name))
    return NpyTable(stream, file, width, dtype, batch, scratch), kind


def told(stream: BinaryIO) -> tuple[BinaryIO, Format]:
    """Return the stream, whole again, and the format that its first bytes tell."""
    if stream.seekable():
        start = stream.tell()
        head = stream.read(_HEAD)
        stream.seek(start)
    else:
        head = stream.read(_HEAD)
        stream = cast(BinaryIO, io.BufferedReader(_Rejoined(head, stream), _HEAD))
    return stream, sniff(head)


def open_results(
    stream: BinaryIO, kind: Format, width: int, dtype: np.dtype[Any], scratch: ExitStack, table: Table
) -> Results:
    """Return what writes y to a stream, in the shape of the table it is made from: named, flat, or neither."""
    flat = table.flat and (table.width > 1 or width == 1)
    if kind in ("csv", "tsv"):
        from netspec.runtime.csv_table import CsvResults

        return CsvResults(stream, width, table.header is not None, "\t" if kind == "tsv" else ",")
    if kind in ("json", "jsonl"):
        from netspec.runtime.json_table import JsonResults, JsonTable

        named = table.header is not None or (isinstance(table, JsonTable) and table.named)
        return JsonResults(stream, width, named=named, flat=flat, lines=kind == "jsonl")
    from netspec.runtime.numpy_table import NpyResults, NpzResults

    writer = NpyResults if kind == "npy" else NpzResults
    return writer(stream, width, dtype, scratch, flat=flat, rows=table.rows)


def sniff(head: bytes) -> Format:
    """Return the format that the first bytes tell: a magic number, a bracket, and else CSV."""
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "npz"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"[", b"{")):
        return "csv"
    # Lines of JSON: the first is a whole array of numbers, and after it comes another.
    return "jsonl" if re.match(rb"\[[^][{}\n]*\][ \t\r]*\n\s*[^\s]", text) else "json"


class _Rejoined(io.RawIOBase):
    """A pipe with the bytes back at its front that were read from it to look at them."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = memoryview(head), rest

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read into the buffer; return how many bytes, 0 only at the end."""
        view = memoryview(buffer).cast("B")
        data = self._head[: len(view)] if self._head else self._rest.read(len(view))
        self._head = self._head[len(data) :] if self._head else self._head
        view[: len(data)] = data
        return len(data)
