"""The training loop: epochs of steps, what is said and kept of them, and how it ends."""

import sys
import time
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Protocol, runtime_checkable

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.files.parameters import label
from netspec.spec.recipe import Loss, Recipe
from netspec.training.batches import Batches
from netspec.training.checkpoints import Checkpoint, Checkpoints, columns, write_checkpoint
from netspec.training.evaluation import evaluate, evaluation_batches
from netspec.training.journal import Journal
from netspec.training.metrics import Measure, measures
from netspec.training.optimizers import Clipping, descent
from netspec.training.outcome import Divergence, Outcome, Reached
from netspec.training.program import AnyExamples, Flat, TrainingProgram
from netspec.training.progress import Ended, Epoch, Judge, Kept, Progress
from netspec.training.schedules import Rates

DIVERGED = 1e6
"""A loss of more than so many times the first one, or than this where the first was below 1, is a divergence."""


@runtime_checkable
class Watch(Protocol):
    """Who is told how a training goes."""

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of a step: its number of `steps` in an epoch, both from 1, and its loss."""

    def epoch(self, epoch: Epoch) -> None:
        """Hear of an epoch that is done, kept and written."""


@np.errstate(all="ignore")  # what is not finite is looked for after each step, and told as a divergence
def train(
    program: TrainingProgram,
    recipe: Recipe,
    training: AnyExamples,
    validation: AnyExamples | None = None,
    *,
    measured: tuple[Measure, ...] | None = None,
    weights: Flat | None = None,
    validation_weights: Flat | None = None,
    fewest: int = 1,
    measure_training: bool = False,
    watch: Watch | None = None,
    stop: Callable[[], bool] | None = None,
    journal: Journal | None = None,
    checkpoint: Checkpoints | None = None,
    resume: Checkpoint | None = None,
) -> Outcome:
    """Return how the training ended, the program's parameters and state trained in place.

    `measured` are the metrics of the validation part, by default those of the recipe where it has one loss;
    `weights` are of the examples, one number each; no step is of less than `fewest` rows; `measure_training` asks for
    loss and metrics of the examples at the end; `stop` is asked after each step whether to end. Everything is a
    function of program, recipe, data and weights: a training that goes on from a checkpoint, `resume`, ends with the
    same bits as one that was never interrupted.

    Where it diverges, the best parameters so far are put back; likewise where it stops early, and where it is
    interrupted and there is a validation part. The last checkpoint keeps those that it goes on from.

    A checkpoint or a line of the journal that cannot be written ends it like an interruption; the outcome says why.

    Raises ValueError for no examples, weights that do not fit, and an early stopping that has nothing to go by;
    SystemFault where the journal cannot begin.
    """
    if measured is None:
        measured = measures(recipe, {"": recipe.loss}) if isinstance(recipe.loss, Loss) else ()
    batches = Batches(training, recipe.batch, weights, recipe.seed if recipe.shuffle else None, fewest)
    held_back = None if validation is None else evaluation_batches(validation, recipe.batch, validation_weights)
    loop = _Loop(program, recipe, batches, held_back, measured, stop or _never, watch, journal, checkpoint)
    if resume is not None:
        loop.resume(resume)
    if measure_training:
        loop.measure_at_end(evaluation_batches(training, recipe.batch, weights))
    try:
        return loop.run()
    finally:
        if journal is not None:
            journal.close()


def _never() -> bool:
    return False


def _bound(first: float | None) -> float:
    """Return the largest loss that is no divergence."""
    return sys.float_info.max if first is None else DIVERGED * max(first, 1.0)


class _Loop:
    """One training at work."""

    def __init__(
        self,
        program: TrainingProgram,
        recipe: Recipe,
        batches: Batches,
        validation: Batches | None,
        measured: tuple[Measure, ...],
        stop: Callable[[], bool],
        watch: Watch | None,
        journal: Journal | None,
        checkpoint: Checkpoints | None,
    ) -> None:
        self._program, self._recipe, self._batches, self._validation = program, recipe, batches, validation
        self._measured, self._stop, self._watch = measured, stop, watch
        self._journal, self._checkpoint = journal, checkpoint
        self._at = Progress()
        self._walk = descent(recipe, program.parameters, program.gradient)
        self._clipping = None if recipe.clip is None else Clipping(recipe.clip, program.gradient)
        self._rates = Rates(recipe.schedule, recipe.rate, batches.steps, recipe.epochs)
        self._judge = Judge(recipe, measured, validation is not None)
        self._best = Kept(program)
        self._columns = columns(recipe, measured, validation is not None)
        self._written = time.monotonic()
        self._began = self._written
        self._told: Batches | None = None
        self._failure: SystemFault | None = None

    def measure_at_end(self, training: Batches) -> None:
        """Have the training part measured when all is done."""
        self._told = training

    def resume(self, found: Checkpoint) -> None:
        """Go back to where a checkpoint was written; it is not changed, and may serve again."""
        np.copyto(self._program.parameters, found.parameters)
        for name, array in found.state.items():
            np.copyto(self._program.state[name], array)
        for name, array in found.moments.items():
            np.copyto(self._walk.moments[name], array)
        self._walk.taken = found.at.taken
        np.copyto(self._best.parameters, found.best.parameters)
        for name, array in found.best.state.items():
            np.copyto(self._best.state[name], array)
        self._at = at = found.at.copy()
        if at.taken != at.epoch * self._batches.steps + at.step:
            raise ValueError(f"the checkpoint is of epochs of other than {self._batches.steps} steps")

    def run(self) -> Outcome:
        """Return the outcome, after all epochs or when something ends them."""
        if self._journal is not None:
            self._journal.begin(self._recipe, self._at.history)
        found: Ended | Divergence | None = None
        while found is None:
            if self._judge.enough(self._at):
                found = "stopped early"
            elif self._at.epoch >= self._recipe.epochs:
                found = "finished"
            else:
                self._began = time.monotonic() - self._at.seconds
                found = self._steps() or self._end_epoch()
        if found == "interrupted" and self._failure is None:
            self._is_written(self._write)
        diverged = found if isinstance(found, Divergence) else None
        ended: Ended = "diverged" if isinstance(found, Divergence) else found
        restored = ended in ("diverged", "stopped early") or (
            self._validation is not None
            and (ended == "interrupted" or self._recipe.early_stopping is not None)
            and self._at.best_epoch > 0
        )
        if restored:
            self._best.restore(self._program)
        at = self._at
        outcome = Outcome(
            ended,
            at.epoch,
            at.taken,
            tuple(at.history),
            at.best_epoch,
            at.best,
            restored,
            divergence=diverged,
            first_loss=at.first_loss,
            training=self._reached(ended),
        )
        if self._journal is not None and self._failure is None:
            self._is_written(partial(self._journal.end, outcome.line()))
        return outcome._replace(failure=self._failure)

    def _reached(self, ended: Ended) -> Reached | None:
        """Return what is reached on the training part; None where that is not asked for, or the training interrupted.

        Neither where memory has no room for it: what was trained is not lost for that.
        """
        if self._told is None or ended == "interrupted" or (ended == "diverged" and not self._at.best_epoch):
            return None
        try:
            found = evaluate(self._program, self._told, self._measured, self._stop)
        except SystemFault:
            return None
        return None if found is None else Reached(*found)

    def _steps(self) -> Ended | Divergence | None:
        """Do what is left of the epoch's steps; return what ended them before."""
        at, rates, program, stop, watch = self._at, self._rates, self._program, self._stop, self._watch
        step, descend, moves = program.step, self._walk.step, rates.moves
        clip = None if self._clipping is None else self._clipping.apply
        seed, steps, periodic = self._recipe.seed, self._batches.steps, self._is_periodic()
        bound = _bound(at.first_loss)
        epoch, number, taken, total, first = at.epoch, at.step, at.taken, at.loss, at.first_loss
        rate = rates.at(epoch, number)
        # What changes with every step is in local variables, and in `at` again whenever anybody may look.
        for inputs, targets, weights in self._batches.of(epoch, number):
            if stop():
                self._stand(number, taken, total, first)
                return "interrupted"
            loss = float(step(inputs, targets, weights, (seed, taken)))
            if not loss <= bound:  # what is not a number is not at most anything
                self._stand(number, taken, total, first)
                return self._lost(loss)
            if first is None:
                first = loss
                bound = _bound(first)
            if clip is not None:
                norm = clip()
                if not isfinite(norm):
                    self._stand(number, taken, total, first)
                    return Divergence(f"the norm of the gradient is {norm}", epoch + 1, number + 1)
                at.norm += norm
            if moves:
                rate = rates.at(epoch, number)
            descend(rate)
            total += loss * len(inputs[0])
            number += 1
            taken += 1
            if watch is not None:
                watch.step(epoch + 1, number, steps, loss)
            if periodic and number < steps and self._is_due(taken):
                self._stand(number, taken, total, first)
                if (spoilt := self._spoilt()) is not None:
                    return spoilt
                if not self._is_written(self._write):
                    return "interrupted"
        self._stand(number, taken, total, first)
        return None

    def _stand(self, step: int, taken: int, loss: float, first: float | None) -> None:
        """Say how far the running epoch is."""
        at = self._at
        at.step, at.taken, at.loss, at.first_loss = step, taken, loss, first
        at.rows = self._batches.rows_before(step)

    def _end_epoch(self) -> Ended | Divergence | None:
        """Evaluate, and take note of the epoch; return what ends the training."""
        at, recipe, steps = self._at, self._recipe, self._batches.steps
        if (spoilt := self._spoilt()) is not None:
            return spoilt
        validation: float | None = None
        metrics: dict[str, float] = {}
        if self._validation is not None:
            evaluated = evaluate(self._program, self._validation, self._measured, self._stop)
            if evaluated is None:
                return "interrupted"
            validation, metrics = evaluated
            if not isfinite(validation):
                return Divergence(f"the validation loss is {validation}", at.epoch + 1, steps)
        norm = None if self._clipping is None else at.norm / steps
        rate = self._rates.at(at.epoch, steps - 1)
        seconds = time.monotonic() - self._began
        epoch = Epoch(at.epoch + 1, at.loss / at.rows, rate, validation, metrics, norm, seconds)
        at.history.append(epoch)
        at.epoch += 1
        at.step = at.rows = 0
        at.loss = at.norm = at.seconds = 0.0
        if self._judge.note(at):
            self._best.keep(self._program)
        if self._journal is not None:
            # Before the checkpoint: a line that is ahead of it is written anew, one that is behind would be missing.
            self._is_written(partial(self._journal.epoch, epoch))
        if self._checkpoint is not None:
            self._began = time.monotonic()
            self._is_written(self._write)
        if self._watch is not None:
            self._watch.epoch(epoch)
        ends = self._failure is not None or self._stop()
        return "interrupted" if ends and at.epoch < recipe.epochs else None

    def _lost(self, loss: float) -> Divergence:
        """Return the divergence of a loss: of the step that it was found in, which moved nothing any more."""
        what = f"the loss is {loss:.6g}"
        if isfinite(loss):
            what += f", the first was {self._at.first_loss:.6g}"
        return Divergence(what, self._at.epoch + 1, self._at.step + 1)

    def _spoilt(self) -> Divergence | None:
        """Return the divergence that the parameters show after a step; None where all are finite."""
        program = self._program
        if np.isfinite(program.parameters).all():
            return None
        at = self._at
        for name, tensor in program.views(program.parameters).items():
            wrong = tensor[~np.isfinite(tensor)]
            if wrong.size:
                return Divergence(f"{label(name)} has the value {wrong[0]}", at.epoch + 1, at.step)
        return None  # what lies between the tensors is nobody's

    def _is_periodic(self) -> bool:
        to = self._checkpoint
        return to is not None and (to.every_seconds is not None or to.every_steps is not None)

    def _is_due(self, taken: int) -> bool:
        """Return whether a checkpoint is to be written between two steps."""
        to = self._checkpoint
        if to is None:
            return False
        if to.every_steps is not None and taken % to.every_steps == 0:
            return True
        return to.every_seconds is not None and time.monotonic() - self._written >= to.every_seconds

    def _is_written(self, write: Callable[[], None]) -> bool:
        """Return whether something could be written; where not, that ends the training, which is not lost for it."""
        try:
            write()
        except SystemFault as fault:
            self._failure = self._failure or fault
            return False
        return True

    def _write(self) -> None:
        """Write a checkpoint, where any are."""
        if self._checkpoint is None:
            return
        self._at.seconds = time.monotonic() - self._began if self._at.step else 0.0
        write_checkpoint(self._checkpoint, self._program, self._recipe, self._walk, self._at, self._best, self._columns)
        self._written = time.monotonic()
