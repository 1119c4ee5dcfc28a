"""Regions on a plane, and the lines of each layer, bent by those before it; figures 3.8, 4.2 of the book."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, to_rgba
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.model import Model
from netspec.plots.canvas import FAINT, INK, Picture, colour, picture
from netspec.plots.colouring import colours_of
from netspec.plots.cutting import Corners, between, crossing, heights
from netspec.plots.hidden import hidden_layers
from netspec.regions.areas import Areas, areas
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain, Span, box
from netspec.regions.domains import plane as through
from netspec.regions.lowering import lower
from netspec.regions.polygons import Polygons, polygons_of, start_of
from netspec.regions.refining import refined
from netspec.regions.steps import Bend, Chain

MOST_CELLS: Final = 20_000
"""Regions that are drawn."""

MOST_LINES: Final = 60_000
"""Pieces of the layers' lines that are drawn."""

Point = Sequence[Any]
Shown = Literal["value", "units", "pieces"]

_VECTORS: Final = 4_000  # polygons and lines that are drawn as such; more are pixels within the picture
_MOST_OUTPUTS: Final = 3
_SIZE: Final = 5.0
_TINT: Final = 0.45
_LINES: Final = (
    (INK, "solid", 1.7),
    ("#D55E00", (0, (5, 1.6)), 1.6),
    ("#0072B2", (0, (5, 1.4, 1.2, 1.4)), 1.5),
    ("#7A1F5C", (0, (1.3, 1.3)), 1.5),
)
"""The layers' lines: colour, dashes, width; the last style is that of all layers behind too."""

_SURFACE: Final = LinearSegmentedColormap.from_list("surface", ["#f7fbff", "#bcdcec", "#79b8d6", "#3f86b4"])
"""From light to dark, in one hue, below lines of every layer's colour."""


class Surface(NamedTuple):
    """A network on a box of two coordinates: its cells, y on each, (cells, 3, outputs), and how many units are on.

    `word` says what being on is. `colours` are those of each cell's piece, of which neighbours have others, and
    `pieces` is how many there are.
    """

    cells: list[Corners]
    forms: NDArray[np.float64]
    units: NDArray[np.int64]
    word: str
    colours: list[int]
    pieces: int


def regions(
    model: Model,
    spans: Sequence[Span] = ((-1, 1),),
    *,
    plane: tuple[Point, Point, Point] | None = None,
    show: Shown = "value",
) -> Picture:
    """Return the picture of the regions of a network of two inputs in a box, [-1, 1]² unless given.

    A network of any number of inputs is drawn on the parallelogram that three of them span, its `plane`. The regions
    are filled by the value of y, in bands between levels; by how many hidden units are beyond their first bend
    (`show="units"`), of which each border is one more or less; or by the pieces that they make up (`show="pieces"`),
    neighbours in different colours. Upon them are the lines on which units bend, in a style for each layer: straight
    ones of the first, and of the others bent at those before. Up to 3 outputs stand side by side.

    Raises SpecError `no-regions`, SystemFault `usage` for another number of inputs, more outputs, or too many regions,
    and ValueError for three inputs that span no plane.
    """
    chain = lower(model)
    if plane is None and chain.inputs != 2:
        help_ = (
            "`netspec plot function` draws it" if chain.inputs == 1 else "take a plane through three: `--plane A B C`"
        )
        has = "1 input" if chain.inputs == 1 else f"{chain.inputs:,} inputs"
        raise SystemFault("usage", f"{model.name} has {has}; regions are drawn of two", help_)
    if chain.outputs > _MOST_OUTPUTS and show == "value":
        help_ = "`--show units` and `--show pieces` draw one picture of all"
        raise SystemFault("usage", f"{model.name} has {chain.outputs} outputs; up to {_MOST_OUTPUTS} are drawn", help_)
    domain = box(chain, spans) if plane is None else through(chain, *plane)
    surface = _surface(chain, domain, pieces=show == "pieces")
    lines = list(_lines(chain, domain))
    panels = chain.outputs if show == "value" else 1
    with picture(_SIZE * panels + 0.9, _SIZE + (0.35 if lines else 0) - 0.25 * (panels - 1)) as figure:
        grid = figure.subplots(1, panels, squeeze=False)[0]
        for output, axes in enumerate(grid):
            _fill(axes, surface, output, show)
            axes.add_collection(
                PolyCollection(
                    surface.cells, facecolors="none", edgecolors=FAINT, linewidths=0.4, rasterized=_many(surface.cells)
                )
            )
            for layer, segments in enumerate(lines):
                ink, dashes, width = _LINES[min(layer, len(_LINES) - 1)]
                thin = min(1.0, (40 / max(len(segments), 1)) ** 0.35)
                drawn = LineCollection(segments, colors=ink, linestyles=[dashes], linewidths=max(0.4, width * thin))
                drawn.set(label=f"hidden layer {layer + 1}", rasterized=_many(segments))
                axes.add_collection(drawn)
            _frame(axes, domain, inputs=plane is None)
        grid[0].set_title(_title(model.name, surface, show))
        if lines:
            handles, labels = grid[0].get_legend_handles_labels()
            shown = slice(len(_LINES))
            figure.legend(
                handles[shown], labels[shown], loc="outside lower center", ncols=len(_LINES), handlelength=3.2
            )
    return figure


def _title(name: str, surface: Surface, show: Shown) -> str:
    cells = len(surface.cells)
    if show != "pieces":
        return f"{name}: {cells:,} activation region{'s' if cells > 1 else ''}"
    pieces = f"{surface.pieces:,} linear region{'s' if surface.pieces > 1 else ''}"
    return f"{name}: {pieces}, of {cells:,} activation region{'s' if cells > 1 else ''}"


def _many(drawn: Sequence[Any]) -> bool:
    return len(drawn) > _VECTORS


def outlines(cells: Polygons) -> list[Corners]:
    """Return the corners of each bounded polygon."""
    corners = cells.corners
    places = np.ascontiguousarray((corners.places[1:] / corners.places[0]).T, np.float64)
    return [places[begin:end] for begin, end in pairwise(corners.offsets.tolist())]


def _surface(chain: Chain, domain: Domain, *, pieces: bool) -> Surface:
    if pieces:
        found = _areas(chain, domain)
        places = np.ascontiguousarray((found.places[1:] / found.places[0]).T, np.float64)
        cells = [places[begin:end] for begin, end in pairwise(found.offsets.tolist())]
        forms = np.concatenate([found.beta[:, None], np.moveaxis(found.Omega, -1, 1)], 1)
        colours, count = colours_of(found), found.pieces
    else:
        cells, forms = _cells(chain, domain)
        colours, count = [], 0
    middles = np.array([corners.mean(0) for corners in cells])
    start = domain.start[:, 0]
    hidden = hidden_layers(chain)
    steps = [chain.steps[layer.bends[0]] for layer in hidden if len(layer.bends) == 1]
    points = {step.points for step in steps if isinstance(step, Bend)}
    word = "hidden units that are on" if points <= {(0.0,)} else "hidden units beyond their first bend"
    return Surface(cells, forms, _on(chain, start[0] + middles @ start[1:]), word, colours, count)


def _cells(chain: Chain, domain: Domain) -> tuple[list[Corners], NDArray[np.float64]]:
    cells: list[Corners] = []
    forms = []
    for block in refined(chain, polygons_of(domain), start_of(domain, 1)):
        cells += outlines(block.cells)
        if len(cells) > MOST_CELLS:
            raise _too_many()
        forms.append(block.forms.transpose(1, 0, 2))
    return cells, np.concatenate(forms)


def _areas(chain: Chain, domain: Domain) -> Areas:
    try:
        return areas(chain, domain, MOST_CELLS)
    except TooMany:
        raise _too_many() from None


def _too_many() -> SystemFault:
    return SystemFault("usage", f"more than {MOST_CELLS:,} regions are too many to draw", "take a smaller box")


def _on(chain: Chain, x: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many units lie beyond their first bend, for each row of x; of `hard_shrink` how many are not 0."""
    count = np.zeros(len(x), np.int64)
    for index, step in enumerate(chain.steps):
        if isinstance(step, Bend) and step.points:
            z = _until(chain, index, step.operands[0]).evaluate(x)
            count += (z.reshape(len(x), -1) > step.points[0]).sum(1)
    return count


def _until(chain: Chain, index: int, output: int) -> Chain:
    """Return the network that gives a value which is known before step `index`."""
    read = tuple(tuple(value for value in each if value != output) for each in chain.last_read[:index])
    return chain._replace(steps=chain.steps[:index], output=output, last_read=read)


def _lines(chain: Chain, domain: Domain) -> Iterator[list[Corners]]:
    """Yield the lines on which each layer's units bend, piece by piece within the cells of the layers before it."""
    left = MOST_LINES
    for layer in hidden_layers(chain):
        found: list[Corners] = []
        for step in (chain.steps[index] for index in layer.bends):
            if isinstance(step, Bend):
                before = _until(chain, layer.bends[0], step.operands[0])
                for block in refined(before, polygons_of(domain), start_of(domain, 1)):
                    flat = block.forms.reshape(*block.forms.shape[:2], -1)
                    for cell, corners in enumerate(outlines(block.cells)):
                        values = heights(corners, flat[:, cell])
                        for point in step.points:
                            found += _within(corners, values - point)
                        if len(found) > left:
                            words = f"more than {MOST_LINES:,} pieces of lines are too many to draw"
                            raise SystemFault("usage", words, "take a smaller box")
        left -= len(found)
        yield found


def _within(corners: Corners, values: NDArray[np.float64]) -> Iterator[Corners]:
    """Yield the lines on which the columns of values are zero."""
    enters = (values.min(0) <= 0) & (values.max(0) >= 0)
    for unit in np.nonzero(enters)[0]:
        ends = crossing(corners, values[:, unit])
        if ends is not None:
            yield ends


def _fill(axes: Any, surface: Surface, output: int, show: Shown) -> None:
    if show == "pieces":
        tints = [to_rgba(colour(number), _TINT) for number in surface.colours]
        axes.add_collection(PolyCollection(surface.cells, facecolors=tints, rasterized=_many(surface.cells)))
        return
    if show == "units":
        low, high = int(surface.units.min()), int(surface.units.max())
        levels = [each - 0.5 for each in range(low, high + 2)]
        parts, numbers = surface.cells, (surface.units - low).tolist()
        label, ticks = surface.word, MaxNLocator(8, integer=True)
    else:
        levels = _levels(surface, output)
        bands = [
            band
            for corners, form in zip(surface.cells, surface.forms[:, :, output], strict=True)
            for band in between(corners, heights(corners, form), levels)
        ]
        numbers, parts = [band for band, _ in bands], [part for _, part in bands]
        label, ticks = f"output $y_{{{output + 1}}}$" if surface.forms.shape[2] > 1 else "output $y$", MaxNLocator(8)
    norm = BoundaryNorm(levels, _SURFACE.N)
    shades = _SURFACE(norm([(levels[band] + levels[band + 1]) / 2 for band in numbers]))
    drawn = PolyCollection(parts, facecolors=shades, edgecolors=shades, linewidths=0.3, rasterized=_many(parts))
    axes.add_collection(drawn)
    scale = axes.figure.colorbar(ScalarMappable(norm, _SURFACE), ax=axes, shrink=0.82, pad=0.02, ticks=ticks)
    scale.set_label(label)
    scale.outline.set_linewidth(0.6)


def _levels(surface: Surface, output: int) -> list[float]:
    """Return the levels between which y is drawn in one shade: a dozen round numbers."""
    low, high = np.inf, -np.inf
    for corners, form in zip(surface.cells, surface.forms[:, :, output], strict=True):
        values = heights(corners, form)
        low, high = min(low, values.min()), max(high, values.max())
    if not high - low > 1e-12 * max(1.0, abs(high)):
        return [low - 0.5, low + 0.5]
    return [float(level) for level in MaxNLocator(14).tick_values(low, high)]


def _frame(axes: Any, domain: Domain, *, inputs: bool) -> None:
    (left, right), (low, high) = ((float(a), float(b)) for a, b in domain.spans)
    axes.set(xlim=(left, right), ylim=(low, high))
    if inputs:
        axes.set(xlabel="input $x_1$", ylabel="input $x_2$")
    else:
        axes.set(xlabel="$t_1$, from A to B", ylabel="$t_2$, from A to C")
    if 1 / 3 <= (right - left) / (high - low) <= 3:
        axes.set_aspect("equal")
    axes.spines[["top", "right"]].set_visible(True)
