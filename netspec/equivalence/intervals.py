"""Between which bounds every unit's pre-activation lies, over a box or over all of R^n: interval arithmetic, sound.

Exact on fractions. On float64 the bounds are moved outward by more than rounding can have cost, so that they hold of
the real numbers that the parameters are.
"""

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from netspec.equivalence.box import Box
from netspec.equivalence.chain import Array, Chain, Stage, zero
from netspec.equivalence.pieces import Piece, piece_on, pieces, value
from netspec.operations import Elementwise

_EPSILON: Final = 2.0**-52
_TINY: Final = 2.0**-1073

_RANGES: Final[dict[str, tuple[int | None, int | None]]] = {
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "softsign": (-1, 1),
    "softplus": (0, None),
    "log_sigmoid": (None, 0),
}
"""Between which bounds smooth functions lie; those that are not here are taken to be unbounded."""


class Bounds(NamedTuple):
    """`low[i]` ≤ v_i ≤ `high[i]`; where `open_low` or `open_high` holds there is no such bound, and 0 stands there."""

    low: Array
    high: Array
    open_low: Array
    open_high: Array

    def ends(self, index: int) -> tuple[Fraction | float | None, Fraction | float | None]:
        """Return both bounds of one value, None for none."""
        low = None if self.open_low[index] else self.low[index]
        return low, None if self.open_high[index] else self.high[index]


def bounds_of(chain: Chain, box: Box | None) -> list[Bounds]:
    """Return bounds on the pre-activations of every stage, for x in the box, or for all x."""
    h = inputs_of(chain, box)
    found: list[Bounds] = []
    for stage in chain.stages:
        z = through(stage, h)
        found.append(z)
        h = image(stage.activation, z)
    return found


def settled(stage: Stage, z: Bounds) -> list[Piece | None]:
    """Return for every unit the piece of the activation that its bounds keep it on, None where they do not.

    One that reads nothing has a piece of its own, its constant value.
    """
    idle = (stage.Omega == 0).all(axis=1) & (pieces(stage.activation) is not None)
    return [
        Piece(None, None, Fraction(0), value(stage.activation, Fraction(stage.beta[i])))
        if idle[i]
        else piece_on(stage.activation, *z.ends(i))
        for i in range(stage.width)
    ]


def inputs_of(chain: Chain, box: Box | None) -> Bounds:
    """Return bounds on x: the box, or none."""
    kind = object if chain.is_exact else np.float64
    if box is None:
        nothing = np.zeros(chain.inputs, kind)
        everywhere = np.ones(chain.inputs, bool)
        return _clean(Bounds(nothing, nothing, everywhere, everywhere))
    closed = np.zeros(chain.inputs, bool)
    if chain.is_exact:
        return Bounds(np.array(box.low, object), np.array(box.high, object), closed, closed)
    low, high = box.bounds()
    return Bounds(np.nextafter(low, -np.inf), np.nextafter(high, np.inf), closed, closed)


def through(stage: Stage, h: Bounds) -> Bounds:
    """Return bounds on β + Ω h."""
    Omega, beta = stage.Omega, stage.beta
    with np.errstate(all="ignore"):
        up, down = np.where(Omega > 0, Omega, zero(Omega)), np.where(Omega < 0, Omega, zero(Omega))
        low, high = up @ h.low + down @ h.high + beta, up @ h.high + down @ h.low + beta
        open_low = _any(up, h.open_low) | _any(down, h.open_high)
        open_high = _any(up, h.open_high) | _any(down, h.open_low)
        if Omega.dtype != object:
            terms = (len(Omega[0]) + 4) * _EPSILON
            low = (
                low
                - terms * (up @ abs(h.low) - down @ abs(h.high) + abs(beta))
                - _TINY * _terms(up, down, h.low, h.high)
            )
            high = (
                high
                + terms * (up @ abs(h.high) - down @ abs(h.low) + abs(beta))
                + _TINY * _terms(up, down, h.high, h.low)
            )
    return _clean(Bounds(low, high, open_low, open_high))


def image(activation: Elementwise | None, z: Bounds) -> Bounds:
    """Return bounds on a[z]; every piecewise linear activation of the language rises, so that ends go to ends."""
    if activation is None:
        return z
    if pieces(activation) is None:
        low, high = _RANGES.get(activation.name, (None, None))
        kind, count = z.low.dtype, len(z.low)
        return _clean(
            Bounds(
                np.full(count, low or 0, kind),
                np.full(count, high or 0, kind),
                np.full(count, low is None),
                np.full(count, high is None),
            )
        )
    found = [_ends(activation, *z.ends(i), exact=z.low.dtype == object) for i in range(len(z.low))]
    kind = z.low.dtype
    return _clean(
        Bounds(
            np.array([0 if low is None else low for low, _ in found], kind),
            np.array([0 if high is None else high for _, high in found], kind),
            np.array([low is None for low, _ in found]),
            np.array([high is None for _, high in found]),
        )
    )


def _ends(
    activation: Elementwise, low: Fraction | float | None, high: Fraction | float | None, *, exact: bool
) -> tuple[Fraction | float | None, Fraction | float | None]:
    parts = pieces(activation) or ()
    first, last = parts[0], parts[-1]
    if low is not None:
        below: Fraction | float | None = _at(parts, Fraction(low), exact, up=False)
    else:
        below = first.offset if not first.slope else None
    if high is not None:
        above: Fraction | float | None = _at(parts, Fraction(high), exact, up=True)
    else:
        above = last.offset if not last.slope else None
    return below, above


def _at(parts: tuple[Piece, ...], z: Fraction, exact: bool, *, up: bool) -> Fraction | float:
    """Return a[z], or the float64 on its outer side."""
    found = next(piece.at(z) for piece in parts if piece.holds(z))
    if exact:
        return found
    try:
        near = float(found)
    except OverflowError:
        return np.inf if found > 0 else -np.inf
    if Fraction(near) == found:
        return near
    return float(np.nextafter(near, np.inf if up else -np.inf))


def _terms(up: Array, down: Array, one: Array, other: Array) -> Array:
    """Return how many products are not 0, and so may be rounded to a subnormal number or to 0."""
    found: Array = (up != 0) @ (one != 0).astype(float) + (down != 0) @ (other != 0).astype(float)
    return found


def _any(weights: Array, marked: Array) -> Array:
    """Return for each row whether a weight that is not 0 meets what is marked."""
    found: Array = ((weights != 0) @ marked.astype(int)) > 0
    return found


def _clean(bounds: Bounds) -> Bounds:
    """Return bounds with zeros where they are open, those that overflowed among them."""
    low, high, open_low, open_high = bounds
    if low.dtype != object:
        open_low, open_high = open_low | ~np.isfinite(low), open_high | ~np.isfinite(high)
    return Bounds(np.where(open_low, zero(low), low), np.where(open_high, zero(high), high), open_low, open_high)
