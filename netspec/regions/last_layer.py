"""The stretches that the last hidden layer makes, counted without their forms.

Where a unit with a weight in an output bends, and nothing else does, the output bends: its slope changes by the product
of three numbers that are not zero. So only the knots that were there before are looked at, on whose two sides many
units may differ.
"""

from typing import Any, NamedTuple

import numpy as np

from netspec.regions.crossings import crossing, cut, shifted
from netspec.regions.line import ROUNDING, Line, Value
from netspec.regions.overflow import finite
from netspec.regions.steps import Array, Bend, Forms, Linear, jumps
from netspec.regions.tally import Edge, Tally, same
from netspec.regions.walking import Moves


class LastLayer(NamedTuple):
    """The last bend, which is move `number`, and y = constant + matrix @ h after it.

    `slopes` are those of a[z] below and above its point; `heard` says which units have a weight in an output.
    """

    number: int
    bend: Bend
    after: Linear
    matrix: Array
    slopes: tuple[Any, Any]
    heard: Array


def last_layer(moves: Moves) -> LastLayer | None:
    """Return the last hidden layer, where it can be counted so: one bend, then an affine map of it alone."""
    if len(moves.moves) < 2 or moves.signed:
        return None
    bend, after = moves.moves[-2:]
    if not isinstance(bend, Bend) or not isinstance(after, Linear):
        return None
    alone = after.matrix is not None and after.operands == (bend.result,) and after.result == moves.chain.output
    if not alone or len(bend.points) != 1 or bend.slopes.size != 2 or bend.offsets.any():
        return None
    if any(jumps(step) for step in moves.chain.steps):
        return None  # where a layer before it jumps, outputs may change without their slopes
    matrix = np.asarray(after.matrix)
    below, above = bend.slopes.reshape(-1)
    if below == above:
        return None  # its units bend nowhere
    return LastLayer(len(moves.moves) - 2, bend, after, matrix, (below, above), (matrix != 0).any(0))


def tally_last_layer(layer: LastLayer, line: Line) -> Tally | None:
    """Return the tally of what the last layer makes of stretches; None where its crossings are not all clear."""
    z = shifted(line.values[layer.bend.operands[0]], layer.bend.points[0])
    found = crossing(z, line.knots, line.blur)
    made = cut([found], line.knots, line.blur)
    if made.touches or made.merged:
        return None
    begins, ends = _above(found.low, found.high, found.level), _above(found.high, found.low, found.level)
    crosses = found.crosses
    heard = crosses if layer.heard.all() else crosses[layer.heard]
    pieces = 1 + int(np.count_nonzero(heard))
    unsure = made.unsure
    if len(line) > 1:
        alike, doubtful = _alike(layer, line, z, begins, ends)
        pieces += len(line) - 1 - alike
        unsure += doubtful
    return Tally(
        len(made.knots) - 1,
        pieces,
        unsure,
        _edge(layer, line, begins, 0),
        _edge(layer, line, ends, -1),
    )


def _above(here: Array, there: Array, level: bool) -> Array:
    """Return which forms are above zero on the part of a stretch at one of its ends, given their values at both."""
    above: Array = here > 0
    return above | ((here == 0) & (there > 0)) if level else above


def _alike(layer: LastLayer, line: Line, z: Value, begins: Array, ends: Array) -> tuple[int, int]:
    """Return at how many knots between the stretches outputs stay one map, and at how many this is unsure."""
    below, above = layer.slopes
    slope = z.forms[1]
    if below == 0 and above == 1:
        after, before = slope * begins, slope * ends
    else:
        after, before = (np.where(side, slope * above, slope * below) for side in (begins, ends))
    change = np.matmul(layer.matrix, after[:, 1:] - before[:, :-1])[None]
    errors = None
    if z.errors is not None:
        steepest = max(abs(below), abs(above))
        noise = np.abs(slope) * ((layer.matrix.shape[1] + 4) * ROUNDING)
        noise += z.errors[1]
        reach = np.matmul(np.abs(layer.matrix) * steepest, noise)
        errors = (reach[:, 1:] + reach[:, :-1])[None]
    finite(change)
    nothing = np.zeros_like(change)
    whole: Forms = np.concatenate([nothing, change])
    both = None if errors is None else np.concatenate([nothing, errors])
    alike, doubtful = same(np.zeros_like(whole), whole, both, line.knots[1:-1], False)
    return int(alike.sum()), int(doubtful.sum())


def _edge(layer: LastLayer, line: Line, active: Array, index: int) -> Edge:
    """Return the outputs on the outermost of the new stretches."""
    from netspec.regions.line import linear

    z = line.values[layer.bend.operands[0]].part(index % len(line), index % len(line) + 1)
    below, above = layer.slopes
    slopes = np.where(active[:, index], above, below)[:, None]
    errors = None
    if z.errors is not None:
        errors = (z.errors + np.abs(z.forms) * (2 * ROUNDING)) * np.abs(slopes)
    y = linear(layer.after, [Value(z.forms * slopes, errors)])
    return Edge(finite(y.forms[..., 0]), None if y.errors is None else y.errors[..., 0], 0)
