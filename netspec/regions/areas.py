"""The regions of a network on a plane as data: polygons with their affine maps, and the pieces they make up."""

import contextlib
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.adjacency import components, neighbours, same_maps
from netspec.regions.cuts import Cuts, TooMany
from netspec.regions.domains import Domain
from netspec.regions.polygons import Corners, joined, polygons_of, start_of
from netspec.regions.ragged import Indices, offsets_of
from netspec.regions.refining import SOME_CELLS, SOME_EXACT_CELLS, SOME_NUMBERS, Block, Signatures
from netspec.regions.rounding import Errors
from netspec.regions.sharing import blocks as blocks_of
from netspec.regions.steps import Chain, Forms
from netspec.regions.work import Found, Interrupted, Report


class Areas(NamedTuple):
    """All cells of a network on a domain of two dimensions, with coordinates t.

    `offsets` and `places` (3, corners) are the corners of each cell in the order of a walk around it, homogeneous: t is
    `places[1:]` where `places[0]` is 1, and where that is 0 the cell goes on for ever in that direction. `labels` name
    the line on which the edge from each corner to the next lies; negative ones are edges of the domain. A straight edge
    may have corners on it.

    On cell i, y = Ω[i] t + β[i]; `Omega` is (cells, outputs, 2), `beta` (cells, outputs). `piece[i]` numbers the
    largest connected part on which y is one affine map. `points` (cells, 2) lie inside. `unsure` is as of `Found`.
    """

    offsets: Indices
    places: NDArray[Any]
    labels: Indices
    Omega: NDArray[Any]
    beta: NDArray[Any]
    signatures: Signatures
    piece: Indices
    points: NDArray[Any]
    unsure: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.offsets) - 1

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return int(self.piece.max()) + 1

    def corners(self, cell: int) -> NDArray[Any]:
        """Return the corners of one cell, (corners, 3)."""
        found: NDArray[Any] = self.places[:, self.offsets[cell] : self.offsets[cell + 1]].T
        return found

    def bounded(self, cell: int) -> bool:
        """Return whether a cell is bounded."""
        return bool((self.corners(cell)[:, 0] != 0).all())


class _Found(NamedTuple):
    """The parts of cells that were found, in order."""

    corners: Corners
    forms: Forms
    signatures: Signatures
    errors: Errors | None
    cuts: Cuts
    complete: bool


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is refused
def areas(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    numbers: int = SOME_NUMBERS,
    *,
    report: Report | None = None,
    workers: int = 1,
) -> Areas:
    """Return the cells of a chain on a domain of two dimensions, found by so many processes.

    Raises TooMany where parts are more than `most`; Interrupted where the search is interrupted.
    """
    found = _find(chain, domain, most, report, numbers, workers)
    cells, first, cell = np.unique(found.signatures, return_index=True, return_inverse=True)
    so_far = Found(len(cells), min(len(cells), 1), found.cuts.unsure, False)
    if not len(cells):
        raise Interrupted(so_far)
    try:
        piece, alike = _pieces(found, cell, len(cells))
        so_far = Found(len(cells), int(piece.max()) + 1, found.cuts.unsure + alike, False)
        corners = merged(found.corners, cell, len(cells))
    except KeyboardInterrupt:
        raise Interrupted(so_far) from None
    if not found.complete:
        raise Interrupted(so_far)
    maps = found.forms[:, first]
    return Areas(
        corners.offsets,
        corners.places,
        corners.labels,
        np.moveaxis(maps[1:], 0, -1),
        maps[0],
        cells,
        piece,
        _inside(corners),
        so_far.unsure,
    )


def count_areas(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    report: Report | None = None,
    numbers: int = SOME_NUMBERS,
    workers: int = 1,
) -> Found:
    """Return how many cells and pieces a chain has on a domain of two dimensions.

    An interrupt ends the search early, and is no exception. Raises TooMany where parts are more than `most`.
    """
    try:
        found = areas(chain, domain, most, numbers, report=report, workers=workers)
    except Interrupted as early:
        return early.found
    return Found(found.cells, found.pieces, found.unsure, True)


def _find(chain: Chain, domain: Domain, most: int | None, report: Report | None, numbers: int, workers: int) -> _Found:
    begin = polygons_of(domain)
    start = start_of(domain, len(begin))
    numbered: list[tuple[int, Block]] = []
    total, share, complete = 0, 0.0, True
    try:
        some = SOME_EXACT_CELLS if chain.exact else SOME_CELLS
        with contextlib.closing(blocks_of(chain, begin, start, some, numbers=numbers, workers=workers)) as coming:
            for number, block in coming:
                total, share = total + len(block.cells), share + block.share
                if most is not None and total > most:
                    raise TooMany(total)
                numbered.append((number, block))
                if report is not None:
                    report(total, share)
    except KeyboardInterrupt:
        complete = False
    if not numbered:
        return _Found(begin.corners, start, np.zeros(0, np.uint64), None, begin.cuts, False)
    blocks = [block for _, block in sorted(numbered, key=itemgetter(0))]
    errors = [block.errors for block in blocks if block.errors is not None]
    return _Found(
        joined([block.cells.corners for block in blocks]),
        np.concatenate([block.forms for block in blocks], 1),
        np.concatenate([block.signatures for block in blocks]),
        np.max(errors, 0) if errors else None,
        begin.cuts,
        complete,
    )


def _pieces(found: _Found, cell: Indices, cells: int) -> tuple[Indices, int]:
    """Return the number of each cell's piece, and how many pairs of maps could not be told apart."""
    pairs = neighbours(found.corners)
    apart = cell[pairs[0]] != cell[pairs[1]]
    same, unsure = same_maps(found.forms, found.errors, (pairs[0][apart], pairs[1][apart]))
    joint = ~apart
    joint[apart] = same
    return components(cells, (cell[pairs[0]][joint], cell[pairs[1]][joint])), unsure


def merged(corners: Corners, cell: Indices, cells: int) -> Corners:
    """Return the cells that polygons are parts of, in order of their numbers.

    A cell is convex: a cut that has parts of it on both sides goes through it, and no edge along that cut is its own.
    """
    counts = np.bincount(cell, minlength=cells)
    order = np.argsort(cell, kind="stable")
    begins = offsets_of(counts)
    if len(cell) == cells:
        return corners.rows(order)
    whole = corners.rows(order[begins[:-1]])
    parts: list[Corners] = []
    last = 0
    for number in np.flatnonzero(counts > 1):
        parts.append(whole.rows(np.arange(last, number)))
        parts.append(_union(corners.rows(order[begins[number] : begins[number + 1]])))
        last = int(number) + 1
    parts.append(whole.rows(np.arange(last, cells)))
    return joined(parts)


def _union(parts: Corners) -> Corners:
    """Return the convex polygon that these are parts of."""
    inner = np.isin(parts.labels ^ 1, parts.labels[parts.labels >= 0]) & (parts.labels >= 0)
    own = np.flatnonzero(~inner)
    sums = parts.places.sum(1)
    ways = parts.places[1:, own] - (sums[1:] / sums[0])[:, None] * parts.places[0, own]
    own = own[np.argsort(np.arctan2(ways[1].astype(np.float64), ways[0].astype(np.float64)), kind="stable")]
    labels = parts.labels[own]
    finite = parts.places[0, own] != 0
    straight = finite & (labels == np.roll(labels, 1))
    if straight[finite].all() and finite.any():
        straight[np.flatnonzero(finite)[0]] = False
    own = own[~straight]
    far, ways = parts.places[0, own] == 0, parts.places[1:, own]
    last, after = np.roll(ways, 1, 1), np.roll(ways, -1, 1)
    between = far & np.roll(far, 1) & np.roll(far, -1) & (last[0] * after[1] - last[1] * after[0] > 0)
    own = own[~between] if between.sum() == 1 else own
    offsets = np.array([0, len(own)])
    return Corners(offsets, parts.places[:, own], parts.labels[own], parts.slack[own], parts.aside[own])


def _inside(corners: Corners) -> NDArray[Any]:
    """Return a point inside each polygon, (polygons, 2)."""
    starts = corners.offsets[:-1]
    sums = np.add.reduceat(corners.places, starts, axis=1)
    nowhere = sums[0] == 0  # the whole plane
    sums[0][nowhere] = sums[0][nowhere] + 1
    found: NDArray[Any] = (sums[1:] / sums[0]).T
    return found
