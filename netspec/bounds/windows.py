"""What one convolutional hidden layer is to a bound on its regions: windows that move over axes of positions."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

Component: TypeAlias = tuple[tuple[int, int], ...]
"""Windows in a row of which each has an element in common with the next: where each begins and ends, from 0 on."""

MOST_POSITIONS: Final = 2_048
"""Positions on an axis whose windows are looked at one by one."""


class Axis(NamedTuple):
    """Windows on one axis: position o sees elements stride · o + dilation · i - before, for i < kernel, of those of
    `size` that there are; `before` is the padding, of which nothing is seen.
    """

    size: int
    positions: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0

    @property
    def covered(self) -> bool:
        """Whether every element is surely in some window."""
        last = (self.positions - 1) * self.stride + (self.kernel - 1) * self.dilation - self.before
        near = (
            self.stride <= self.kernel if self.dilation == 1 else self.stride == 1 and self.dilation <= self.positions
        )
        return near and last >= self.size - 1

    def narrowed(self) -> "Axis":
        """Return windows of as many neighbouring elements of the kernel as no two windows have in common.

        They begin where the first window comes out of the padding, so that with usual paddings none is cut.
        """
        kernel = min(self.kernel, self.stride) if self.dilation == 1 else 1
        first = min(self.before // self.dilation, self.kernel - kernel)
        return self._replace(kernel=kernel, before=self.before - first * self.dilation)


class Windows(NamedTuple):
    """`groups` convolutions, each of `filters` filters over `channels` channels of its own, one window for all."""

    groups: int
    filters: int
    channels: int
    axes: tuple[Axis, ...]


def components(axis: Axis) -> Counter[Component]:
    """Return the stretches of an axis that have no element in common, equal ones counted; empty windows are left out.

    With a dilation, elements of another remainder are never seen together, and of one they are neighbours.
    """
    classes: dict[int, list[tuple[int, int]]] = {}
    for position in range(axis.positions):
        index, remainder = divmod(position * axis.stride - axis.before, axis.dilation)
        there = -(-(axis.size - remainder) // axis.dilation)
        window = max(index, 0), min(index + axis.kernel, there)
        if window[0] < window[1]:
            classes.setdefault(remainder, []).append(window)
    found: Counter[Component] = Counter()
    for windows in classes.values():
        first = 0
        for index in range(1, len(windows) + 1):
            if index == len(windows) or windows[index][0] >= windows[index - 1][1]:
                found[_from_0(windows[first:index])] += 1
                first = index
    return found


def _from_0(windows: Sequence[tuple[int, int]]) -> Component:
    """Return the windows moved so that the first begins at 0."""
    first = windows[0][0]
    return tuple((start - first, stop - first) for start, stop in windows)
