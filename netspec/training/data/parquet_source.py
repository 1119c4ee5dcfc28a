"""Parquet: columns of inputs and of targets, read by pyarrow, which the extra `parquet` brings."""

import os
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.runtime.faults import DataFault, count
from netspec.runtime.ports import Port
from netspec.runtime.tables import block_rows, name_column
from netspec.training.data.columns import Array
from netspec.training.data.csv_source import targets_of
from netspec.training.data.kinds import TargetKind
from netspec.training.data.layout import Naming, lay_out
from netspec.training.data.source import Source
from netspec.training.data.words import Words

MAGIC: Final = b"PAR1"
_COLUMNS: Final = 1 << 20  # of a file: what it says of each takes memory before anything is read

# A page is expanded whole, and a repeated number takes no bytes: a small file may cost minutes and fill memory.
_EXPANSION: Final = 100
_REPETITION: Final = 1000
_EXPANDED: Final = 1 << 26


class ParquetSource(Source):
    """The rows of a Parquet file. Faults have row and column. A column is of numbers, or of text, which is classes."""

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        inputs: Sequence[Port],
        outputs: Sequence[Port],
        wanted: Sequence[TargetKind | None],
        naming: Naming,
        labels: Sequence[Sequence[str]],
    ) -> None:
        self._arrow, parquet = _library()
        self.file, self._start = file, 0
        try:
            found = parquet.ParquetFile(stream)
            names, types = list(found.schema_arrow.names), list(found.schema_arrow.types)
            texts = list(map(self._is_text, types))
            repeated = [name for name, is_text in zip(names, texts, strict=True) if is_text]
            # Text as numbers of a dictionary: however often a long one is repeated, it is in memory once.
            self._file = parquet.ParquetFile(stream, metadata=found.metadata, read_dictionary=repeated)
        except (self._arrow.ArrowException, OSError, ValueError, UnicodeDecodeError):
            raise DataFault("data-unreadable", "it is no sound Parquet file", file) from None
        self.header: tuple[str, ...] | None = tuple(names)
        self.width = len(names)
        if self.width > _COLUMNS:
            raise DataFault("data-columns", f"it has {self.width:,} columns, more than {_COLUMNS:,}", file)
        layout = lay_out(self, inputs, outputs, wanted, naming)
        self.columns = layout.names
        self._columns = [*layout.inputs, *layout.targets]
        self.inputs = [tuple(map(int, port.shape)) for port in inputs]
        self.targets = targets_of(layout, wanted, labels, texts)
        self._words = [
            *[None] * len(inputs),
            *[target.words for target in self.targets],
        ]
        for columns, words in zip(self._columns, self._words, strict=True):
            for column in columns:
                self._check_type(column, types[column], texts[column], words is not None)
        self._check_expansion(stream)

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
            part[:, number] = self._numbered(values, words, at, number)
        return part

    def _is_whole(self, kind: Any) -> bool:
        """Return whether a type is of integers that int64 holds, or of booleans."""
        types = self._arrow.types
        return bool(types.is_boolean(kind) or (types.is_integer(kind) and not types.is_uint64(kind)))

    def _numbered(self, values: Any, words: Words, at: int, number: int) -> Array:
        """Return the numbers of labels; each is looked at where it is first met."""
        values = values if self._arrow.types.is_dictionary(values.type) else values.dictionary_encode()
        places: NDArray[np.int64] = np.asarray(values.indices.to_numpy(zero_copy_only=False))
        met, first = np.unique(places, return_index=True)
        numbers: Array = np.zeros(int(places.max(initial=0)) + 1)
        for row, place in sorted(zip(first.tolist(), met.tolist(), strict=True)):
            try:
                label = values.dictionary[place].as_py() or ""
            except UnicodeDecodeError:
                raise self.fault("data-dtype", "is not UTF-8", at, row, number, "save it as UTF-8") from None
            try:
                numbers[place] = float(words[label])
            except ValueError as error:
                reason, advice = error.args
                raise self.fault("data-dtype", reason, at, row, number, advice) from None
        return np.take(numbers, places)

    def fault(self, code: str, clause: str, array: int, row: int, number: int | None, advice: str = "") -> DataFault:
        """Return the fault of a number of the block given last, with its row and column."""
        name = f"row {self._start + row + 1:,}"
        if number is not None:
            name += f", {name_column(self._columns[array][number] + 1, self.header)}"
        return DataFault(code, f"{name} {clause}", self.file, advice=advice)

    def refuse(self, headline: str, column: int = 0, advice: str = "") -> DataFault:  # noqa: ARG002  there is no place
        """Return the fault of the columns themselves."""
        return DataFault("data-columns", headline, self.file, advice=advice)

    def _is_text(self, kind: Any) -> bool:
        """Return whether a type is of text, or of text in a dictionary."""
        is_kind = self._arrow.types
        inner = kind.value_type if is_kind.is_dictionary(kind) else kind
        return bool(is_kind.is_string(inner) or is_kind.is_large_string(inner))

    def _check_expansion(self, stream: BinaryIO) -> None:
        """Refuse what is too large for the bytes that it is kept in, by what the file says of its parts."""
        said = self._file.metadata
        wanted = {(self.header or ())[column]: column for columns in self._columns for column in columns}
        numbers = 8 * said.num_rows * len(wanted)
        if numbers > max(_EXPANDED, _REPETITION * stream.seek(0, os.SEEK_END)):
            headline = f"its {count(said.num_rows, 'row')} expand more than {_REPETITION:,} times"
            raise DataFault("data-unreadable", headline, self.file)
        for group, leaf in product(range(said.num_row_groups), range(said.num_columns)):
            chunk = said.row_group(group).column(leaf)
            column = wanted.get(chunk.path_in_schema)
            if column is None:
                continue
            if chunk.total_uncompressed_size > max(_EXPANDED, _EXPANSION * chunk.total_compressed_size):
                headline = f"{name_column(column + 1, self.header)} expands more than {_EXPANSION} times"
                raise DataFault("data-unreadable", headline, self.file)

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
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        advice = 'install it: pip install "netspec-lang[parquet]"'
        raise SystemFault("usage", "Parquet is read by pyarrow, which is not installed", advice) from None
    return pyarrow, pyarrow.parquet
