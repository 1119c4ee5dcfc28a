"""Batches: the order of the examples in an epoch, and their arrays."""

from collections.abc import Iterator
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netspec.gradients.program import MOST_AT_ONCE
from netspec.training.data.examples import Examples
from netspec.training.program import AnyExamples, Array, Flat

_BLOCK_BYTES: Final = 16 << 20
"""Bytes of examples that are gathered at once; batches are views of them, so that small ones cost no gathering."""


Batch = tuple[list[Array], list[Array], Flat | None]
"""Inputs and targets of some examples, and their weights where there are any."""


def order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """Return the order of the rows in a shuffled epoch, a function of seed and epoch alone."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


def steps_of(rows: int, size: int, fewest: int) -> int:
    """Return how many batches an epoch has: a last one of less than `fewest` rows is one with that before it."""
    whole, rest = divmod(rows, size)
    return whole + (rest >= fewest or not whole) if rest else whole


class Batches:
    """The examples of a part, `size` at a time, the last batch smaller where they do not come out even.

    A last batch of less than `fewest` rows is one with the batch before it. `weights` has one number for each example.
    All rows at once are not shuffled. Raises ValueError for no examples.
    """

    def __init__(
        self, examples: AnyExamples, size: int | None, weights: Flat | None, seed: int | None, fewest: int = 1
    ) -> None:
        self.rows = len(examples)
        if not self.rows:
            raise ValueError("there are no examples")
        if weights is not None and weights.shape != (self.rows,):
            raise ValueError(f"there are {self.rows} examples, and weights of shape {weights.shape}")
        self._examples, self._weights = examples, weights
        self.size = self.rows if size is None else min(size, self.rows)
        self.steps = steps_of(self.rows, self.size, fewest)
        """Batches of an epoch."""
        self._is_joined = self.steps * self.size < self.rows
        self._seed = seed if self.steps > 1 else None
        inputs, targets = examples.take(np.zeros(1, np.int64))
        bytes_of_one = max(sum(array.nbytes for array in (*inputs, *targets)), 1)
        self._block = max(_BLOCK_BYTES // bytes_of_one // self.size, 1) * self.size
        self._held: tuple[list[Array], list[Array], Flat | None] | None = None

    def of(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, from 0, from the one numbered `first` on; without a seed epochs are alike."""
        rows, size = self.rows, self.size
        chosen = None if self._seed is None else order(self._seed, epoch, rows)
        end = self.steps * size
        for start in range(first * size, end, self._block):
            stop = start + self._block if start + self._block < end else rows
            inputs, targets, weights = self._gather(chosen, start, stop)
            if stop - start <= size:
                yield inputs, targets, weights
                continue
            whole = (stop - start) // size - (stop == rows and self._is_joined)
            if whole:
                # Views are made by iterators of NumPy, which take a third of the time that slices take.
                yield from zip(
                    map(list, zip(*(_cut(array, whole, size) for array in inputs), strict=True)),
                    map(list, zip(*(_cut(array, whole, size) for array in targets), strict=True)),
                    repeat(None, whole) if weights is None else _cut(weights, whole, size),
                    strict=True,
                )
            done = whole * size
            if done < stop - start:
                yield (
                    [array[done:] for array in inputs],
                    [array[done:] for array in targets],
                    None if weights is None else weights[done:],
                )

    def rows_before(self, step: int) -> int:
        """Return how many rows the batches of an epoch before one, from 0, have."""
        return self.rows if step == self.steps else step * self.size

    def _gather(
        self, chosen: NDArray[np.int64] | None, start: int, stop: int
    ) -> tuple[list[Array], list[Array], Flat | None]:
        """Return a block; one that is all examples in their own order is kept for the next epochs."""
        if self._held is not None and start == 0:
            return self._held
        if self.steps == 1 and self.rows > MOST_AT_ONCE and isinstance(self._examples, Examples):
            # A step of so many goes through them in parts, which need not be gathered beforehand.
            whole = self._examples.whole()
            if whole is not None:
                self._held = (*whole, self._weights)
                return self._held
        rows = np.arange(start, stop) if chosen is None else chosen[start:stop]
        block = (*self._examples.take(rows), None if self._weights is None else self._weights[rows])
        if self._seed is None and stop - start == self.rows:
            self._held = block
        return block


def _cut(array: Array, pieces: int, size: int) -> Iterator[Array]:
    """Return the first pieces of an array, of `size` rows each."""
    return iter(array[: pieces * size].reshape(pieces, size, *array.shape[1:]))
