"""Examples: the rows of a training with their inputs and targets, taken in any order."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from netspec.training.data.columns import Array, Column, Deferred, HeldColumn, Rows
from netspec.training.data.kinds import TargetKind
from netspec.training.data.layout import Columns as Names


class Examples:
    """Rows of inputs and targets.

    `inputs` and `targets` are columns (rows, *shape), one for each input and each output of the network, in order;
    classes are int64, all else has the dtype of the network. `kinds` say what the targets are, `labels` what classes
    are called that were words, by output: none where they are numbers; `columns` are the names of a table's columns.
    """

    def __init__(
        self,
        inputs: Sequence[Column],
        targets: Sequence[Column],
        kinds: Sequence[TargetKind],
        labels: Sequence[tuple[str, ...]],
        rows: Rows | None = None,
        columns: Names = Names(),  # noqa: B008  a named tuple cannot be changed
    ) -> None:
        self.inputs, self.targets = tuple(inputs), tuple(targets)
        self.kinds, self.labels = tuple(kinds), tuple(labels)
        self._rows = rows
        self.columns = columns

    def __len__(self) -> int:
        return len(self.inputs[0]) if self._rows is None else len(self._rows)

    @property
    def rows(self) -> Rows:
        """Which rows of the columns these are."""
        return np.arange(len(self)) if self._rows is None else self._rows

    def take(self, rows: NDArray[np.integer[Any]]) -> tuple[list[Array], list[Array]]:
        """Return inputs and targets of these rows, counted within the part, as fresh contiguous arrays."""
        at = np.asarray(rows, np.int64) if self._rows is None else self._rows[rows]
        return [column.take(at) for column in self.inputs], [column.take(at) for column in self.targets]

    def whole(self) -> tuple[list[Array], list[Array]] | None:
        """Return inputs and targets of all rows without a copy: as they lie in memory, or such as are read slice by
        slice from where they are mapped; None where these are some of the rows that lie in memory.
        """
        columns = [self._lying(column) for column in (*self.inputs, *self.targets)]
        found = [column for column in columns if column is not None]
        count = len(self.inputs)
        return (found[:count], found[count:]) if len(found) == len(columns) else None

    def _lying(self, column: Column) -> Array | None:
        if isinstance(column, HeldColumn):
            array = column.array
            return array if self._rows is None and array.flags.c_contiguous else None
        return cast(Array, Deferred(column, self._rows))  # it has what a step in parts asks of an array

    def part(self, rows: NDArray[np.integer[Any]]) -> "Examples":
        """Return these rows as examples of their own; no number is copied."""
        at = rows if self._rows is None else self._rows[rows]
        return Examples(self.inputs, self.targets, self.kinds, self.labels, np.array(at, np.int64))

    def classes(self) -> NDArray[np.int64] | None:
        """Return the class of each row, where there is one output and it has one class, or 0 or 1; else None."""
        if len(self.targets) != 1:
            return None
        column, kind = self.targets[0], self.kinds[0].kind
        if kind == "binary" and all(size == 1 for size in column.shape):
            found = column.take(self.rows).reshape(-1)
            return found.astype(np.int64) if np.isin(found, (0, 1)).all() else None
        return column.take(self.rows) if kind == "classes" and not column.shape and column.dtype == np.int64 else None
