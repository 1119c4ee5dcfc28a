"""Examples from a stream, block by block in bounded memory: one array for each input of the network.

A network that reads rows of numbers takes a table. Any other takes arrays of its inputs' shapes with the batch axis
first (`.npy`, the members of an `.npz`), JSON nested as deep as the shapes, or CSV whose columns are the numbers of all
inputs in C order. One example may stand without the batch axis, and its results then come back without it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, Final, cast

import numpy as np

from netspec.diagnostics.show import quote
from netspec.runtime.column_names import ColumnNames
from netspec.runtime.faults import DataFault
from netspec.runtime.ports import Port
from netspec.runtime.tables import Array, Place, Table

Block = tuple[Array, ...]

BLOCK_NUMBERS: Final = 1 << 18  # of a block where nobody says otherwise
_EXACT: Final = 2.0**53  # beyond, a double does not tell integers apart


class Feed(ABC):
    """Examples that are being read. `rows` counts them, where that is known beforehand; `alone` says that there is one,
    given without a batch axis; `named` that columns have names. All are set when the feed is made.
    """

    rows: int | None = None
    alone: bool = False
    named: bool = False
    columns: bool = False

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """Give an array (n, *shape) for each input, block after block. Raises DataFault."""

    def place(self, row: int, column: int) -> Place:  # noqa: ARG002  binary formats have no use for them
        """Return line and column of a number of the block given last, from 0; (None, None) where there are none."""
        return None, None


class TableFeed(Feed):
    """The rows of a table, for a network that reads rows of numbers."""

    columns = True

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows, self.named = table.rows, table.header is not None
        self.alone = table.flat and table.width > 1

    def blocks(self) -> Iterator[Block]:
        """Give the rows."""
        for block in self.table.blocks():
            yield (block,)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a number of the block given last."""
        return self.table.place(row, column)


def open_feed(
    stream: BinaryIO,
    file: str,
    ports: tuple[Port, ...],
    kind: str,
    batch: int | None,
    scratch: ExitStack,
    known: ColumnNames = ColumnNames(),  # noqa: B008  a named tuple cannot be changed
) -> Feed:
    """Return the examples in a stream of the given format, for inputs of any number and shape.

    `known` is what columns are called. Temporary files go with `scratch`. Raises DataFault where the
    beginning is refused already.
    """
    if kind in ("csv", "tsv"):
        from netspec.runtime.column_feed import ColumnFeed  # as with the formats of tables: each where it is needed

        return ColumnFeed(stream, file, ports, batch, known)
    if kind in ("json", "jsonl"):
        from netspec.runtime.json_feed import JsonFeed, JsonLinesFeed

        reader = JsonFeed if kind == "json" else JsonLinesFeed
        return reader(stream, file, ports, batch)
    from netspec.runtime.array_feed import ArrayFeed
    from netspec.runtime.numpy_table import open_members, spool

    if kind == "npz":
        seekable = stream if stream.seekable() else spool(stream, scratch)
        return ArrayFeed(file, ports, open_members(seekable, file, [port.name for port in ports]), batch, scratch)
    if len(ports) > 1:
        names = ", ".join(quote(port.name) for port in ports)
        headline = f"the network has {len(ports)} inputs, {names}, and an .npy holds one array"
        raise DataFault("data-shape", headline, file, advice="save them as one .npz, each array by its input's name")
    return ArrayFeed(file, ports, [stream], batch, scratch)


def reads_rows(ports: tuple[Port, ...]) -> bool:
    """Return whether the ports are one of rows of numbers, for which a table stands."""
    return len(ports) == 1 and len(ports[0].shape) == 1 and ports[0].size is not None and ports[0].dtype != "int64"


def is_integer(values: Array) -> Array:
    """Return of each number whether it is an integer that a double tells from its neighbours."""
    with np.errstate(invalid="ignore"):
        return cast(Array, (np.floor(values) == values) & (np.abs(values) <= _EXACT))


def narrowed(values: Array, dtype: str) -> Array:
    """Return the numbers in a dtype; what is too large for it becomes infinite, and NaN of any kind stays NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ascontiguousarray(values, np.dtype(dtype))
