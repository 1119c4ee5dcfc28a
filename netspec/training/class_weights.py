"""Weights of examples by their classes."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import SystemFault
from netspec.training.program import Array, Examples

_AT_ONCE: Final = 65_536  # rows whose targets are looked at together


def weights_by_class(
    given: tuple[float, ...] | Literal["balanced"], examples: Examples, like: Examples | None = None
) -> NDArray[np.float64]:
    """Return the weight of each example: that of its class, the first and only target.

    Balanced weights are N / (C N_c) for N examples of which N_c are of class c, and C classes that occur; they are
    counted in `like` where that is given, and a class that does not occur there weighs nothing.

    Source: sklearn.utils.class_weight.compute_class_weight. Raises SystemFault `usage` where targets are no classes, or
    more than have a weight.
    """
    classes = _classes(examples)
    if given == "balanced":
        known, counts = np.unique(classes if like is None else _classes(like), return_counts=True)
        at = np.minimum(np.searchsorted(known, classes), len(known) - 1)
        return np.where(known[at] == classes, counts.sum() / (len(known) * counts[at]), 0.0)
    table = np.array(given)
    if classes.max(initial=-1) >= len(table):
        headline = f"there is a class {classes.max()}, but {len(table)} class weights, of 0 to {len(table) - 1}"
        raise SystemFault("usage", headline, "give a weight for each class, or `balanced`")
    return np.asarray(table[classes])


def _classes(examples: Examples) -> NDArray[np.int64]:
    """Return the class of each example."""
    found: list[Array] = []
    for start in range(0, len(examples), _AT_ONCE):
        _, targets = examples.take(np.arange(start, min(start + _AT_ONCE, len(examples))))
        classes = targets[0]
        if len(targets) != 1 or classes.ndim != 1 or classes.dtype.kind not in "iu" or classes.min(initial=0) < 0:
            headline = "class weights are for one output whose targets are classes, numbered from 0"
            raise SystemFault("usage", headline, "leave `class_weights` out")
        found.append(classes.astype(np.int64))
    return np.concatenate(found) if found else np.zeros(0, np.int64)
