"""Arrays for networks of any form: an `.npy` of the only input, or the members of an `.npz` by the inputs' names."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

import numpy as np

from netspec.runtime.faults import count
from netspec.runtime.feeds import BLOCK_NUMBERS, Block, Feed
from netspec.runtime.numpy_table import NpyTable
from netspec.runtime.ports import Port


class ArrayFeed(Feed):
    """Arrays of `.npy` form, one for each input, read side by side."""

    def __init__(
        self, file: str, ports: tuple[Port, ...], streams: list[BinaryIO], batch: int | None, scratch: ExitStack
    ) -> None:
        self._tables = [
            NpyTable(stream, file, port.size or 1, np.dtype(port.dtype), 1, scratch, port)
            for port, stream in zip(ports, streams, strict=True)
        ]
        first = self._tables[0]
        for port, table in zip(ports[1:], self._tables[1:], strict=True):
            if (table.rows, table.alone) != (first.rows, first.alone):
                given = [
                    f"{each.label} is one example"
                    if found.alone
                    else f"{each.label} has {count(found.rows, 'example')}"
                    for each, found in ((ports[0], first), (port, table))
                ]
                raise first.fault("data-shape", ", and ".join(given))
        self.rows, self.alone = first.rows, first.alone
        numbers = max(1, *(table.width for table in self._tables))
        for table in self._tables:
            table.batch = max(1, BLOCK_NUMBERS // numbers) if batch is None else batch

    def blocks(self) -> Iterator[Block]:
        """Give the arrays' rows side by side."""
        for parts in zip(*(table.blocks() for table in self._tables), strict=True):
            yield tuple(
                [part.reshape(len(part), *table.shape) for table, part in zip(self._tables, parts, strict=True)]
            )
