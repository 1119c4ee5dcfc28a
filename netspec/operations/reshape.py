"""The same elements in another shape."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, volume, written


class Reshape(NamedTuple):
    """y has the elements of x, in C order, in the shape `sizes`, of as many elements. Cost: none.

    Free sizes are compared by the layer, which knows what a spec says of them.
    """

    sizes: Shape

    @property
    def keyword(self) -> str:
        return "reshape"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        before, after = volume(x), volume(self.sizes)
        if isinstance(before, int) and isinstance(after, int) and before != after:
            raise OperationFault(f"it reads {written(x)}, {before} elements, and {written(self.sizes)} has {after}")
        return self.sizes

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:  # noqa: ARG002 - the contract's signature
        return Cost(0, 0)

    def record(self) -> str:
        return f"reshape {written(self.sizes)}"
