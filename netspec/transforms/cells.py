"""On which piece of its activation each unit stays, found by going through all cells of the network: none is missed.

In rationals where the cells are few, and then it is a proof; else in float64, which may miss a cell that is smaller
than its rounding.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.equivalence.box import Box
from netspec.equivalence.cells import domain_of
from netspec.equivalence.chain import Array, Chain, Stage
from netspec.equivalence.pieces import Piece, continuous, pieces
from netspec.model import Model
from netspec.regions import steps
from netspec.regions.comparing import pieces_taken
from netspec.regions.cuts import TooMany
from netspec.regions.edges import MOST_DIMENSIONS
from netspec.regions.engines import most_cells, too_many_cells
from netspec.regions.lowering import lower
from netspec.transforms.stability import Certificate, by_intervals
from netspec.transforms.transformed import exactly

_MOST_PRODUCTS: Final = 300_000
"""Cells times parameters that are gone through in rationals: some seconds."""

_PROVEN: Final = "proven"
_FOUND: Final = "found in float64"


def by_cells(model: Model, box: Box | None = None, max_memory: int | None = None) -> tuple[Certificate, str]:
    """Return what settles units by the cells of a model on a box, or on all of R^n, and "proven" or "found in float64".

    Units that intervals settle are taken from there. Of an activation that jumps no unit is settled by cells, which
    have no single points. Raises SpecError `not-fully-connected`, and `no-regions` where a hidden layer is smooth;
    SystemFault `too-many-dimensions` above six inputs, `no-memory` for more cells than may be held.
    """
    chain = exactly(model)
    if any(pieces(stage.activation) is None for stage in chain.stages[:-1]):
        lower(model)  # says where, and why it has no cells
    if chain.inputs > MOST_DIMENSIONS:
        headline = f"cells are gone through in up to {MOST_DIMENSIONS} dimensions, and x has {chain.inputs:,}"
        raise SystemFault("too-many-dimensions", headline, "leave `--cells` out: intervals settle units of any width")
    taken, grounds = _taken(chain, box, max_memory)
    found = [
        [piece or _only(stage, unit, seen) for unit, piece in enumerate(units)]
        for stage, units, seen in zip(chain.stages, by_intervals(chain, box), taken, strict=True)
    ]
    return lambda _, __: found, grounds


def _taken(chain: Chain, box: Box | None, max_memory: int | None) -> tuple[list[NDArray[np.bool_] | None], str]:
    """Return for each stage (pieces, units), in which pieces each unit lies somewhere, and how that is known."""
    lowered, bends = _lowered(chain, exact=False)
    domain = domain_of(lowered, box)
    most = most_cells(lowered, domain, max_memory)
    few = _MOST_PRODUCTS // chain.parameters
    few = few if most is None else min(few, most)
    grounds = _FOUND
    try:
        seen = pieces_taken(lowered, domain, few if chain.is_exact else most)
        if chain.is_exact:
            exactly, _ = _lowered(chain, exact=True)
            seen, grounds = pieces_taken(exactly, domain_of(exactly, box), few), _PROVEN
    except TooMany:
        try:
            seen = pieces_taken(lowered, domain, most)
        except TooMany as more:
            raise too_many_cells(more, max_memory) from None
    return [None if bend is None else seen[bend] for bend in bends], grounds


def _lowered(chain: Chain, *, exact: bool) -> tuple[steps.Chain, list[int | None]]:
    """Return the steps of a chain up to its last hidden layer, and for each stage the number of the step that bends."""
    number = np.array if exact else _float64
    made: list[steps.Step] = []
    bends: list[int | None] = []
    value = 0
    for stage in chain.stages:
        made.append(_map(number(stage.Omega), number(stage.beta), value))
        value += 1
        parts = pieces(stage.activation) or ()
        if len(parts) < 2:
            bends.append(None)
            if parts and parts[0].slope == 1 and not parts[0].offset:
                continue
        else:
            bends.append(len(made))
        if parts:
            points = tuple(number(np.array(part.high, object))[()] for part in parts[:-1])
            slopes, offsets = (
                number(np.array(column, object).reshape(-1, 1))
                for column in ([part.slope for part in parts], [part.offset for part in parts])
            )
            made.append(steps.Bend((value,), value + 1, points, slopes, offsets, ""))
            value += 1
    width = chain.stages[-1].width
    return steps.Chain(chain.inputs, width, tuple(made), value, steps.last_reads(made, value), exact), bends


def _map(Omega: Array, beta: Array, value: int) -> steps.Linear:
    turned, sizes = np.ascontiguousarray(Omega.T), np.ascontiguousarray(abs(Omega).T)
    return steps.Linear(
        (value,),
        value + 1,
        lambda x: np.matmul(x[0], turned),
        beta,
        "",
        matrix=Omega,
        size=lambda x: np.matmul(x[0], sizes),
        terms=Omega.shape[1] + 2,
    )


def _float64(numbers: Array) -> NDArray[np.float64]:
    return np.asarray(numbers, np.float64)


def _only(stage: Stage, unit: int, seen: NDArray[np.bool_] | None) -> Piece | None:
    """Return the one piece that a unit takes on the cells; None where it takes several."""
    parts = pieces(stage.activation)
    if seen is None or parts is None or not continuous(stage.activation):
        return None
    (numbers,) = np.nonzero(seen[:, unit])
    return parts[int(numbers[0])] if len(numbers) == 1 else None
