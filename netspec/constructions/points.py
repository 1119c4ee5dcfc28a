"""The points that a function is to pass: from a table with two columns, or from Python, as exact numbers.

A number is taken for the shortest decimal that its float64 has: 0.1 is 1/10.
"""

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from netspec.constructions.lines import Point
from netspec.diagnostics import Diagnostic, Place, Span, SpecError
from netspec.limits import POINTS
from netspec.runtime.csv_table import CsvTable
from netspec.runtime.faults import DataFault
from netspec.runtime.formats import open_input
from netspec.runtime.tables import name_column

Number: TypeAlias = int | float | str | Decimal | Fraction

MOST_POINTS: Final = POINTS.value
LARGEST: Final = 1e100
"""The largest size of a coordinate; differences and slopes then stay within float64 too, unless points all but meet."""


def as_points(pairs: "Iterable[tuple[Number, Number]]") -> tuple[Point, ...]:
    """Return pairs of numbers as exact points with x rising; a text is a decimal or a quotient of integers.

    Raises ValueError for what is no number or out of range, two points of one x, fewer than two, and more than 10,000.
    """
    found: list[Point] = []
    for pair in pairs:
        x, y = pair
        found.append((_exact(x), _exact(y)))
        if len(found) > MOST_POINTS:
            raise ValueError(f"more than {MOST_POINTS:,} points")
    found.sort()
    for one, other in pairwise(found):
        if one[0] == other[0]:
            raise ValueError(f"two points have x = {float(one[0])!r}")
    if len(found) < 2:
        raise ValueError(f"a polyline has at least 2 points, got {len(found)}")
    return tuple(found)


def _exact(number: Number) -> Fraction:
    item = getattr(number, "item", None)
    value = item() if callable(item) else number
    try:
        exact = Fraction(repr(value) if isinstance(value, float) else value)
    except (ValueError, OverflowError, TypeError, ZeroDivisionError):
        raise ValueError(f"expected a number, got {value!r:.60}") from None
    if abs(exact) > LARGEST:
        raise ValueError(f"{value!r:.60} is out of range: beyond {LARGEST:g}")
    return exact


def read_points(path: str) -> tuple[Point, ...]:
    """Return the points of a table with the columns x and y, sorted by x; a header may stand above them.

    Raises SpecError for what is refused, at its line and column, and SystemFault where there is no such file.
    """
    try:
        return _read(path)
    except DataFault as fault:
        span = None if fault.line is None else _span(fault.line, fault.column)
        raise SpecError([Diagnostic(fault.code, fault.headline, Place(path, span), help=fault.help)]) from None


def _span(line: int, column: int | None) -> Span:
    return Span(line, column or 1, line, (column or 1) + 1)


def _read(path: str) -> tuple[Point, ...]:
    with open_input(path) as stream:
        table = CsvTable(stream, path, 2, np.dtype(np.float64), MOST_POINTS + 1)
        block = next(table.blocks(), None)
        rows = [] if block is None else block.tolist()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if not abs(value) <= LARGEST:
                    words = "not finite" if not math.isfinite(value) else f"beyond {LARGEST:g}"
                    headline = f"{name_column(column + 1, table.header)} is {words}"
                    place = table.place(number, column)
                    raise table.fault("point-out-of-range", headline, place, "a point is two numbers of moderate size")
        if len(rows) > MOST_POINTS:
            advice = "keep fewer of them; `netspec limits` lists the limits"
            raise table.fault(POINTS.code, f"more than {MOST_POINTS:,} points", table.place(MOST_POINTS, 0), advice)
        order = sorted(range(len(rows)), key=lambda number: rows[number])
        for one, other in pairwise(order):
            if rows[one][0] == rows[other][0]:
                first, second = sorted((one, other))
                above = table.place(first, 0)[0]
                words = f"x = {rows[one][0]!r} stands in line {above} already: a function has one y for each x"
                raise table.fault("duplicate-point", words, table.place(second, 0), "keep one of the two")
    if len(rows) < 2:
        raise DataFault("too-few-points", f"a polyline has at least 2 points, got {len(rows)}", path)
    return tuple((Fraction(repr(rows[i][0])), Fraction(repr(rows[i][1]))) for i in order)
