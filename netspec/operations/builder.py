"""The builder: what a layer speaks to. It appends operations to a graph and infers each shape as it goes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics.magnitude import magnitude
from netspec.limits import WIDTH
from netspec.operations.affine import Affine
from netspec.operations.elementwise import Elementwise
from netspec.operations.graph import Call, Graph, Name, Node, Parameter, Path, Repeat, Round
from netspec.operations.operation import Operation, OperationFault, Shape
from netspec.operations.settling import Settled

Tensor = int
Tag = str | int | Round | None
"""What tells apart the tensors of one role in a layer: the k of β_k, or a word, as in `Omega_query`."""


MOST_AXES: Final = 8
"""Axes that a value may have, the batch axis left out."""

_WIDEST: Final = WIDTH.value
# Tensors come by the ten thousand, and the named tuple's own constructor takes three times as long.
_new: Final = tuple.__new__


def _beyond(shape: Shape) -> str:
    """Return why a shape is more than any value may have."""
    if len(shape) > MOST_AXES:
        return f"it gives {len(shape)} axes; there may be {MOST_AXES}"
    most = max(size for size in shape if isinstance(size, int))
    return f"it gives an axis of {magnitude(most)}; the limit is {WIDTH.value:,}"


class Tie(NamedTuple):
    """A tensor that stands in for a layer's own: its name in the part `up` frames above, its shape, and whether it is
    learned.
    """

    name: Name
    up: int
    shape: tuple[int, ...]
    learned: bool = True


class TieFault(Exception):
    """The tensor that is tied as `name` cannot stand in for one of a `shape`, or of what is `learned` or is not."""

    def __init__(self, name: str, shape: tuple[int, ...], learned: bool) -> None:
        super().__init__(name)
        self.name, self.shape, self.learned = name, shape, learned


class Builder:
    """Appends operations to `graph`. `prefix` begins the names of tensors; `path` is the layer's place, `layer` its
    name. `ties` are tensors of others by the names, within the layer, of those that they stand in for; where there are
    any, `owned` collects the names that the layer's tensors have within it, the number of a round as None. A graph that
    `trains` has what only training does, too: dropout.
    """

    def __init__(
        self,
        graph: Graph,
        prefix: Name = (),
        level: int = 0,
        settled: Settled | None = None,
        *,
        trains: bool = False,
    ) -> None:
        self.graph = graph
        self.trains = trains
        self.prefix = prefix
        self.level = level
        self.settled = settled
        self.layer: Name = ()
        self.path: Path = ()
        self.ties: Mapping[str, Tie] = {}
        self.owned: list[str | None] = []

    def shape(self, x: Tensor) -> Shape:
        """Return the shape of a tensor, without the batch axis."""
        return self.graph.shapes[x]

    def apply(self, operation: Operation, *operands: Tensor, init: str = "glorot_normal", tag: Tag = None) -> Tensor:
        """Return the operation's result. The tensors that it owns are named by their roles, with `tag` behind.

        `init` is how those that are drawn begin unless a spec says otherwise. Raises OperationFault where the operands
        do not fit, and TieFault where a tensor that is tied does not.
        """
        known, prefix = self.graph.shapes, self.prefix
        shapes = [known[x] for x in operands]  # lists rather than generators: there are tens of thousands of calls
        if self.graph.integers and not self.graph.integers.isdisjoint(operands):
            self._read_integers(operation)
        shape = operation.shape(*shapes)
        if len(shape) > MOST_AXES:
            raise OperationFault(_beyond(shape))
        for size in shape:
            if size.__class__ is int and size > _WIDEST:
                raise OperationFault(_beyond(shape))
        roles = operation.roles(*shapes)
        parameters: tuple[Parameter, ...] = ()
        if roles:
            tail: Name = () if tag is None else ("_", tag) if isinstance(tag, Round) else (f"_{tag}",)
            parameters = tuple(
                [
                    _new(
                        Parameter,
                        (
                            (*prefix, role, *tail),
                            role,
                            size,
                            fan_in,
                            fan_out,
                            init if fill == "drawn" else fill,
                            learned,
                            None,
                        ),
                    )
                    for role, size, fan_in, fan_out, fill, learned in roles
                ]
            )
            if self.ties:
                parameters = tuple([self._tied(parameter) for parameter in parameters])
        if self.settled is not None:
            shape = self.settled.shape(shape)
        return self._node(operation, operands, [shape], parameters)

    def affine(self, x: Tensor, width: int, *, init: str, tag: Tag = None, bias: bool = True) -> Tensor:
        """Return β + Ω x of the given width. Its tensors are `beta` and `Omega`."""
        return self.apply(Affine(width, bias), x, init=init, tag=tag)

    def activate(self, x: Tensor, activation: Elementwise | None) -> Tensor:
        """Return a[x], or x itself where there is no activation."""
        return x if activation is None else self.apply(activation, x)

    def repeat(
        self,
        x: Tensor,
        times: int,
        body: Callable[["Builder", Tensor, int], Tensor],
        around: Sequence[Tensor] = (),
    ) -> Tensor:
        """Return x after `times` rounds of `body(builder, x, level)`, which keeps the shape.

        `around` are values from around the repeat that the body reads: in its graph they are the tensors 1, 2, …
        """
        if times == 0:
            return x
        inputs = (self.shape(x), *(self.shape(y) for y in around))
        inner = Builder(Graph(inputs, self.graph.part), self.prefix, self.level + 1, self.settled, trains=self.trains)
        inner.path, inner.layer, inner.ties = self.path, self.layer, self.ties
        inner.owned = self.owned
        inner.graph.integers = {i for i, y in enumerate((x, *around)) if y in self.graph.integers}
        inner.graph.outputs = (body(inner, 0, self.level),)
        if inner.graph.output_shapes != inner.graph.inputs[:1]:
            raise ValueError(f"a repeat's body gives {inner.graph.output_shapes} for {inner.graph.inputs}")
        return self.repeated(x, times, inner.graph, around)

    def repeated(self, x: Tensor, times: int, body: Graph, around: Sequence[Tensor] = ()) -> Tensor:
        """Return x after `times` rounds of a body that is built already."""
        return self._node(Repeat(times, body), (x, *around), [body.output_shapes[0]])

    def call(
        self, operands: tuple[Tensor, ...], name: Name, body: Graph, *, up: int = 0, shared: bool = False
    ) -> tuple[Tensor, ...]:
        """Return the results of the part `body` applied to the operands."""
        first = self._node(Call(name, up, shared, body), operands, list(body.output_shapes))
        found = tuple(range(first, first + len(body.outputs)))
        self.graph.integers.update(new for new, old in zip(found, body.outputs, strict=True) if old in body.integers)
        return found

    def _tied(self, parameter: Parameter) -> Parameter:
        """Return the tensor that stands in for a layer's own, or its own where none does."""
        tail = [part for part in parameter.name[len(self.prefix) :] if isinstance(part, str)]
        name = None if len(tail) < len(parameter.name) - len(self.prefix) else "".join(tail)
        self.owned.append(name)
        tie = None if name is None else self.ties.get(name)
        if tie is None or name is None:
            return parameter
        if tie.shape != parameter.shape or tie.learned != parameter.learned:
            raise TieFault(name, parameter.shape, parameter.learned)
        return parameter._replace(name=tie.name, up=tie.up)

    def _read_integers(self, operation: Operation) -> None:
        """Refuse integers where numbers are computed with: they are indices, and what they index is an embedding's."""
        if not getattr(operation, "takes_integers", False):
            raise OperationFault("it computes with numbers, and reads integers: indices go through an `embedding`")

    def _node(
        self, operation: Node, operands: tuple[Tensor, ...], shapes: list[Shape], parameters: tuple[Parameter, ...] = ()
    ) -> Tensor:
        """Append a node and return its first result."""
        graph = self.graph
        first = len(graph.shapes)
        graph.operations.append(operation)
        graph.operands.append(operands)
        graph.results.append((first,) if len(shapes) == 1 else tuple(range(first, first + len(shapes))))
        graph.parameters.append(parameters)
        graph.layers.append(self.layer)
        graph.paths.append(self.path)
        graph.shapes.extend(shapes)
        return first
