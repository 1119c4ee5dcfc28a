"""Curves with their spread, and means with error bars, in the style of the project's plots."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from examples.experiments.data import Array
from examples.experiments.reports import deviation
from netspec.plots.canvas import COLOURS, FAINT

MARKS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 1.5, 1, 1.5, 1, 1.5)))


def curves(axes: Any, lines: Mapping[str, Array], x: Array | None = None, first: int = 0) -> None:
    """Draw the mean of each line, (seeds, points), with a band from the least to the most of its seeds."""
    for index, (label, values) in enumerate(lines.items(), first):
        at = np.arange(1, values.shape[1] + 1) if x is None else x
        ink = COLOURS[index % len(COLOURS)]
        axes.plot(at, values.mean(0), color=ink, linestyle=DASHES[index % len(DASHES)], label=label, zorder=3)
        axes.fill_between(at, values.min(0), values.max(0), color=ink, alpha=0.18, linewidth=0, zorder=2)


def means(
    axes: Any, at: Sequence[float], groups: Sequence[Sequence[float]], label: str, index: int, *, joined: bool = True
) -> None:
    """Draw the mean of each group of seeds, its standard deviation as an error bar, and each seed as a faint point."""
    ink = COLOURS[index % len(COLOURS)]
    for place, group in zip(at, groups, strict=True):
        axes.plot([place] * len(group), group, linestyle="none", marker=".", markersize=4, color=ink, alpha=0.35)
    axes.errorbar(
        at,
        [float(np.mean(group)) for group in groups],
        [deviation(group) for group in groups],
        color=ink,
        linestyle=DASHES[index % len(DASHES)] if joined else "none",
        marker=MARKS[index % len(MARKS)],
        markersize=5.5,
        capsize=3.5,
        linewidth=1.2,
        label=label,
        zorder=3,
    )


def frame(axes: Any, title: str, across: str, up: str, **limits: Any) -> None:
    """Write on the axes."""
    axes.set(xlabel=across, ylabel=up, **limits)
    axes.set_title(title)
    axes.grid(axis="y", color="#d0d0d0", linewidth=0.5)


def foot(figure: Any, words: str) -> None:
    """Write below the picture what its marks mean."""
    figure.supxlabel(words, fontsize=8.5, color=FAINT)
