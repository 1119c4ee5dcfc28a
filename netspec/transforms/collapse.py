"""Mediators eliminated: where nothing acts between two affine maps, they are one.

    v = φ_0 + Φ h,  z = θ_0 + Θ v        becomes        z = (θ_0 + Θ φ_0) + (Θ Φ) h

The map that is left is bound: its rank is at most the width of the mediator v, however many numbers it has.

Source: Prince, *Understanding Deep Learning*, section 4.2; theory of composed networks.
"""

from netspec.equivalence.chain import Chain, Stage
from netspec.equivalence.normal_form import after
from netspec.model import Model
from netspec.transforms.transformed import Transformed, arithmetic, exactly, remade, unchanged


def collapse(model: Model) -> Transformed:
    """Return the model without mediators, and the constraint that each leaves.

    Raises SpecError `not-fully-connected`, and `parameter-not-finite` where a product is too large for the dtype.
    """
    chain = exactly(model)
    stages: list[Stage] = []
    notes: list[str] = []
    narrowest: int | None = None
    for stage in chain.stages:
        if stages and stages[-1].activation is None:
            before = stages.pop()
            mediator = before.width if narrowest is None else min(narrowest, before.width)
            numbers = before.Omega.size + stage.Omega.size
            stage = after(before, stage)
            notes.append(constraint(len(stages), stage, mediator, numbers))
            narrowest = mediator
        else:
            narrowest = None
        stages.append(stage)
    if not notes:
        return unchanged(model, "nothing to collapse: something acts between any two affine maps")
    made = Chain(chain.inputs, tuple(stages))
    return remade(model, made, [*notes, arithmetic(chain, model.dtype)])


def constraint(k: int, stage: Stage, mediator: int, numbers: int) -> str:
    """Return what binds a map that came of two: its rank, and the numbers that it came of against its slopes."""
    rows, columns = stage.Omega.shape
    rank = min(rows, columns, mediator)
    words = f"Ω_{k} {rows}×{columns} came of a mediator of {_units(mediator)}: its rank is at most {rank}"
    if rank == min(rows, columns):
        return f"{words}, which binds nothing; {numbers:,} numbers made {stage.Omega.size:,} slopes"
    return f"{words}; {numbers:,} numbers made its {stage.Omega.size:,} slopes, which are not free"


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
