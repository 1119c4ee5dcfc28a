"""CSV: rows of numbers parted by commas, semicolons or tabs, with a header or without; read and written in a stream.

The first row is a header where none of its fields is a number. Fields may be quoted; blanks around a number do not
count; empty lines may stand before the first row and after the last.
"""

import csv
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any, BinaryIO, Final, NoReturn

import numpy as np

from netspec.diagnostics.show import quote
from netspec.runtime.column_names import ColumnNameError, ColumnNames, picked
from netspec.runtime.faults import DataFault, count
from netspec.runtime.lines import Lines
from netspec.runtime.tables import Array, Place, Table, block_rows, name_column, name_results

_DELIMITERS: Final = ",;\t"
# A quote opens a field only at its front: whatever parts the fields, before it is known which of the three does.
_QUOTED: Final = re.compile(r'(^|[,;\t]) *"[^"]*(?:""[^"]*)*(?:"|$)')
_OPEN: Final = re.compile(r'(?:^|[,;\t]) *"[^"]*(?:""[^"]*)*$')  # it goes on in the next line
_OPENING: Final = 100  # lines that the first record may have when its delimiter is looked for
_EMPTY: Final = 100_000  # empty lines that may follow one another: nobody means more, and each takes microseconds
_REASONS: Final = {
    "new-line": "a carriage return stands inside the line",
    "unexpected end": "a quote is left open",
    "expected after": "text follows a closing quote",
    "field limit": "a field is too long; is a quote left open?",
}
# What `float` takes of ASCII, but for underscores. A field may hold line ends, where it is quoted.
_BLANK: Final = r"[\s\x1c-\x1f]*"
_DIGITS: Final = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?"
_NUMBER: Final = re.compile(rf"{_BLANK}[-+]?(?:{_DIGITS}|nan|inf(?:inity)?){_BLANK}", re.I | re.A)


class CsvTable(Table):
    """A table from CSV. Faults are placed: `data.csv:3:2` is line 3, character 2.

    Where the width is `free`, the first row says how many columns there are, and `width` is what is expected.
    Where names of columns are `known` and there is a header, it is by them that the blocks have the columns of inputs.
    `readers` turn the text of a column into that of a number, or raise ValueError with what is wrong and advice.
    """

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        width: int,
        dtype: np.dtype[Any],
        batch: int | None,
        *,
        free: bool = False,
        known: ColumnNames = ColumnNames(),  # noqa: B008  a named tuple cannot be changed
    ) -> None:
        super().__init__(stream, file, width, dtype, batch)
        self.readers: dict[int, Callable[[str], str]] = {}
        self._picked: list[int] | None = None
        self._head = (0, "")  # lines above the header, and its text
        self._lines = Lines(stream, file, width)
        self._above = 0  # lines before those that are kept
        first = ""
        while not first.strip():
            self._forget()
            if self._above == _EMPTY:
                self._refuse_empty(1)
            first = next(self._lines.each, None) or self._nothing()
        opening = [first]
        while _OPEN.search("".join(opening)) and len(opening) < _OPENING and (line := next(self._lines.each, None)):
            opening.append(line)
        self._delimiter = _find_delimiter("".join(opening), 0 if free else width)
        self._records = self._parse(chain(opening, self._lines.each))
        self._is_at_line = len(opening) == 1  # whatever is read next begins where the lines go on
        with self._parsing():
            row = next(self._records)
        has_header = not any(map(_NUMBER.fullmatch, row))
        if free or (known.inputs and has_header):
            self.width = width = len(row)
            self.batch = block_rows(width) if batch is None else batch
        self._waiting = [row]
        if has_header:
            if len(row) != width:
                raise self._count_fault(row)
            if any("\udc80" <= letter <= "\udcff" for letter in "".join(row)):
                raise self.fault("data-unreadable", "the header is not UTF-8", (self._above + 1, 1), "save it as UTF-8")
            self.header, self._waiting = tuple(row), []
            self._head = self._above, "".join(self._lines.kept)
            self._forget()
            if known.inputs:
                self._pick(self.header, known)

    def _pick(self, header: tuple[str, ...], known: ColumnNames) -> None:
        """Let the blocks have the columns of the inputs, in their order; what else stands there is not read."""
        try:
            found = picked(header, known)
        except ColumnNameError as fault:
            place = self.header_place(fault.column)
            raise self.fault("data-columns", fault.headline, place, fault.advice) from None
        if found != list(range(self.width)):
            self._picked = found
            self.readers |= dict.fromkeys(set(range(self.width)) - set(found), unread)

    def first(self) -> list[str]:
        """Return the fields of the first row, which is read again; none where there is no row. Before `blocks`."""
        if not self._waiting:
            with self._parsing():
                self._waiting = [row for row in [next(self._records, None)] if row is not None]
        return self._waiting[0] if self._waiting else []

    def header_place(self, column: int) -> Place:
        """Return line and column of a name in the header, from 0; of the first row where there is no header."""
        above, text = self._head
        return self._located(above, text, column) if text else (self._above + 1, 1)

    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh arrays (at most `batch`, width). Raises DataFault at the first value refused."""
        if self._picked is None:
            return self._blocks()
        at = self._picked
        return (np.ascontiguousarray(block[:, at]) for block in self._blocks())

    def _blocks(self) -> Iterator[Array]:
        """Give the rows with all their columns."""
        if self._is_at_line and not self.readers:
            yield from self._plain_blocks()
        values = array("d")
        width, lines, full, readers = self.width, self._lines, self.batch * self.width, tuple(self.readers.items())
        with self._parsing():
            for row in chain(self._waiting, self._records):
                if len(row) != width:
                    if self._ends(row):
                        break
                    raise self._count_fault(row)
                for column, reader in readers:
                    try:
                        row[column] = reader(row[column])
                    except ValueError as error:
                        raise self._reader_fault(error, row, column) from None
                try:
                    values.extend(map(float, row))
                except ValueError:
                    if self._ends(row):
                        break
                    raise self._number_fault(row) from None
                if lines.odd and not all(map(_NUMBER.fullmatch, row)):
                    raise self._number_fault(row)
                if len(values) == full:
                    yield self.convert(values)
                    values = array("d")
                    self._forget()
        if values:
            yield self.convert(values)

    def _plain_blocks(self) -> Iterator[Array]:
        """Give the blocks that are numbers and marks alone, read by NumPy; what is anything else is read again.

        One pass in C over the lines takes two thirds of the time of the parser and `float`, and reads the same numbers.
        """
        lines = self._lines
        if self._waiting:
            lines.again(list(lines.kept))
            self._waiting = []
        while taken := lines.take(self.batch):
            block = _plain(taken, self._delimiter, self.width)
            if block is None:
                lines.again(taken)
                break
            with np.errstate(over="ignore"):
                yield block.astype(self.dtype, copy=False)
            self._forget()
        self._records = self._parse(lines.each)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a value of the block given last, both from 0."""
        column = column if self._picked is None else self._picked[column]
        records = self._parse(self._lines.kept)
        start = 0
        for _ in range(row):
            start += sum(field.count("\n") for field in next(records)) + 1
        return self._place(start, column)

    def _place(self, start: int, column: int) -> Place:
        """Return line and column of field `column` of the record that begins at kept line `start`, all from 0."""
        return self._located(self._above + start, "".join(self._lines.kept[start:]), column)

    def _located(self, above: int, text: str, column: int) -> Place:
        """Return line and column of field `column` of the record at the front of a text, `above` lines down."""
        at = _field(text, self._delimiter, column)
        return above + text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)

    def _parse(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, strict=True)

    @contextmanager
    def _parsing(self) -> Iterator[None]:
        """Turn an error of the parser into a fault, placed where the record begins."""
        try:
            yield
        except csv.Error as error:
            start = 0
            with suppress(csv.Error):
                for row in self._parse(self._lines.kept):
                    start += sum(field.count("\n") for field in row) + 1
            reason = next((ours for theirs, ours in _REASONS.items() if theirs in str(error)), "it is no CSV")
            raise self.fault("data-unreadable", reason, (self._above + start + 1, 1)) from None

    def _ends(self, row: list[str]) -> bool:
        """Return whether the row is an empty line and no other follows; raises DataFault where one does."""
        kept = self._lines.kept
        if len(row) > 1 or kept[-1].strip():
            return False
        empty = self._lines.number
        while not kept[-1].strip():
            kept.pop()  # so that a tail of empty lines takes no memory
            if next(self._lines.each, None) is None:
                return True
            if self._lines.number - empty == _EMPTY:
                self._refuse_empty(empty)
        raise self.fault("data-columns", f"expected {count(self.width, 'column')}, got an empty line", (empty, 1))

    def _refuse_empty(self, line: int) -> NoReturn:
        headline = f"{_EMPTY:,} lines are empty from here on"
        raise self.fault("data-unreadable", headline, (line, 1), "leave empty lines out")

    def _nothing(self) -> NoReturn:
        raise self.fault("data-empty", "there is nothing in it")

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

    def _reader_fault(self, error: ValueError, row: Sequence[str], column: int) -> DataFault:
        reason, advice = error.args
        place = self._place(self._record(row), column)
        return self.fault("data-dtype", f"{name_column(column + 1, self.header)} {reason}", place, advice)

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


def shortest(y: Array) -> list[list[str]]:
    """Return each number in the fewest digits that read back as the same number of y's dtype."""
    rows: list[list[str]] = y.astype("U32").tolist()
    return rows


def _find_delimiter(record: str, width: int) -> str:
    """Return what parts the first record into `width` fields, or else into most; a comma where nothing does."""
    bare = _QUOTED.sub(r"\1", record)
    counts = {mark: bare.count(mark) + 1 for mark in _DELIMITERS}
    fitting = [mark for mark, found in counts.items() if found == width > 1]
    return fitting[0] if fitting else max(counts, key=lambda mark: counts[mark])


def _plain(lines: list[str], delimiter: str, width: int) -> Array | None:
    """Return the numbers of lines (lines, width), None where they are not plainly that, for whatever reason."""
    if not lines[0].strip() or not all(map(str.isascii, lines)):
        return None  # NumPy warns of nothing, and takes blanks outside ASCII
    try:
        block = np.loadtxt(lines, np.float64, comments=None, delimiter=delimiter, ndmin=2)
    except ValueError:
        return None
    return block if block.shape == (len(lines), width) else None  # empty lines are left out


def _field(text: str, delimiter: str, column: int) -> int:
    """Return where field `column` of a record begins: after `column` delimiters outside quotes, and the blanks."""
    field = rf' *(?:"[^"]*(?:""[^"]*)*"|[^{delimiter}]*){delimiter}'  # a quote opens at the front of a field only
    at = sum(map(len, re.findall(field, text)[:column]))
    return at + len(text[at:]) - len(text[at:].lstrip(" "))


def unread(_field: str) -> str:
    """Return what stands for a field that nobody reads, whatever is in it."""
    return "0"


def is_number(field: str) -> bool:
    """Return whether a field of a table is a number."""
    return _NUMBER.fullmatch(field) is not None
