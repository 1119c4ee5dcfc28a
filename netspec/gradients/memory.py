"""Where values lie: one stretch of memory for all of a step, in which what is never alive at once shares its place.

Source: greedy placement by size, Pisarchyk & Lee 2020, *Efficient memory management for deep neural net inference*.
"""

from bisect import bisect
from collections.abc import Hashable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.diagnostics.magnitude import byte_size

_LINE: Final = 64  # bytes of a cache line
_ADDRESSES: Final = 2**62
"""Bytes; offsets are counted in 64 bits."""

_FEW: Final = 2000
"""Cells that are placed by size, which compares each with all before it."""


@dataclass(slots=True)
class Cell:
    """A place for the values that share it, from event `begin` to event `end`; `size` in bytes."""

    size: int
    begin: int
    end: int
    offset: int = 0


class Memory:
    """Cells by what lies in them. `place` gives each its offset and leaves `size`, the bytes of the whole."""

    def __init__(self) -> None:
        self.cells: dict[Hashable, Cell] = {}
        self.size = 0

    def add(self, key: Hashable, size: int, begin: int, end: int) -> None:
        """Give a value a cell of its own."""
        self.cells[key] = Cell(size, begin, end)

    def join(self, key: Hashable, other: Hashable, size: int, begin: int, end: int) -> None:
        """Let a value lie where another one does, which it takes the place of."""
        cell = self.cells[other]
        cell.size, cell.begin, cell.end = max(cell.size, size), min(cell.begin, begin), max(cell.end, end)
        self.cells[key] = cell

    def place(self) -> None:
        """Give every cell its offset, so that cells that are alive at once do not meet.

        Raises SystemFault `no-memory` for more bytes than there are addresses.
        """
        cells = list({id(cell): cell for cell in self.cells.values()}.values())
        if (needed := sum(_lines(cell.size) for cell in cells)) > _ADDRESSES:
            words = f"a step takes {byte_size(needed)} of memory, more than any machine has"
            raise SystemFault("no-memory", words, "make the batch smaller")
        self.size = _by_size(cells) if len(cells) <= _FEW else _by_time(cells)


def _by_size(cells: list[Cell]) -> int:
    """Place the largest cells first, each as low as those that are alive with it leave room; return the whole size."""
    cells.sort(key=lambda cell: (-cell.size, cell.begin))
    count = len(cells)
    begins, ends, offsets, tops = (np.zeros(count, np.int64) for _ in range(4))
    for index, cell in enumerate(cells):
        size = _lines(cell.size)
        alive = (begins[:index] <= cell.end) & (ends[:index] >= cell.begin)
        low = 0
        for offset, top in sorted(zip(offsets[:index][alive].tolist(), tops[:index][alive].tolist(), strict=True)):
            if offset - low >= size:
                break
            low = max(low, top)
        cell.offset = low
        begins[index], ends[index], offsets[index], tops[index] = cell.begin, cell.end, low, low + size
    return int(tops.max(initial=0))


def _by_time(cells: list[Cell]) -> int:
    """Place cells in the order in which they begin, each in the tightest gap; return the whole size.

    It takes up to a fifth more than the order by size, and time that grows with the number of cells, not its square.
    """
    cells.sort(key=lambda cell: (cell.begin, -cell.size))
    free: list[tuple[int, int]] = []  # offset and size, in the order of offsets, no two of them side by side
    alive: list[tuple[int, int, int, int]] = []  # end, number, offset, size
    top = 0
    for number, cell in enumerate(cells):
        while alive and alive[0][0] < cell.begin:
            _release(free, *heappop(alive)[2:])
        size = _lines(cell.size)
        gap = min(((room, offset, at) for at, (offset, room) in enumerate(free) if room >= size), default=None)
        if gap is not None:
            room, offset, at = gap
            free[at : at + 1] = [(offset + size, room - size)] if room > size else []
        else:
            offset = free.pop()[0] if free and sum(free[-1]) == top else top
            top = offset + size
        cell.offset = offset
        heappush(alive, (cell.end, number, offset, size))
    return top


def _release(free: list[tuple[int, int]], offset: int, size: int) -> None:
    """Give a place back, as one with the gaps beside it."""
    at = bisect(free, (offset, size))
    if at < len(free) and offset + size == free[at][0]:
        size += free.pop(at)[1]
    if at and sum(free[at - 1]) == offset:
        before, room = free.pop(at - 1)
        at, offset, size = at - 1, before, size + room
    free.insert(at, (offset, size))


def _lines(size: int) -> int:
    """Return a size in whole cache lines."""
    return -(-size // _LINE) * _LINE
