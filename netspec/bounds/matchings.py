"""How many sets of units can be matched to inputs in their windows, one each, by trying all: for few units."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final, TypeAlias

from netspec.bounds.arrangements import terms
from netspec.bounds.windows import Component

Window: TypeAlias = Sequence[int]
"""The inputs that a position sees."""

_ENOUGH: Final = 10**6
"""More steps than are ever taken."""


def tries(stretches: Sequence[Component], units: int, channels: int) -> int:
    """Return how many steps `matched` takes at most, or that of a part of the positions, which is already a lot."""
    found = 1
    for window in product(*stretches):
        inputs = channels * prod(stop - start for start, stop in window)
        found *= 1 + min(units, inputs)
        if found > _ENOUGH:
            break
    return found * channels * prod(stretch[-1][1] for stretch in stretches)


def matched(stretches: Sequence[Component], units: int, breakpoints: int, channels: int) -> int:
    """Return Σ Π_p C(units, t_p) b^t_p over the t that can be matched; `stretches` as of a block of windows."""
    sizes = [stretch[-1][1] for stretch in stretches]
    windows = [_inputs(window, sizes, channels) for window in product(*stretches)]
    weights = terms(units, min(units, max(map(len, windows))), breakpoints)

    def sets(position: int, taken: dict[int, int]) -> int:
        if position == len(windows):
            return 1
        total, taken = 0, dict(taken)
        for weight in weights:
            total += weight * sets(position + 1, taken)
            if not _taken_by(position, windows, taken, set()):
                break
        return total

    return sets(0, {})


def _inputs(window: Sequence[tuple[int, int]], sizes: Sequence[int], channels: int) -> Window:
    """Return the numbers of the inputs in a window."""
    found = [*range(channels)]
    for (start, stop), size in zip(window, sizes, strict=True):
        found = [at * size + x for at in found for x in range(start, stop)]
    return found


def _taken_by(position: int, windows: Sequence[Window], taken: dict[int, int], met: set[int]) -> bool:
    """Whether a position can take one input more; then `taken`, the position for each input, says so."""
    for x in windows[position]:
        if x not in met:
            met.add(x)
            if x not in taken or _taken_by(taken[x], windows, taken, met):
                taken[x] = position
                return True
    return False
