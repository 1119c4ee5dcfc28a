"""CSV: rows of numbers parted by commas, semicolons or tabs, with a header or without; read and written in a stream.

The first row is a header where none of its fields is a number. Fields may be quoted; blanks around a number do not
count; empty lines may stand before the first row and after the last.
"""

import csv
import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO, Final, NoReturn

import numpy as np

from netspec.diagnostics.show import quote
from netspec.runtime.faults import DataFault, count
from netspec.runtime.lines import Lines
from netspec.runtime.tables import Array, Place, Table, name_column

_DELIMITERS: Final = ",;\t"
_REASONS: Final = {
    "new-line": "a carriage return stands inside the line",
    "unexpected end": "a quote is left open",
    "expected after": "text follows a closing quote",
    "field limit": "a field is too long; is a quote left open?",
}
_NUMBER: Final = re.compile(
    r"[ \t]*[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|nan|inf(?:inity)?)[ \t]*", re.I | re.A
)


class CsvTable(Table):
    """A table from CSV. Faults are placed: `data.csv:3:2` is line 3, character 2."""

    def __init__(self, stream: BinaryIO, file: str, width: int, dtype: np.dtype[Any], batch: int | None) -> None:
        super().__init__(stream, file, width, dtype, batch)
        self._lines = Lines(stream, file, width)
        self._above = 0  # lines before those that are kept
        first = ""
        while not first.strip():
            self._forget()
            first = next(self._lines, None) or self._nothing()
        self._delimiter = _find_delimiter(first, width)
        lines = chain([first], self._lines)
        self._reader = csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, strict=True)
        self._first: list[str] | None = self._read()
        if self._first is not None and not any(map(_NUMBER.fullmatch, self._first)):
            if len(self._first) != width:
                raise self._count_fault(self._first)
            if any("\udc80" <= letter <= "\udcff" for letter in "".join(self._first)):
                raise self.fault("data-unreadable", "the header is not UTF-8", (self._above + 1, 1), "save it as UTF-8")
            self.header, self._first = tuple(self._first), None
            self._forget()

    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh arrays (at most `batch`, width). Raises DataFault at the first value refused."""
        values = array("d")
        full = self.batch * self.width
        width, lines = self.width, self._lines
        row = self._first or self._read()
        while row is not None:
            if len(row) != width:
                raise self._count_fault(row)
            try:
                values.extend(map(float, row))
            except ValueError:
                raise self._number_fault(row) from None
            if lines.odd:
                if not all(map(_NUMBER.fullmatch, row)):
                    raise self._number_fault(row)
                lines.odd = False
            if len(values) == full:
                yield self.convert(values)
                values = array("d")
                self._forget()
            row = self._read()
        if values:
            yield self.convert(values)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a value of the block given last, both from 0."""
        reader = csv.reader(self._lines.kept, delimiter=self._delimiter, skipinitialspace=True)
        for _ in range(row):
            next(reader)
        return self._place(reader.line_num, column)

    def _place(self, start: int, column: int) -> Place:
        """Return line and column of field `column` of the record that begins at kept line `start`, all from 0."""
        text = "".join(self._lines.kept[start:])
        at = _field(text, self._delimiter, column)
        return self._above + start + text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)

    def _read(self) -> list[str] | None:
        """Return the next record, or None after the last; raises DataFault for an empty line between two."""
        kept = self._lines.kept
        begin = self._lines.number + 1
        try:
            row = next(self._reader, None)
            if row is None or len(row) > 1 or kept[-1].strip():
                return row
            empty = self._lines.number
            while row is not None and not kept[-1].strip():
                kept.pop()  # so that a tail of empty lines takes no memory
                row = next(self._reader, None)
        except csv.Error as error:
            raise self._unreadable(error, begin) from None
        if row is None:
            return None
        raise self.fault("data-columns", f"expected {count(self.width, 'column')}, got an empty line", (empty, 1))

    def _nothing(self) -> NoReturn:
        raise self.fault("data-empty", "there is nothing in it")

    def _unreadable(self, error: csv.Error, line: int) -> DataFault:
        reason = next((ours for theirs, ours in _REASONS.items() if theirs in str(error)), "it is no CSV")
        return self.fault("data-unreadable", reason, (max(1, line), 1))

    def _forget(self) -> None:
        self._above = self._lines.number
        self._lines.forget()

    def _record(self, row: Sequence[str]) -> int:
        """Return the kept line, from 0, at which the record read last begins."""
        lines = self._lines.kept
        return len(lines) - 1 - sum(field.count("\n") for field in row)

    def _count_fault(self, row: Sequence[str]) -> DataFault:
        found = len(row)
        place = self._place(self._record(row), min(found - 1, self.width))
        advice = "columns are parted by `,`, `;` or a tab" if found == 1 else ""
        return self.fault("data-columns", f"expected {count(self.width, 'column')}, got {found:,}", place, advice)

    def _number_fault(self, row: Sequence[str]) -> DataFault:
        column = next(index for index, field in enumerate(row) if not _NUMBER.fullmatch(field))
        field, name = row[column].strip(), name_column(column + 1, self.header)
        place = self._place(self._record(row), column)
        if not field:
            return self.fault("data-not-a-number", f"{name} is empty", place, "every row needs all its numbers")
        if _NUMBER.fullmatch(field.replace(",", ".")):
            advice = "write the decimal point as `.`"
        elif _NUMBER.fullmatch(field.replace("_", "")):
            advice = "write the digits without `_`"
        else:
            advice = "leave out columns of text, labels among them"
        return self.fault("data-not-a-number", f"{name} is not a number: {quote(field)}", place, advice)


class CsvResults:
    """Writes y as CSV, each number in the fewest digits that read back equal; `y` or `y_1, y_2 …` as its header."""

    def __init__(self, stream: BinaryIO, width: int, header: bool, delimiter: str = ",") -> None:
        self._stream, self._delimiter = stream, delimiter
        if header:
            stream.write((delimiter.join(name_results(width)) + "\n").encode())

    def write(self, y: Array) -> None:
        """Write the rows of y (rows, width)."""
        join = self._delimiter.join
        self._stream.write("".join([join(row) + "\n" for row in shortest(y)]).encode())

    def finish(self) -> None:
        """Do nothing: a CSV file has no end of its own."""


def name_results(width: int) -> list[str]:
    """Return what the columns of the results are called."""
    return ["y"] if width == 1 else [f"y_{number}" for number in range(1, width + 1)]


def shortest(y: Array) -> list[list[str]]:
    """Return each number in the fewest digits that read back as the same number of y's dtype."""
    rows: list[list[str]] = y.astype("U32").tolist()
    return rows


def _find_delimiter(line: str, width: int) -> str:
    """Return what parts the first line into `width` fields, or else into most; a comma where nothing does."""
    bare = re.sub(r'"[^"]*"?', "", line)
    counts = {mark: bare.count(mark) + 1 for mark in _DELIMITERS}
    fitting = [mark for mark, found in counts.items() if found == width > 1]
    return fitting[0] if fitting else max(counts, key=lambda mark: counts[mark])


def _field(text: str, delimiter: str, column: int) -> int:
    """Return where field `column` of a record begins: after `column` delimiters outside quotes, and the blanks."""
    at, quoted = 0, False
    while column:
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == delimiter and not quoted:
            column -= 1
        at += 1
    while text[at : at + 1] == " ":
        at += 1
    return at
