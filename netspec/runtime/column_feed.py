"""CSV for networks of any number of inputs, whose shapes are fixed."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from netspec.runtime.column_names import ColumnNames
from netspec.runtime.csv_table import CsvTable
from netspec.runtime.faults import DataFault
from netspec.runtime.feeds import BLOCK_NUMBERS, Block, Feed, is_integer, narrowed
from netspec.runtime.ports import Port
from netspec.runtime.tables import Array, Place


class ColumnFeed(Feed):
    """CSV whose columns are the numbers of all inputs, each flattened in C order, one input behind the other."""

    columns = True

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        ports: tuple[Port, ...],
        batch: int | None,
        known: ColumnNames = ColumnNames(),  # noqa: B008  a named tuple cannot be changed
    ) -> None:
        free = [port for port in ports if port.size is None]
        if free:
            headline = f"{free[0].label} has the shape {free[0].expected}, and columns cannot tell its free sizes"
            raise DataFault("data-shape", headline, file, advice="give it as .npy, .npz or JSON")
        self._ports = ports
        self._sizes = [port.size or 0 for port in ports]
        width = sum(self._sizes)
        batch = max(1, BLOCK_NUMBERS // width) if batch is None else batch
        self._table = CsvTable(stream, file, width, np.dtype(np.float64), batch, known=known)
        self.named = self._table.header is not None

    def blocks(self) -> Iterator[Block]:
        """Give the rows, cut into inputs."""
        for block in self._table.blocks():
            start = 0
            found: list[Array] = []
            for port, size in zip(self._ports, self._sizes, strict=True):
                part = block[:, start : start + size]
                found.append(self._typed(port, part, start).reshape(len(block), *map(int, port.shape)))
                start += size
            yield tuple(found)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a number of the block given last."""
        return self._table.place(row, column)

    def _typed(self, port: Port, part: Array, start: int) -> Array:
        """Return an input in its dtype. Raises DataFault where it is not of integers and has to be."""
        if port.dtype == "int64":
            wrong = np.argwhere(~is_integer(part))
            if len(wrong):
                row, column = (int(index) for index in wrong[0])
                raise self._table.fault(
                    "data-dtype",
                    f"column {start + column + 1:,} is {part[row, column]!s}, and {port.label} is of integers",
                    self.place(row, start + column),
                )
        return narrowed(part, port.dtype)
