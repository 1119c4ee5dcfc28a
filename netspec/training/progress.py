"""How far a training is: its history, the sums of the epoch that runs, and the best epoch so far."""

from dataclasses import dataclass, field, replace
from math import isnan
from typing import Literal, NamedTuple

import numpy as np

from netspec.spec.recipe import Recipe
from netspec.training.metrics import HIGHER_IS_BETTER, Measure
from netspec.training.program import Flat, TrainingProgram

Ended = Literal["finished", "stopped early", "interrupted", "diverged"]


class Epoch(NamedTuple):
    """One epoch, numbered from 1, as its history tells it.

    `loss` is the mean over the steps, as they came; `validation_loss` and `metrics` are of the validation part after
    the last one; `learning_rate` is that of the last step, `gradient_norm` the mean before clipping. `seconds` take no
    part in comparisons: `same` leaves them out.
    """

    epoch: int
    loss: float
    learning_rate: float
    validation_loss: float | None
    metrics: dict[str, float]
    gradient_norm: float | None
    seconds: float

    def same(self, other: "Epoch") -> bool:
        """Return whether two epochs are equal but for the time that they took."""
        return self._replace(seconds=0.0) == other._replace(seconds=0.0)


@dataclass(slots=True)
class Progress:
    """The numbers that say where a training is, and that it goes on from.

    `epoch` are done, `step` of the one that runs, and `taken` of all; `loss`, `rows` and `norm` are its sums so far and
    `seconds` its time. `best` is the best value and `best_epoch` when it was, 0 for the beginning; `mark` is the value
    that an early stopping waits to see bettered, since `mark_epoch`.
    """

    epoch: int = 0
    step: int = 0
    taken: int = 0
    loss: float = 0.0
    rows: int = 0
    norm: float = 0.0
    seconds: float = 0.0
    first_loss: float | None = None
    best: float | None = None
    best_epoch: int = 0
    mark: float | None = None
    mark_epoch: int = 0
    history: list[Epoch] = field(default_factory=list)

    def copy(self) -> "Progress":
        """Return another one, which goes on by itself."""
        return replace(self, history=list(self.history))


class Kept:
    """A copy of what a program learned and keeps, to go back to."""

    def __init__(self, program: TrainingProgram) -> None:
        self.parameters: Flat = program.parameters.copy()
        self.state: dict[str, Flat] = {name: array.copy() for name, array in program.state.items()}

    def keep(self, program: TrainingProgram) -> None:
        """Copy from the program."""
        np.copyto(self.parameters, program.parameters)
        for name, array in self.state.items():
            np.copyto(array, program.state[name])

    def restore(self, program: TrainingProgram) -> None:
        """Copy into the program."""
        np.copyto(program.parameters, self.parameters)
        for name, array in self.state.items():
            np.copyto(program.state[name], array)


class Judge:
    """Says which epoch is the best, and when to stop early.

    Judged is the metric of the early stopping, of the first output that has it; without one the validation loss, or
    without a validation part the loss. Raises ValueError where an early stopping has nothing to go by.
    """

    def __init__(self, recipe: Recipe, measures: tuple[Measure, ...], validated: bool) -> None:
        self._stopping = stopping = recipe.early_stopping
        self._metric: str | None = None
        self._sign = 1.0
        if stopping is not None:
            if not validated:
                raise ValueError("early stopping needs a validation part")
            if stopping.metric != "loss":
                named = [measure.name for measure in measures if measure.metric == stopping.metric]
                if not named:
                    raise ValueError(f"early stopping goes by {stopping.metric}, which no output has")
                self._metric = named[0]
                self._sign = -1.0 if stopping.metric in HIGHER_IS_BETTER else 1.0

    def note(self, at: Progress) -> bool:
        """Take note of the epoch that the history ends with; return whether it is the best so far."""
        last = at.history[-1]
        value = last.loss if last.validation_loss is None else last.validation_loss
        if self._metric is not None:
            value = last.metrics[self._metric]
        if isnan(value):
            return False
        least = 0.0 if self._stopping is None else self._stopping.at_least
        gain = None if at.mark is None else self._sign * (at.mark - value)
        if gain is None or (gain > 0 and gain >= least):
            at.mark, at.mark_epoch = value, at.epoch
        best = at.best is None or self._sign * value < self._sign * at.best
        if best:
            at.best, at.best_epoch = value, at.epoch
        return best

    def enough(self, at: Progress) -> bool:
        """Return whether an early stopping has waited for as long as it was to."""
        return self._stopping is not None and at.epoch - at.mark_epoch >= self._stopping.patience
