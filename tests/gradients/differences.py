"""Central finite differences: the oracle of every derivative."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def differences(loss: Callable[[], float], array: Array, places: Sequence[int], step: float = 1e-6) -> Array:
    """Return the derivative of a loss by some elements of an array that it reads, which is put back as it was."""
    found = np.zeros(len(places))
    flat = array.reshape(-1)
    assert np.shares_memory(flat, array) or not array.size
    for index, place in enumerate(places):
        before = flat[place]
        flat[place] = before + step
        above = loss()
        flat[place] = before - step
        below = loss()
        flat[place] = before
        found[index] = (above - below) / (2 * step)
    return found


def some(size: int, most: int = 25, seed: int = 0) -> list[int]:
    """Return places in a flat array, at most so many."""
    return sorted(np.random.default_rng(seed).permutation(size)[:most].tolist())


def assert_derived(loss: Callable[[], float], array: Array, gradient: Array, tolerance: float = 2e-6) -> None:
    """Assert that a gradient is that of the loss, relative to its own size."""
    places = some(array.size)
    expected = differences(loss, array, places)
    found = gradient.reshape(-1)[places]
    scale = max(1e-2, float(np.abs(expected).max(initial=0.0)))
    assert float(np.abs(found - expected).max(initial=0.0)) <= tolerance * scale, (found, expected)
