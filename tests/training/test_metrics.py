"""Metrics streamed over batches are those of all examples at once."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.spec.recipe import EarlyStopping, Loss, LossKind, Metric, Recipe
from netspec.training.metrics import HIGHER_IS_BETTER, SHOWN, SUITED, Measure, Meters, measures

Array = NDArray[Any]


def _r2(y: Array, t: Array) -> float:
    t = t.reshape(y.shape)
    return float(np.mean(1 - ((y - t) ** 2).sum(0) / ((t - t.mean(0)) ** 2).sum(0)))


def _in_top(y: Array, t: Array) -> float:
    return float(np.mean([label in np.argsort(-row, kind="stable")[:5] for row, label in zip(y, t, strict=True)]))


PLAIN: Final[dict[tuple[LossKind, Metric], Callable[[Array, Array], float]]] = {
    ("cross_entropy", "accuracy"): lambda y, t: float(np.mean(y.argmax(1) == t)),
    ("cross_entropy", "error"): lambda y, t: float(np.mean(y.argmax(1) != t)),
    ("cross_entropy", "top_5"): _in_top,
    ("binary_cross_entropy", "accuracy"): lambda y, t: float(np.mean((y > 0) == (t > 0.5))),
    ("binary_cross_entropy", "error"): lambda y, t: float(np.mean((y > 0) != (t > 0.5))),
    ("squared_error", "mae"): lambda y, t: float(np.mean(np.abs(y - t))),
    ("squared_error", "rmse"): lambda y, t: float(np.sqrt(np.mean((y - t) ** 2))),
    ("squared_error", "r2"): _r2,
}


def measured(loss: LossKind, metric: Metric, y: Array, t: Array, batch: int = 7) -> float:
    meters = Meters((Measure("m", metric, 0, loss),))
    for start in range(0, len(y), batch):
        meters.add([y[start : start + batch]], [t[start : start + batch]])
    return meters.values()["m"]


def drawn(loss: LossKind) -> tuple[Array, Array]:
    random = np.random.default_rng(3)
    if loss == "cross_entropy":
        return random.normal(size=(100, 9)).round(1), random.integers(0, 9, 100)
    y = random.normal(size=(100, 3))
    return y, (random.integers(0, 2, (100, 3)) if loss == "binary_cross_entropy" else y + random.normal(size=(100, 3)))


@pytest.mark.parametrize(("loss", "metric"), PLAIN)
@pytest.mark.parametrize("batch", [1, 7, 100])
def test_a_metric_over_batches_is_that_of_all_examples(loss: LossKind, metric: Metric, batch: int) -> None:
    y, t = drawn(loss)
    assert type(measured(loss, metric, y, t, batch)) is float
    assert measured(loss, metric, y, t, batch) == pytest.approx(PLAIN[loss, metric](y, t), rel=1e-12)


@pytest.mark.parametrize(("loss", "metric"), PLAIN)
def test_a_weight_counts_as_so_many_of_the_same_example(loss: LossKind, metric: Metric) -> None:
    y, t = drawn(loss)
    weights = np.arange(100) % 4
    meters = Meters((Measure("m", metric, 0, loss),))
    for start in range(0, 100, 7):
        part = slice(start, start + 7)
        meters.add([y[part]], [t[part]], weights[part].astype(np.float32))
    wanted = PLAIN[loss, metric](y.repeat(weights, 0), t.repeat(weights, 0))
    assert meters.values()["m"] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("metric", ["accuracy", "rmse", "r2"])
def test_examples_without_weight_are_nothing_to_measure(metric: Metric) -> None:
    meters = Meters((Measure("m", metric, 0, "cross_entropy" if metric == "accuracy" else "squared_error"),))
    meters.add([np.ones((3, 2))], [np.zeros(3, np.int64) if metric == "accuracy" else np.ones((3, 2))], np.zeros(3))
    assert np.isnan(meters.values()["m"])


def test_rows_of_probabilities_are_classes_by_their_largest() -> None:
    y, t = drawn("cross_entropy")
    rows = np.eye(9)[t]
    assert measured("cross_entropy", "top_5", y, rows) == measured("cross_entropy", "top_5", y, t)


def test_classes_lie_along_the_last_axis() -> None:
    y, t = drawn("cross_entropy")
    assert measured("cross_entropy", "accuracy", y.reshape(20, 5, 9), t.reshape(20, 5)) == np.mean(y.argmax(1) == t)


def test_r2_keeps_its_digits_where_the_targets_are_far_from_zero() -> None:
    y, t = drawn("squared_error")
    assert measured("squared_error", "r2", y + 1e6, t + 1e6) == pytest.approx(_r2(y, t), rel=1e-6)


def test_r2_of_a_target_that_never_varies_is_one_where_it_is_met_and_zero_elsewhere() -> None:
    t = np.ones((10, 1))
    assert measured("squared_error", "r2", t, t) == 1
    assert measured("squared_error", "r2", t + 1, t) == 0


@pytest.mark.parametrize("metric", ["accuracy", "rmse", "r2"])
def test_a_metric_of_nothing_is_no_number(metric: Metric) -> None:
    assert np.isnan(Meters((Measure("m", metric, 0, "squared_error"),)).values()["m"])


def test_what_is_shown_suits_its_loss() -> None:
    assert all(set(SHOWN[loss]) <= set(SUITED[loss]) for loss in SUITED)
    assert {metric for found in SUITED.values() for metric in found} >= HIGHER_IS_BETTER


def test_the_metrics_of_one_output_are_called_by_their_own_names() -> None:
    assert [m.name for m in measures(Recipe(), {"y": Loss("cross_entropy")})] == ["accuracy"]
    assert [m.name for m in measures(Recipe(metrics=("top_5", "error")), {"y": Loss("cross_entropy")})] == [
        "top_5",
        "error",
    ]


def test_the_metrics_of_several_outputs_begin_with_the_outputs_name() -> None:
    losses = {"digit": Loss("cross_entropy"), "angle": Loss("huber")}
    assert measures(Recipe(), losses) == (
        Measure("digit.accuracy", "accuracy", 0, "cross_entropy"),
        Measure("angle.mae", "mae", 1, "huber"),
    )
    assert [m.name for m in measures(Recipe(metrics=("accuracy", "r2")), losses)] == ["digit.accuracy", "angle.r2"]


def test_what_stops_a_training_is_measured() -> None:
    recipe = Recipe(early_stopping=EarlyStopping(3, "error"))
    assert [m.name for m in measures(recipe, {"y": Loss("cross_entropy")})] == ["accuracy", "error"]
