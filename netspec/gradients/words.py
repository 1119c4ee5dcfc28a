"""Targets that are words: the labels of classes, and their numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics.show import quote

Array = NDArray[Any]


def is_text(array: Array) -> bool:
    """Return whether an array is of words: of text, or of objects that all are."""
    if array.dtype.kind == "O":
        return bool(array.size) and all(isinstance(item, str) for item in array.flat)
    return array.dtype.kind in "UT"


def numbered(label: str, whole: Array, known: Sequence[str] = ()) -> tuple[tuple[str, ...], Array]:
    """Return labels, and the number of each word's: of those `known` in their order, else of all words as sorted.

    Raises ValueError for a word that is not known; `label` is what messages call the array.
    """
    names, numbers = np.unique(whole.astype(str), return_inverse=True)
    words = tuple(map(str, names))
    if not known:
        return words, numbers.reshape(whole.shape)
    places = {word: place for place, word in enumerate(known)}
    for word in words:
        if word not in places:
            raise ValueError(f"{label} has {quote(word)}, which is none of the labels of the training data")
    return tuple(known), np.array([places[word] for word in words], np.int64)[numbers].reshape(whole.shape)
