"""Metrics: what is said of outputs beside their loss, batch by batch."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from math import nan, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.spec.recipe import Loss, LossKind, Metric, Recipe, class_axis

Weights = NDArray[np.float64]

_BEST_OF: Final = 5
_REGRESSION: Final[tuple[Metric, ...]] = ("mae", "rmse", "r2")

SUITED: Final[dict[LossKind, tuple[Metric, ...]]] = {
    "cross_entropy": ("accuracy", "error", "top_5"),
    "binary_cross_entropy": ("accuracy", "error"),
    "squared_error": _REGRESSION,
    "absolute_error": _REGRESSION,
    "huber": _REGRESSION,
}
"""The metrics that mean something beside a loss."""

SHOWN: Final[dict[LossKind, tuple[Metric, ...]]] = {
    "cross_entropy": ("accuracy",),
    "binary_cross_entropy": ("accuracy",),
    "squared_error": ("rmse", "r2"),
    "absolute_error": ("mae",),
    "huber": ("mae",),
}
"""The metrics that are shown unless a recipe names some."""

HIGHER_IS_BETTER: Final[frozenset[str]] = frozenset({"accuracy", "top_5", "r2"})


class Measure(NamedTuple):
    """A metric of one output: `name` is how it is called, `output` the output's position, `loss` what it is trained by.

    `name` is the metric's own where there is one output, else it begins with the output's: `digit.accuracy`. Of targets
    that were standardised, `deviation` is what each number on their last axis was divided by.
    """

    name: str
    metric: Metric
    output: int
    loss: LossKind
    deviation: tuple[float, ...] = ()


def measures(recipe: Recipe, losses: Mapping[str, Loss]) -> tuple[Measure, ...]:
    """Return what is measured: the recipe's metrics where they suit an output's loss, else those shown for it.

    `losses` are those of the outputs by name, in the order of the outputs. The metric of an early stopping is among
    them.
    """
    found: list[Measure] = []
    stopping = recipe.early_stopping
    for index, (output, loss) in enumerate(losses.items()):
        wanted = recipe.metrics or SHOWN[loss.kind]
        if stopping is not None and stopping.metric != "loss" and stopping.metric not in wanted:
            wanted = (*wanted, stopping.metric)
        prefix = f"{output}." if len(losses) > 1 else ""
        found += [Measure(prefix + name, name, index, loss.kind) for name in wanted if name in SUITED[loss.kind]]
    return tuple(found)


class _Meter(ABC):
    """One metric on its way over the batches."""

    @abstractmethod
    def add(self, outputs: NDArray[np.floating], targets: NDArray[np.generic], weights: Weights | None) -> None:
        """Take in a batch; `weights` are of its examples."""

    @abstractmethod
    def value(self) -> float:
        """Return the metric of all batches so far; NaN where there were none, or none with a weight."""


class _Share(_Meter):
    """The share of the examples, or of the elements, that are right."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._right = self._all = 0.0

    def add(self, outputs: NDArray[np.floating], targets: NDArray[np.generic], weights: Weights | None) -> None:
        """Count what is right: the sign for a binary loss, else the class."""
        if self._measure.loss == "binary_cross_entropy":
            right = (outputs > 0) == (targets.reshape(outputs.shape) > 0.5)  # type: ignore[operator]
        else:
            outputs = np.moveaxis(outputs, class_axis(outputs.shape[1:]) + 1, -1)
            classes = targets
            if targets.ndim == outputs.ndim:
                classes = targets.argmax(class_axis(targets.shape[1:]) + 1)
            right = _top(outputs, classes) if self._measure.metric == "top_5" else outputs.argmax(-1) == classes
        if weights is None:
            self._right += int(np.count_nonzero(right))
            self._all += right.size
        else:
            rows = right.reshape(len(weights), -1)
            self._right += float(np.dot(weights, np.count_nonzero(rows, 1)))
            self._all += float(weights.sum()) * rows.shape[1]

    def value(self) -> float:
        """Return the share, for `error` that of what is wrong."""
        if not self._all:
            return nan
        wanted = self._all - self._right if self._measure.metric == "error" else self._right
        return wanted / self._all


def _top(outputs: NDArray[np.floating], classes: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where the class is among the five largest outputs; of equal outputs the first goes first."""
    index = classes.astype(np.intp)[..., None]
    own = np.take_along_axis(outputs, index, -1)
    before = (outputs == own) & (np.arange(outputs.shape[-1]) < index)
    return np.asarray(np.count_nonzero((outputs > own) | before, -1) < _BEST_OF)


class _Distance(_Meter):
    """The mean absolute difference, or the root of the mean squared one."""

    def __init__(self, measure: Measure) -> None:
        self._squared = measure.metric == "rmse"
        self._deviation = np.array(measure.deviation or 1.0)
        self._sum = self._count = 0.0

    def add(self, outputs: NDArray[np.floating], targets: NDArray[np.generic], weights: Weights | None) -> None:
        """Sum the differences in float64, as those of targets that were not standardised."""
        difference = _difference(outputs, targets)
        if self._deviation.ndim:
            difference = (difference.reshape(-1, self._deviation.size) * self._deviation).reshape(-1)
        each = difference**2 if self._squared else np.abs(difference)
        if weights is None:
            self._sum += float(each.sum())
            self._count += difference.size
        else:
            rows = each.reshape(len(weights), -1)
            self._sum += float(np.dot(weights, rows.sum(1)))
            self._count += float(weights.sum()) * rows.shape[1]

    def value(self) -> float:
        """Return the mean, or its root."""
        if not self._count:
            return nan
        mean = self._sum / self._count
        return sqrt(mean) if self._squared else mean


class _Determination(_Meter):
    """R² = 1 - Σ (t - y)² / Σ (t - t̄)², of each element of an output over the examples, then the mean over them.

    Sums of squares about the mean are merged batch by batch, as in Chan, Golub & LeVeque 1983. An element that never
    varies has R² 1 where it is met exactly, else 0, as in sklearn.metrics.r2_score.
    """

    def __init__(self) -> None:
        self._count = 0.0
        self._wrong: NDArray[np.float64] | float = 0.0
        self._mean: NDArray[np.float64] | float = 0.0
        self._varied: NDArray[np.float64] | float = 0.0

    def add(self, outputs: NDArray[np.floating], targets: NDArray[np.generic], weights: Weights | None) -> None:
        """Merge a batch."""
        rows = len(outputs)
        shares = np.ones(rows) if weights is None else weights
        here = float(shares.sum())
        if not here:
            return
        wrong = _difference(outputs, targets).reshape(rows, -1)
        t = targets.astype(np.float64).reshape(rows, -1)
        mean = shares @ t / here
        away = mean - self._mean
        both = self._count + here
        self._wrong = self._wrong + shares @ (wrong * wrong)
        self._varied = self._varied + shares @ (t - mean) ** 2 + away**2 * (self._count * here / both)
        self._mean = self._mean + away * (here / both)
        self._count = both

    def value(self) -> float:
        """Return the mean of R² over the elements."""
        if not self._count:
            return nan
        wrong, varied = np.atleast_1d(self._wrong), np.atleast_1d(self._varied)
        constant = varied == 0
        share = wrong / np.where(constant, 1.0, varied)
        return float(np.where(constant, wrong == 0, 1 - share).mean())


def _difference(outputs: NDArray[np.floating], targets: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return y - t in float64, flat."""
    return outputs.reshape(-1).astype(np.float64) - targets.reshape(-1).astype(np.float64)


class Meters:
    """Several measures on their way over the batches of one part of the data."""

    def __init__(self, wanted: tuple[Measure, ...]) -> None:
        self._meters = [(measure, _meter(measure)) for measure in wanted]

    def add(
        self,
        outputs: list[NDArray[np.floating]],
        targets: list[NDArray[np.generic]],
        weights: NDArray[np.floating] | None = None,
    ) -> None:
        """Take in a batch: the outputs, logits where the loss is an entropy, their targets, and what examples weigh."""
        shares = None if weights is None else weights.astype(np.float64)
        for measure, meter in self._meters:
            meter.add(outputs[measure.output], targets[measure.output], shares)

    def values(self) -> dict[str, float]:
        """Return each metric over all batches, by its name."""
        return {measure.name: meter.value() for measure, meter in self._meters}


def _meter(measure: Measure) -> _Meter:
    if measure.metric == "r2":
        return _Determination()
    return _Distance(measure) if measure.metric in ("mae", "rmse") else _Share(measure)
