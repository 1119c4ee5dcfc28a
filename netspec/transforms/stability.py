"""On which piece of its activation each unit stays: dead, constant, always on, or none of these.

The certificate here is interval arithmetic, which is sound and not complete: a unit that it does not settle may still
be dead. `cells` has another of the same form, which is complete.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from netspec.equivalence.box import Box
from netspec.equivalence.chain import Chain
from netspec.equivalence.intervals import bounds_of, settled
from netspec.equivalence.pieces import Piece
from netspec.model import Model

States: TypeAlias = Sequence[Sequence[Piece | None]]
"""For each stage, for each unit, the piece that it stays on; None where it is on several, or where nothing is known."""

Certificate: TypeAlias = Callable[[Chain, Box | None], States]
"""What settles units for all x in a box, or for all x; it is believed."""


def by_intervals(chain: Chain, box: Box | None) -> States:
    """Return the pieces that interval arithmetic proves."""
    return [settled(stage, bounds) for stage, bounds in zip(chain.stages, bounds_of(chain, box), strict=True)]


def states(model: Model, box: Box | None = None, certificate: Certificate = by_intervals) -> list[list[str]]:
    """Return for each hidden layer the state of each unit over a box, or over all x: "dead" (always 0), "constant",
    "on" (always affine), or "both".

    Raises SpecError `not-fully-connected`.
    """
    from netspec.transforms.transformed import exactly

    chain = exactly(model)
    found = certificate(chain, box)
    return [
        [state(piece) for piece in units]
        for units, stage in zip(found, chain.stages[:-1], strict=False)
        if stage.activation is not None
    ]


def state(piece: Piece | None) -> str:
    """Return the word for a unit that stays on a piece."""
    if piece is None:
        return "both"
    if piece.slope:
        return "on"
    return "constant" if piece.offset else "dead"
