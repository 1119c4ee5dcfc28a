"""The builder: what a layer speaks to. It appends operations to a graph and infers each shape as it goes."""

from collections.abc import Callable

from netspec.operations.affine import Affine
from netspec.operations.elementwise import Elementwise
from netspec.operations.graph import Call, Graph, Name, Node, Parameter, Path, Repeat, Round
from netspec.operations.operation import Shape

Tensor = int


class Builder:
    """Appends operations to `graph`. `prefix` begins the names of tensors; `path` is the layer's place."""

    def __init__(self, graph: Graph, prefix: Name = (), level: int = 0) -> None:
        self.graph = graph
        self.prefix = prefix
        self.level = level
        self.path: Path = ()

    def shape(self, x: Tensor) -> Shape:
        """Return the shape of a tensor, without the batch axis."""
        return self.graph.shapes[x]

    def affine(
        self, x: Tensor, width: int, *, init: str, index: int | Round | None = None, bias: bool = True
    ) -> Tensor:
        """Return β + Ω x of the given width. Its tensors are `beta` and `Omega`, numbered by `index` where given."""
        return self._append(Affine(width, bias), (x,), init, index)

    def activate(self, x: Tensor, activation: Elementwise | None) -> Tensor:
        """Return a[x], or x itself where there is no activation."""
        return x if activation is None else self._append(activation, (x,))

    def repeat(self, x: Tensor, times: int, body: Callable[["Builder", Tensor, int], Tensor]) -> Tensor:
        """Return x after `times` rounds of `body(builder, x, level)`, which keeps the shape."""
        if times == 0:
            return x
        inner = Builder(Graph((self.shape(x),), self.graph.part), self.prefix, self.level + 1)
        inner.path = self.path
        inner.graph.outputs = (body(inner, 0, self.level),)
        if inner.graph.output_shapes != inner.graph.inputs:
            raise ValueError(f"a repeat's body gives {inner.graph.output_shapes} for {inner.graph.inputs}")
        return self._node(Repeat(times, inner.graph), (x,), self.shape(x))

    def call(self, x: Tensor, name: Name, body: Graph, *, up: int = 0, shared: bool = False) -> Tensor:
        """Return the part `body` applied to x."""
        return self._node(Call(name, up, shared, body), (x,), body.output_shapes[0])

    def _append(
        self,
        operation: Affine | Elementwise,
        operands: tuple[Tensor, ...],
        init: str = "",
        index: int | Round | None = None,
    ) -> Tensor:
        known, prefix = self.graph.shapes, self.prefix
        shapes = [known[x] for x in operands]  # lists rather than generators: there are tens of thousands of calls
        tail: Name = () if index is None else ("_", index) if isinstance(index, Round) else (f"_{index}",)
        parameters = tuple(
            [
                Parameter((*prefix, role, *tail), role, shape, fan_in, fan_out, init if fan_in else "zeros")
                for role, shape, fan_in, fan_out in operation.roles(*shapes)
            ]
        )
        return self._node(operation, operands, operation.shape(*shapes), parameters)

    def _node(
        self, operation: Node, operands: tuple[Tensor, ...], shape: Shape, parameters: tuple[Parameter, ...] = ()
    ) -> Tensor:
        graph = self.graph
        graph.operations.append(operation)
        graph.operands.append(operands)
        graph.parameters.append(parameters)
        graph.paths.append(self.path)
        graph.shapes.append(shape)
        return len(graph.shapes) - 1
