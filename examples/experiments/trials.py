"""Trainings that are compared: which network, which data, which seed; several side by side, a process for each core."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

import netspec
from examples.experiments.data import Array, Data

SPECS = Path(__file__).parents[2] / "specs"

VARIANTS = {1: None, 2: "two", 3: "three", 4: "four"}
"""The variants of specs/notebook_20_2.yaml by their depth: of one budget."""

Order = TypeVar("Order")
Result = TypeVar("Result")


class Trial(NamedTuple):
    """A training: the spec with its variant or settings, the data, and the recipe.

    The recipe is that of the spec, or of another one, `like`, with some keys said anew. `seed` is for the parameters
    and for the order of the rows. After each epoch the error is measured on `measured`.
    """

    spec: Path
    data: Data
    seed: int
    variant: str | None = None
    settings: Mapping[str, Any] = {}
    like: Path | None = None
    recipe: Mapping[str, Any] = {}
    measured: Literal["train", "test"] = "test"

    @property
    def network(self) -> netspec.Network:
        """The network that is trained."""
        return netspec.load(self.spec, variant=self.variant, settings=self.settings)


class Fit(NamedTuple):
    """What came of a trial: errors in percent after the last epoch, and curves by epoch.

    `losses` are the means over the steps of each epoch; `errors`, in percent, are of the part that was measured.
    `seconds` are of one processor.
    """

    train: float
    test: float
    losses: Array
    errors: Array
    seconds: float


def fit(trial: Trial) -> Fit:
    """Return what came of a trial."""
    begun = time.process_time()
    network, data = trial.network, trial.data
    model = network.build(seed=trial.seed)
    x, x_test = (each.reshape(-1, *model.inputs[0].shape) for each in (data.x, data.x_test))
    parts = {"train": (x, data.y), "test": (x_test, data.y_test)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", netspec.DivergenceWarning)  # a divergence is a result, told by its errors
        trained = network.train(
            x,
            data.y,
            netspec.load(trial.like or trial.spec).part.training,
            model=model,
            validation=parts[trial.measured],
            **{"seed": trial.seed, **trial.recipe},
        )
    history, epochs = trained.outcome.history, trained.recipe.epochs
    ends = {name: wrong(trained.model, *part) for name, part in parts.items()}
    losses, errors = np.full(epochs, np.nan), np.full(epochs, ends[trial.measured])  # as they are after a divergence
    losses[: len(history)] = [epoch.loss for epoch in history]
    errors[: len(history)] = [100 * epoch.metrics["error"] for epoch in history]
    return Fit(ends["train"], ends["test"], losses, errors, time.process_time() - begun)


def wrong(model: netspec.Model, x: Array, y: Array) -> float:
    """Return the percentage of rows whose largest logit is that of another class."""
    return float(100 * (model(x).argmax(1) != y).mean())


def side_by_side(work: Callable[[Order], Result], orders: Sequence[Order], jobs: int) -> list[Result]:
    """Return what the work gives for each order, done by so many processes."""
    if jobs == 1:
        return [work(order) for order in orders]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return list(pool.map(work, orders))


def first_below(errors: Array, limit: float) -> float:
    """Return the first epoch after which the error is at most the limit; the number of epochs where it never is."""
    below = np.flatnonzero(errors <= limit)
    return float(below[0] + 1 if len(below) else len(errors))
