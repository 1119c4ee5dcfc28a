"""Weights of classes: what an example counts by the class that its target is."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from netspec.training.program import AnyExamples
from netspec.training.recipe_faults import RecipeFault

_AT_ONCE: Final = 65_536  # rows whose targets are looked at together


def class_weights(
    given: tuple[float, ...] | Literal["balanced"], examples: AnyExamples, output: int, count: int
) -> NDArray[np.float64]:
    """Return the weight of each of `count` classes, those of the targets of one output.

    Balanced weights are N / (C N_c) where N targets are classes, N_c of them c, and C classes occur; a class that does
    not occur weighs nothing.

    Source: sklearn.utils.class_weight.compute_class_weight. Raises RecipeFault where the number of weights is
    another than that of the classes, and for targets that are probabilities.
    """
    if given != "balanced":
        if len(given) != count:
            headline = f"there are {count} classes, and {len(given)} class weights"
            raise RecipeFault("class_weights", headline, "give a weight for each class, or `balanced`")
        return np.array(given, np.float64)
    counts = np.zeros(count, np.int64)
    for start in range(0, len(examples), _AT_ONCE):
        _, targets = examples.take(np.arange(start, min(start + _AT_ONCE, len(examples))))
        classes = targets[output]
        if classes.dtype.kind == "f" and not np.isin(classes, (0.0, 1.0)).all():
            raise RecipeFault(
                "class_weights", "balanced class weights are for targets that are classes", "give the weights"
            )
        if classes.dtype.kind == "f" and count > 2:
            raise RecipeFault(
                "class_weights", "balanced class weights are for targets that are classes", "give the weights"
            )
        counts += np.bincount(classes.reshape(-1).astype(np.int64), minlength=count)
    there = counts > 0
    found = np.zeros(count)
    found[there] = counts.sum() / (there.sum() * counts[there])
    return found
