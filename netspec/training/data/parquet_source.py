"""Parquet: columns of inputs and of targets, read by pyarrow, which the extra `parquet` brings."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import numpy as np

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.runtime.faults import DataFault
from netspec.runtime.ports import Port
from netspec.runtime.tables import block_rows, name_column
from netspec.training.data.columns import Array
from netspec.training.data.csv_source import targets_of
from netspec.training.data.kinds import TargetKind
from netspec.training.data.layout import lay_out
from netspec.training.data.source import Source

MAGIC: Final = b"PAR1"
_COLUMNS: Final = 1 << 20  # of a file: what it says of each takes memory before anything is read


class ParquetSource(Source):
    """The rows of a Parquet file. Faults have row and column. A column is of numbers, or of text, which is classes."""

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        inputs: Sequence[Port],
        outputs: Sequence[Port],
        wanted: Sequence[TargetKind | None],
        named: Sequence[str],
        labels: Sequence[Sequence[str]],
    ) -> None:
        self._arrow, parquet = _library()
        self.file, self._start = file, 0
        try:
            self._file = parquet.ParquetFile(stream)
            schema = self._file.schema_arrow
            names, types = list(schema.names), list(schema.types)
        except (self._arrow.ArrowException, OSError, ValueError, UnicodeDecodeError):
            raise DataFault("data-unreadable", "it is no sound Parquet file", file) from None
        self.header: tuple[str, ...] | None = tuple(names)
        self.width = len(names)
        if self.width > _COLUMNS:
            raise DataFault("data-columns", f"it has {self.width:,} columns, more than {_COLUMNS:,}", file)
        layout = lay_out(self, inputs, outputs, wanted, named)
        self._columns = [*layout.inputs, *layout.targets]
        self.inputs = [tuple(map(int, port.shape)) for port in inputs]
        is_text = self._arrow.types
        texts = [
            is_text.is_string(kind)
            or is_text.is_large_string(kind)
            or (is_text.is_dictionary(kind) and is_text.is_string(kind.value_type))
            for kind in types
        ]
        self.targets = targets_of(layout, wanted, labels, texts)
        self._words = [
            *[None] * len(inputs),
            *[target.words for target in self.targets],
        ]
        for columns, words in zip(self._columns, self._words, strict=True):
            for column in columns:
                self._check_type(column, types[column], texts[column], words is not None)

    def blocks(self) -> Iterator[list[Array]]:
        """Give the rows, cut into inputs and targets."""
        self._start = 0
        wanted = sorted({column for columns in self._columns for column in columns})
        names = [(self.header or ())[column] for column in wanted]
        batches = self._file.iter_batches(block_rows(self.width), columns=names)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                # By name: pyarrow takes `a` for the columns inside of it too, and gives `a.b` along.
                found = {column: batch.column(name) for column, name in zip(wanted, names, strict=True)}
            except (self._arrow.ArrowException, OSError, ValueError, UnicodeDecodeError):
                raise DataFault("data-unreadable", f"it is damaged after row {self._start:,}", self.file) from None
            yield [self._part(found, at) for at in range(len(self._columns))]
            self._start += batch.num_rows

    def _part(self, found: dict[int, Any], at: int) -> Array:
        """Return the columns of an array side by side, in int64 where all are of integers, else in float64."""
        words = self._words[at]
        columns = self._columns[at]
        whole = words is None and all(self._is_whole(found[column].type) for column in columns)
        part = np.empty((len(found[columns[0]]), len(columns)), np.int64 if whole else np.float64)
        for number, column in enumerate(columns):
            values = found[column]
            if values.null_count:
                row = int(np.argmax(np.asarray(values.is_null().to_numpy(zero_copy_only=False))))
                raise self.fault("data-not-a-number", "is empty", at, row, number, "every row needs all its numbers")
            if words is None:
                part[:, number] = values.to_numpy(zero_copy_only=False)
                continue
            for row, label in enumerate(values.to_pylist()):
                try:
                    part[row, number] = float(words[label])
                except ValueError as error:
                    reason, advice = error.args
                    raise self.fault("data-dtype", reason, at, row, number, advice) from None
        return part

    def _is_whole(self, kind: Any) -> bool:
        """Return whether a type is of integers that int64 holds, or of booleans."""
        types = self._arrow.types
        return bool(types.is_boolean(kind) or (types.is_integer(kind) and not types.is_uint64(kind)))

    def fault(self, code: str, clause: str, array: int, row: int, number: int | None, advice: str = "") -> DataFault:
        """Return the fault of a number of the block given last, with its row and column."""
        name = f"row {self._start + row + 1:,}"
        if number is not None:
            name += f", {name_column(self._columns[array][number] + 1, self.header)}"
        return DataFault(code, f"{name} {clause}", self.file, advice=advice)

    def refuse(self, headline: str, column: int = 0, advice: str = "") -> DataFault:  # noqa: ARG002  there is no place
        """Return the fault of the columns themselves."""
        return DataFault("data-columns", headline, self.file, advice=advice)

    def _check_type(self, column: int, kind: Any, is_text: bool, words: bool) -> None:
        """Refuse a column that holds neither numbers nor labels that are asked for."""
        is_kind = self._arrow.types
        if (is_text and words) or is_kind.is_integer(kind) or is_kind.is_floating(kind) or is_kind.is_boolean(kind):
            return
        headline = f"{name_column(column + 1, self.header)} is of the type {quote(kind)}, not of numbers"
        raise DataFault("data-dtype", headline, self.file, advice="leave it out, or make each of its values a number")


def _library() -> tuple[Any, Any]:
    """Return pyarrow and its part for Parquet. Raises SystemFault where it is not installed."""
    try:
        import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]
        import pyarrow.parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        advice = 'install it: pip install "netspec-lang[parquet]"'
        raise SystemFault("usage", "Parquet is read by pyarrow, which is not installed", advice) from None
    return pyarrow, pyarrow.parquet
