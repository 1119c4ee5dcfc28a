"""A network on a line as what a picture shows: its regions, y on each, and every hidden layer's values."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.plots.hidden import hidden_layers
from netspec.regions.domains import Domain, Span, box
from netspec.regions.intervals import Intervals
from netspec.regions.refining import refined
from netspec.regions.steps import Chain, Linear, evaluated

Array = NDArray[np.float64]

MOST_CELLS: Final = 50_000
"""Regions that are drawn."""

MOST_VALUES: Final = 4_000_000
"""Values of hidden units that are kept for a picture."""

_TOLERANCE: Final = 1e-9


class Layer(NamedTuple):
    """A hidden layer on a line, at both ends of each cell: `z`, `h` = a[z], and `weighted`, what of each unit goes into
    the one number behind it; None where there is more than one. All are (cells, 2, units).
    """

    name: str
    z: Array
    h: Array
    weighted: Array | None


class Line(NamedTuple):
    """A network on low ≤ x ≤ high: `knots` are the ends of its cells, `y` (cells, 2, outputs) at both ends of each.

    `pieces` number, for each cell, the longest stretch on which y is one affine map that it lies in.
    """

    knots: Array
    y: Array
    pieces: NDArray[np.int64]

    @property
    def joints(self) -> Array:
        """Where one affine map goes over into another."""
        inner: Array = self.knots[1:-1][np.diff(self.pieces) > 0]
        return inner

    @property
    def spans(self) -> list[tuple[float, float]]:
        """The intervals of the pieces, in order."""
        ends = [float(self.knots[0]), *map(float, self.joints), float(self.knots[-1])]
        return list(pairwise(ends))


def line(chain: Chain, domain: Domain, most: int = MOST_CELLS) -> Line:
    """Return a network on a bounded domain of one coordinate. SystemFault `usage` for more than `most` cells."""
    knots, forms, count = [], [], 0
    for block in refined(chain, Intervals(np.array(domain.spans[0], np.float64)), domain.start):
        count += len(block.cells)
        if count > most:
            raise SystemFault("usage", f"more than {most:,} regions are too many to draw", "take a smaller box")
        knots.append(block.cells.knots[:-1])
        forms.append(block.forms)
        last = block.cells.knots[-1:]
    ends, (constant, slope) = np.concatenate([*knots, last]) + 0.0, np.concatenate(forms, 1)
    y = np.stack([constant + slope * ends[:-1, None], constant + slope * ends[1:, None]], 1)
    return Line(ends, y, _pieces(y, slope))


def _pieces(y: Array, slope: Array) -> NDArray[np.int64]:
    size = _TOLERANCE * np.max(np.abs(slope), 0, initial=0)
    high = _TOLERANCE * np.max(np.abs(y), (0, 1), initial=1)
    changed = (np.abs(np.diff(slope, axis=0)) > size) | (np.abs(y[1:, 0] - y[:-1, 1]) > high)
    return np.concatenate([[0], np.cumsum(changed.any(1))])


def window(chain: Chain, spans: list[Span]) -> Domain:
    """Return the box to draw; where no spans are given, one with all joints in it and a margin."""
    if spans:
        return box(chain, spans)
    found = np.zeros(0)
    cells = Intervals(np.array([-np.inf, np.inf]))
    start = chain.numbers(np.array([0.0, 1.0]).reshape(2, 1, 1))
    for count, block in enumerate(refined(chain, cells, start)):
        found = np.concatenate([found, block.cells.knots[np.isfinite(block.cells.knots)]])
        if count * 8192 > MOST_CELLS:
            break
    low, high = (float(found.min()), float(found.max())) if len(found) else (-1.0, 1.0)
    margin = (high - low) / 4 or max(1.0, abs(low) / 4)
    digits = int(np.floor(np.log10(margin)))  # ends that are easily read
    step = 10.0**digits / 2
    ends = np.floor((low - margin) / step) * step, np.ceil((high + margin) / step) * step
    return box(chain, [(round(float(ends[0]), 3 - digits), round(float(ends[1]), 3 - digits))])


def layers(chain: Chain, domain: Domain, knots: Array) -> Iterator[Layer]:
    """Yield the hidden layers on the cells of a line; what bends, or takes the largest, is one.

    The last ones are left out where they would be too many values. They are evaluated at two points inside each cell,
    so that what jumps at a knot has its two values there.
    """
    low, high = knots[:-1], knots[1:]
    inner = np.concatenate([low + (high - low) / 4, low + (high - low) * 3 / 4])
    origin, along = domain.start[:, 0]
    values: dict[int, Array] = {0: origin + inner[:, None] * along}
    first = {0: values[0][:1]}  # one row, by which the size of all is known before they are worked out
    hidden = hidden_layers(chain)
    begins, ends = {layer.bends[0] for layer in hidden}, {layer.last for layer in hidden}
    z = values[0]
    for index, (step, done) in enumerate(zip(chain.steps, chain.last_read, strict=True)):
        first[step.result] = evaluated(step, [first[operand] for operand in step.operands])
        if len(inner) * sum(value.size for value in first.values()) > MOST_VALUES:
            return
        if index in begins:
            z = values[step.operands[0]]
        values[step.result] = evaluated(step, [values[operand] for operand in step.operands])
        if index in ends:
            h = values[step.result]
            before = z if z.shape == h.shape else h
            yield Layer(step.place.strip("."), _ends(before), _ends(h), _weighted(chain, index, h))
        for value in done:
            del values[value], first[value]


def _weighted(chain: Chain, index: int, h: Array) -> Array | None:
    result = chain.steps[index].result
    readers = [step for step in chain.steps if result in step.operands]
    if len(readers) != 1 or not isinstance(readers[0], Linear) or len(readers[0].operands) != 1:
        return None
    units = h.reshape(len(h), -1).shape[1]
    if units * units > MOST_VALUES:
        return None
    one = np.eye(units).reshape(units, *h.shape[1:])
    weights = readers[0].act([one]).reshape(units, -1)
    return _ends(h.reshape(len(h), units) * weights[:, 0]) if weights.shape[1] == 1 else None


def _ends(inner: Array) -> Array:
    """Return (cells, 2, units) at both ends, for values at a quarter and at three quarters of each cell."""
    flat = inner.reshape(2, len(inner) // 2, -1)
    change = (flat[1] - flat[0]) / 2
    ends: Array = np.stack([flat[0] - change, flat[1] + change], 1)
    return ends


def joined(knots: Array, ends: Any) -> tuple[Array, Array]:
    """Return a line through both ends of each cell: what jumps is drawn as a step."""
    x: Array = np.stack([knots[:-1], knots[1:]], 1).reshape(-1)
    return x, np.asarray(ends, np.float64).reshape(-1)
