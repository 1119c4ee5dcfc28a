"""JSON: rows of numbers read value by value, whatever the size of the file, and written one row to a line.

A JSON file is an array of arrays of numbers, an array of numbers, or an object of `columns` (names) and `rows` (an
array of arrays). In JSON lines each line is an array, or a number where the network has one input. Objects for rows
are not taken: their keys have no order, the inputs of a network have. `NaN`, `Infinity` and `-Infinity` are read and
written, as Python's own json does.
"""

import codecs
import json
import re
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Protocol

import numpy as np

from netspec.diagnostics.show import quote
from netspec.runtime.csv_table import shortest
from netspec.runtime.faults import DataFault, count
from netspec.runtime.lines import Lines
from netspec.runtime.tables import Array, Place, Table, name_column, name_results

DECODER: Final = json.JSONDecoder(parse_int=float)  # so that an integer of a million digits is only infinite
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_AFTER: Final = frozenset(" \t\n\r,]}")  # what a number that is whole stands before
_PIECE: Final = 1 << 16  # bytes read at a time, at least
_VALUE: Final = 1 << 20  # characters that any row may have
_PER_NUMBER: Final = 256  # and for each number so many more
_FORMS: Final = 'write [[1, 2], [3, 4]], or {"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}'


class Reading(Protocol):
    """What reads a stream: how many numbers a row has at most, and how its faults are made."""

    stream: BinaryIO
    width: int

    def fault(self, code: str, headline: str, place: Place = ..., advice: str = "") -> DataFault:
        """Return the fault, with the name of the file."""


class JsonText:
    """JSON text that is read as far as it is needed. `at` is where the next value begins, blanks skipped."""

    def __init__(self, table: Reading) -> None:
        self._table = table
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape").decode
        self._limit = _VALUE + _PER_NUMBER * table.width
        self._text, self._at, self._ended = "", 0, False
        self._mark, self._line, self._line_start = 0, 1, 0  # the line in which `_mark` lies, and where it starts

    def peek(self) -> str:
        """Return the next character that is no blank, or an empty string at the end."""
        self._at = self._skip(self._at)
        while self._at == len(self._text) and not self._ended:
            self._read()
            self._at = self._skip(self._at)
        return self._text[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Return the next character and go past it. Raises DataFault where it is none of those expected."""
        found = self.peek()
        if not found or found not in expected:
            words = " or ".join(quote(mark) for mark in expected)
            raise self.fault(f"expected {words}, got {quote(found) if found else 'the end'}")
        self._at += 1
        return found

    def value(self) -> tuple[object, str, tuple[int, int]]:
        """Return the next value, its text and the line and column it begins at. Raises DataFault for no value."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                # A number at the end of what is read may go on, and is read again with more.
                if self._ended or (self._skip(end) < len(self._text) and self._text[end] in _AFTER):
                    text, place = self._text[self._at : end], self.place()
                    self._at = end
                    return value, text, place
            except json.JSONDecodeError as error:
                if self._ended:
                    self._at = min(error.pos, len(self._text))
                    raise self.fault("it is no JSON" if self.peek() else "it ends too early") from None
            except RecursionError:
                raise self.fault("it is nested too deeply") from None
            if len(self._text) - self._at > self._limit:
                raise self.fault(f"it is no JSON, or a row is longer than {self._limit:,} characters")
            self._read()

    def place(self) -> tuple[int, int]:
        """Return line and column of the next value."""
        lines = self._text.count("\n", self._mark, self._at)
        if lines:
            self._line += lines
            self._line_start = self._text.rfind("\n", self._mark, self._at) + 1
        self._mark = self._at
        return self._line, self._at - self._line_start + 1

    def fault(self, headline: str, code: str = "data-unreadable", advice: str = "") -> DataFault:
        """Return a fault placed at the next value."""
        return self._table.fault(code, headline, self.place(), advice)

    def _skip(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return at if found is None else found.end()

    def _read(self) -> None:
        """Read on, at least as much as is waiting, so that a long value is not decoded over and over."""
        self.place()
        waiting = self._text[self._at :]
        data = self._table.stream.read(max(_PIECE, len(waiting)))
        self._ended = not data
        self._line_start -= self._at
        self._text, self._at, self._mark = waiting + self._decode(data, self._ended), 0, 0


class JsonTable(Table):
    """A table from one JSON value: an array of arrays or of numbers, or an object of columns and rows."""

    def __init__(self, stream: BinaryIO, file: str, width: int, dtype: np.dtype[Any], batch: int | None) -> None:
        super().__init__(stream, file, width, dtype, batch)
        self._parts: list[tuple[str, tuple[int, int]]] = []  # text and place of the block's rows, or of its numbers
        self._text = JsonText(self)
        first = self._text.peek()
        if not first:
            raise self.fault("data-empty", "there is nothing in it")
        if first not in "[{":
            raise self._text.fault("expected an array of rows", "data-shape", _FORMS)
        self.named = self._text.take("[{") == "{"
        if not self.named:
            self.flat = self._text.peek() not in "[]{"
        elif self._key() == "columns":
            self._read_columns()
            self._text.take(",")
            self._key("rows")
            self._text.take("[")
        else:
            self._text.take("[")

    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh arrays (at most `batch`, width). Raises DataFault at the first value refused."""
        full = self.batch * self.width
        values = array("d")
        for row in self._flat_rows() if self.flat else self._nested_rows():
            values.extend(row)
            if len(values) == full:
                yield self.convert(values)
                values = array("d")
                self._parts.clear()
        if self.named:
            if self.header is None:
                self._text.take(",")
                self._key("columns")
                self._read_columns()
            self._text.take("}")
        if self._text.peek():
            advice = "for several values, one to a line, say --format jsonl"
            raise self._text.fault("text follows after the value", advice=advice)
        if values:
            yield self.convert(values)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a value of the block given last, both from 0."""
        return self._parts[row * self.width + column][1] if self.flat else place_in(*self._parts[row], column)

    def _nested_rows(self) -> Iterator[list[float]]:
        """Give the rows of an array of arrays, up to its end."""
        if self._text.peek() == "]":
            self._text.take("]")
            return
        mark = ","
        while mark == ",":
            value, text, place = self._text.value()
            self._parts.append((text, place))
            yield check_row(self, value, text, place)
            mark = self._text.take(",]")

    def _flat_rows(self) -> Iterator[list[float]]:
        """Give the rows of an array of numbers: n of one number, or one of n."""
        numbers: list[float] = []
        mark = ","
        while mark == ",":
            value, text, place = self._text.value()
            if type(value) is not float:
                raise number_fault(self, value, text, place, len(numbers) + 1)
            mark = self._text.take(",]")
            self._parts.append((text, place))
            if self.width == 1:
                yield [value]
                continue
            numbers.append(value)
            if len(numbers) > self.width:
                raise self.fault("data-columns", f"expected {self.width:,} numbers, got more", place, _FORMS)
        if self.width > 1:
            self.check_flat(len(numbers))
            yield numbers

    def _key(self, expected: str = "") -> str:
        """Return the next key and go past its colon. Raises DataFault where it is not the one expected."""
        found, _, place = self._text.value()
        if found not in ((expected,) if expected else ("columns", "rows")):
            words = quote(expected) if expected else "`columns` or `rows`"
            raise self.fault("data-shape", f"expected the key {words}, got {quote(found)}", place, _FORMS)
        self._text.take(":")
        return str(found)

    def _read_columns(self) -> None:
        """Read the names of the columns. Raises DataFault where they are not `width` texts."""
        names, _, place = self._text.value()
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.fault("data-shape", "`columns` is not an array of names", place, _FORMS)
        if len(names) != self.width:
            raise self.fault("data-columns", f"expected {count(self.width, 'column')}, got {len(names):,}", place)
        self.header = tuple(names)


class JsonLinesTable(Table):
    """A table from lines that are each a JSON array, or a number where there is one column."""

    named = False

    def __init__(self, stream: BinaryIO, file: str, width: int, dtype: np.dtype[Any], batch: int | None) -> None:
        super().__init__(stream, file, width, dtype, batch)
        self._lines = Lines(stream, file, width)
        self._above = 0
        self._first = next(self._lines.each, None)
        if self._first is None:
            raise self.fault("data-empty", "there is nothing in it")
        self.flat = not self._first.lstrip().startswith("[")

    def blocks(self) -> Iterator[Array]:
        """Give the rows as fresh arrays (at most `batch`, width). Raises DataFault at the first line refused."""
        full = self.batch * self.width
        values = array("d")
        line = self._first
        while line is not None:
            if not line.strip():
                self._check_end()
                break
            values.extend(self._row(line, self._lines.number))
            if len(values) == full:
                yield self.convert(values)
                values = array("d")
                self._above = self._lines.number
                self._lines.forget()
            line = next(self._lines.each, None)
        if values:
            yield self.convert(values)

    def place(self, row: int, column: int) -> Place:
        """Return line and column of a value of the block given last, both from 0."""
        return place_in(self._lines.kept[row], (self._above + row + 1, 1), column)

    def _row(self, line: str, number: int) -> list[float]:
        try:
            value = DECODER.decode(line)
        except json.JSONDecodeError as error:
            place = number, min(error.pos, len(line.rstrip())) + 1
            raise self.fault("data-unreadable", "the line is no JSON", place) from None
        except RecursionError:
            raise self.fault("data-unreadable", "it is nested too deeply", (number, 1)) from None
        if self.width == 1 and type(value) is float:
            return [value]
        return check_row(self, value, line, (number, 1))

    def _check_end(self) -> None:
        """Raise DataFault where anything follows an empty line."""
        empty = self._lines.number
        for line in self._lines.each:
            self._lines.kept.pop()
            if line.strip():
                raise self.fault("data-unreadable", "the line is empty", (empty, 1), "write one row to a line")


def check_row(table: Table, value: object, text: str, place: tuple[int, int]) -> list[float]:
    """Return the value where it is a list of `width` numbers. Raises DataFault; `text` is the value's, at `place`."""
    if not isinstance(value, list):
        raise table.fault("data-shape", f"expected a row, got {quote(text.strip())}", place, _FORMS)
    if len(value) != table.width:
        headline = f"expected {count(table.width, 'column')}, got {len(value):,}"
        raise table.fault("data-columns", headline, place)
    for column, number in enumerate(value):
        if type(number) is not float:
            raise number_fault(table, number, spelled(number), place_in(text, place, column), column + 1)
    return value


def spelled(value: object) -> str:
    """Return a value as JSON; of a collection only that it is one, as it may nest deeper than can be written."""
    return "{…}" if isinstance(value, dict) else "[…]" if isinstance(value, list) else json.dumps(value)


def number_fault(table: Table, value: object, text: str, place: tuple[int, int], column: int) -> DataFault:
    """Return the fault of a value that is not a number."""
    advice = "every row needs all its numbers" if value is None else ""
    if isinstance(value, str):
        advice = "write numbers without quotes" if _is_number(value) else "leave out columns of text, labels among them"
    headline = f"{name_column(column, table.header)} is not a number: {quote(text)}"
    return table.fault("data-not-a-number", headline, place, advice)


def place_in(text: str, place: tuple[int, int], column: int) -> tuple[int, int]:
    """Return line and column of item `column`, from 0, of the array whose text begins at `place`."""
    at = _end(text, 0)
    if text.startswith("[", at):
        for item in range(column + 1):
            at = _end(text, at + 1)
            if item < column:
                at = _end(text, DECODER.raw_decode(text, at)[1])
    line = place[0] + text.count("\n", 0, at)
    return line, at - text.rfind("\n", 0, at) if line > place[0] else place[1] + at


def _end(text: str, at: int) -> int:
    """Return where the blanks at `at` end."""
    blanks = _BLANK.match(text, at)
    return at if blanks is None else blanks.end()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class JsonResults:
    """Writes y as JSON, one row to a line: arrays, an object of columns and rows, or lines, as the input was."""

    def __init__(self, stream: BinaryIO, width: int, *, named: bool, flat: bool, lines: bool) -> None:
        self._stream, self._flat, self._lines, self._rows = stream, flat, lines, 0
        columns = json.dumps(name_results(width))
        self._start, self._end = (f'{{"columns": {columns},\n"rows": [', "]}\n") if named else ("[", "]\n")
        if lines:
            self._start = self._end = ""
        stream.write(self._start.encode())

    def write(self, y: Array) -> None:
        """Write the rows of y (rows, width)."""
        finite = bool(np.isfinite(y).all())
        parts = []
        for row in shortest(y):
            numbers = row if finite else [CONSTANTS.get(number, number) for number in row]
            parts.append(", ".join(numbers) if self._flat else f"[{', '.join(numbers)}]")
        if self._lines:
            text = "".join(part + "\n" for part in parts)
        else:
            text = (",\n" if self._rows else "\n") + ",\n".join(parts)
        self._rows += len(y)
        self._stream.write(text.encode())

    def finish(self) -> None:
        """Write the end of the value."""
        self._stream.write((("\n" if self._rows and not self._lines else "") + self._end).encode())


CONSTANTS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
