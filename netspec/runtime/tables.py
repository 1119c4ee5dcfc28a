"""Rows of numbers from a stream, block by block in bounded memory; and what every format agrees on.

A table has `width` columns, one for each input of the network. One-dimensional data (`flat`) of n numbers are n rows
where the network has one input, and otherwise one row, which they must fill. Data that are flat come back flat where
the numbers of a row allow it. Rows and columns count from 1 in messages.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics.show import quote
from netspec.runtime.faults import DataFault

Array = NDArray[Any]
Place = tuple[int | None, int | None]

_BLOCK_VALUES: Final = 1 << 17  # values in a block where nobody says otherwise: 1 MiB of doubles, 3 MB as text


class Table(ABC):
    """A table that is being read. `file` is its name in messages; `dtype` what its blocks are given as.

    `header` holds the names of the columns, where it has any; `rows` counts them, where that is known beforehand.
    Both, and `flat`, are set when the table is made: from then on only `blocks` reads.
    """

    header: tuple[str, ...] | None = None
    rows: int | None = None
    flat: bool = False

    def __init__(self, stream: BinaryIO, file: str, width: int, dtype: np.dtype[Any], batch: int | None) -> None:
        self.stream, self.file, self.width, self.dtype = stream, file, width, dtype
        self.batch = block_rows(width) if batch is None else batch

    @abstractmethod
    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh C-contiguous arrays (at most `batch`, width). Raises DataFault."""

    def place(self, row: int, column: int) -> Place:  # noqa: ARG002  binary formats have no use for them
        """Return line and column of a value of the block given last, both from 0; (None, None) in binary formats."""
        return None, None

    def fault(self, code: str, headline: str, place: Place = (None, None), advice: str = "") -> DataFault:
        """Return the fault, with this table's name."""
        return DataFault(code, headline, self.file, *place, advice)

    def convert(self, values: "array[float]") -> Array:
        """Return the block of the numbers read, row after row; what is too large for the dtype becomes infinite."""
        with np.errstate(over="ignore"):
            return np.array(values, self.dtype).reshape(-1, self.width)

    def check_flat(self, found: int) -> None:
        """Set `flat`; raises DataFault where `found` numbers in one dimension are not one row."""
        if self.width not in (1, found):
            raise self.fault("data-columns", f"expected {self.width:,} numbers, got {found:,}")
        self.flat = True


def block_rows(width: int) -> int:
    """Return the rows of a block where nobody says otherwise."""
    return max(1, _BLOCK_VALUES // max(1, width))


def name_column(number: int, header: tuple[str, ...] | None) -> str:
    """Return how a message calls column `number`, which counts from 1."""
    return f"column {number:,}" + (f" ({quote(header[number - 1])})" if header else "")


def name_results(width: int) -> list[str]:
    """Return what the columns of the results are called."""
    return ["y"] if width == 1 else [f"y_{number}" for number in range(1, width + 1)]
