"""Reductions: the mean, the sum or the largest element over some axes."""

from typing import Literal, NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, volume

ReduceKind = Literal["mean", "sum", "max"]


class Reduce(NamedTuple):
    """The mean, the sum or the largest element of x over `axes`, which are then 1 where `keep`, and else are gone.

    `axes` are counted from 0 without the batch axis, and in order.

    Cost: for each element of x an addition or comparison, but for the first of each result; the quotient of a mean.
    """

    kind: ReduceKind
    axes: tuple[int, ...]
    keep: bool = False

    @property
    def keyword(self) -> str:
        return self.kind

    @property
    def linearity(self) -> Linearity:
        return "piecewise linear" if self.kind == "max" else "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if self.keep:
            return tuple([1 if axis in self.axes else size for axis, size in enumerate(x)])
        left = tuple([size for axis, size in enumerate(x) if axis not in self.axes])
        if not left:
            raise OperationFault("no axis would be left; with `keep: true` each stays as 1")
        return left

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        elements = volume(operands[0])
        return Cost(0, elements if self.kind == "mean" else elements - volume(self.shape(*operands)))

    def record(self) -> str:
        return f"reduce {' '.join(map(repr, self))}"
