"""Batch normalisation, as it is when a network runs: by the mean and variance that are kept."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, volume


class BatchNorm(NamedTuple):
    """y[c] = γ[c] (x[c] - mean[c]) / √(variance[c] + epsilon) + β[c] for each channel c.

    x and y: (C, …), γ, β, mean, variance: (C,); the last two are state. Without `affine` γ is 1 and β is 0. As
    torch.nn.BatchNorm2d in evaluation.

    Cost: two FLOPs for each element: of each channel it is one factor and one summand, which are known before any run.
    """

    epsilon: float
    affine: bool = True

    @property
    def keyword(self) -> str:
        return "batch_norm"

    @property
    def linearity(self) -> Linearity:
        return "affine"

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if not x:
            raise OperationFault("it normalises channels, and there is no axis")
        return x

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        shape = (fixed(operands[0][0], "the axis of channels"),)
        state = (Role("mean", shape, learned=False), Role("variance", shape, fill="ones", learned=False))
        return (Role("gamma", shape, fill="ones"), Role("beta", shape), *state) if self.affine else state

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, 2 * volume(operands[0]))

    def record(self) -> str:
        return f"batch_norm {' '.join(map(repr, self))}"
