"""Layer normalisation over the last axes."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume, written


class LayerNorm(NamedTuple):
    """y = γ (x - mean) / √(variance + epsilon) + β, mean and variance (over n) being those of the last `axes` axes.

    x and y: (…, *sizes), γ and β: sizes, those of the last axes. Without `scale` γ is 1, without `bias` β is 0. As
    torch.nn.LayerNorm.

    Cost: five FLOPs for each element (a sum, a difference, a square, its sum, a quotient), and one each for γ and β.
    """

    axes: int
    epsilon: float
    scale: bool = True
    bias: bool = True

    @property
    def keyword(self) -> str:
        return "layer_norm"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) < self.axes:
            raise OperationFault(f"it normalises the last {self.axes} axes, and gets {written(x)}")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        if not self.scale and not self.bias:
            return ()
        shape = tuple([fixed(size, "an axis that is normalised") for size in operands[0][-self.axes :]])
        gamma, beta = Role("gamma", shape, fill="ones"), Role("beta", shape)
        return (gamma,) * self.scale + (beta,) * self.bias

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, (5 + self.scale + self.bias) * volume(operands[0]))

    def record(self) -> str:
        return f"layer_norm {' '.join(map(repr, self))}"
