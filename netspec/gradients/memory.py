"""Where values lie: one stretch of memory for all of a step, in which what is never alive at once shares its place.

Source: greedy placement by size, Pisarchyk & Lee 2020, *Efficient memory management for deep neural net inference*.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np

_LINE: Final = 64  # bytes of a cache line


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
        """Place the cells, the largest first, each as low as those that are alive with it leave room."""
        cells = sorted({id(cell): cell for cell in self.cells.values()}.values(), key=lambda c: (-c.size, c.begin))
        count = len(cells)
        begins, ends = (np.zeros(count, np.int64) for _ in range(2))
        offsets, tops = (np.zeros(count, np.int64) for _ in range(2))
        for index, cell in enumerate(cells):
            size = -(-cell.size // _LINE) * _LINE
            alive = (begins[:index] <= cell.end) & (ends[:index] >= cell.begin)
            low = 0
            taken = sorted(zip(offsets[:index][alive].tolist(), tops[:index][alive].tolist(), strict=True))
            for offset, top in taken:
                if offset - low >= size:
                    break
                low = max(low, top)
            cell.offset = low
            begins[index], ends[index], offsets[index], tops[index] = cell.begin, cell.end, low, low + size
        self.size = int(tops.max(initial=0))
