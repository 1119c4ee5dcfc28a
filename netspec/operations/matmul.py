"""The product of two matrices that both come from the input."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, volume, written
from netspec.sizes import Size


class Matmul(NamedTuple):
    """y[…, i, j] = Σ_k a[…, i, k] b[…, k, j], the last two axes of a or b being exchanged first where it says so.

    a and b have as many axes, two or more; those before the last two are equal, or 1 and then repeated.

    Cost: one mac for each i, j and k.
    """

    transpose_first: bool = False
    transpose_second: bool = False

    @property
    def keyword(self) -> str:
        return "matmul"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        a, b = self._turned(*operands)
        words = f"it multiplies {written(a)} and {written(b)}"
        if a[-1] != b[-2]:
            raise OperationFault(f"{words}, whose inner sizes are {a[-1]} and {b[-2]}")
        before: list[Size] = []
        for axis, (p, q) in enumerate(zip(a[:-2], b[:-2], strict=True)):
            if p != q and 1 not in (p, q):
                raise OperationFault(f"{words}, which differ on axis {axis}: {p} and {q}")
            before.append(q if p == 1 else p)
        return (*before, a[-2], b[-1])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        a, _ = self._turned(*operands)
        macs = volume(self.shape(*operands)) * a[-1]
        return Cost(macs, 2 * macs)

    def record(self) -> str:
        return f"matmul {' '.join(map(repr, self))}"

    def _turned(self, *operands: Shape) -> tuple[Shape, Shape]:
        """Return the shapes of a and b as they are multiplied."""
        a, b = operands
        if len(a) != len(b) or len(a) < 2:
            words = "which are no matrices" if len(a) == len(b) else f"which have {len(a)} and {len(b)} axes"
            raise OperationFault(f"it multiplies {written(a)} and {written(b)}, {words}")
        turn = (self.transpose_first, self.transpose_second)
        a, b = ((*x[:-2], x[-1], x[-2]) if turned else x for x, turned in zip((a, b), turn, strict=True))
        return a, b
