"""The regions of a network in two to six dimensions: the fast way where it holds, and the general one elsewhere."""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.adjacency import Pairs, components, same_maps, touching
from netspec.regions.areas import TooMany
from netspec.regions.domains import Domain
from netspec.regions.edges import MOST_DIMENSIONS, Complex, Degenerate, around_edges, cells_of, subdivided
from netspec.regions.polygons import start_of
from netspec.regions.polytopes import Polytope, polytopes_of
from netspec.regions.ragged import Indices
from netspec.regions.refining import Block, Parents, Signatures, refined
from netspec.regions.rounding import Errors
from netspec.regions.steps import Chain, Forms


class Counted(NamedTuple):
    """How many cells there are. `why` is None where edges were subdivided, and else says why polytopes were cut."""

    cells: int
    why: str | None


class Solids(NamedTuple):
    """All cells of a network on a domain of n dimensions, with coordinates t.

    `points` (cells, n) lie inside. On cell i, y = Ω[i] t + β[i]; `Omega` is (cells, outputs, n), `beta` (cells,
    outputs). `piece[i]` numbers the largest connected part on which y is one affine map. `why` is as of `Counted`.
    """

    points: NDArray[Any]
    Omega: NDArray[Any]
    beta: NDArray[Any]
    signatures: Signatures
    piece: Indices
    why: str | None

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.signatures)

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return int(self.piece.max()) + 1


def count_cells(chain: Chain, domain: Domain, most: int | None = None) -> Counted:
    """Return the number of cells. Raises TooMany where vertices, or parts of cells, are more than `most`."""
    _check(domain)
    try:
        return Counted(len(cells_of(subdivided(chain, domain, most))), None)
    except Degenerate as fault:
        _, _, signatures, _ = _cut(chain, domain, most)
        return Counted(len(np.unique(signatures)), str(fault))


def solids(chain: Chain, domain: Domain, most: int | None = None) -> Solids:
    """Return the cells with their maps, and their pieces. Raises as `count_cells` does."""
    _check(domain)
    try:
        return _subdivided(chain, domain, most)
    except Degenerate as fault:
        return _polytopes(chain, domain, most, str(fault))


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


def _subdivided(chain: Chain, domain: Domain, most: int | None) -> Solids:
    complexes = subdivided(chain, domain, most)
    cells = cells_of(complexes)
    points = _points(complexes, cells)
    start = start_of(domain, len(points))
    blocks = list(refined(chain, _Points(points), start))
    forms = np.concatenate([block.forms for block in blocks], 1)
    if not np.array_equal(np.concatenate([block.signatures for block in blocks]), cells):
        raise Degenerate("a cell is not where its vertices are")
    pairs = _facets(complexes, cells)
    return _solids(points, forms, _largest(blocks), cells, np.arange(len(cells)), pairs, None)


def _points(complexes: list[Complex], cells: Signatures) -> NDArray[Any]:
    """Return the mean of the ends of each cell's edges, (cells, n)."""
    sums = np.zeros((len(complexes[0].places), len(cells)))
    for each in complexes:
        middles = each.places[:, each.ends[0]] + each.places[:, each.ends[1]]
        for around, _, _ in around_edges(each, slice(None)):
            cell = np.searchsorted(cells, around)
            for row, middle in zip(sums, middles, strict=True):
                row += np.bincount(cell, middle, len(cells))
    found: NDArray[Any] = (sums[1:] / sums[0]).T
    return found


def _facets(complexes: list[Complex], cells: Signatures) -> Pairs:
    """Return the pairs of cells on both sides of a facet, above it the first; and those that a cone's wall parts."""
    found = []
    for each in complexes:
        for row, units in enumerate(each.zeros):
            inner = units >= each.walls
            for below, _, _ in around_edges(each, slice(None), row):
                sums = below[inner]
                pair = np.searchsorted(cells, sums + each.above[units[inner]]), np.searchsorted(cells, sums)
                found.append(np.unique(pair[0] * len(cells) + pair[1]))
    whole = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return whole // len(cells), whole % len(cells)


def _cut(chain: Chain, domain: Domain, most: int | None) -> tuple[list[Polytope], Forms, Signatures, Errors | None]:
    """Return the parts of cells, cut one by one."""
    begin = polytopes_of(domain)
    each: list[Polytope] = []
    blocks: list[Block] = []
    for block in refined(chain, begin, start_of(domain, len(begin))):
        each += block.cells.each
        if most is not None and len(each) > most:
            raise TooMany(len(np.unique(np.concatenate([*(past.signatures for past in blocks), block.signatures]))))
        blocks.append(block)
    forms = np.concatenate([block.forms for block in blocks], 1)
    return each, forms, np.concatenate([block.signatures for block in blocks]), _largest(blocks)


def _polytopes(chain: Chain, domain: Domain, most: int | None, why: str) -> Solids:
    each, forms, signatures, errors = _cut(chain, domain, most)
    cells, first, cell = np.unique(signatures, return_index=True, return_inverse=True)
    points = np.stack([each[number].middle() for number in first])
    return _solids(points, forms, errors, cells, cell, touching(each), why)._replace(
        Omega=np.moveaxis(forms[1:, first], 0, -1), beta=forms[0, first]
    )


def _solids(
    points: NDArray[Any],
    forms: Forms,
    errors: Errors | None,
    cells: Signatures,
    cell: Indices,
    pairs: Pairs,
    why: str | None,
) -> Solids:
    same = same_maps(forms, errors, pairs) | (cell[pairs[0]] == cell[pairs[1]])
    piece = components(len(cells), (cell[pairs[0]][same], cell[pairs[1]][same]))
    return Solids(points, np.moveaxis(forms[1:], 0, -1), forms[0], cells, piece, why)


def _largest(blocks: list[Any]) -> Errors | None:
    known = [block.errors for block in blocks if block.errors is not None]
    return np.max(known, 0) if known else None
