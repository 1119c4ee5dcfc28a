"""Functions of one input in rationals: the line cut into stretches, with the exact affine map on each."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from netspec.equivalence.chain import Chain, Stage
from netspec.equivalence.pieces import Piece, continuous, pieces

AFFORDABLE: Final = 200_000
"""Values of units that are worked out at most, in a few seconds."""

Map = tuple[Fraction, Fraction]
"""Offset and slope."""


class Stretch(NamedTuple):
    """The line from `left` to `right`, None where it has no end, and the outputs there as maps of x."""

    left: Fraction | None
    right: Fraction | None
    maps: tuple[Map, ...]


class Difference(NamedTuple):
    """The largest |f - g| on a stretch of the line, and an x where it is; None where there is no largest."""

    largest: Fraction | None
    x: Fraction


def stretches(chain: Chain, left: Fraction | None, right: Fraction | None) -> list[Stretch] | None:
    """Return the stretches on which a chain of one input is affine, neighbours of one map made one.

    None where it is not piecewise linear and continuous, and where it would take more work than is affordable.
    """
    if chain.inputs != 1 or not all(pieces(s.activation) and continuous(s.activation) for s in chain.stages):
        return None
    found = [Stretch(left, right, ((Fraction(0), Fraction(1)),))]
    work = 0
    for k, stage in enumerate(chain.exact().stages):
        longer = 1 + k // 16  # from layer to layer fractions get longer
        parts = pieces(stage.activation) or ()
        cut: list[Stretch] = []
        for stretch in found:
            work += stage.width * len(stretch.maps) * longer
            if work > AFFORDABLE:
                return None
            for piece in _cut(stretch, stage, parts):
                work += stage.width * longer
                if work > AFFORDABLE:
                    return None
                cut.append(piece)
        found = cut
    return _joined(found)


def largest_difference(f: Chain, g: Chain, left: Fraction | None, right: Fraction | None) -> Difference | None:
    """Return the largest |f - g| between two ends, exactly; None where `stretches` gives none.

    Without ends the difference may grow without bound; x is then a point where it is not 0.
    """
    one, other = stretches(f, left, right), stretches(g, left, right)
    if one is None or other is None:
        return None
    best = Difference(Fraction(0), Fraction(0) if left is None else left)
    for stretch in _differences(one, other):
        for offset, slope in stretch.maps:
            if slope and (stretch.left is None or stretch.right is None):
                return Difference(None, _outside(stretch, offset, slope))
            for x in _ends(stretch):
                height = abs(offset + slope * x)
                if best.largest is not None and height > best.largest:
                    best = Difference(height, x)
    return best


def _differences(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield f - g on each stretch on which both are affine."""
    i = j = 0
    left = one[0].left
    while i < len(one) and j < len(other):
        a, b = one[i], other[j]
        rights = [end for end in (a.right, b.right) if end is not None]
        right = min(rights) if rights else None
        maps = tuple((p - q, s - t) for (p, s), (q, t) in zip(a.maps, b.maps, strict=True))
        yield Stretch(left, right, maps)
        left = right
        i += a.right == right
        j += b.right == right


def _cut(stretch: Stretch, stage: Stage, parts: Sequence[Piece]) -> Iterator[Stretch]:
    """Yield the stretches on which no unit of a stage leaves its piece, with the maps after the stage."""
    units = [_through(row, beta, stretch.maps) for row, beta in zip(stage.Omega, stage.beta, strict=True)]
    joints = {
        (part.high - offset) / slope for offset, slope in units if slope for part in parts[:-1] if part.high is not None
    }
    inside = sorted(
        x for x in joints if (stretch.left is None or x > stretch.left) and (stretch.right is None or x < stretch.right)
    )
    for left, right in pairwise([stretch.left, *inside, stretch.right]):
        x = _middle(left, right)
        yield Stretch(left, right, tuple(_bent(unit, x, parts) for unit in units))


def _through(row: Sequence[Fraction], beta: Fraction, maps: Sequence[Map]) -> Map:
    offset, slope = beta, Fraction(0)
    for weight, (b, s) in zip(row, maps, strict=True):
        if weight:
            offset += weight * b
            slope += weight * s
    return offset, slope


def _bent(unit: Map, x: Fraction, parts: Sequence[Piece]) -> Map:
    offset, slope = unit
    z = offset + slope * x
    piece = next(part for part in parts if part.holds(z))
    return piece.slope * offset + piece.offset, piece.slope * slope


def _middle(left: Fraction | None, right: Fraction | None) -> Fraction:
    if left is None:
        return Fraction(0) if right is None else right - 1
    return left + 1 if right is None else (left + right) / 2


def _ends(stretch: Stretch) -> list[Fraction]:
    found = [end for end in (stretch.left, stretch.right) if end is not None]
    return found or [Fraction(0)]


def _outside(stretch: Stretch, offset: Fraction, slope: Fraction) -> Fraction:
    """Return a point of an endless stretch where offset + slope x is not 0, a whole number where one serves."""
    near = stretch.right if stretch.left is None else stretch.left
    step = -1 if stretch.left is None else 1
    whole = Fraction(0) if near is None else Fraction(near.__floor__() + (2 if step > 0 else -1))
    return whole if offset + slope * whole else whole + step


def _joined(found: Sequence[Stretch]) -> list[Stretch]:
    joined = [found[0]]
    for stretch in found[1:]:
        if stretch.maps == joined[-1].maps:
            joined[-1] = joined[-1]._replace(right=stretch.right)
        else:
            joined.append(stretch)
    return joined
