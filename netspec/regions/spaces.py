"""The cells of a network in two to six dimensions, as data: where they are, and the affine map on each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.files.writing import atomic_write
from netspec.model import Model
from netspec.regions.areas import Areas, areas
from netspec.regions.counts import Buildable, Count, Point, Stopped, bounds_on, counted, domain_of, prepared
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain, Span
from netspec.regions.engines import ENGINES, room, too_many_cells
from netspec.regions.export import floats, number, refuse_suffix
from netspec.regions.processes import check_workers
from netspec.regions.solids import Solids, solids
from netspec.regions.steps import Chain
from netspec.regions.work import Found, Interrupted, Report


class Cell(NamedTuple):
    """y = β + Ω t on a cell, t being x, or on a plane the coordinates in which its three inputs are 0, (1, 0), (0, 1).

    `inside` is a point of the cell (n,), beta (outputs,), Omega (outputs, n). In two dimensions `corners` (corners, 3)
    go around it, homogeneous: (1, t), and (0, d) where the cell goes on for ever in the direction d. Cells of one
    `piece` are connected, and y is one affine map on them.
    """

    inside: NDArray[Any]
    beta: NDArray[Any]
    Omega: NDArray[Any]
    corners: NDArray[Any] | None
    piece: int
    signature: int


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of a network on a domain of two to six dimensions, in memory, in no order that means anything.

    `count` is what `count` returns for the same domain.
    """

    chain: Chain
    where: Domain
    found: Areas | Solids
    count: Count

    @property
    def domain(self) -> str:
        """Where the cells are."""
        return self.where.words

    @property
    def arithmetic(self) -> str:
        """What they were found in."""
        return "rational" if self.chain.exact else "float64"

    def __len__(self) -> int:
        """Return how many cells there are."""
        return self.found.cells

    @property
    def pieces(self) -> int:
        """How many pieces they make up."""
        return self.found.pieces

    def __iter__(self) -> Iterator[Cell]:
        """Yield the cells one by one, those of a piece after one another."""
        found = self.found
        for i in np.argsort(found.piece, kind="stable"):
            corners = found.corners(int(i)) if isinstance(found, Areas) else None
            piece, signature = int(found.piece[i]), int(found.signatures[i])
            yield Cell(found.points[i], found.beta[i], found.Omega[i], corners, piece, signature)

    def save(self, path: str, *, protect: Sequence[str] = ()) -> int:
        """Write the cells to a .json or .npz file, whole or not at all; return how many they are.

        `protect` are files that are not written over. Raises SystemFault where the file cannot be written, or the
        suffix is another.
        """
        refuse_suffix(path)
        with atomic_write(path, protect=protect) as stream:
            return self.write_json(stream) if path.endswith(".json") else self.write_npz(stream)

    def write_json(self, stream: IO[bytes]) -> int:
        """Write them as JSON, a cell in a line; return how many they are. Rationals are texts such as `-1/6`.

        `corners` are points, or `{"direction": …}` where the cell goes on for ever; a signature is a text of 16
        hexadecimal digits.
        """
        head = {"domain": self.domain, "arithmetic": self.arithmetic, "of": "cells", "pieces": self.pieces}
        stream.write(f'{json.dumps(head)[:-1]}, "regions": ['.encode())
        for index, cell in enumerate(self):
            stream.write(f"{',' if index else ''}\n{json.dumps(cell_as_json(cell))}".encode())
        stream.write(f'\n], "count": {len(self)}}}\n'.encode())
        return len(self)

    def write_npz(self, stream: IO[bytes]) -> int:
        """Write them as arrays in float64: `inside` (cells, n), `beta` (cells, outputs), `Omega` (cells, outputs, n),
        `piece` and `signature` (cells,); in two dimensions `corners` (corners, 3) too, those of cell i from
        `offsets[i]` on.
        """
        found = self.found
        arrays: dict[str, NDArray[Any]] = {
            "inside": floats(found.points),
            "beta": floats(found.beta),
            "Omega": floats(found.Omega),
            "piece": found.piece,
            "signature": found.signatures,
        }
        if isinstance(found, Areas):
            arrays |= {"corners": floats(found.places.T), "offsets": found.offsets}
        np.savez(stream, **arrays)  # type: ignore[arg-type]  # the names are none of its own
        return len(self)


def cells(
    network: Buildable | Model,
    *,
    box: Sequence[Span] | None = None,
    plane: tuple[Point, Point, Point] | None = None,
    rational: bool = False,
    decimal: bool | None = None,
    logits: bool = False,
    workers: int = 1,
    max_memory: int | None = None,
    progress: Report | None = None,
) -> Cells:
    """Return the cells of a network with its parameters in two to six dimensions, as `count` counts them.

    On all inputs unless a domain is given; along a line `regions` has them. Raises what `count` raises, and `Stopped`
    where an interrupt ends the search.
    """
    check_workers(workers)
    model, chain = prepared(network, rational=rational, decimal=decimal, logits=logits, max_memory=max_memory)
    domain = domain_of(chain, box, None, plane, ENGINES)
    if domain.dimension == 1:
        raise ValueError("the cells of one input follow one another: `regions` has them")
    bounds = bounds_on(model, None, plane)
    most, numbers, workers = room(chain, domain, max_memory, workers)
    try:
        find = areas if domain.dimension == 2 else solids
        found = find(chain, domain, most, numbers, report=progress, workers=workers)
    except TooMany as more:
        raise too_many_cells(more, max_memory) from None
    except Interrupted as early:
        raise Stopped(counted(early.found, chain, domain, bounds)) from None
    whole = Found(found.cells, found.pieces, found.unsure, True)
    return Cells(chain, domain, found, counted(whole, chain, domain, bounds))


def cell_as_json(cell: Cell) -> dict[str, Any]:
    """Return a cell as JSON has it."""
    told: dict[str, Any] = {
        "piece": cell.piece,
        "inside": [number(value) for value in cell.inside],
        "beta": [number(value) for value in cell.beta],
        "Omega": [[number(value) for value in row] for row in cell.Omega],
        "signature": f"{cell.signature:016x}",
    }
    if cell.corners is not None:
        told["corners"] = [
            [number(value) for value in corner[1:]]
            if corner[0] != 0
            else {"direction": [number(value) for value in corner[1:]]}
            for corner in cell.corners
        ]
    return told
