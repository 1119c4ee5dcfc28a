"""CSV and TSV: columns of inputs and of targets, where classes may be words."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import numpy as np

from netspec.runtime.csv_table import CsvTable, is_number, unread
from netspec.runtime.faults import DataFault
from netspec.runtime.ports import Port
from netspec.runtime.tables import name_column
from netspec.training.data.columns import Array
from netspec.training.data.kinds import TargetKind, fixed_size
from netspec.training.data.layout import Choice, Layout, Naming, lay_out
from netspec.training.data.source import Source, Target
from netspec.training.data.words import Words

_TEXT: Final = "leave it out, write categories as columns of 0 and 1, or name it with --target"


class CsvSource(Source):
    """The rows of a table of text. Faults have line and character: `data.csv:1042:31`."""

    typed = False

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
        self.file = file
        width = sum(fixed_size(port.shape) or 1 for port in (*inputs, *outputs))
        self._table = CsvTable(stream, file, width, np.dtype(np.float64), None, free=True)
        self.header, self.width = self._table.header, self._table.width
        layout = lay_out(self, inputs, outputs, wanted, naming)
        self.columns = layout.names
        self._columns = [*layout.inputs, *layout.targets]
        self.inputs = [tuple(map(int, port.shape)) for port in inputs]
        first = self._table.first()
        first = first if len(first) == self.width else []
        self.targets = targets_of(
            layout, wanted, labels, [bool(field.strip()) and not is_number(field) for field in first]
        )
        self._table.readers |= dict.fromkeys(set(range(self.width)) - layout.read, unread)
        for columns, target in zip(layout.targets, self.targets, strict=True):
            if target.words is not None:
                self._table.readers |= dict.fromkeys(columns, target.words.__getitem__)

    def blocks(self) -> Iterator[list[Array]]:
        """Give the rows, cut into inputs and targets."""
        cuts = [_cut(columns) for columns in self._columns]
        try:
            for block in self._table.blocks():
                yield [block[:, cut] for cut in cuts]
        except DataFault as fault:
            if "columns of text" in fault.help:
                fault.help = _TEXT
            raise

    def fault(self, code: str, clause: str, array: int, row: int, number: int | None, advice: str = "") -> DataFault:
        """Return the fault of a number of the block given last, with its line and character."""
        column = self._columns[array][number or 0]
        name = "the row" if number is None else name_column(column + 1, self.header)
        return self._table.fault(code, f"{name} {clause}", self._table.place(row, column), advice)

    def refuse(self, headline: str, column: int = 0, advice: str = "") -> DataFault:
        """Return the fault of the columns themselves, at a name in the header."""
        return self._table.fault("data-columns", headline, self._table.header_place(column), advice)


def targets_of(
    layout: Layout, wanted: Sequence[TargetKind | None], labels: Sequence[Sequence[str]], texts: Sequence[bool]
) -> list[Target]:
    """Return the targets; `texts` say of each column whether its first field is a word. `labels` are those known."""
    targets: list[Target] = []
    for at, (choice, columns) in enumerate(zip(layout.kinds, layout.targets, strict=True)):
        known = labels[at] if at < len(labels) else ()
        words = bool(known) or any(texts[column] for column in columns if column < len(texts))
        targets.append(_target(choice, wanted[at] is None, words, known))
    return targets


def _target(choice: Choice, is_open: bool, words: bool, known: Sequence[str]) -> Target:
    """Return a target: words are classes, or one of two where an output of one number is not asked for numbers."""
    kind, shape = choice
    sizes = tuple(map(int, shape))
    if not words or (kind.kind == "classes" and len(shape) > len(kind.shape)):
        return Target(kind, sizes, open=is_open)
    if kind.kind == "classes":
        return Target(kind, sizes, Words(kind.classes, known))
    single = fixed_size(shape) == 1
    if single and (is_open or kind.kind == "binary"):
        return Target(kind._replace(kind="binary"), sizes, Words(2, known))
    return Target(kind, sizes, open=is_open)  # a word among numbers is refused where it stands


def _cut(columns: list[int]) -> slice | list[int]:
    """Return what takes columns out of a block, without copying where they stand side by side."""
    first = columns[0]
    return slice(first, first + len(columns)) if columns == list(range(first, first + len(columns))) else columns
