"""The plain upsampling: each position of the result from its place in x."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def upsample_nearest(x: NDArray[Any], factors: tuple[int, ...]) -> Array:
    """Return y[p] = x[⌊p / factor⌋]."""
    y = np.empty((*x.shape[:2], *(n * factor for n, factor in zip(x.shape[2:], factors, strict=True))))
    for place in np.ndindex(*y.shape[2:]):
        y[:, :, *place] = x[:, :, *(i // factor for i, factor in zip(place, factors, strict=True))]
    return y


def upsample_linear(x: NDArray[Any], factors: tuple[int, ...]) -> Array:
    """Return the straight lines between x, read at (p + 1/2) / factor - 1/2 on each axis, flat beyond its ends."""
    y = x.astype(np.float64)
    for axis, factor in enumerate(factors, 2):
        n = y.shape[axis]
        places = [(i + 0.5) / factor - 0.5 for i in range(n * factor)]
        rows = np.moveaxis(y, axis, -1)
        longer = np.empty((*rows.shape[:-1], n * factor))
        for at in np.ndindex(*rows.shape[:-1]):
            longer[at] = np.interp(places, range(n), rows[at])
        y = np.moveaxis(longer, -1, axis)
    return y
