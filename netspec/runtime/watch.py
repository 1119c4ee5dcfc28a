"""What is not finite in the inputs of a run, or in its results though the inputs are: counted, the first remembered."""

from collections.abc import Iterator

import numpy as np

from netspec.runtime.faults import DataFault, count, draw
from netspec.runtime.feeds import Block, Feed
from netspec.runtime.ports import Port, result_name
from netspec.runtime.tables import Array
from netspec.runtime.writers import is_row


class Watch:
    """Looks at every block and its results. `rows` counts the examples."""

    def __init__(self, feed: Feed, file: str, inputs: tuple[Port, ...], outputs: tuple[Port, ...], dtype: str) -> None:
        self.rows = 0
        self._feed, self._file, self._dtype = feed, file, dtype
        self._inputs, self._outputs = inputs, outputs
        self._counts = {"x": 0, "y": 0}
        self._first: dict[str, tuple[str, DataFault]] = {}

    def look(self, x: Block, y: Block) -> None:
        """Look at a block and its results before the next block is read."""
        bad = np.zeros(len(x[0]), np.bool_)
        start = 0
        for port, values in zip(self._inputs, x, strict=True):
            bad |= self._note("x", port, values, np.zeros(len(values), np.bool_), start)
            start += values[0].size if len(values) else 0
        for port, values in zip(self._outputs, y, strict=True):
            self._note("y", port, values, bad, 0)
        self.rows += len(x[0])

    def warnings(self) -> Iterator[str]:
        """Give what was found as drawn warnings: the count and the first place."""
        for key, noun, rest in (("x", "input value", ""), ("y", "result", ", though the inputs are")):
            number = self._counts[key]
            if number:
                first, fault = self._first[key]
                verb = "is" if number == 1 else "are"
                headline = f"{count(number, noun)} {verb} not finite in {self._dtype}{rest}; the first is {first}"
                yield draw("warning", "data-not-finite", headline, fault.place())

    def _note(self, key: str, port: Port, values: Array, known: Array, start: int) -> Array:
        """Note what is not finite, but of examples that are `known`. Return of each example whether any is."""
        if values.dtype.kind != "f":
            return np.zeros(len(values), np.bool_)
        bad = ~np.isfinite(values.reshape(len(values), -1)) if values.size else np.zeros((len(values), 0), np.bool_)
        fresh = bad & ~known[:, None]
        if fresh.any():
            self._counts[key] += int(fresh.sum())
            if key not in self._first:
                row, column = (int(index) for index in np.argwhere(fresh)[0])
                at = tuple(int(index) for index in np.unravel_index(column, values.shape[1:]))
                where = self._where(key, port, at, start + column)
                text = f"{values[(row, *at)]!s} in row {self.rows + row + 1:,}, {where}"
                place = self._feed.place(row, start + column if key == "x" else 0)
                self._first[key] = text, DataFault("data-not-finite", text, self._file, *place)
        return np.asarray(bad.any(axis=1))

    def _where(self, key: str, port: Port, at: tuple[int, ...], column: int) -> str:
        """Return what a number is called: a column of a table, or a place in an array."""
        if key == "y":
            return result_name(port, at) if is_row(self._outputs) or self._feed.columns else f"{port.label} at {[*at]}"
        return f"column {column + 1:,}" if self._feed.columns else f"{port.label} at {[*at]}"
