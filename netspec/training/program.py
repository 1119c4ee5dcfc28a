"""What a training needs of others: the program that computes losses and gradients, and the examples."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Flat = NDArray[np.floating]
Key = tuple[int, int]
"""The seed of a training and the number of the step, from 0: what dropout draws from."""


class TrainingProgram(Protocol):
    """A network with its losses, compiled for training, and the arrays that it works on, which stay the same ones."""

    @property
    def parameters(self) -> Flat:
        """Every learned number, flat; an optimizer changes them in place."""

    @property
    def gradient(self) -> Flat:
        """The gradient of the last step's loss, of the parameters' size; each step writes it."""

    @property
    def state(self) -> dict[str, Flat]:
        """What batch norms keep, by the names of the tensors; steps change it in place."""

    def views(self, flat: Flat) -> dict[str, Flat]:
        """Return the learned tensors by their names as views into a flat array of the parameters' size."""

    def step(self, inputs: list[Array], targets: list[Array], weights: Flat | None, key: Key) -> float:
        """Return the mean loss of a batch, and write its gradient."""

    def evaluate(self, inputs: list[Array], targets: list[Array], weights: Flat | None) -> tuple[float, list[Flat]]:
        """Return the mean loss of a batch as it is outside of training, and the outputs, which the next call may
        write over.
        """

    def weight_of(self, targets: list[Array], weights: Flat | None) -> float:
        """Return what a batch counts in a mean over several batches."""


class AnyExamples(Protocol):
    """Rows of inputs and targets, held anywhere: as `data.examples.Examples` are, or the arrays of a test."""

    def __len__(self) -> int: ...

    def take(self, rows: NDArray[np.integer[Any]]) -> tuple[list[Array], list[Array]]:
        """Return the inputs and the targets of some rows, in the order asked for, each with the rows as first axis."""
