"""More positions: each repeated, or the values between them."""

from typing import Literal, NamedTuple

from netspec.operations.operation import Cost, Linearity, Role, Shape, volume
from netspec.operations.windows import check_axes

UpsampleKind = Literal["nearest", "linear"]


class Upsample(NamedTuple):
    """y[c, p] = x[c, ⌊p / factor⌋], or the linear interpolation of x at (p + 1/2) / factor - 1/2, on each axis.

    x: (C, *positions), y: (C, *(n · factor)). Beyond the first and the last position x is as there. As
    torch.nn.Upsample with `nearest`, and with `linear`, `bilinear` or `trilinear` and align_corners false.

    Cost: none for `nearest`; for `linear` each result is a sum of 2^axes products, as many macs.
    """

    kind: UpsampleKind
    factors: tuple[int, ...]

    @property
    def keyword(self) -> str:
        return f"upsample_{self.kind}"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        check_axes(x, len(self.factors))
        return (x[0], *[n * factor for n, factor in zip(x[1:], self.factors, strict=True)])

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        if self.kind == "nearest":
            return Cost(0, 0)
        macs = volume(self.shape(*operands)) * (1 << len(self.factors))
        return Cost(macs, 2 * macs)

    def record(self) -> str:
        return f"upsample {' '.join(map(repr, self))}"
