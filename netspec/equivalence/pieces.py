"""Activations as what they are on each piece of the line: a[z] = slope z + offset, in rationals."""

from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from netspec.operations import Elementwise
from netspec.regions import bending


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
    found = bending.pieces(activation, Fraction)
    if found is None:
        return None
    maps = list(zip(found.slopes, found.offsets, strict=True))
    parts = [Piece(*ends, *here) for ends, here in zip(pairwise([None, *found.points, None]), maps, strict=True)]
    for i, point in enumerate(found.points):
        if parts[i].at(point) != parts[i + 1].at(point):  # where a function jumps it is 0
            parts[i] = parts[i]._replace(high_in=parts[i].at(point) == 0)
            parts[i + 1] = parts[i + 1]._replace(low_in=parts[i + 1].at(point) == 0)
    return tuple(parts)


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
