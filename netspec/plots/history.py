"""Facts of a network commit by commit: a panel for each, in steps, with the commits that changed it marked."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

from netspec.diagnostics import SystemFault
from netspec.plots.canvas import COLOURS, FAINT, INK, Picture, picture

MOST_PANELS: Final = 6
MOST_COMMITS: Final = 5_000

_NAMED: Final = 6  # changes of one panel that are named by their commits, the largest
_DENSE: Final = 120  # from so many commits on only those are marked that are named
_TICKS: Final = 9  # days under the last panel
_FAR: Final = 50.0  # from this ratio of the largest to the smallest value on, an axis is logarithmic
_UNITS: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


class Point(NamedTuple):
    """A commit: its short name, its day, and the facts that the network has then, None where it has none.

    Of what is only known by its logarithm to base 10, such as a bound on regions, that stands there.
    """

    commit: str
    day: str
    values: tuple[float | None, ...]


def history(title: str, facts: Sequence[str], points: Sequence[Point]) -> Picture:
    """Return the picture of facts over commits, the oldest first: a panel for each of the `facts`.

    Raises SystemFault `usage` for none or too many facts or commits, and where no value is a number.
    """
    if not 1 <= len(facts) <= MOST_PANELS:
        raise SystemFault("usage", f"{len(facts)} facts are to be drawn; there are 1 to {MOST_PANELS}")
    if not 1 <= len(points) <= MOST_COMMITS:
        words = f"{len(points):,} commits are to be drawn; there are 1 to {MOST_COMMITS:,}"
        raise SystemFault("usage", words, "`--max` or `--since` takes fewer")
    columns = [[point.values[index] for point in points] for index in range(len(facts))]
    if all(value is None for column in columns for value in column):
        words = f"{', '.join(facts)}: no commit has a number to be drawn"
        raise SystemFault("usage", words, "`--fact` names another fact")
    with picture(8.0, 1.7 * len(facts) + 0.7) as figure:
        panels = figure.subplots(len(facts), 1, sharex=True, squeeze=False)[:, 0]
        for index, (axes, fact, column) in enumerate(zip(panels, facts, columns, strict=True)):
            _draw(axes, fact, column, points, index)
        panels[0].set_title(title, color=INK, pad=12)
        _days(panels[-1], points)
    return figure


def _draw(axes: Any, fact: str, column: Sequence[float | None], points: Sequence[Point], index: int) -> None:
    """Draw one fact: a step at each commit, a mark where it changed, a tint where there is no network."""
    ink = COLOURS[index % len(COLOURS)]
    changes = _changes(column)
    dense = len(points) > _DENSE
    for start, stop in _runs(column):
        run = [value for value in column[start:stop] if value is not None]
        end = stop if stop < len(column) else stop - 0.65
        places = [*range(start, stop), end]
        axes.plot(places, [*run, run[-1]], color=ink, drawstyle="steps-post", linewidth=0.8 if dense else 1.6, zorder=2)
    for place, value in enumerate(column):
        if value is None and any(each is not None for each in column[:place]):
            axes.axvspan(place, min(place + 1, len(column) - 0.5), facecolor="#dddddd", linewidth=0, zorder=0)
    style = {"linestyle": "none", "marker": "o", "markersize": 4.5, "markeredgecolor": ink, "markeredgewidth": 1.1}
    _scale(axes, column)
    apart = len(points) / 9  # so that names stand beside each other
    named: list[int] = []
    for place, _ in sorted(changes, key=lambda change: -abs(change[1])):
        if len(named) < _NAMED and all(abs(place - other) >= apart for other in named):
            named.append(place)
    marked = named if dense else [place for place, _ in changes]
    axes.plot(marked, [column[place] for place in marked], markerfacecolor="white", zorder=3, **style)
    for place in named:
        rises = dict(changes)[place] > 0
        axes.annotate(
            points[place].commit, (place, column[place]), xytext=(0, 6 if rises else -6), textcoords="offset points",
            ha="center", va="bottom" if rises else "top", fontsize=7.5, color=INK, annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip
    axes.set_ylabel(fact.replace("_", " "))
    axes.grid(axis="y", color="#d0d0d0", linewidth=0.5)
    axes.margins(x=0)
    axes.set_xlim(-0.5, len(points) - 0.5)


def _runs(column: Sequence[float | None]) -> list[tuple[int, int]]:
    """Return the stretches of commits that have a value."""
    found: list[tuple[int, int]] = []
    for place, value in enumerate(column):
        if value is None:
            continue
        if found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def _changes(column: Sequence[float | None]) -> list[tuple[int, float]]:
    """Return the commits at which a value is another than the last one before, and by how much."""
    found: list[tuple[int, float]] = []
    before: float | None = None
    for place, value in enumerate(column):
        if value is not None:
            if before is not None and value != before:
                found.append((place, value - before))
            before = value
    return found


def _scale(axes: Any, column: Sequence[float | None]) -> None:
    """Give the axis its scale: from 0 on, or where values are far apart, logarithmic."""
    values = [value for value in column if value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low > 0 and high / low >= _FAR:
        axes.set_yscale("log")
        axes.set_ylim(low / 2, high * 3)
    else:
        axes.set_ylim(min(low * 1.25, 0), high * 1.25 or 1)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _days(axes: Any, points: Sequence[Point]) -> None:
    """Write the days of some commits under the last panel."""
    step = max(1, -(-len(points) // _TICKS))
    places = list(range(0, len(points), step))
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{points[place].commit}\n{points[place].day}" for place in places]))
    axes.tick_params(axis="x", labelsize=7.5)
    words = "a mark where the fact changed" if len(points) <= _DENSE else "the largest changes are marked"
    bare = any(all(value is None for value in point.values) for point in points)
    grey = "; grey where there is no network" if bare else ""
    axes.set_xlabel(f"commits, the oldest first; {words}{grey}", fontsize=8.5, color=FAINT)


def short(value: float) -> str:
    """Return a number as an axis has it: 250, 1.5 k, 76 M."""
    for size, unit in _UNITS:
        if abs(value) >= size:
            return f"{value / size:.4g} {unit}".replace("-", "\N{MINUS SIGN}")
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
