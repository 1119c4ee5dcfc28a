"""What the edges of a domain of several dimensions say of its cells: which there are, where, and which are neighbours.

The edges are found by one process. Their cells are shared out by their signatures, which are random numbers, so that
each process has as many; what is said of a cell comes of its own edges alone, in their order, whoever says it.
"""

import contextlib
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.processes import Send
from netspec.regions.adjacency import Pairs
from netspec.regions.edges import Complex, around_edges
from netspec.regions.processes import as_they_come
from netspec.regions.ragged import Indices, numbered, once
from netspec.regions.refining import Signatures

_WORTH_SHARING: Final = 1 << 17
"""Cells around edges; fewer are looked at before a process has begun."""

_MOST_SHARES: Final = 8
"""Each share goes over all edges."""


class Survey(NamedTuple):
    """The cells of a complex: their signatures in order, `sums` (n + 1, cells) of the ends of each one's edges, which
    are homogeneous, and the pairs of cells on both sides of a facet, above it the first.
    """

    cells: Signatures
    sums: NDArray[Any]
    pairs: Pairs


def surveyed(found: Complex, workers: int = 1) -> Survey:
    """Return what a complex says of its cells, found by so many processes."""
    shares = min(workers, _MOST_SHARES)
    if shares == 1 or len(found.sums) << len(found.zeros) < _WORTH_SHARING:
        return _alone(found)
    return _joined(_side_by_side(found, shares))


_Around = dict[tuple[int, ...], Indices]
"""The numbers of the cells around edges, by the signs of the units that these lie on."""


def _alone(found: Complex) -> Survey:
    sides = [(signs, sums) for sums, signs, _ in around_edges(found, slice(None))]
    cells, number = numbered(np.concatenate([sums for _, sums in sides]))
    parts = np.split(number, len(sides))
    around = {signs: part for (signs, _), part in zip(sides, parts, strict=True)}
    sums = np.zeros((len(found.places), len(cells)))
    middles = found.places[:, found.ends[0]] + found.places[:, found.ends[1]]
    for cell in around.values():
        for row, middle in zip(sums, middles, strict=True):
            row += np.bincount(cell, middle, len(cells))
    return Survey(cells, sums, _facets(found, around, len(cells)))


def _facets(found: Complex, around: _Around, cells: int) -> Pairs:
    pairs = [np.zeros(0, np.int64)]
    for row, units in enumerate(found.zeros):
        inner = units >= found.walls
        for signs, above in around.items():
            if signs[row]:
                below = around[(*signs[:row], 0, *signs[row + 1 :])]
                pairs.append(above[inner] * cells + below[inner])
    return _paired(np.concatenate(pairs), cells)


class _Share(NamedTuple):
    """The cells of a share, as of a survey; of each facet, the cell above it, and the signature of the one below."""

    cells: Signatures
    sums: NDArray[Any]
    above: Indices
    below: Signatures


def _side_by_side(found: Complex, shares: int) -> list[_Share]:
    """Return the shares in the order of their signatures."""

    def order(number: int, send: Send) -> None:
        send(_share(found, number, shares))

    with contextlib.closing(as_they_come(order, shares, shares)) as coming:
        each = dict(coming)
    return [each[number] for number in range(shares)]


def _share(found: Complex, number: int, shares: int) -> _Share:
    """Return what there is of the cells whose signatures are in one of so many equal parts of all."""
    low, high = ((which << 64) // shares for which in (number, number + 1))
    sides = []
    for sums, signs, _ in around_edges(found, slice(None)):
        edges = np.flatnonzero((sums >= np.uint64(low)) & (sums <= np.uint64(high - 1)))
        sides.append((signs, edges, sums[edges]))
    cells, where = numbered(np.concatenate([sums for _, _, sums in sides]))
    parts = np.split(where, np.cumsum([len(edges) for _, edges, _ in sides])[:-1])
    sums = np.zeros((len(found.places), len(cells)))
    middles = found.places[:, found.ends[0]] + found.places[:, found.ends[1]]
    facets = [np.zeros(0, np.int64)]
    units = len(found.above)
    for (signs, edges, _), cell in zip(sides, parts, strict=True):
        for row, middle in zip(sums, middles, strict=True):
            row += np.bincount(cell, middle[edges], len(cells))
        for sign, zeros in zip(signs, found.zeros, strict=True):
            if sign:
                of_edges = zeros[edges]
                inner = of_edges >= found.walls
                facets.append(cell[inner] * units + of_edges[inner])
    above, unit = np.divmod(once(np.concatenate(facets)), units)
    return _Share(cells, sums, above, cells[above] - found.above[unit])


def _joined(shares: list[_Share]) -> Survey:
    cells = np.concatenate([share.cells for share in shares])
    numbers, begin = [], 0
    for share in shares:
        numbers.append((begin + share.above) * len(cells) + np.searchsorted(cells, share.below))
        begin += len(share.cells)
    sums = np.concatenate([share.sums for share in shares], 1)
    return Survey(cells, sums, _paired(np.concatenate(numbers), len(cells)))


def _paired(numbers: Indices, cells: int) -> Pairs:
    """Return pairs of cells, each once, that are numbers: the first times the cells, and the second."""
    whole = once(numbers)
    return whole // cells, whole % cells
