"""The elementwise operation: an activation a[z] on every element."""

from typing import NamedTuple

from netspec.operations.functions import FUNCTIONS, Function
from netspec.operations.operation import Cost, Linearity, Role, Shape, volume


class Elementwise(NamedTuple):
    """a[z] elementwise; `arguments` are the function's numbers in the order of its table row. Result: z's shape."""

    name: str
    arguments: tuple[float, ...] = ()

    @property
    def function(self) -> Function:
        """The row of the table that says what the function is."""
        return FUNCTIONS[self.name]

    @property
    def keyword(self) -> str:
        return self.name

    @property
    def linearity(self) -> Linearity:
        if self.function.jumps:
            return "smooth"  # which promises nothing
        return "affine" if self._slope == 1.0 else self.function.linearity

    @property
    def collapses(self) -> bool:
        """Whether all pieces but one are constant."""
        return self.function.collapses or self._slope == 0.0

    @property
    def _slope(self) -> float | None:
        """The slope of a leaky ReLU, which is no bend at 1 and a plain ReLU at 0."""
        return self.arguments[0] if self.name == "leaky_relu" else None

    def shape(self, *operands: Shape) -> Shape:
        return operands[0]

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        return Cost(0, 0 if self.linearity == "affine" else volume(operands[0]))

    def record(self) -> str:
        pairs = tuple(zip(self.function.arguments, self.arguments, strict=True))
        if all(argument.added and value == argument.default for argument, value in pairs):
            return self.name
        return " ".join([self.name, *map(repr, self.arguments)])

    def __str__(self) -> str:
        """Return the activation as a spec writes it on one line."""
        if not self.arguments:
            return self.name
        pairs = zip(self.function.arguments, self.arguments, strict=True)
        return f"{self.name}({', '.join(f'{argument.name}={value!r}' for argument, value in pairs)})"
