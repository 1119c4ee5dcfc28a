"""A map of low rank as two maps with a mediator between them: the inverse of collapsing.

    z = β + Ω h, rank Ω = r        becomes        v = F h, z = β + C v        with Ω = C F, C (D_{k+1}, r), F (r, D_k)

In rationals C are columns of Ω as they stand, and F is its reduced echelon form. Where there are too many numbers for
that, the rank is that of the singular values above a tolerance, and C F is the sum of their terms.
"""

from fractions import Fraction
from typing import Final

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.equivalence.chain import Array, Stage
from netspec.model import Model
from netspec.transforms.transformed import Transformed, arithmetic, exactly, remade, unchanged

_EXACT_SIZE: Final = 4_096  # elements of an Ω whose rank is found in rationals: up to 64×64
_EXACT_RANK: Final = 32


def factor(model: Model, layer: int | None = None, tolerance: float | None = None) -> Transformed:
    """Return the model with each Ω_k of low rank, or that of one `layer`, as two maps.

    An Ω_k is factored where two maps are fewer numbers than one, the one of `layer` wherever its rank is low.
    `tolerance` is for the rank in float64, relative to the largest singular value: the precision of the dtype times
    the longer side unless given; where it is given, no rank is found in rationals. Raises SystemFault `usage` for a
    layer that there is not.
    """
    chain = exactly(model)
    if layer is not None and not 0 <= layer < len(chain.stages):
        headline = f"there is no Ω_{layer}; the last is Ω_{len(chain.stages) - 1}"
        raise SystemFault("usage", headline, "`--layer 0` is the map out of x")
    stages: list[Stage] = []
    notes: list[str] = []
    for k, stage in enumerate(chain.stages):
        if layer in (None, k):
            first, second, rank, how = factors(stage.Omega, tolerance, model.dtype)
            rows, columns = stage.Omega.shape
            saved = rank * (rows + columns) + rank < rows * columns
            if rank < min(rows, columns) and (saved or layer == k):
                notes.append(f"Ω_{k} {rows}×{columns} has rank {rank}, {how}: {rows}×{rank} times {rank}×{columns}")
                notes.append(f"{rank * (rows + columns)} numbers in the place of its {rows * columns}")
                zero = np.zeros(rank, stage.beta.dtype) + (Fraction(0) if stage.beta.dtype == object else 0.0)
                stages += [Stage(second, zero, None), Stage(first, stage.beta, stage.activation, bias=stage.bias)]
                continue
            if layer == k:
                notes.append(f"Ω_{k} {rows}×{columns} has full rank {rank}, {how}: nothing to factor")
        stages.append(stage)
    if len(stages) == len(chain.stages):
        nothing = "nothing to factor: no Ω_k has a rank so low that two maps are fewer numbers"
        return unchanged(model, *(notes or [nothing]))
    return remade(model, chain._replace(stages=tuple(stages)), [*notes, arithmetic(chain, model.dtype)])


def factors(Omega: Array, tolerance: float | None, dtype: str) -> tuple[Array, Array, int, str]:
    """Return C, F, the rank, and how it was found, in words. A zero Ω has rank 1 here: a map has a unit at least."""
    if tolerance is None and Omega.dtype == object and Omega.size <= _EXACT_SIZE and min(Omega.shape) <= _EXACT_RANK:
        columns, echelon = _echelon(Omega)
        return Omega[:, columns], echelon, len(columns), "exactly"
    wide = Omega.astype(np.float64)
    left, values, right = np.linalg.svd(wide, full_matrices=False)
    relative = float(np.finfo(dtype).eps) * max(Omega.shape) if tolerance is None else tolerance
    rank = max(1, int((values > relative * values[0]).sum()))
    root = np.sqrt(values[:rank])
    first, second = left[:, :rank] * root, root[:, None] * right[:rank]
    return first, second, rank, f"singular values below {relative:.2g} of the largest left out"


def _echelon(Omega: Array) -> tuple[list[int], Array]:
    """Return the pivot columns of a matrix of fractions, and the rows of its reduced echelon form that are not zero."""
    rows = [list(row) for row in Omega]
    pivots: list[int] = []
    for column in range(Omega.shape[1]):
        top = len(pivots)
        found = next((i for i in range(top, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        rows[top], rows[found] = rows[found], rows[top]
        head = rows[top][column]
        rows[top] = [value / head for value in rows[top]]
        for i, row in enumerate(rows):
            if i != top and row[column]:
                scale = row[column]
                rows[i] = [a - scale * b for a, b in zip(row, rows[top], strict=True)]
        pivots.append(column)
        if len(pivots) == len(rows):
            break
    if not pivots:
        pivots = [0]
    return pivots, np.array(rows[: len(pivots)], object)
