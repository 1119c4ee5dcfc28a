"""Families of networks whose width grows while the depth stays: regions against parameters, as in figure 4.7.

Source: Prince, *Understanding Deep Learning*, figure 4.7: D_i = 1 with D = 1 … 10, and D_i = 10 with D = 10, 20 … 50,
for K = 1 … 5. For D_i > 1 the book draws a formula that is a lower bound on the maximum.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from netspec.efficiency.budgets import parameters_of
from netspec.efficiency.expressed import Expressed, expressed
from netspec.limits import HIDDEN_LAYERS, WIDTH

DEPTHS: Final = (1, 2, 3, 4, 5)
MOST_POINTS: Final = 5_000
"""Points of all curves of a family together; one takes some milliseconds."""

_STEPS: Final = 10  # widths of the curves of one input
_MULTIPLES: Final = 5  # and of more: multiples of the inputs


class Point(NamedTuple):
    """One network of a family: K hidden layers of D units."""

    width: int
    parameters: int
    capacity: int
    regions: Expressed


class Curve(NamedTuple):
    """The networks of one depth, from narrow to wide."""

    inputs: int
    outputs: int
    depth: int
    points: tuple[Point, ...]


def widths_for(inputs: int) -> tuple[int, ...]:
    """Return the widths of figure 4.7: 1 … 10 for one input, else the first five multiples of the inputs."""
    if inputs == 1:
        return tuple(range(1, _STEPS + 1))
    return tuple(inputs * i for i in range(1, _MULTIPLES + 1))


def curves(
    inputs: int,
    *,
    outputs: int = 1,
    depths: Iterable[int] = DEPTHS,
    widths: Iterable[int] | None = None,
    exact: bool = False,
) -> tuple[Curve, ...]:
    """Return a curve for each depth K: fully connected ReLU networks of K layers of D units, D from narrow to wide.

    `widths` are those of figure 4.7 unless given; `exact` as for `expressed`. Raises ValueError for sizes below 1 or
    beyond the limits of the language, and for more than 5,000 points.
    """
    chosen_depths = sorted(set(depths))
    chosen_widths = sorted(set(widths_for(inputs) if widths is None else widths))
    for name, values, most in (
        ("inputs", [inputs], WIDTH.value),
        ("outputs", [outputs], WIDTH.value),
        ("depths", chosen_depths, HIDDEN_LAYERS.value),
        ("widths", chosen_widths, WIDTH.value),
    ):
        if not values or values[0] < 1 or values[-1] > most:
            raise ValueError(f"{name}: expected 1 to {most:,}, got {values[:1] or 'none'} to {values[-1:] or 'none'}")
    if len(chosen_depths) * len(chosen_widths) > MOST_POINTS:
        raise ValueError(f"{len(chosen_depths) * len(chosen_widths):,} points are more than {MOST_POINTS:,}")
    return tuple(
        Curve(
            inputs,
            outputs,
            depth,
            tuple(
                Point(
                    width,
                    parameters_of(inputs, [(depth, width)], outputs),
                    depth * width,
                    expressed(inputs, [(depth, width)], exact=exact),
                )
                for width in chosen_widths
            ),
        )
        for depth in chosen_depths
    )
