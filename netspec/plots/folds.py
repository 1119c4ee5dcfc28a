"""A composition step by step: one network folds its input, the next reads what was folded; figures 4.1 and 4.3."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.model import Model
from netspec.plots.canvas import FAINT, INK, Picture, band, colour, number, picture
from netspec.plots.sampling import Line, joined, line, window
from netspec.regions.domains import Domain, Span, box
from netspec.regions.folding import Folding, fold
from netspec.regions.lowering import lower
from netspec.regions.mediators import parted, place
from netspec.regions.steps import Chain

MOST_LAPS: Final = 64
"""Times that the first network of a picture turns."""

MOST_REGIONS: Final = 1_000
"""Regions of the composition that are drawn."""

_NUMBERED: Final = 9
_SHORT: Final = 0.1  # a fold of less than this share of all values has one label
_NARROW: Final = 0.035  # of the axis: what is narrower has no room for its number


def folding(model: Model, spans: Sequence[Span] = (), *, after: int | None = None) -> Picture:
    """Return the picture of how a network of one input and one output folds an interval.

    Of a composition it has six panels: both networks and the composition, with one level of the first network followed
    through; then the interval folded, the second network on the folds, and what is unfolded. A region of the second
    network, and all that is mapped into it, has one colour and one number. `after` says behind which of the numbers
    that pass between its parts the composition is taken apart, the first unless given; 0 takes it as one. Of a network
    as one it has the curve and its folds, each interval of values in a colour with all inputs that are mapped to it.

    Raises SpecError `no-regions`, and SystemFault `usage` for another number of inputs or outputs, a network that jumps
    or has too much to be drawn, and where there is no such number.
    """
    chain = lower(model)
    if (chain.inputs, chain.outputs) != (1, 1):
        words = f"{model.name} has {chain.inputs} inputs and {chain.outputs} outputs; folds are drawn of one and one"
        raise SystemFault("usage", words)
    domain = window(chain, [*spans])
    step = place(chain, after)
    if step is None:
        return _alone(model.name, chain, domain)
    return _composition(model.name, *parted(chain, step), chain, domain)


def _folded(chain: Chain, domain: Domain) -> Folding:
    folds = fold(chain, domain, MOST_REGIONS)
    if len(folds.laps) > MOST_LAPS:
        words = f"it turns {len(folds.laps) - 1:,} times; up to {MOST_LAPS} folds are drawn"
        raise SystemFault("usage", words, "take a smaller box, or `--after` a smaller number")
    return folds


def _alone(name: str, chain: Chain, domain: Domain) -> Picture:
    folds = _folded(chain, domain)
    drawn = line(chain, domain, MOST_REGIONS)
    levels = [float(each.y) for each in folds.levels]
    with picture(8.0, 3.6) as figure:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        for index, (low, high) in enumerate(pairwise(levels)):
            band(left, low, high, index, across=True)
        _curve(left, drawn, "input $x$", "output $y$", f"{name}: each value in a colour")
        _ribbon(right, folds, levels, upright=True)
        size = levels[-1] - levels[0]
        for (low, high), each in zip(pairwise(levels), folds.hits, strict=True):
            if high - low > 0.05 * size:
                place = right.get_yaxis_transform()
                right.text(1.01, (low + high) / 2, f"× {each.times}", transform=place, va="center")
        left.set_ylim(levels[0] - 0.06 * size, levels[-1] + 0.06 * size)
        right.set_title("folded, and how often each value is hit", pad=14)
        right.set_xlabel("folds")
    return figure


def _composition(name: str, first: Chain, second: Chain, whole: Chain, domain: Domain) -> Picture:
    folds = _folded(first, domain)
    inner, outer = line(first, domain, MOST_REGIONS), line(whole, domain, MOST_REGIONS)
    low, high = float(np.min(inner.y)), float(np.max(inner.y))
    if not low < high:
        raise SystemFault("usage", "the first network is constant there, and folds nothing", "take another box")
    middle = line(second, box(second, [(low, high)]), MOST_REGIONS)
    edges = [float(middle.knots[0]), *map(float, middle.joints), float(middle.knots[-1])]
    with picture(10.5, 6.6) as figure:
        (a, b, c), (d, e, f) = figure.subplots(2, 3)
        _bands(a, edges, across=True)
        _curve(a, inner, "input $x$", "$y$, between the networks", "a) the first network")
        _bands(b, edges)
        _curve(b, middle, "$y$, between the networks", "output $y'$", "b) the second network")
        _curve(c, outer, "input $x$", "output $y'$", f"c) {name}: {_regions(len(outer.spans))}")
        _landed(c, folds, edges)
        _follow(a, b, c, folds, middle)
        _ribbon(d, folds, edges)
        d.set(xlabel="$y$, between the networks", ylabel="folds", title="d) the input, folded")
        _coloured(e, middle, lambda y: y, edges)
        e.set(xlabel="$y$, between the networks", ylabel="output $y'$", title="e) the second network on all folds")
        values = first.evaluate
        _coloured(f, outer, lambda x: values(np.atleast_2d(x).T)[:, 0], edges)
        f.set(xlabel="input $x$", ylabel="output $y'$", title="f) unfolded")
    return figure


def _regions(count: int) -> str:
    return f"{count:,} linear region{'s' if count > 1 else ''}"


def _curve(axes: Any, drawn: Line, x: str, y: str, title: str) -> None:
    axes.plot(*joined(drawn.knots, drawn.y[:, :, 0]), color=INK)
    axes.set(xlabel=x, ylabel=y, xlim=(drawn.knots[0], drawn.knots[-1]))
    axes.set_title(title, pad=14)


def _bands(axes: Any, edges: Sequence[float], *, across: bool = False) -> None:
    """Tint the regions between edges, and number them where they are few."""
    for region, (low, high) in enumerate(pairwise(edges)):
        band(axes, low, high, region, across=across)
        if len(edges) <= _NUMBERED + 1 and high - low > _NARROW * (edges[-1] - edges[0]):
            place, along = (low + high) / 2, axes.get_yaxis_transform() if across else axes.get_xaxis_transform()
            x, y = (1.02, place) if across else (place, 1.0)
            aligned = {"ha": "left", "va": "center"} if across else {"ha": "center", "va": "bottom"}
            axes.text(x, y, str(region + 1), transform=along, fontsize=8, color=INK, **aligned)
    limits = axes.set_ylim if across else axes.set_xlim
    limits(edges[0], edges[-1])


def _landed(axes: Any, folds: Folding, edges: Sequence[float]) -> None:
    """Tint and number the inputs that are mapped between two edges as the region there is."""
    low, high = axes.get_xlim()
    for (start, end), region in _landing(folds, edges):
        band(axes, start, end, region)
        if len(edges) <= _NUMBERED + 1 and end - start > _NARROW * (high - low):
            place = (start + end) / 2
            style = {"transform": axes.get_xaxis_transform(), "fontsize": 8, "color": INK}
            axes.text(place, 1.0, str(region + 1), ha="center", va="bottom", **style)


def _landing(folds: Folding, edges: Sequence[float]) -> list[tuple[tuple[float, float], int]]:
    """Return the intervals of inputs that are mapped between two edges, in order, each with the number of those."""
    found: list[tuple[tuple[float, float], int]] = []
    for index, lap in enumerate(folds.laps):
        bottom, top = sorted((float(lap.start), float(lap.end)))
        for region, (low, high) in enumerate(pairwise(edges)):
            inside = max(low, bottom), min(high, top)
            if bottom == top and (low <= bottom < high or (region == len(edges) - 2 and bottom == high)):
                found.append(((float(lap.low), float(lap.high)), region))
            elif inside[0] < inside[1]:
                span = sorted(folds.reach(index, y) for y in inside)
                found.append(((span[0], span[1]), region))
    return sorted(found)


def _follow(a: Any, b: Any, c: Any, folds: Folding, middle: Line) -> None:
    """Draw one value between the networks, the inputs that are mapped to it, and what becomes of them."""
    most = max(folds.hits, key=lambda each: (each.times, each.high - each.low))
    spans = [(max(low, float(most.low)), min(high, float(most.high))) for low, high in pairwise(middle.knots)]
    low, high = max(spans, key=lambda span: span[1] - span[0])
    level = low + 0.6 * (high - low)
    x, y_knots = [float(each) for each in folds.inputs(level)], np.append(middle.y[:, 0, 0], middle.y[-1, 1, 0])
    y = float(np.interp(level, middle.knots, y_knots))
    style = {"markersize": 5.5, "markeredgecolor": INK, "zorder": 4}
    a.axhline(level, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    a.plot(x, [level] * len(x), "o", markerfacecolor="white", **style)
    for axes, places in ((b, [level]), (c, x)):
        axes.plot(places, [y] * len(places), "o", markerfacecolor=INK, **style)
    b.axvline(level, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    c.axhline(y, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)


def _ribbon(axes: Any, folds: Folding, edges: Sequence[float], *, upright: bool = False) -> None:
    """Draw the interval as a ribbon that turns where y does, in the colours of the regions that it lies on."""
    laps = folds.laps
    for height, lap in enumerate(laps):
        start, end = float(lap.start), float(lap.end)
        bottom, top = sorted((start, end))
        for region, (low, high) in enumerate(pairwise(edges)):
            low, high = max(low, bottom), min(high, top)
            if low < high:
                _stroke(axes, [low, high], [height, height], upright, color=colour(region), linewidth=5)
        if height:
            before = height - 0.5
            turn = np.linspace(-np.pi / 2, np.pi / 2, 25)
            out = 1 if start > (end if end != start else float(laps[height - 1].start)) else -1
            bulge = start + out * 0.03 * (edges[-1] - edges[0]) * np.cos(turn)
            _stroke(axes, bulge, before + np.sin(turn) / 2, upright, color=FAINT, linewidth=1.2)
        if len(laps) <= _NUMBERED and top - bottom < _SHORT * (edges[-1] - edges[0]):
            above = bottom > (edges[0] + edges[-1]) / 2
            _mark_short(
                axes, top if above else bottom, height, f"{number(lap.low)} … {number(lap.high)}", above, upright
            )
            if top == bottom:
                _stroke(axes, [top], [height], upright, color=INK, marker="o", markersize=3)
        elif len(laps) <= _NUMBERED:
            for y, x in ((start, lap.low), (end, lap.high)):
                inward = 1 if y == bottom else -1
                _mark(axes, y, height, f"{number(x)}", inward, upright)
    limits = axes.set_xlim if upright else axes.set_ylim
    limits(-0.7, len(laps) - 0.3)
    (axes.set_xticks if upright else axes.set_yticks)([])


def _stroke(axes: Any, y: Any, height: Any, upright: bool, **style: Any) -> None:
    axes.plot(*((height, y) if upright else (y, height)), solid_capstyle="butt", **style)


def _mark(axes: Any, y: float, height: int, text: str, inward: int, upright: bool) -> None:
    """Write which input the end of a fold is."""
    style = {"textcoords": "offset points", "fontsize": 7.5, "color": INK}
    if upright:
        axes.annotate(text, (height, y), (5, 6 * inward), ha="left", va="center", **style)
    else:
        axes.annotate(text, (y, height), (4 * inward, 5), ha="left" if inward > 0 else "right", va="bottom", **style)


def _mark_short(axes: Any, y: float, height: int, text: str, above: bool, upright: bool) -> None:
    """Write which inputs a fold is that has no room for both its ends, towards the middle of all values."""
    style = {"textcoords": "offset points", "fontsize": 7.5, "color": INK}
    if upright:
        axes.annotate(text, (height, y), (5, 0), ha="left", va="top" if above else "bottom", rotation=90, **style)
    else:
        axes.annotate(text, (y, height), (0, 5), ha="right" if above else "left", va="bottom", **style)


def _coloured(axes: Any, drawn: Line, between: Any, edges: Sequence[float]) -> None:
    """Draw a curve, each piece in the colour of the region of the second network that it comes out of."""
    inner = np.array(edges[1:-1])
    for low, high, (start, end) in zip(drawn.knots[:-1], drawn.knots[1:], drawn.y[:, :, 0], strict=True):
        region = int(np.searchsorted(inner, _at(between, (low + high) / 2), "right"))
        axes.plot([low, high], [start, end], color=colour(region), linewidth=3, solid_capstyle="round")

    axes.set_xlim(drawn.knots[0], drawn.knots[-1])


def _at(between: Any, x: float) -> float:
    found: NDArray[np.float64] = np.atleast_1d(between(np.array([x])))
    return float(found[0])
