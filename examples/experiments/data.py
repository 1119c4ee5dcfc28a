"""MNIST-1D (Greydanus 2020), made here and never downloaded; and what becomes of it when its meaning is taken out."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Data(NamedTuple):
    """Signals (rows, 40) in float32 with their classes 0 … 9, to train on and to test with."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array


@cache
def mnist_1d(rows: int = 4000) -> Data:
    """Return so many rows to train on and a quarter of that to test with; 4,000 are the published data."""
    from mnist1d.data import (  # an extra
        get_dataset_args,
        make_dataset,
    )

    wanted = get_dataset_args()
    wanted.num_samples = rows * 5 // 4
    state = np.random.get_state()  # which the package seeds
    made = make_dataset(wanted)
    np.random.set_state(state)
    return Data(made["x"].astype(np.float32), made["y"], made["x_test"].astype(np.float32), made["y_test"])


def permuted(data: Data, seed: int) -> Data:
    """Return the data with the training labels in another order, so that they say nothing of their signals."""
    return data._replace(y=np.random.default_rng(seed).permutation(data.y))


def gaussian(data: Data, seed: int) -> Data:
    """Return the data with training signals of independent normal numbers, of the mean and variance of all."""
    drawn = np.random.default_rng(seed).normal(data.x.mean(), data.x.std(), data.x.shape)
    return data._replace(x=drawn.astype(np.float32))
