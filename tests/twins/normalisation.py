"""The plain normalisations: number by number, from the sums of what is normalised together."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def batch_norm(
    x: NDArray[Any],
    gamma: NDArray[Any] | None,
    beta: NDArray[Any] | None,
    mean: NDArray[Any],
    variance: NDArray[Any],
    epsilon: float,
) -> Array:
    """Return γ (x - mean) / √(variance + ε) + β, channel by channel."""
    y = np.empty(x.shape)
    for c in range(x.shape[1]):
        y[:, c] = (x[:, c].astype(np.float64) - float(mean[c])) / (float(variance[c]) + epsilon) ** 0.5
    return _scaled_channels(y, gamma, beta)


def layer_norm(
    x: NDArray[Any], gamma: NDArray[Any] | None, beta: NDArray[Any] | None, axes: int, epsilon: float
) -> Array:
    """Return γ (x - mean) / √(variance + ε) + β for each place of the axes before the last ones."""
    y = np.empty(x.shape)
    for place in np.ndindex(*x.shape[:-axes]):
        y[place] = _standardised(x[place].astype(np.float64), epsilon)
        if gamma is not None:
            y[place] *= gamma
        if beta is not None:
            y[place] += beta
    return y


def group_norm(
    x: NDArray[Any], gamma: NDArray[Any] | None, beta: NDArray[Any] | None, groups: int, epsilon: float
) -> Array:
    """Return γ (x - mean) / √(variance + ε) + β, example by example and group by group."""
    y = np.empty(x.shape)
    size = x.shape[1] // groups
    for n in range(len(x)):
        for first in range(0, x.shape[1], size):
            y[n, first : first + size] = _standardised(x[n, first : first + size].astype(np.float64), epsilon)
    return _scaled_channels(y, gamma, beta)


def rms_norm(x: NDArray[Any], gamma: NDArray[Any] | None, epsilon: float) -> Array:
    """Return γ x / √(Σ x² / D + ε) for each row."""
    y = np.empty(x.shape)
    for place in np.ndindex(*x.shape[:-1]):
        row = x[place].astype(np.float64)
        y[place] = row / (sum(value * value for value in row) / len(row) + epsilon) ** 0.5
        if gamma is not None:
            y[place] *= gamma
    return y


def _standardised(values: Array, epsilon: float) -> Array:
    mean = sum(values.ravel().tolist()) / values.size
    variance = sum((value - mean) ** 2 for value in values.ravel().tolist()) / values.size
    return (values - mean) / math.sqrt(variance + epsilon)


def _scaled_channels(y: Array, gamma: NDArray[Any] | None, beta: NDArray[Any] | None) -> Array:
    for c in range(y.shape[1]):
        if gamma is not None:
            y[:, c] *= gamma[c]
        if beta is not None:
            y[:, c] += beta[c]
    return y
