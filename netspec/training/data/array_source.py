"""Arrays: members of an `.npz`, a pair of `.npy` files, or arrays in memory, read side by side."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Protocol

from netspec.diagnostics.show import show
from netspec.gradients.shapes import fitted_shape
from netspec.limits import PATH_LENGTH
from netspec.runtime.faults import DataFault, count
from netspec.runtime.ports import Port
from netspec.runtime.tables import block_rows
from netspec.training.data.columns import Array
from netspec.training.data.kinds import Shape, TargetKind, possible_kinds
from netspec.training.data.source import Source, Target


class ArrayTable(Protocol):
    """An array that is read row by row. `label` is what messages call it, empty where its file holds no other."""

    file: str
    label: str
    rows: int
    shape: tuple[int, ...]
    batch: int

    def blocks(self) -> Iterator[Array]:
        """Give the rows, (n, numbers)."""


class ArraySource(Source):
    """Arrays of equally many rows: one for each input and then for each output."""

    def __init__(
        self,
        tables: Sequence[ArrayTable],
        inputs: Sequence[Port],
        outputs: Sequence[Port],
        wanted: Sequence[TargetKind | None],
    ) -> None:
        self._tables, self._start = tables, 0
        self.file = tables[0].file
        for table in tables[1:]:
            if table.rows != tables[0].rows:
                headline = f"{_held(tables[0])}, and {_held(table)}"
                raise DataFault("data-shape", headline, table.file)
        self.inputs = [
            _fit(table, port, [port.shape])[1] for table, port in zip(tables[: len(inputs)], inputs, strict=True)
        ]
        self.targets = []
        for table, port, want in zip(tables[len(inputs) :], outputs, wanted, strict=True):
            choices = possible_kinds(want, port)
            at, shape = _fit(table, port, [shape for _, shape in choices])
            self.targets.append(Target(choices[at][0], shape, open=want is None))
        rows = block_rows(max(prod(table.shape) for table in tables))
        for table in tables:
            table.batch = rows

    def blocks(self) -> Iterator[list[Array]]:
        """Give the arrays' rows side by side."""
        self._start = 0
        for parts in zip(*(table.blocks() for table in self._tables), strict=True):
            yield list(parts)
            self._start += len(parts[0])

    def fault(self, code: str, clause: str, array: int, row: int, number: int | None, advice: str = "") -> DataFault:
        """Return the fault of a number of the block given last, with its row, and its column where it has others."""
        table = self._tables[array]
        name = f"row {self._start + row + 1:,}"
        if number is not None and prod(table.shape) > 1:
            name += f", column {number + 1:,}"
        label = f"{table.label}: " if table.label else ""
        return DataFault(code, f"{label}{name} {clause}", table.file, advice=advice)


def _held(table: ArrayTable) -> str:
    return f"{table.label or f'`{show(table.file, PATH_LENGTH.value)}`'} has {count(table.rows, 'example')}"


def _fit(table: ArrayTable, port: Port, shapes: Sequence[Shape]) -> tuple[int, tuple[int, ...]]:
    """Return which of the shapes the array's examples have, and the sizes. Raises DataFault `data-shape`."""
    for at, shape in enumerate(shapes):
        fitted = fitted_shape(shape, table.shape)
        if fitted is not None and 0 not in fitted:
            return at, fitted
    ways = " or ".join(port._replace(shape=shape).expected for shape in shapes)
    if any(fitted_shape(shape, table.shape) for shape in shapes):
        ways += ", without an empty axis"
    found = port._replace(shape=(table.rows, *table.shape)).example
    known = [size for size in shapes[-1] if isinstance(size, int)]
    advice = ""
    if len(known) > 2 and table.shape == (*known[1:], known[0]):
        advice = "channels come first: np.moveaxis(x, -1, 1)"
    elif len(table.shape) == 1 and known == [table.rows] and table.rows != table.shape[0]:
        advice = "is it transposed?"
    label = f"{table.label} has" if table.label else "the array has"
    raise DataFault("data-shape", f"{label} shape {found}; expected {ways}", table.file, advice=advice)
