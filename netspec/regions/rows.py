"""A row of a table as a point."""

from contextlib import ExitStack
from fractions import Fraction

import numpy as np

from netspec.diagnostics import SystemFault, quote
from netspec.files.folder import why
from netspec.runtime.faults import DataFault, count
from netspec.runtime.formats import format_of, open_input, open_table


def read_row(path: str, wanted: int, width: int) -> list[Fraction]:
    """Return row `wanted`, from 1 on, of a table of so many columns: the shortest decimals of its numbers in float64.

    Raises DataFault for a table's faults and for a row that is not there, SystemFault where it cannot be read.
    """
    before = 0
    with ExitStack() as scratch:
        try:
            stream = scratch.enter_context(open_input(path))
            table, _ = open_table(stream, path, width, np.dtype(np.float64), scratch, kind=format_of(path))
            for block in table.blocks():
                if before + len(block) >= wanted:
                    values = block[wanted - 1 - before]
                    if not np.isfinite(values).all():
                        raise DataFault("data-not-finite", f"row {wanted:,} holds what is no finite number", path)
                    return [Fraction(repr(float(value))) for value in values]
                before += len(block)
        except OSError as error:
            raise SystemFault("read-failed", f"reading {quote(path)} failed: {why(error)}") from error
    raise DataFault("data-shape", f"there is no row {wanted:,}: the table has {count(before, 'row')}", path)
