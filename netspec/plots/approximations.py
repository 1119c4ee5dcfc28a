"""A function of one input by more and more joints: how wide a network is for how precise, as in figure 3.5."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from netspec.constructions import Piecewise, as_points, precision_curve
from netspec.constructions.points import Number
from netspec.constructions.polyline import narrowest
from netspec.plots.canvas import COLOURS, FAINT, INK, Picture, number, picture

MOST_POINTS: Final = 500
"""Points that a function is given by; the curve of so many takes some seconds."""

_SHOWN: Final = (0.2, 0.45, 0.7)  # how far along the curve the functions that are drawn lie


def precision(points: "Iterable[tuple[Number, Number]]") -> Picture:
    """Return the picture of how the width of a shallow network grows with its precision.

    The function is the polyline through the points. Above it is dashed, with functions of fewest pieces within three
    distances ε of it; below are the units that each ε takes, both axes logarithmic, that of the units from 1 on.

    Raises ValueError for points without sense, for more than 500, and for those on one level, which
    take no unit.
    """
    exact = as_points(points)
    if len(exact) > MOST_POINTS:
        raise ValueError(f"the curve of {len(exact):,} points takes minutes; up to {MOST_POINTS:,} are drawn")
    curve = precision_curve(exact)
    if not curve[0].within:
        raise ValueError("the points lie on one level: a function without units goes through them")
    distinct = [each for index, each in enumerate(curve) if each.pieces not in {e.pieces for e in curve[:index]}]
    chosen = list(dict.fromkeys(distinct[round(share * (len(distinct) - 1))] for share in _SHOWN))
    x, y = (np.array([float(each) for each in axis]) for axis in zip(*exact, strict=True))
    with picture(3.4 * len(chosen) + 0.6, 5.6) as figure:
        grid = figure.add_gridspec(2, len(chosen), height_ratios=[1.15, 1])
        first: Any = None
        for index, each in enumerate(chosen):
            first = axes = figure.add_subplot(grid[0, index], sharey=first)
            function = narrowest(exact, each.within)
            _compare(axes, x, y, function)
            count = f"{each.units} unit{'s' if each.units != 1 else ''}"
            axes.set_title(rf"$\epsilon$ = {number(each.within)}: {count}")
            axes.set(xlabel="input $x$", **({} if index else {"ylabel": "output $y$"}))
            axes.tick_params(labelleft=not index)
        _draw_curve(figure.add_subplot(grid[1, :]), [float(e.within) for e in curve], [e.units for e in curve])
    return figure


def _compare(axes: Any, x: Any, y: Any, function: Piecewise) -> None:
    joints = np.array([[float(each) for each in knot] for knot in function.knots])
    axes.plot(x, y, color=FAINT, linestyle=(0, (3, 2)), linewidth=1.4)
    axes.plot(joints[:, 0], joints[:, 1], color=COLOURS[0], linewidth=1.8)
    axes.plot(joints[1:-1, 0], joints[1:-1, 1], "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK)
    axes.set_xlim(x[0], x[-1])


def _draw_curve(axes: Any, within: list[float], units: list[int]) -> None:
    axes.plot(within, units, "o-", color=COLOURS[0], markersize=4.5, markeredgecolor=INK)
    axes.set_xscale("log")
    axes.set_yscale("symlog", base=2, linthresh=1, linscale=0.5)  # a level line has no units
    axes.set_ylim(-0.3, 1.4 * max(units))
    axes.invert_xaxis()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set(xlabel=r"distance $\epsilon$ from the function, finer to the right", ylabel="hidden units $D$")
    axes.grid(color="#d0d0d0", linewidth=0.5)
