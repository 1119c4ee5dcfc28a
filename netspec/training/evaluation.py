"""Evaluation: loss and metrics of a part of the data."""

from collections.abc import Callable
from typing import Final

from netspec.training.batches import Batches
from netspec.training.metrics import Measure, Meters
from netspec.training.program import AnyExamples, Flat, TrainingProgram

_FEWEST: Final = 64  # rows at a time: enough for the products, and no more memory than steps on a few batches need
_MOST: Final = 1024


def evaluation_batches(examples: AnyExamples, batch: int | None, weights: Flat | None) -> Batches:
    """Return the batches that a part is evaluated in, where training has `batch` rows at a time."""
    return Batches(examples, _MOST if batch is None else min(max(batch, _FEWEST), _MOST), weights, None)


def evaluate(
    program: TrainingProgram,
    batches: Batches,
    measures: tuple[Measure, ...],
    stop: Callable[[], bool] = lambda: False,
) -> tuple[float, dict[str, float]] | None:
    """Return the mean loss over the examples and the metrics by name, both by the examples' weights.

    None where `stop` said so before the end.
    """
    meters = Meters(measures)
    total, whole = 0.0, 0.0
    for inputs, targets, weights in batches.of(0):
        if stop():
            return None
        loss, outputs = program.evaluate(inputs, targets, weights)
        share = program.weight_of(targets, weights)
        if share:  # a batch without weight says nothing, be its loss no number
            total += float(loss) * share
        whole += share
        meters.add(outputs, targets, weights)
    return total / (whole or 1.0), meters.values()
