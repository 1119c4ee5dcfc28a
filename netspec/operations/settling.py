"""Free sizes that are equal under what a spec says of them, made one: so shapes are compared as plain tuples."""

from collections.abc import Iterator
from typing import Final

from netspec.operations.operation import Shape
from netspec.sizes import NOTHING_KNOWN, Known, Polynomial, Size, SizeFault, Work, equal, symbols

MOST_COMPARED: Final = 4_000
"""Pairs of free sizes of one network that are compared: 90 different ones have as many."""


class Settled:
    """The free sizes of one network. Of those that are equal under what is `known`, the one met first stands for all:
    behind two halvings and two doublings of an H that is divisible by 4 there is H again.
    """

    def __init__(self, known: Known = NOTHING_KNOWN) -> None:
        self.known = known.within(Work())
        self.helping = known.within(Work())
        """What is known where checks are looked for that would mend a fault."""
        self.asked = 0
        """Faults for which they were looked for."""
        self._met: dict[Size, Size] = {}
        self._first: list[Polynomial] = []
        self._compared = 0

    def size(self, size: Size) -> Size:
        """Return the size that stands for one."""
        if not isinstance(size, Polynomial):
            return size
        found = self._met.get(size)
        if found is None:
            found = next((first for first in self._alike(size) if self.equal(first, size)), size)
            if found is size:
                self._first.append(size)
            self._met[size] = found
        return found

    def equal(self, one: Size, other: Size) -> bool:
        """Return whether two sizes are equal under what is known.

        Raises SizeFault where a network has more that is to be decided than is worth the work.
        """
        if equal(one, other, self.known):
            return True
        if self.known.work is not None and self.known.work.left <= 0:
            raise _too_many()
        return False

    def _alike(self, size: Polynomial) -> Iterator[Polynomial]:
        """Yield the sizes that one may be equal to, as far as comparing them is worth the work.

        Raises SizeFault where a network has more of them than are compared.
        """
        names = symbols(size)
        for first in self._first:
            if symbols(first) == names or self.known.values:
                self._compared += 1
                if self._compared > MOST_COMPARED:
                    raise _too_many()
                yield first

    def shape(self, shape: Shape) -> Shape:
        """Return the shape with each size as it stands."""
        return tuple([self.size(size) for size in shape])


def _too_many() -> SizeFault:
    return SizeFault("size-too-complex", "the network has too many different free sizes to compare")
