"""A small training program in plain NumPy, and examples in memory, for the loop to work on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.training.program import Array, Flat, Key

FEATURES, CLASSES = 5, 3
_GAP = 16  # where β begins; the number before it is nobody's


class Regression:
    """Softmax regression of inputs less the mean that it keeps as state, with dropout of inputs.

    Ω is stored transposed, with a gap behind it, as aligned programs have it. `touched` counts the steps.
    """

    def __init__(self, dtype: Any = np.float64, drop: float = 0.25) -> None:
        self.parameters: Flat = np.zeros(_GAP + CLASSES, dtype)
        self.gradient: Flat = np.zeros_like(self.parameters)
        self.state: dict[str, Flat] = {"norm.mean": np.zeros(FEATURES, dtype)}
        self._drop = drop
        self.touched = 0
        self.views(self.parameters)["Omega"][...] = np.linspace(-1, 1, 15).reshape(CLASSES, FEATURES)

    def views(self, flat: Flat) -> dict[str, Flat]:
        size = FEATURES * CLASSES
        return {"Omega": flat[:size].reshape(FEATURES, CLASSES).T, "beta": flat[_GAP:]}

    def step(self, inputs: list[Array], targets: list[Array], weights: Flat | None, key: Key) -> float:
        self.touched += 1
        x = inputs[0]
        mean = self.state["norm.mean"]
        mean += 0.1 * (x.mean(0) - mean)
        kept = np.random.default_rng(key).random(x.shape) >= self._drop
        x = ((x - mean) * kept).astype(x.dtype)
        loss, delta = self._loss(self._logits(x), targets[0], weights)
        found = self.views(self.gradient)
        found["Omega"][...] = delta.T @ x
        found["beta"][...] = delta.sum(0)
        return loss

    def evaluate(self, inputs: list[Array], targets: list[Array], weights: Flat | None) -> tuple[float, list[Flat]]:
        y = self._logits(inputs[0] - self.state["norm.mean"])
        return self._loss(y, targets[0], weights)[0], [y]

    def weight_of(self, targets: list[Array], weights: Flat | None) -> float:
        return float(len(targets[0]))  # by whose number, not by whose weights, `_loss` divides

    def _logits(self, x: Array) -> Flat:
        views = self.views(self.parameters)
        return np.asarray(x @ views["Omega"].T + views["beta"])

    @staticmethod
    def _loss(y: Flat, t: Array, weights: Flat | None) -> tuple[float, Flat]:
        p = np.exp(y - y.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        w = np.ones(len(t), y.dtype) if weights is None else weights
        rows = np.arange(len(t))
        loss = float(-(w * np.log(p[rows, t])).mean())
        p[rows, t] -= 1
        return loss, np.asarray(p * (w / len(t))[:, None])


class Table:
    """Examples in memory; `taken` remembers which rows were asked for."""

    def __init__(self, x: Array, t: Array) -> None:
        self.x, self.t = x, t
        self.taken: list[list[int]] = []

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: NDArray[np.integer] | Sequence[int]) -> tuple[list[Array], list[Array]]:
        self.taken.append(np.asarray(rows).tolist())
        return [self.x[rows]], [self.t[rows]]


def table(rows: int, seed: int = 0, dtype: Any = np.float64) -> Table:
    """Return noisy examples of three classes."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, FEATURES))
    best = (
        x @ np.random.default_rng(99).normal(size=(FEATURES, CLASSES)) + random.normal(size=(rows, CLASSES))
    ).argmax(1)
    return Table(x.astype(dtype), best)


class Scripted:
    """A program of one parameter whose losses are written out beforehand; a step adds 1 to the parameter."""

    def __init__(self, losses: Sequence[float], validation: Sequence[float] = ()) -> None:
        self.parameters: Flat = np.zeros(1)
        self.gradient: Flat = np.zeros(1)
        self.state: dict[str, Flat] = {}
        self._losses, self._validation = iter(losses), iter(validation)
        self.keys: list[Key] = []

    def views(self, flat: Flat) -> dict[str, Flat]:
        return {"beta_0": flat}

    def step(self, inputs: list[Array], targets: list[Array], weights: Flat | None, key: Key) -> float:
        self.gradient[0] = -1.0
        self.keys.append(key)
        return next(self._losses)

    def evaluate(self, inputs: list[Array], targets: list[Array], weights: Flat | None) -> tuple[float, list[Flat]]:
        return next(self._validation), [np.zeros((len(inputs[0]), 1))]

    def weight_of(self, targets: list[Array], weights: Flat | None) -> float:
        return float(len(targets[0]))
