"""What a network is to a bound on its regions: hidden layers in a row, each an affine map and its activation."""

from collections.abc import Sequence
from typing import NamedTuple


class Stage(NamedTuple):
    """`count` equal hidden layers in a row.

    count: at least 1.
    units: the width n.
    rank: of the affine map that leads in: the smallest of the mediators' widths since the hidden layer before, and n.
        Where `count` is more than 1, the same for each.
    breakpoints: pieces of the activation less one: 1 for relu and leaky_relu, 2 for relu6, hard_tanh and hard_sigmoid;
        0 where it is affine (also leaky_relu with slope 1).
    collapses: all pieces of the activation but one are constant, as of relu and hard_tanh: a unit on such a piece adds
        no dimension to the layer's output. False where any two pieces have a slope.
    steps: every piece is constant, as of heaviside: the output is constant on each cell.

    Activations are monotone, and continuous unless they step; the lower bound rests on it, the upper bounds do not.
    """

    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks of a stage
    units: int
    rank: int
    breakpoints: int
    collapses: bool
    steps: bool = False


def joined(stages: Sequence[Stage]) -> list[Stage]:
    """Return the stages with equal neighbours joined into one and ranks clamped to the width."""
    runs: list[Stage] = []
    for given in stages:
        stage = given
        if stage.count < 1 or stage.units < 1 or stage.rank < 1 or stage.breakpoints < 0:
            raise ValueError(f"count, units and rank are at least 1 and breakpoints at least 0, got {stage}")
        if stage.rank > stage.units:
            stage = stage._replace(rank=stage.units)
        if runs and runs[-1][1:] == stage[1:]:
            runs[-1] = stage._replace(count=runs[-1].count + stage.count)
        else:
            runs.append(stage)
    return runs


def dimensions(inputs: int, stages: Sequence[Stage]) -> list[int]:
    """Return for each stage the most dimensions that reach its units: the smallest of the inputs and the ranks so far.

    It holds for every layer of the stage, as an activation never adds a dimension.
    """
    found = []
    for stage in stages:
        inputs = min(inputs, stage.rank)
        found.append(inputs)
    return found
