"""A network with many regions, described: what its number of regions is proves a lower bound on the maximum.

The construction (Montúfar et al. 2014; Serra et al. 2018, theorem 6, for widths of at least three times the inputs),
with m of the inputs, m at most the inputs and every rank up to layer P, on the cube [0, 1]^m:

* Each layer before P gives every one of the m coordinates p units of its own, Σ p ≤ n. They make a zig-zag of the
  coordinate whose every piece covers [0, 1]: p + 1 pieces for p ≥ 3, since p joints are free and turning one unit to
  the left frees the first slope (for leaky_relu of slope s < 1 and pieces of slope ±c, unit 3 turned, the first slope
  is 2c(1 + s) ± cs); p pieces for p = 1 and 2, where one unit only has to carry the coordinate through its sloping
  piece. Other breakpoints are moved out of the cube. So the layer multiplies the cubes by Π g(p), g(1) = 1, g(2) = 2,
  g(p) = p + 1, best when the n units are dealt evenly. Such an affine map has rank m, and passes through mediators of
  width m.
* Layer P cuts every one of these cubes by n hyperplanes in general position: Z(n, m, 1) cells. With generic weights y
  has another slope on the other side of every joint, also where two cubes meet, so that all cells are pieces of their
  own; but for a cell on which no unit has a slope. For n > m not all 2^n patterns occur, and one that does not is made
  the flat one. For n = m the flat cell may join those of the cubes around it: that leaves Z - 1 pieces a cube, and
  one.
* The layers behind P carry y, one number, through a sloping piece.

So Π_{l < P} Π g(p) · Z(n_P, m, 1) for every m and P. For P = 1 no cube is needed, and Z(n_1, min(D_i, r_1), b) is
exact for one hidden layer. All this may be a good deal less than the maximum; for D_i = 1 and widths of 3 or more with
b = 1 it is the maximum. The product over all layers with Z at the last, as where all n_l ≥ 3 D_i, is theorem 6 or
better.

A layer that steps ends the count, as nothing behind it has a slope: it is layer P, with layers that only carry before
it; layers that step behind it can still carry as many of its units, zeros and ones, as the ranks let through.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from netspec.bounds.arrangements import MOST_BITS, cells, cells_at_least
from netspec.bounds.magnitude import Rounded
from netspec.bounds.stages import Stage

_ALL_TRIED: Final = 32
"""Up to here every m is tried, and about so many beyond."""

_MOST_WORK: Final = 1_000
"""Pairs of an m and a width whose folds are counted for it; a pair is some 15 µs."""

_LAST_TRIED: Final = 8
"""Stages that are tried as layer P for an m, the last of those that it fits: folding in all before is rarely worse."""


_COMPARED: Final = 400
"""Steps spent on the cells of layer P while constructions are compared; the best one's are then counted in full."""


class Zigzag(NamedTuple):
    """The best construction found: its m, its P as (index of the stage, whose last layer it is), and its regions."""

    coordinates: int
    last: int
    rounded: Rounded


def fewest_regions(inputs: int, stages: Sequence[Stage]) -> tuple[int | None, Rounded]:
    """Return a number of regions that some parameters attain, exactly where that is worth the work, and rounded down.

    The stages are joined and there is at least one.
    """
    first = stages[0]
    units = _lasting_units(stages, 0)
    arrangement = (units, min(inputs, first.rank), first.breakpoints)
    best = Zigzag(arrangement[1], -1, cells_at_least(*arrangement))
    for m in _coordinates(inputs, stages):
        for found in _constructions(m, stages):
            if best.rounded < found.rounded:
                best = found
    if best.last < 0:
        return cells(*arrangement), best.rounded
    return _exactly(best, stages), best.rounded


def _lasting_units(stages: Sequence[Stage], index: int) -> int:
    """Return the units of a stage's layer of which a trace is left behind the layers that step after it."""
    stage = stages[index]
    again = stage.steps and (stage.count > 1 or any(later.steps for later in stages[index + 1 :]))
    if not again:
        return stage.units
    steps = max(i for i, later in enumerate(stages) if later.steps)
    ranks = [later.rank for later in stages[index + 1 : steps + 1]]
    return min(stage.units, *ranks, stage.rank if stage.count > 1 else stage.units)


def _coordinates(inputs: int, stages: Sequence[Stage]) -> Iterator[int]:
    """Yield the m to try: all of a few, else a grid, the ranks, and a third of the widths, where a layer folds most."""
    most = min(inputs, stages[0].rank)
    if most <= _ALL_TRIED:
        tried = set(range(1, most + 1))
    else:
        grid = {most * i // _ALL_TRIED for i in range(1, _ALL_TRIED + 1)}
        widths = sorted({stage.units for stage in stages})[:8]
        ranks = sorted({stage.rank for stage in stages})[:8]
        tried = {m for m in (1, *grid, *ranks, *(width // 3 for width in widths)) if 1 <= m <= most}
    room = max(2, _MOST_WORK // len({stage.units for stage in stages}))
    yield from sorted({*sorted(tried, reverse=True)[:: -(-len(tried) // room)], 1})


def _constructions(m: int, stages: Sequence[Stage]) -> Iterator[Zigzag]:
    """Yield constructions with m coordinates, one for each stage whose last layer is tried as layer P."""
    end = next((i for i, stage in enumerate(stages) if stage.rank < m or stage.steps), len(stages))
    if end < len(stages) and stages[end].rank >= m:  # it steps
        yield Zigzag(m, end, cells_at_least(_lasting_units(stages, end), m, stages[end].breakpoints))
    start = max(0, end - _LAST_TRIED)
    layers: dict[int, int] = {}
    for stage in stages[:start]:
        if stage.breakpoints:
            layers[stage.units] = layers.get(stage.units, 0) + stage.count
    cubes = Rounded(1, up=False)
    for units, count in layers.items():
        cubes = cubes * _fold_at_least(units, m) ** count
    for index in range(start, end):
        stage = stages[index]
        if stage.breakpoints:
            fold = _fold_at_least(stage.units, m)
            cubes = cubes * fold ** (stage.count - 1)
            yield Zigzag(m, index, cubes * _last_at_least(stage.units, m))
            cubes = cubes * fold


def _last_at_least(units: int, m: int) -> Rounded:
    """Return the pieces that layer P makes of a cube, or a little less."""
    if units == m:  # 2^m - 1, or 2^m - 2^(m - 64) where that is less
        return Rounded((1 << min(m, 64)) - 1, up=False, exponent=max(0, m - 64))
    return cells_at_least(units, m, 1, _COMPARED)


def _pieces(units: int) -> int:
    """Return g(p), the pieces of a coordinate's zig-zag by p units."""
    return units + 1 if units >= 3 else units


def _fold_at_least(units: int, m: int) -> Rounded:
    """Return Π g(p) over the m coordinates, or a little less."""
    each, more = divmod(units, m)
    return Rounded(_pieces(each + 1), up=False) ** more * Rounded(_pieces(each), up=False) ** (m - more)


def _exactly(best: Zigzag, stages: Sequence[Stage]) -> int | None:
    """Return the construction's regions, or None where they have too many digits."""
    m, last = best.coordinates, stages[best.last]
    if best.rounded.bits > MOST_BITS:
        return None
    if last.steps:
        return cells(_lasting_units(stages, best.last), m, last.breakpoints)
    arrangement = cells(last.units, m, 1)
    if arrangement is None:
        return None
    factors = []
    for index, stage in enumerate(stages[: best.last + 1]):
        if stage.breakpoints:
            each, more = divmod(stage.units, m)
            layers = stage.count - (index == best.last)
            factors += [_pieces(each + 1) ** (more * layers), _pieces(each) ** ((m - more) * layers)]
    cubes = product(factors)
    return cubes * (arrangement - 1) + 1 if last.units == m else cubes * arrangement


def product(factors: list[int]) -> int:
    """Return the product, by halves, so that long factors meet long ones."""
    while len(factors) > 1:
        odd = factors[len(factors) // 2 * 2 :]
        factors = [a * b for a, b in zip(factors[::2], factors[1::2], strict=False)] + odd
    return factors[0] if factors else 1
