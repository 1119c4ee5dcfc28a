"""y against x with its joints and regions, and under it what every hidden unit adds; figures 3.3 and 4.5."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.model import Model
from netspec.plots.canvas import COLOURS, FAINT, INK, Picture, band, colour, number, picture
from netspec.plots.sampling import Layer, Line, joined, layers, line, window
from netspec.regions.domains import Span
from netspec.regions.lowering import lower

MOST_COLOURED: Final = 150
"""Regions that have a colour each; where there are more, their density is drawn."""

_MOST_LAYERS: Final = 8
_MOST_OUTPUTS: Final = len(COLOURS)
_MOST_LINES: Final = 64  # units of a layer that are drawn over one another
_MOST_APART: Final = 3  # layers whose units have a panel each
_APART: Final = 6  # and how many units they have at most
_WIDTH: Final = 8.0


def function(model: Model, spans: Sequence[Span] = (), *, hidden: bool = True) -> Picture:
    """Return the picture of a network of one input over an interval, one with all joints in it unless given.

    Above is y with a tint for each linear region and a dot at each joint; below, unless `hidden` is False, are the
    pre-activations, the activations, and, where one number comes out of a layer, what each unit adds to it.

    Raises SpecError `no-regions` for what has none, and SystemFault `usage` for another number of inputs, for more than
    6 outputs, and for too many regions.
    """
    chain = lower(model)
    if chain.inputs != 1:
        help_ = (
            "`netspec plot regions` draws it" if chain.inputs == 2 else "`netspec regions` counts along `--segment A B`"
        )
        raise SystemFault("usage", f"{model.name} has {chain.inputs:,} inputs; a curve is drawn of one", help_)
    if chain.outputs > _MOST_OUTPUTS:
        raise SystemFault("usage", f"{model.name} has {chain.outputs} outputs; up to {_MOST_OUTPUTS} are drawn")
    domain = window(chain, [*spans])
    drawn = line(chain, domain)
    shown = list(islice(layers(chain, domain, drawn.knots), _MOST_LAYERS)) if hidden else []
    dense = len(drawn.spans) > MOST_COLOURED
    apart = len(shown) <= _MOST_APART and all(layer.z.shape[2] <= _APART for layer in shown)
    rows = [2 + (layer.weighted is not None) if apart else 1 for layer in shown]
    heights = [3.0, *([0.8] if dense else []), *(1.15 * count + 0.25 for count in rows)]
    with picture(_WIDTH, sum(heights) + 0.3) as figure:
        grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
        _draw_y(figure.add_subplot(grid[0]), model.name, drawn, dense)
        if dense:
            _draw_density(figure.add_subplot(grid[1]), drawn)
        for k, layer in enumerate(shown, 1):
            _draw_layer(grid[k + dense], k, layer, drawn, dense, apart)
        left = chain.bends - len(shown) if hidden else 0
        if left:
            figure.supxlabel(f"{left} more hidden layers are not drawn", fontsize=8, color=FAINT)
    return figure


def _draw_y(axes: Any, name: str, drawn: Line, dense: bool) -> None:
    outputs = drawn.y.shape[2]
    if not dense:
        _tint(axes, drawn)
    for output in range(outputs):
        x, y = joined(drawn.knots, drawn.y[:, :, output])
        label = f"$y_{{{output + 1}}}$" if outputs > 1 else None
        axes.plot(x, y, color=colour(output) if outputs > 1 else INK, label=label, linewidth=2 if not dense else 0.8)
        if not dense:
            at = np.nonzero(np.diff(drawn.pieces) > 0)[0]
            heights = drawn.y[at, 1, output]
            axes.plot(drawn.joints, heights, "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, zorder=3)
    if outputs > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    axes.set_xlim(drawn.knots[0], drawn.knots[-1])
    axes.margins(y=0.08)
    axes.set_ylabel("output $y$")
    axes.set_xlabel("input $x$")
    count = len(drawn.spans)
    regions = f"{count:,} linear region{'s' if count > 1 else ''}"
    axes.set_title(f"{name}: {regions} on [{number(drawn.knots[0])}, {number(drawn.knots[-1])}]")


def _tint(axes: Any, drawn: Line) -> None:
    for index, (low, high) in enumerate(drawn.spans):
        band(axes, low, high, index)
    for joint in drawn.joints:
        axes.axvline(joint, color=FAINT, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)


def _draw_density(axes: Any, drawn: Line) -> None:
    """Draw how many joints there are for each of 160 stretches of x."""
    bins = np.linspace(drawn.knots[0], drawn.knots[-1], 161)
    counts, _ = np.histogram(drawn.joints, bins)
    axes.stairs(counts, bins, fill=True, color=COLOURS[0])
    axes.set_xlim(bins[0], bins[-1])
    axes.set_ylabel("joints")
    axes.set_xlabel("joints in each of 160 equal stretches of the interval")


def _draw_layer(place: Any, k: int, layer: Layer, drawn: Line, dense: bool, apart: bool) -> None:
    """Draw a hidden layer: a column for each unit, or all in one where they are many."""
    rows = [("pre-activation", f"$z_{{{k}}}$", layer.z), ("activation", f"$h_{{{k}}}$", layer.h)]
    if layer.weighted is not None:
        rows.append(("weighted", rf"$\Omega_{{{k}}}\,h_{{{k}}}$", layer.weighted))
    units = layer.z.shape[2]
    of = f" of {layer.name}" if layer.name else ""
    title = f"hidden layer {k}{of}, {units} unit{'s' if units > 1 else ''}"
    if not apart:
        grid = place.subgridspec(1, len(rows)).subplots(squeeze=False)
        for axes, (word, symbol, values) in zip(grid[0], rows, strict=True):
            _frame(axes, drawn, dense, values)
            for unit in range(min(values.shape[2], _MOST_LINES)):
                x, y = joined(drawn.knots, values[:, :, unit])
                axes.plot(x, y, color=INK, linewidth=0.6, alpha=0.7)
            beyond = f", {_MOST_LINES} of {values.shape[2]}" if values.shape[2] > _MOST_LINES else ""
            axes.set_title(f"{word} {symbol}{beyond}", fontsize=8.5)
        grid[0, 0].set_title(f"{title}\n{grid[0, 0].get_title(loc='left')}", fontsize=8.5)
        return
    grid = place.subgridspec(len(rows), units).subplots(sharex=True, sharey="row", squeeze=False)
    for row, (word, symbol, values) in zip(grid, rows, strict=True):
        for unit, axes in enumerate(row):
            _frame(axes, drawn, dense, values)
            x, y = joined(drawn.knots, values[:, :, unit])
            axes.plot(x, y, color=INK, linewidth=1.4)
        row[0].set_ylabel(f"{word}\n{symbol}", fontsize=8.5)
    grid[0, 0].set_title(title)


def _frame(axes: Any, drawn: Line, dense: bool, values: Any) -> None:
    if not dense:
        _tint(axes, drawn)
    axes.axhline(0, color=FAINT, linewidth=0.6, zorder=1)
    axes.set_xlim(drawn.knots[0], drawn.knots[-1])
    high = float(np.max(np.abs(values), initial=0)) or 1.0
    low = float(np.min(values, initial=0))
    axes.set_ylim(low * 1.1 - 0.05 * high, float(np.max(values, initial=0)) * 1.1 + 0.05 * high)
    axes.tick_params(labelsize=7.5)
