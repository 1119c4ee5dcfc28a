"""Numbers moved to mean 0 and scaled to deviation 1; and how a layer takes that over, so that a model stays a model.

A network f trained on z = (x - μ) / σ is x ↦ f((x - μ) / σ). Where f begins with an affine map β + Ω z, this is the
affine map β' + Ω' x with Ω' = Ω / σ and β' = β - Ω' μ. Where targets were t = (y - μ) / σ and f ends with an affine map
β + Ω h, that of y has Ω' = σ Ω and β' = σ β + μ.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.training.data.columns import Array, Column, MappedColumn, Rows, rewritten

Floats = NDArray[np.float64]


class Standardiser(NamedTuple):
    """What an array of examples is moved and scaled by: `mean` and `deviation`, of a shape that an example stretches.

    A feature has its own: each number of a row (D,), each channel of (C, H, W), each column of (T, D).
    """

    mean: Floats
    deviation: Floats

    def apply(self, block: Array) -> Array:
        """Return (block - μ) / σ in the block's dtype, computed in float64."""
        return ((block - self.mean) / self.deviation).astype(block.dtype)

    def undo(self, block: Array) -> Array:
        """Return σ block + μ in the block's dtype."""
        return (block * self.deviation + self.mean).astype(block.dtype)

    @property
    def inverse(self) -> "Standardiser":
        """What moves and scales back: σ z + μ = (z + μ / σ) / (1 / σ)."""
        return Standardiser(-self.mean / self.deviation, 1 / self.deviation)


def feature_axis(shape: tuple[int, ...]) -> int:
    """Return the axis of an example along which the features lie: the last, and of images the first, the channels."""
    return 0 if len(shape) > 2 else len(shape) - 1


def learn(column: Column, rows: Rows, axis: int | None = None) -> Standardiser:
    """Return mean and deviation of these rows alone, in float64; σ² is the mean of (x - μ)², as NumPy's `std` has it.

    A feature that is the same in every row keeps the deviation 1. In one pass of blocks, whose moments are merged
    (Chan, Golub & LeVeque 1979), so that a large mean costs no digits. Raises ValueError without rows.
    """
    if not len(rows):
        raise ValueError("there are no rows to learn from")
    if not column.shape:
        return Standardiser(*(part.reshape(()) for part in _moments(block[:, None] for block in column.blocks(rows))))
    axis = feature_axis(column.shape) if axis is None else axis
    size = column.shape[axis]
    flat = (np.moveaxis(block, axis + 1, -1).reshape(-1, size) for block in column.blocks(rows))
    stretched = [1] * len(column.shape)
    stretched[axis] = size
    return Standardiser(*(part.reshape(stretched) for part in _moments(flat)))


def standardised(column: Column, scaling: Standardiser) -> Column:
    """Return a column with all its rows standardised, in memory or in a file as it was."""
    limit = 0 if isinstance(column, MappedColumn) else sys.maxsize
    return rewritten(column, scaling.apply, column.shape, column.dtype, limit)


def _moments(blocks: Iterator[Array]) -> tuple[Floats, Floats]:
    """Return mean and deviation of the columns of blocks (n, features)."""
    total, mean, squares = 0, np.zeros(()), np.zeros(())
    low, high = np.array(np.inf), np.array(-np.inf)
    for block in blocks:
        wide = block.astype(np.float64)
        here = wide.mean(axis=0)
        apart = here - mean
        count = len(wide)
        squares = squares + ((wide - here) ** 2).sum(axis=0) + apart**2 * (total * count / (total + count))
        low, high = np.minimum(low, wide.min(axis=0)), np.maximum(high, wide.max(axis=0))
        total += count
        mean = mean + apart * (count / total)
    deviation = np.sqrt(squares / total)
    still = (low == high) | (deviation == 0)  # of 0.1 in every row the mean is not quite 0.1, nor the deviation 0
    return np.where(low == high, low, mean), np.where(still, 1.0, deviation)


def folded_inputs(Omega: Array, beta: Array, scaling: Standardiser) -> tuple[Array, Array]:
    """Return Ω' and β' of an affine first layer that takes x where Ω (out, in) and β (out,) took (x - μ) / σ.

    Likewise of a convolution without padding, whose Ω is (out, in, *kernel), with a mean and a deviation for each
    channel: with padding its border would see -μ / σ in place of 0, which no β can give. Computed in float64.
    """
    mean, deviation = (part.reshape(-1) for part in scaling)
    if Omega.ndim < 2 or Omega.shape[1] != len(mean):
        raise ValueError(f"Ω {Omega.shape} does not take {len(mean)} features")
    kernel = (1,) * (Omega.ndim - 2)
    wide = Omega.astype(np.float64) / deviation.reshape(1, -1, *kernel)
    moved = beta - (wide * mean.reshape(1, -1, *kernel)).reshape(len(wide), -1).sum(axis=1)
    return wide.astype(Omega.dtype), moved.astype(beta.dtype)


def folded_targets(Omega: Array, beta: Array, scaling: Standardiser) -> tuple[Array, Array]:
    """Return Ω' and β' of an affine last layer that gives y where Ω (out, in) and β (out,) gave (y - μ) / σ."""
    mean, deviation = (part.reshape(-1) for part in scaling)
    if Omega.ndim != 2 or len(Omega) != len(mean):
        raise ValueError(f"Ω {Omega.shape} does not give {len(mean)} features")
    wide = Omega.astype(np.float64) * deviation[:, None]
    return wide.astype(Omega.dtype), (beta * deviation + mean).astype(beta.dtype)
