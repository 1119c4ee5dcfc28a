"""A stretch of an axis."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape
from netspec.sizes import Polynomial, Size


class Slice(NamedTuple):
    """y = x[start:stop:step] on the axis, counted from 0 without the batch axis. Cost: none.

    `start` and `stop` below 0 count from the end; where `stop` is None it is the end. Of an axis whose size is free
    the elements that are named are taken to be there.
    """

    axis: int
    start: int
    stop: int | None
    step: int = 1

    @property
    def keyword(self) -> str:
        return "slice"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        size = x[self.axis]
        start, stop = self._from_zero(self.start, size), size if self.stop is None else self._from_zero(self.stop, size)
        count: Size = (stop - start + (self.step - 1)) // self.step
        if not isinstance(count, Polynomial) and count < 1:
            raise OperationFault(f"nothing is left of axis {self.axis} from {start} to {stop}")
        return (*x[: self.axis], count, *x[self.axis + 1 :])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"slice {' '.join(map(repr, self))}"

    def _from_zero(self, place: int, size: Size) -> Size:
        """Return a place on the axis counted from its beginning."""
        found = place if place >= 0 else size + place
        if not isinstance(size, Polynomial) and not isinstance(found, Polynomial) and not 0 <= found <= size:
            raise OperationFault(f"axis {self.axis} has {size} elements, and there is no {place} among them")
        return found
