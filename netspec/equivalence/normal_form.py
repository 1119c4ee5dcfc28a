"""Steps that keep the function of a chain, and the form in which they end.

Two chains of one form are one function. The converse does not hold: two chains of different forms may still be one
function. It does for shallow networks of ReLU in general position, and no more is claimed.

Each step works on float64 and on fractions alike; on fractions nothing is lost.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from netspec.equivalence.box import Box
from netspec.equivalence.chain import Array, Chain, Stage
from netspec.equivalence.intervals import image, inputs_of, settled, through
from netspec.equivalence.pieces import HOMOGENEOUS, IDENTITY, Piece

AFFORDABLE: Final = 500_000
"""The cost up to which a form is worked out in fractions: some seconds."""


class Form(NamedTuple):
    """A chain in its form, and what was done to it, in the order in which it was done."""

    chain: Chain
    steps: tuple[str, ...]


def cost(chain: Chain) -> int:
    """Return about how many products of short fractions a form costs: a few for each number, and those of merged maps.

    From layer to layer fractions get longer, so that a product in a deep network costs more.
    """
    widths = chain.widths
    merged = sum(
        widths[k] * widths[k + 1] * widths[k + 2]
        for k, stage in enumerate(chain.stages[:-1])
        if stage.activation is None or stage.width <= 64
    )
    return (8 * chain.parameters + merged) * (10 + len(chain.stages)) // 10


def normal_form(chain: Chain, box: Box | None = None) -> Form:
    """Return the form in which the steps end: affine maps merged, units that do nothing dropped, constant ones folded,
    rows scaled to a largest element of 1, equal rows merged, layers that are affine folded, and units sorted.

    Over a box, more units are constant and more layers affine, and the function is kept there alone. Where the numbers
    are float64, they are rounded; fractions keep the function exactly.
    """
    steps: list[str] = []
    while True:
        before = len(steps)
        chain = merge_affine(chain, steps)
        chain = drop_unread(chain, steps)
        chain = _forward(chain, box, steps)
        if len(steps) == before:
            break
    return Form(_sorted(chain), tuple(dict.fromkeys(steps)))


def merge_affine(chain: Chain, steps: list[str] | None = None) -> Chain:
    """Return the chain without mediators: Ω = Ω' Ω, β = β' + Ω' β where nothing acts between two maps."""
    stages: list[Stage] = []
    for stage in chain.stages:
        if stages and stages[-1].activation is None:
            stage = after(stages.pop(), stage)
            if steps is not None:
                steps.append("affine maps in a row made one")
        stages.append(stage)
    return chain._replace(stages=tuple(stages))


def after(first: Stage, then: Stage) -> Stage:
    """Return two affine maps as one, with what acts on the second."""
    with np.errstate(all="ignore"):
        Omega, beta = then.Omega @ first.Omega, then.Omega @ first.beta + then.beta
    return Stage(Omega, beta, then.activation, bias=first.bias or then.bias)


def drop_unread(chain: Chain, steps: list[str] | None = None) -> Chain:
    """Return the chain without hidden units that nothing reads, from the last layer to the first."""
    stages = list(chain.stages)
    for k in range(len(stages) - 2, -1, -1):
        read = _nonzero(stages[k + 1].Omega, axis=0)
        if not read.all():
            if steps is not None:
                steps.append("units that nothing reads dropped")
            if not read.any():
                return emptied(chain, k, stages)
            stages[k], stages[k + 1] = keep(stages[k], stages[k + 1], read)
    return chain._replace(stages=tuple(stages))


def keep(stage: Stage, following: Stage, kept: Array) -> tuple[Stage, Stage]:
    """Return two stages without the units of the first that are not `kept`."""
    return (
        stage._replace(Omega=stage.Omega[kept], beta=stage.beta[kept], names=("", "")),
        following._replace(Omega=following.Omega[:, kept], names=("", "")),
    )


def fold(stage: Stage, following: Stage, heights: Sequence[tuple[int, object]]) -> tuple[Stage, Stage]:
    """Return two stages in which units of the first that are constant have gone into the second's β."""
    beta = following.beta.copy()
    kept = np.ones(stage.width, bool)
    for unit, height in heights:
        if height:
            beta = beta + following.Omega[:, unit] * height
        kept[unit] = False
    following = following._replace(beta=beta, bias=following.bias or bool(_nonzero(beta).any()))
    return keep(stage, following, kept)


def constants(stage: Stage, on: Sequence[Piece | None]) -> list[tuple[int, object]]:
    """Return the units that stay on a piece without a slope, and their heights in the numbers of the stage."""
    kind: Callable[[Fraction], object] = Fraction if stage.Omega.dtype == object else float
    return [(i, kind(piece.offset)) for i, piece in enumerate(on) if piece is not None and not piece.slope]


def emptied(chain: Chain, k: int, stages: Sequence[Stage]) -> Chain:
    """Return the chain where no unit of stage k is left: what comes after begins with Ω = 0, and forgets x."""
    following = stages[k + 1]
    zero = np.full((following.width, chain.inputs), Fraction(0) if following.beta.dtype == object else 0.0)
    return chain._replace(stages=(following._replace(Omega=zero, names=("", "")), *stages[k + 2 :]))


def _forward(chain: Chain, box: Box | None, steps: list[str]) -> Chain:
    """Return the chain after one pass from x to y over its hidden layers."""
    stages = list(chain.stages)
    h = inputs_of(chain, box)
    k = 0
    while k < len(stages) - 1:
        stage, following = stages[k], stages[k + 1]
        on = settled(stage, through(stage, h))
        if any(piece is not None and not piece.slope for piece in on):
            stages[k : k + 2] = fold(stage, following, constants(stage, on))
            steps.append("units that are constant folded into the next β")
            if not stages[k].width:  # y is constant from here on, and the rest begins anew
                stages, k, h = list(emptied(chain, k, stages).stages), 0, inputs_of(chain, box)
            continue
        for step in (_scale, _merge_equal):
            stage, following, words = step(stage, following)
            if words:
                steps.append(words)
        z = through(stage, h)
        on = settled(stage, z)
        plain = _affine_everywhere(stage, following, on)
        if plain is not None:
            steps.append("layers that are affine folded")
            stages[k : k + 2] = [after(plain, following)]
            continue
        stages[k], stages[k + 1] = stage, following
        h = image(stage.activation, z)
        k += 1
    return chain._replace(stages=tuple(stages))


def _scale(stage: Stage, following: Stage) -> tuple[Stage, Stage, str]:
    """Scale rows to a largest element of 1, and the next columns back, where a[s z] = s a[z]."""
    if stage.activation is None or stage.activation.name not in HOMOGENEOUS:
        return stage, following, ""
    largest = abs(stage.Omega).max(axis=1)
    largest = np.where(largest == 0, largest + 1, largest)
    if stage.Omega.dtype != object:
        with np.errstate(all="ignore"):
            rows, beta = stage.Omega / largest[:, None], stage.beta / largest
            columns = following.Omega * largest
        sound = np.isfinite(rows).all(1) & np.isfinite(beta) & np.isfinite(columns).all(0)
        largest = np.where(sound, largest, 1.0)
    if (largest == 1).all():
        return stage, following, ""
    return (
        stage._replace(Omega=stage.Omega / largest[:, None], beta=stage.beta / largest),
        following._replace(Omega=following.Omega * largest),
        "rows scaled to a largest element of 1",
    )


def _merge_equal(stage: Stage, following: Stage) -> tuple[Stage, Stage, str]:
    """Make one unit of those that have one row and one β; their columns add up."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for unit in range(stage.width):
        groups.setdefault((*stage.Omega[unit], stage.beta[unit]), []).append(unit)
    if len(groups) == stage.width:
        return stage, following, ""
    kept = np.zeros(stage.width, bool)
    columns = following.Omega.copy()
    for units in groups.values():
        kept[units[0]] = True
        columns[:, units[0]] = columns[:, units].sum(axis=1)
    following = following._replace(Omega=columns)
    return (*keep(stage, following, kept), "units with equal rows merged")


def _affine_everywhere(stage: Stage, following: Stage, on: Sequence[Piece | None]) -> Stage | None:
    """Return the stage as an affine map, where each unit stays on one piece, or stands beside its negative.

    Of a function that bends at 0 alone, a[z] - a[-z] is a multiple of z: units z and -z whose columns are negatives
    of one another are one affine unit.
    """
    parts = list(on)
    units = [i for i, piece in enumerate(parts) if piece is None]
    if units and (stage.activation is None or stage.activation.name not in HOMOGENEOUS):
        return None
    rows = {(*stage.Omega[i], stage.beta[i]): i for i in units}
    for i in units:
        if parts[i] is None:
            j = rows.get((*(-stage.Omega[i]), -stage.beta[i]))
            if j is None or parts[j] is not None or (following.Omega[:, i] != -following.Omega[:, j]).any():
                return None
            slope = _slope_of_difference(stage)
            parts[i], parts[j] = IDENTITY._replace(slope=slope), IDENTITY._replace(slope=Fraction(0))
    kind: Callable[[Fraction], object] = Fraction if stage.Omega.dtype == object else float
    slopes = np.array([kind(piece.slope) for piece in parts if piece], stage.Omega.dtype)
    offsets = np.array([kind(piece.offset) for piece in parts if piece], stage.Omega.dtype)
    return stage._replace(
        Omega=stage.Omega * slopes[:, None], beta=stage.beta * slopes + offsets, activation=None, names=("", "")
    )


def _slope_of_difference(stage: Stage) -> Fraction:
    """Return the c of a[z] - a[-z] = c z: 1 for a ReLU, 1 + slope for a leaky one."""
    numbers = stage.activation.arguments if stage.activation else ()
    return 1 + Fraction(numbers[0]) if numbers else Fraction(1)


def _sorted(chain: Chain) -> Chain:
    """Return the chain with the units of each hidden layer in the order of their rows, then of their β and columns."""
    stages = list(chain.stages)
    for k in range(len(stages) - 1):
        stage, following = stages[k], stages[k + 1]
        keys = [(*stage.Omega[i], stage.beta[i], *following.Omega[:, i]) for i in range(stage.width)]
        order = sorted(range(stage.width), key=keys.__getitem__)
        stages[k] = stage._replace(Omega=stage.Omega[order], beta=stage.beta[order])
        stages[k + 1] = following._replace(Omega=following.Omega[:, order])
    return chain._replace(stages=tuple(stages))


def equal(one: Chain, other: Chain) -> bool:
    """Return whether two chains are the same numbers with the same activations."""
    return len(one.stages) == len(other.stages) and all(
        a.activation == b.activation
        and a.Omega.shape == b.Omega.shape
        and bool((a.Omega == b.Omega).all())
        and bool((a.beta == b.beta).all())
        for a, b in zip(one.stages, other.stages, strict=True)
    )


def _nonzero(numbers: Array, axis: int | None = None) -> Array:
    found: Array = (numbers != 0) if axis is None else (numbers != 0).any(axis=axis)
    return np.asarray(found, bool)
