"""Units that do nothing on a domain removed, and units that are affine there folded into others: exact, with its proof.

A dead or constant unit goes into the next β. A layer whose units all stay on one piece is an affine map, and is made
one with the next. Where only some do, those whose row is a linear combination of others' are folded into these.

Source of the last: Serra, Kumar & Ramalingam 2020, "Lossless compression of deep neural networks".
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from netspec.equivalence.box import Box
from netspec.equivalence.chain import Array, Stage
from netspec.equivalence.normal_form import after, constants, drop_unread, emptied, fold
from netspec.equivalence.pieces import Piece
from netspec.model import Model
from netspec.transforms.stability import Certificate, by_intervals, state
from netspec.transforms.transformed import Transformed, arithmetic, exactly, remade, unchanged

_EXACT_SIZE: Final = 4_096  # elements of the rows whose dependence is found in rationals


def prune(
    model: Model, box: Box | None = None, certificate: Certificate = by_intervals, grounds: str = "proven"
) -> Transformed:
    """Return a smaller model that is the same function for x in the box, or for all x.

    `certificate` says which units stay on one piece of their activation, and `grounds` how it knows; interval
    arithmetic unless given, and `by_cells` gives both. Raises SpecError `not-fully-connected`, `parameter-not-finite`.
    """
    chain = exactly(model)
    domain = "all x" if box is None else f"x in {box}"
    found = certificate(chain, box)
    notes: list[str] = []
    stages = list(chain.stages)
    for k in range(len(stages) - 2, -1, -1):
        if stages[k].activation is None:
            continue
        units = found[k]
        notes += _told(k, units, f"{grounds} for {domain}")
        stages[k], stages[k + 1], left = _without_constants(stages[k], stages[k + 1], units)
        if not left:
            stages = list(emptied(chain, k, stages).stages)
            notes.append(f"no unit of layer {k + 1} is left: y is constant there")
            break
        if all(left):
            one = after(_plain(stages[k], left), stages[k + 1])
            if one.Omega.size + one.beta.size > sum(each.Omega.size + each.beta.size for each in stages[k : k + 2]):
                notes.append(f"layer {k + 1} is affine there, and stays: one map with the next has more parameters")
                continue
            stages[k : k + 2] = [one]
            notes.append(f"layer {k + 1} is affine there, and one map with the next")
        else:
            stages[k], stages[k + 1], gone = _without_dependent(stages[k], stages[k + 1], left)
            if gone:
                notes.append(f"{gone} of them folded into others, whose rows combine to theirs")
    steps: list[str] = []
    made = drop_unread(chain._replace(stages=tuple(stages)), steps)
    notes += steps[:1]
    if not notes:
        return unchanged(model, f"nothing to prune: no unit is {grounds} to stay on one piece, {domain}")
    return remade(model, made, [*notes, arithmetic(chain, model.dtype)])


def _told(k: int, units: Sequence[Piece | None], known: str) -> list[str]:
    """Return which units of a layer are settled, and how that is known."""
    words = {"dead": "dead", "constant": "constant", "on": "always on"}
    said: list[str] = []
    for kind, word in words.items():
        numbers = [i + 1 for i, piece in enumerate(units) if state(piece) == kind]
        if numbers:
            listed = ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
            said.append(f"{len(numbers)} {word} ({listed})")
    return [f"layer {k + 1}: of {len(units)} units {'; '.join(said)}; {known}"] if said else []


def _without_constants(
    stage: Stage, following: Stage, units: Sequence[Piece | None]
) -> tuple[Stage, Stage, list[Piece | None]]:
    """Return two stages without the constant units of the first, and the pieces of the units that are left."""
    found = constants(stage, units)
    left = [piece for piece in units if piece is None or piece.slope]
    return (*fold(stage, following, found), left) if found else (stage, following, left)


def _plain(stage: Stage, units: Sequence[Piece | None]) -> Stage:
    """Return the affine map that a stage is where all its units stay on a piece."""
    exact = stage.Omega.dtype == object
    pieces = [(piece.slope, piece.offset) for piece in units if piece is not None]
    slopes, offsets = (
        np.array([value if exact else float(value) for value in column], stage.Omega.dtype)
        for column in zip(*pieces, strict=True)
    )
    return Stage(
        stage.Omega * slopes[:, None], stage.beta * slopes + offsets, None, bias=stage.bias or bool(offsets.any())
    )


def _without_dependent(stage: Stage, following: Stage, units: Sequence[Piece | None]) -> tuple[Stage, Stage, int]:
    """Return two stages without the settled units of the first whose rows depend on those of others, and their number.

    With Ω_i = Σ c_j Ω_j, z_i = β_i + Σ c_j (z_j - β_j), and each a[z] is a slope times z and an offset.
    """
    on = [i for i, piece in enumerate(units) if piece is not None]
    if stage.Omega.dtype != object or len(on) < 2 or len(on) * stage.Omega.shape[1] > _EXACT_SIZE:
        return stage, following, 0
    basis, combinations = _dependent(stage.Omega[on])
    columns, beta = following.Omega.copy(), following.beta.copy()
    kept = np.ones(stage.width, bool)
    for row, factors in combinations:
        i = on[row]
        one = units[i] or _unsettled()
        kept[i] = False
        height = stage.beta[i]
        for j, factor in zip((on[b] for b in basis), factors, strict=True):
            other = units[j] or _unsettled()
            columns[:, j] = columns[:, j] + following.Omega[:, i] * (one.slope * factor / other.slope)
            height = height - factor * (stage.beta[j] + other.offset / other.slope)
        beta = beta + following.Omega[:, i] * (one.slope * height + one.offset)
    if kept.all():
        return stage, following, 0
    following = following._replace(Omega=columns[:, kept], beta=beta, names=("", ""), bias=True)
    return stage._replace(Omega=stage.Omega[kept], beta=stage.beta[kept], names=("", "")), following, int((~kept).sum())


def _unsettled() -> Piece:
    raise TypeError("a unit that is folded stays on one piece")


def _dependent(rows: Array) -> tuple[list[int], list[tuple[int, list[Fraction]]]]:
    """Return the rows of a basis, the first that serve, and for each other row its factors over the basis."""
    basis: list[int] = []
    reduced: list[
        tuple[int, list[Fraction], list[Fraction]]
    ] = []  # pivot, row with 1 there, its factors over the basis
    found: list[tuple[int, list[Fraction]]] = []
    for index, row in enumerate(rows):
        rest, factors = list(row), [Fraction(0)] * len(basis)
        for pivot, base, parts in reduced:
            scale = rest[pivot]
            if scale:
                rest = [a - scale * b for a, b in zip(rest, base, strict=True)]
                factors = [a + scale * b for a, b in zip(factors, [*parts, *[Fraction(0)] * len(basis)], strict=False)]
        first = next((j for j, value in enumerate(rest) if value), None)
        if first is None:
            found.append((index, factors))
            continue
        head = rest[first]
        basis.append(index)
        reduced.append((first, [value / head for value in rest], [*(-f / head for f in factors), 1 / head]))
    width = len(basis)
    return basis, [(index, [*factors, *[Fraction(0)] * (width - len(factors))]) for index, factors in found]
