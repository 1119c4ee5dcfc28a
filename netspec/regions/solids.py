"""The regions of a network in two to six dimensions: the fast way where it holds, and the general one elsewhere."""

import contextlib
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.adjacency import Pairs, components, same_maps, touching
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.edges import MOST_DIMENSIONS, cells_of, subdivided
from netspec.regions.growing import Degenerate
from netspec.regions.polygons import start_of
from netspec.regions.polytopes import Polytope, polytopes_of
from netspec.regions.ragged import Indices
from netspec.regions.refining import SOME_EXACT_CELLS, SOME_NUMBERS, Block, Parents, Signatures
from netspec.regions.rounding import Errors
from netspec.regions.sharing import blocks as blocks_of
from netspec.regions.steps import Chain, Forms
from netspec.regions.surveys import surveyed
from netspec.regions.work import Found, Interrupted, Report

_POLYTOPE: Final = 4
"""A polytope takes about the memory of so many vertices with their edges."""


class Solids(NamedTuple):
    """All cells of a network on a domain of n dimensions, with coordinates t.

    `points` (cells, n) lie inside. On cell i, y = Ω[i] t + β[i]; `Omega` is (cells, outputs, n), `beta` (cells,
    outputs). `piece[i]` numbers the largest connected part on which y is one affine map. `why` is None where edges were
    subdivided, and else says why polytopes were cut. `unsure` is as of `Found`.
    """

    points: NDArray[Any]
    Omega: NDArray[Any]
    beta: NDArray[Any]
    signatures: Signatures
    piece: Indices
    why: str | None
    unsure: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.signatures)

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return int(self.piece.max()) + 1


def count_cells(chain: Chain, domain: Domain, most: int | None = None) -> tuple[int, str | None]:
    """Return the number of cells alone, and why polytopes were cut for it. Raises TooMany as `solids` does."""
    _check(domain)
    try:
        return len(cells_of(subdivided(chain, domain, most, cones=True))), None
    except Degenerate as fault:
        return len(np.unique(_cut(chain, domain, most, None, SOME_NUMBERS, 1).signatures)), str(fault)


def count_solids(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    report: Report | None = None,
    numbers: int = SOME_NUMBERS,
    workers: int = 1,
) -> Found:
    """Return how many cells and pieces a chain has. An interrupt ends the search early, and is no exception.

    While edges are subdivided, the cells that are told, and that an interrupt leaves, are those of the units taken so
    far: each of them has one cell of the network or more in it.
    """
    try:
        found = solids(chain, domain, most, numbers, report=report, workers=workers)
    except Interrupted as early:
        return early.found
    return Found(found.cells, found.pieces, found.unsure, True)


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is refused
def solids(
    chain: Chain,
    domain: Domain,
    most: int | None = None,
    numbers: int = SOME_NUMBERS,
    *,
    report: Report | None = None,
    workers: int = 1,
) -> Solids:
    """Return the cells with their maps, and their pieces, found by so many processes.

    Raises TooMany where vertices are more than `most`, or parts of cells more than a quarter of that; ValueError above
    six dimensions; Interrupted as `count_solids` says.
    """
    _check(domain)
    so_far = 0

    def tell(cells: int, share: float) -> None:
        nonlocal so_far
        so_far = max(so_far, cells)
        if report is not None:
            report(so_far, share)

    try:
        return _subdivided(chain, domain, most, tell, numbers, workers)
    except Degenerate as fault:
        why = str(fault)
    except KeyboardInterrupt:
        raise Interrupted(Found(so_far, min(so_far, 1), 0, False)) from None
    cut = _cut(chain, domain, most, report, numbers, workers)
    cells = len(np.unique(cut.signatures))
    early = Found(cells, min(cells, 1), cut.unsure, False)
    if not cells:
        raise Interrupted(early)
    try:
        found = _polytopes(cut, why)
    except KeyboardInterrupt:
        raise Interrupted(early) from None
    if not cut.complete:
        raise Interrupted(Found(found.cells, found.pieces, found.unsure, False))
    return found


def _check(domain: Domain) -> None:
    if not 2 <= domain.dimension <= MOST_DIMENSIONS:
        raise ValueError(
            f"cells are counted in up to {MOST_DIMENSIONS} dimensions, and here are {domain.dimension}: "
            "take the bounds, or count along a segment or a plane"
        )


class _Points:
    """Cells that have been cut already, of which one point is known."""

    def __init__(self, points: NDArray[Any]) -> None:
        self.points = points

    def __len__(self) -> int:
        return len(self.points)

    def part(self, start: int, stop: int) -> Self:
        """Return some of them."""
        return type(self)(self.points[start:stop])

    def middles(self) -> NDArray[Any]:
        """Return the points."""
        return self.points

    def cut(self, forms: Forms) -> tuple[Self, Parents]:
        """Return them as they are."""
        return self, np.arange(forms.shape[1])

    def cut_within(self, forms: Forms, *_: Any) -> tuple[Self, Parents, bool]:
        """Return them as they are."""
        return self, np.arange(forms.shape[1]), True


def _subdivided(chain: Chain, domain: Domain, most: int | None, tell: Report, numbers: int, workers: int) -> Solids:
    found = subdivided(chain, domain, most, tell=tell, cones=True)
    whole = surveyed(found, workers)
    cells = whole.cells
    tell(len(cells), 1.0)
    points = _points(whole.sums, domain)
    start = start_of(domain, len(points))
    with contextlib.closing(blocks_of(chain, _Points(points), start, numbers=numbers, workers=workers)) as coming:
        blocks = [block for _, block in sorted(coming, key=itemgetter(0))]
    forms = np.concatenate([block.forms for block in blocks], 1)
    if not np.array_equal(np.concatenate([block.signatures for block in blocks]), cells):
        raise Degenerate("a cell is not where its vertices are")
    made = _solids(points, forms, _largest(blocks), cells, np.arange(len(cells)), whole.pairs, None)
    return made._replace(unsure=made.unsure + found.unsure)


def _points(sums: NDArray[Any], domain: Domain) -> NDArray[Any]:
    """Return the mean of the ends of each cell's edges, (cells, n), by their sums: of directions, points of the domain
    on them.
    """
    if sums[0].any():
        points: NDArray[Any] = (sums[1:] / sums[0]).T
        return points
    ways: NDArray[Any] = (sums[1:] / np.abs(sums[1:]).max(0)).T
    if domain.bounded:
        low, high = np.array(domain.spans, np.float64).T
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(ways > 0, high / ways, np.where(ways < 0, low / ways, np.inf))
        ways *= reach.min(1)[:, None] / 2
    return ways


class _Parts(NamedTuple):
    """Parts of cells that were cut one by one."""

    each: list[Polytope]
    forms: Forms
    signatures: Signatures
    errors: Errors | None
    unsure: int
    complete: bool


def _cut(chain: Chain, domain: Domain, most: int | None, report: Report | None, numbers: int, workers: int) -> _Parts:
    begin = polytopes_of(domain)
    start = start_of(domain, len(begin))
    numbered: list[tuple[int, Block]] = []
    total, share, complete = 0, 0.0, True
    try:
        coming = blocks_of(chain, begin, start, SOME_EXACT_CELLS, numbers=numbers, workers=workers)
        with contextlib.closing(coming):
            for number, block in coming:
                numbered.append((number, block))
                total, share = total + len(block.cells), share + block.share
                if most is not None and total > most // _POLYTOPE:
                    raise TooMany(len(np.unique(np.concatenate([past.signatures for _, past in numbered]))))
                if report is not None:
                    report(total, share)
    except KeyboardInterrupt:
        complete = False
    if not numbered:
        return _Parts([], start, np.zeros(0, np.uint64), None, 0, False)
    blocks = [block for _, block in sorted(numbered, key=itemgetter(0))]
    each = [polytope for block in blocks for polytope in block.cells.each]
    forms = np.concatenate([block.forms for block in blocks], 1)
    signatures = np.concatenate([block.signatures for block in blocks])
    return _Parts(each, forms, signatures, _largest(blocks), begin.cuts.unsure, complete)


def _polytopes(parts: _Parts, why: str) -> Solids:
    cells, first, cell = np.unique(parts.signatures, return_index=True, return_inverse=True)
    points = np.stack([parts.each[number].middle() for number in first])
    pairs, open_ = touching(parts.each)
    found = _solids(points, parts.forms, parts.errors, cells, cell, pairs, why)
    maps = parts.forms[:, first]
    unsure = found.unsure + parts.unsure + _apart(parts, found.piece[cell], open_)
    return found._replace(Omega=np.moveaxis(maps[1:], 0, -1), beta=maps[0], unsure=unsure)


def _apart(parts: _Parts, piece: Indices, pairs: Pairs) -> int:
    """Return how many pairs of pieces of one map were taken to be two, as rounding left open whether they touch."""
    a, b = piece[pairs[0]], piece[pairs[1]]
    alike, _ = same_maps(parts.forms, parts.errors, pairs)
    apart = alike & (a != b)
    return len(np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)])[:, apart], axis=1).T)


def _solids(
    points: NDArray[Any],
    forms: Forms,
    errors: Errors | None,
    cells: Signatures,
    cell: Indices,
    pairs: Pairs,
    why: str | None,
) -> Solids:
    """Return cells of which parts are given by forms, each in the cell of its number, and the pairs of neighbours."""
    apart = cell[pairs[0]] != cell[pairs[1]]
    same, unsure = same_maps(forms, errors, (pairs[0][apart], pairs[1][apart]))
    joint = ~apart
    joint[apart] = same
    piece = components(len(cells), (cell[pairs[0]][joint], cell[pairs[1]][joint]))
    return Solids(points, np.moveaxis(forms[1:], 0, -1), forms[0], cells, piece, why, unsure)


def _largest(blocks: list[Any]) -> Errors | None:
    known = [block.errors for block in blocks if block.errors is not None]
    return np.max(known, 0) if known else None
