"""How a training went: its losses epoch by epoch, and below them each metric."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from netspec.diagnostics import SystemFault
from netspec.plots.canvas import COLOURS, FAINT, INK, Picture, number, picture

if TYPE_CHECKING:
    from netspec.training.progress import Epoch

MOST_PANELS: Final = 6
"""Metrics that are drawn; there may be more where there are many outputs."""

_FAR: Final = 20.0  # from this ratio of the largest to the smallest loss on, the axis is logarithmic
_DENSE: Final = 40  # epochs beyond which a line has no dots
_STEPS: Final = [1, 2, 2.5, 5, 10]
_SHARES: Final = ("accuracy", "error", "top_5")  # metrics between 0 and 1


def training(title: str, history: "Sequence[Epoch]", best: int = 0) -> Picture:
    """Return the picture of a training: losses over epochs, logarithmic where they fall far, and each metric.

    A line marks the epoch `best`, 0 for none. Raises SystemFault `usage` where there is no epoch.
    """
    if not history:
        raise SystemFault("usage", "no epoch is done, so that there is nothing to draw")
    metrics = list(history[0].metrics)[:MOST_PANELS]
    epochs = [each.epoch for each in history]
    with picture(7.0, 3.0 + 1.7 * len(metrics)) as figure:
        rows = 1 + len(metrics)
        ratios = [1.9, *([1.0] * len(metrics))]
        panels = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
        losses = [("training", [each.loss for each in history])]
        held = [each.validation_loss for each in history if each.validation_loss is not None]
        if len(held) == len(history):
            losses.append(("validation", held))
        _draw_losses(panels[0], epochs, losses)
        panels[0].set_title(title, color=INK)
        for axes, name in zip(panels[1:], metrics, strict=True):
            values = [each.metrics[name] for each in history]
            _line(axes, epochs, values, 1, None)
            axes.set_ylabel(name.replace("_", " "))
            _between(axes, name, values)
        for axes in panels:
            axes.grid(axis="y", color="#d0d0d0", linewidth=0.5)
            axes.margins(x=0.02)
            if best:
                axes.axvline(best, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        panels[-1].xaxis.set_major_locator(MaxNLocator(9, steps=_STEPS, integer=True, min_n_ticks=1))
        panels[-1].set_xlabel("epoch" + (f"; the dashed line is the best, {best:,}" if best else ""))
    return figure


def _draw_losses(axes: Any, epochs: Sequence[int], losses: Sequence[tuple[str, Sequence[float]]]) -> None:
    for index, (name, values) in enumerate(losses):
        _line(axes, epochs, values, index, name)
    if len(losses) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)  # no line lies there
    values = [value for _, each in losses for value in each]
    low, high = min(values), max(values)
    axes.set_ylabel("loss")
    if low > 0 and high / low >= _FAR:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 1000 else (1.0,), numticks=8))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        if low >= 0:
            axes.set_ylim(0, high * 1.08 or 1)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _line(axes: Any, epochs: Sequence[int], values: Sequence[float], index: int, name: str | None) -> None:
    dots = {"marker": "o", "markersize": 3.2} if len(epochs) <= _DENSE else {}
    axes.plot(epochs, values, color=COLOURS[index], label=name, linewidth=1.4, clip_on=False, zorder=2, **dots)


def _between(axes: Any, name: str, values: Sequence[float]) -> None:
    """Give the axis of a metric its ends: a share keeps to those between 0 and 1."""
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.05
    if name.rpartition(".")[2] in _SHARES:
        axes.set_ylim(max(0.0, low - margin), min(1.0, high + margin))
    else:
        axes.set_ylim(low - margin, high + margin)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
