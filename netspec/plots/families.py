"""Regions against parameters for families of networks: what depth gains, as in figure 4.7."""

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.ticker import MaxNLocator

from netspec.diagnostics import SystemFault
from netspec.efficiency import Curve, curves
from netspec.plots.canvas import COLOURS, FAINT, Picture, picture

MOST_PANELS: Final = 4

_MARKS: Final = ("o", "s", "^", "D", "v")
_DASHES: Final = ("solid", (0, (5, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (1, 1.2)), (0, (8, 1.5, 1, 1.5, 1, 1.5)))


def depth(inputs: Sequence[int] = (1, 10)) -> Picture:
    """Return the picture of regions against parameters: a panel for each D_i, a curve for each depth K = 1 … 5.

    The networks are fully connected, ReLU, of K layers of D units each, with one output; D grows along a curve. Where
    the proven bounds meet the curve is the maximum, with filled marks; elsewhere it is the lower bound, with hollow
    marks and a band up to the upper bound.

    Raises SystemFault `usage` for no inputs, more than 4 panels, and sizes out of range.
    """
    if not 1 <= len(inputs) <= MOST_PANELS:
        raise SystemFault("usage", f"{len(inputs)} panels are asked for; there are 1 to {MOST_PANELS}")
    try:
        families = [curves(each) for each in inputs]
    except ValueError as refused:
        raise SystemFault("usage", str(refused)) from refused
    with picture(4.9 * len(inputs) + 0.3, 4.6) as figure:
        for axes, family in zip(figure.subplots(1, len(inputs), squeeze=False)[0], families, strict=True):
            for index, curve in enumerate(family):
                _draw(axes, curve, index)
            _frame(axes, family[0])
        words = "filled marks: the maximum; hollow marks: a lower bound on it, with a band up to the upper bound"
        figure.supxlabel(words, fontsize=8.5, color=FAINT)
    return figure


def _draw(axes: Any, curve: Curve, index: int) -> None:
    """Draw the curve of one depth. The axis is of log10, for numbers beyond float64."""
    ink = COLOURS[index % len(COLOURS)]
    parameters = [point.parameters for point in curve.points]
    lower = [point.regions.lower.log10 for point in curve.points]
    upper = [point.regions.upper.log10 for point in curve.points]
    met = [point.regions.exact for point in curve.points]
    if not all(met):
        axes.fill_between(parameters, lower, upper, color=ink, alpha=0.18, linewidth=0)
    dashes, mark = _DASHES[index % len(_DASHES)], _MARKS[index % len(_MARKS)]
    axes.plot(parameters, lower, color=ink, linestyle=dashes, zorder=2)
    style = {"linestyle": "none", "marker": mark, "markersize": 5, "markeredgecolor": ink, "markeredgewidth": 1.1}
    for exact, face in ((True, ink), (False, "white")):
        chosen = [(p, y) for p, y, each in zip(parameters, lower, met, strict=True) if each == exact]
        axes.plot([p for p, _ in chosen], [y for _, y in chosen], markerfacecolor=face, zorder=3, **style)
    axes.plot(
        [], [], color=ink, label=f"$K = {curve.depth}$", **(style | {"linestyle": dashes, "markerfacecolor": ink})
    )


def _frame(axes: Any, curve: Curve) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"$10^{{{value:g}}}$")
    axes.set(xlabel="parameters", ylabel="linear regions", xlim=(0, None), ylim=(0, None))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    widths = [point.width for point in curve.points]
    axes.set_title(f"$D_i = {curve.inputs}$, $D = {widths[0]}, {widths[1]}\\ …\\ {widths[-1]}$")
    axes.grid(axis="y", color="#d0d0d0", linewidth=0.5)
    axes.legend(loc="lower right", handlelength=3.6)
