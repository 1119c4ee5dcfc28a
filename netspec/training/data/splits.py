"""Rows parted into those that are trained on and those that are held back."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def split(rows: int, share: float, seed: int, classes: NDArray[np.int64] | None = None) -> tuple[Rows, Rows]:
    """Return which rows are trained on and which are held back, both in ascending order: the same for the same seed.

    Rows are drawn without replacement, round(share · rows) of them. With `classes`, (rows,), each class gives its
    share, the numbers rounded so that they sum up (largest remainders), and keeps a row to be trained on. Raises
    ValueError where nothing would be left on a side.
    """
    held = round(share * rows)
    if not 0 < held < rows:
        raise ValueError(f"{share:g} of {rows:,} rows leaves nothing on one side")
    order = np.random.default_rng(seed).permutation(rows)
    if classes is None:
        chosen = order[:held]
    else:
        groups = np.unique(classes, return_inverse=True)[1][order]
        counts = np.bincount(groups)
        quota = _shares(counts, held)
        if not quota.any():
            raise ValueError("each class has a single row, which is trained on")
        # The rank of each row within its class, in the order drawn: the first of each class are held back.
        by_class = np.argsort(groups, kind="stable")
        starts = np.cumsum(counts) - counts
        ranks = np.empty(rows, np.int64)
        ranks[by_class] = np.arange(rows) - np.repeat(starts, counts)
        chosen = order[ranks < quota[groups]]
    is_held = np.zeros(rows, bool)
    is_held[chosen] = True
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def _shares(counts: NDArray[np.int64], held: int) -> NDArray[np.int64]:
    """Return how many of each class are held back, `held` in all unless too many classes have a single row."""
    most = counts - 1
    exact = counts * (held / counts.sum())
    quota = np.minimum(np.floor(exact).astype(np.int64), most)
    for group in np.argsort(quota - exact, kind="stable"):  # the largest remainder first
        if quota.sum() >= held:
            break
        quota[group] += quota[group] < most[group]
    return cast(NDArray[np.int64], quota)
