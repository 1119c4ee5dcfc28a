"""The curves of a training."""

from typing import Any

import pytest

from netspec.diagnostics import SystemFault
from netspec.plots.training import MOST_PANELS, training
from netspec.training.progress import Epoch


def history(losses: list[float], held: list[float] | None = None, **metrics: list[float]) -> list[Epoch]:
    """Return the epochs with these numbers."""
    return [
        Epoch(i + 1, loss, 0.1, None if held is None else held[i], {name: v[i] for name, v in metrics.items()}, None, 0)
        for i, loss in enumerate(losses)
    ]


def ys(line: Any) -> list[float]:
    """Return the values of a line."""
    return [float(each) for each in line.get_ydata()]


def test_losses_have_a_panel_and_each_metric_another() -> None:
    losses, held, right = [1.0, 0.5, 0.4], [1.1, 0.7, 0.8], [0.5, 0.75, 0.7]
    figure = training("moons: adam, 3 epochs", history(losses, held, accuracy=right, top_5=right), 2)
    first, second, third = figure.axes
    assert [ys(line) for line in first.lines[:2]] == [losses, held]
    legend: Any = first.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["training", "validation"]
    assert ys(second.lines[0]) == right
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy", "top 5"]
    assert first.get_title(loc="left") == "moons: adam, 3 epochs"
    assert third.get_xlabel() == "epoch; the dashed line is the best, 2"
    marks: list[Any] = [axes.lines[-1].get_xdata() for axes in figure.axes]
    assert [float(mark[0]) for mark in marks] == [2, 2, 2]


def test_without_a_validation_part_there_is_one_line() -> None:
    (axes,) = training("net", history([1.0, 0.5])).axes
    assert (len(axes.lines), axes.get_legend(), axes.get_xlabel()) == (1, None, "epoch")


@pytest.mark.parametrize(
    ("losses", "scale"), [([1.0, 0.2], "linear"), ([1.0, 0.01], "log"), ([1.0, 0.0], "linear"), ([0.0, 0.0], "linear")]
)
def test_losses_that_fall_far_have_a_logarithmic_axis(losses: list[float], scale: str) -> None:
    (axes,) = training("net", history(losses)).axes
    assert axes.get_yscale() == scale
    assert scale == "log" or axes.get_ylim()[0] == 0


def test_a_share_keeps_between_its_ends_and_other_metrics_do_not() -> None:
    _, accuracy, r2 = training("net", history([1, 1], accuracy=[0.1, 1.0], r2=[-3.0, 1.0])).axes
    assert accuracy.get_ylim()[1] == 1
    assert r2.get_ylim() == (-3.32, 1.32)


def test_at_most_six_metrics_are_drawn() -> None:
    many = {f"output_{i}.accuracy": [0.5, 0.6] for i in range(9)}
    assert len(training("net", history([1.0, 0.5], **many)).axes) == 1 + MOST_PANELS


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_picture_has_the_same_bytes(form: str) -> None:
    drawn = [training("net", history([1.0, 0.5, 0.01], [1.0, 0.8, 0.7]), 3).data(form) for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_one_epoch_is_drawn_and_none_is_refused() -> None:
    assert training("net", history([1.0])).data("svg")
    with pytest.raises(SystemFault) as refused:
        training("net", [])
    assert refused.value.headline == "no epoch is done, so that there is nothing to draw"
