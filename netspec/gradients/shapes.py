"""Shapes of examples: which arrays fit where."""

from collections.abc import Sequence
from math import prod


def fitted_shape(wanted: Sequence[int | str], found: Sequence[int]) -> tuple[int, ...] | None:
    """Return the sizes of an example where the array has them: as wanted, or in C order without an axis that matters.

    A flat array fills any shape of as many numbers, and axes of size 1 may be missing or too many; other shapes with
    as many numbers are perhaps transposed.
    """
    if len(wanted) == len(found) and all(
        size == there or isinstance(size, str) for size, there in zip(wanted, found, strict=True)
    ):
        return tuple(found)
    sizes = tuple([size for size in wanted if isinstance(size, int)])
    if len(sizes) < len(wanted) or prod(sizes) != prod(found):
        return None
    squeezed = [[size for size in shape if size != 1] for shape in (sizes, found)]
    return sizes if squeezed[0] == squeezed[1] or 1 in map(len, squeezed) else None
