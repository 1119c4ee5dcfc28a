"""One array of all examples, in memory, or in a mapped file where memory is too small; and how it grows."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from math import prod
from mmap import mmap
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.files.spool import Spool, release

Array = NDArray[Any]
Rows = NDArray[np.int64]

BLOCK: Final = 1 << 20  # bytes of the rows that are worked on at a time
_AROUND: Final = 1 << 16  # bytes that the system maps along with a page that is touched
_LEAST: Final = 1 << 20  # bytes of a mapped array that stay in memory, at least


class Column(ABC):
    """An array (rows, *shape) whose rows are taken in any order."""

    rows: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __len__(self) -> int:
        return self.rows

    @abstractmethod
    def take(self, rows: Rows) -> Array:
        """Return these rows as a fresh contiguous array."""

    def blocks(self, rows: Rows) -> Iterator[Array]:
        """Give these rows in order, about a megabyte at a time."""
        step = max(1, BLOCK // max(1, prod(self.shape) * self.dtype.itemsize))
        for start in range(0, len(rows), step):
            yield self.take(rows[start : start + step])


class HeldColumn(Column):
    """An array in memory."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.rows, self.shape, self.dtype = len(array), array.shape[1:], array.dtype

    def take(self, rows: Rows) -> Array:
        return np.take(self.array, rows, axis=0)


class MappedColumn(Column):
    """An array in a mapped file, of which about `limit` bytes are in memory at a time."""

    def __init__(self, mapped: mmap, shape: tuple[int, ...], dtype: np.dtype[Any], limit: int) -> None:
        self._mapped = mapped
        self._array = np.frombuffer(mapped, dtype).reshape(-1, *shape)
        self.rows, self.shape, self.dtype = len(self._array), shape, dtype
        self._each = prod(shape) * dtype.itemsize + _AROUND
        self._limit, self._touched = max(_LEAST, limit), 0

    def take(self, rows: Rows) -> Array:
        step = max(1, self._limit // self._each)
        taken = np.empty((len(rows), *self.shape), self.dtype)
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            if self._touched + len(part) > step:
                release(self._mapped)
                self._touched = 0
            taken[start : start + step] = self._array[part]
            self._touched += len(part)
        return taken


class Deferred:
    """Rows of a column as an array (rows, *shape) of which a slice is read when it is asked for."""

    def __init__(self, column: Column, rows: Rows | None) -> None:
        self._column, self._rows = column, rows
        self.shape = (len(column) if rows is None else len(rows), *column.shape)
        self.ndim, self.dtype = len(self.shape), column.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, part: slice) -> Array:
        rows = np.arange(*part.indices(len(self)), dtype=np.int64) if self._rows is None else self._rows[part]
        return self._column.take(rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)


class Store:
    """Arrays that grow block by block, and go into files when they are larger than `limit` bytes together.

    A context manager: what it wrote for nothing goes with it.
    """

    def __init__(self, shapes: list[tuple[int, ...]], dtypes: list[np.dtype[Any]], limit: int) -> None:
        self._shapes, self._dtypes, self._limit = shapes, dtypes, limit
        self._held: list[list[Array]] = [[] for _ in shapes]
        self._spools: list[Spool] = []
        self._bytes = 0
        self._scratch = ExitStack()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.close()

    def add(self, block: list[Array]) -> None:
        """Append rows: an array (n, …) for each."""
        if self._spools:
            self._write(block)
            return
        for held, array in zip(self._held, block, strict=True):
            held.append(array)
            self._bytes += array.nbytes
        if self._bytes > self._limit:
            for _ in self._shapes:
                spool = Spool()
                self._scratch.callback(spool.close)
                self._spools.append(spool)
            for spool, held in zip(self._spools, self._held, strict=True):
                for array in held:
                    spool.write(np.ascontiguousarray(array))
                held.clear()

    def _write(self, block: list[Array]) -> None:
        for spool, array in zip(self._spools, block, strict=True):
            spool.write(np.ascontiguousarray(array))

    def columns(self) -> list[Column]:
        """Return the arrays; nothing is added afterwards."""
        if not self._spools:
            kinds = zip(self._held, self._shapes, self._dtypes, strict=True)
            return [HeldColumn(_joined(held, shape, dtype)) for held, shape, dtype in kinds]
        share = self._limit // len(self._spools)
        kinds_of = zip(self._spools, self._shapes, self._dtypes, strict=True)
        return [MappedColumn(spool.mapped(), shape, dtype, share) for spool, shape, dtype in kinds_of]


def rewritten(
    column: Column, change: Callable[[Array], Array], shape: tuple[int, ...], dtype: np.dtype[Any], limit: int
) -> Column:
    """Return a column with each block of its rows changed into one of another shape or dtype."""
    with Store([shape], [dtype], limit) as store:
        for block in column.blocks(np.arange(len(column))):
            store.add([change(block)])
        return store.columns()[0]


def _joined(held: list[Array], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return the blocks as one array; each is let go when it has been copied, so that memory never holds all twice."""
    if len(held) == 1:
        return held.pop().reshape(-1, *shape)
    whole = np.empty((sum(map(len, held)), *shape), dtype)
    at = len(whole)
    while held:
        block = held.pop()
        whole[at - len(block) : at] = block.reshape(-1, *shape)
        at -= len(block)
    return whole
