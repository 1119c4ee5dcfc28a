"""Activations as what they are on each piece of the line: a[z] = slope z + offset, in rationals."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from netspec.operations import Elementwise


class Piece(NamedTuple):
    """A piece of the line on which an activation is affine: from `low` to `high`, None where it has no end.

    `low_in` and `high_in` say whether the ends belong to it; of a continuous function both pieces have the joint.
    """

    low: Fraction | None
    high: Fraction | None
    slope: Fraction
    offset: Fraction
    low_in: bool = True
    high_in: bool = True

    def holds(self, z: Fraction) -> bool:
        """Return whether z lies on the piece."""
        above = self.low is None or z > self.low or (self.low_in and z == self.low)
        return above and (self.high is None or z < self.high or (self.high_in and z == self.high))

    def covers(self, low: Fraction | None, high: Fraction | None) -> bool:
        """Return whether all from `low` to `high`, both included, lies on the piece; None is no end."""
        above = self.low is None or (low is not None and (low > self.low or (self.low_in and low == self.low)))
        below = self.high is None or (high is not None and (high < self.high or (self.high_in and high == self.high)))
        return above and below

    def at(self, z: Fraction) -> Fraction:
        """Return a[z] for z on the piece."""
        return self.slope * z + self.offset


_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)
IDENTITY: Final = Piece(None, None, _ONE, _ZERO)

HOMOGENEOUS: Final = ("relu", "leaky_relu", "identity")
"""Functions with a[s z] = s a[z] for every s > 0."""


def pieces(activation: Elementwise | None) -> tuple[Piece, ...] | None:
    """Return the pieces of an activation from left to right; None where it is not piecewise linear.

    The numbers that it takes are those of float64 that stand in the graph.
    """
    if activation is None or activation.linearity == "affine":
        return (IDENTITY,)
    name, numbers = activation.name, [Fraction(number) for number in activation.arguments]
    if name == "relu":
        return _joined([_ZERO], [(_ZERO, _ZERO), (_ONE, _ZERO)])
    if name == "leaky_relu":
        return _joined([_ZERO], [(numbers[0], _ZERO), (_ONE, _ZERO)])
    if name == "relu6":
        return _clipped(_ZERO, Fraction(6))
    if name == "hard_tanh":
        return _clipped(*numbers)
    if name == "hard_sigmoid":
        rise = (Fraction(1, 6), Fraction(1, 2))
        return _joined([Fraction(-3), Fraction(3)], [(_ZERO, _ZERO), rise, (_ZERO, _ONE)])
    if name == "soft_shrink":
        (bound,) = numbers
        return _joined([-bound, bound], [(_ONE, bound), (_ZERO, _ZERO), (_ONE, -bound)])
    if name == "heaviside":
        return (Piece(None, _ZERO, _ZERO, _ZERO), Piece(_ZERO, None, _ZERO, _ONE, low_in=False))
    if name == "hard_shrink":
        (bound,) = numbers
        return (
            Piece(None, -bound, _ONE, _ZERO, high_in=False),
            Piece(-bound, bound, _ZERO, _ZERO),
            Piece(bound, None, _ONE, _ZERO, low_in=False),
        )
    return None


def continuous(activation: Elementwise | None) -> bool:
    """Return whether an activation that has pieces has no jumps."""
    return activation is None or activation.name not in ("heaviside", "hard_shrink")


def value(activation: Elementwise | None, z: Fraction) -> Fraction:
    """Return a[z] of a piecewise linear activation. Raises ValueError for another."""
    for piece in pieces(activation) or ():
        if piece.holds(z):
            return piece.at(z)
    raise ValueError(f"{activation} is not piecewise linear")


def piece_on(
    activation: Elementwise | None, low: Fraction | float | None, high: Fraction | float | None
) -> Piece | None:
    """Return the piece on which an activation stays for all z from `low` to `high`; None where it leaves each."""
    ends = [None if end is None else Fraction(end) for end in (low, high)]
    return next((piece for piece in pieces(activation) or () if piece.covers(*ends)), None)


def _clipped(low: Fraction, high: Fraction) -> tuple[Piece, ...]:
    return _joined([low, high], [(_ZERO, low), (_ONE, _ZERO), (_ZERO, high)])


def _joined(joints: Sequence[Fraction], maps: Sequence[tuple[Fraction, Fraction]]) -> tuple[Piece, ...]:
    """Return the pieces of a continuous function: its joints, and slope and offset left, between and right of them."""
    ends = [None, *joints, None]
    return tuple(Piece(ends[i], ends[i + 1], *maps[i]) for i in range(len(maps)))
