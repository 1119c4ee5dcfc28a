"""The plain changes of shape."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def pad(x: NDArray[Any], widths: tuple[tuple[int, int], ...], value: float) -> Array:
    """Return x[p - low] where that is in x, and `value` elsewhere."""
    y = np.empty((len(x), *(low + n + high for n, (low, high) in zip(x.shape[1:], widths, strict=True))))
    for place in np.ndindex(*y.shape[1:]):
        at = tuple(i - low for i, (low, _) in zip(place, widths, strict=True))
        inside = all(0 <= i < n for i, n in zip(at, x.shape[1:], strict=True))
        y[:, *place] = x[:, *at] if inside else value
    return y
