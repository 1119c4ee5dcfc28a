"""Batches: the order of the examples in an epoch, and their arrays."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.training.program import Array, Examples, Flat

_BLOCK_BYTES: Final = 16 << 20
"""Bytes of examples that are gathered at once; batches are views of them, so that small ones cost no gathering."""


class Batch(NamedTuple):
    """Some examples, and their weights where there are any."""

    inputs: list[Array]
    targets: list[Array]
    weights: Flat | None


def order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """Return the order of the rows in a shuffled epoch, a function of seed and epoch alone."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


class Batches:
    """The examples of a part, `size` at a time, the last batch smaller where they do not come out even.

    `weights` has one number for each example. All rows at once are not shuffled. Raises ValueError for no examples.
    """

    def __init__(self, examples: Examples, size: int | None, weights: Flat | None, seed: int | None) -> None:
        self._rows = len(examples)
        if not self._rows:
            raise ValueError("there are no examples")
        if weights is not None and weights.shape != (self._rows,):
            raise ValueError(f"there are {self._rows} examples, and weights of shape {weights.shape}")
        self._examples, self._weights = examples, weights
        self._size = self._rows if size is None else min(size, self._rows)
        self.steps = -(-self._rows // self._size)
        """Batches of an epoch."""
        self._seed = seed if self.steps > 1 else None
        inputs, targets = examples.take(np.zeros(1, np.int64))
        bytes_of_one = max(sum(array.nbytes for array in (*inputs, *targets)), 1)
        self._block = max(_BLOCK_BYTES // bytes_of_one // self._size, 1) * self._size
        self._held: tuple[list[Array], list[Array], Flat | None] | None = None

    def of(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, from 0, from the one numbered `first` on; without a seed epochs are alike."""
        rows, size = self._rows, self._size
        chosen = np.arange(rows) if self._seed is None else order(self._seed, epoch, rows)
        for start in range(first * size, rows, self._block):
            stop = min(start + self._block, rows)
            inputs, targets, weights = self._gather(chosen, start, stop)
            for at in range(0, stop - start, size):
                end = at + size
                yield Batch(
                    [array[at:end] for array in inputs],
                    [array[at:end] for array in targets],
                    None if weights is None else weights[at:end],
                )

    def _gather(self, chosen: NDArray[np.int64], start: int, stop: int) -> tuple[list[Array], list[Array], Flat | None]:
        """Return a block; one that is all examples in their own order is kept for the next epochs."""
        if self._held is not None:
            return self._held
        rows = chosen[start:stop]
        block = (*self._examples.take(rows), None if self._weights is None else self._weights[rows])
        if self._seed is None and stop - start == self._rows:
            self._held = block
        return block
