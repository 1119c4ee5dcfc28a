"""What is inferred of a network, as exact integers and without an array being made.

What depends on sizes that are known only at run time is a polynomial in them.
"""

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from netspec.graph.values import Values
from netspec.graph.walk import Owned, is_chain, owned, steps
from netspec.operations import Affine, Call, Elementwise, Graph, Repeat, Shape, volume
from netspec.sizes import Polynomial, Size, positive

if TYPE_CHECKING:
    from netspec.bounds.bounds import RegionBounds, Stage
    from netspec.graph.filters import Filters

ITEM_BYTES = {"float32": 4, "float64": 8}
NO_CONSTRUCTION = "no construction is known where layers do not each have weights of their own, all of them free"
"""The source of a lower bound of 1 that stands where no other is proven."""
_MOST_STAGES = 20_000


class _Sum(NamedTuple):
    """Sums over a stretch of operations, repeats multiplied out."""

    capacity: Size = 0
    macs: Size = 0
    flops: Size = 0

    def plus(self, other: "_Sum", times: int = 1) -> "_Sum":
        return _Sum(
            self.capacity + times * other.capacity, self.macs + times * other.macs, self.flops + times * other.flops
        )


class Facts:
    """The facts of one network; the costlier ones are worked out when first asked for.

    `macs` and `flops` are for one example: a multiply-accumulate is two FLOPs, an added bias and an activation one
    each. `activation_bytes` is the most that inputs, results and what is still to be read take at once, for one
    example.
    """

    def __init__(self, graph: Graph, dtype: str) -> None:
        self._graph = graph
        self._dtype = dtype
        self._values = Values()

    @cached_property
    def _sum(self) -> _Sum:
        total = _sums(self._graph, {})
        roots = self._values.roots(self._graph)
        for tensor in dict.fromkeys(roots[output] for output in self._graph.outputs):
            if self._activated(tensor):
                total = total._replace(capacity=total.capacity - volume(self._graph.shapes[tensor]))
        return total

    def _activated(self, output: int) -> bool:
        """Whether an output comes out of an activation and is read by nobody, so that its units are not hidden."""
        activated = isinstance(self._values.giver(self._graph, output), Elementwise)
        return activated and not self._values.is_read(self._graph, output)

    @property
    def inputs(self) -> dict[str, Shape]:
        """The shapes of the inputs by name, without the batch axis; the only one that has no name is `in`."""
        graph = self._graph
        return dict(zip(graph.input_names or ("in",), graph.inputs, strict=True))

    @property
    def outputs(self) -> dict[str, Shape]:
        """The shapes of the outputs by name, without the batch axis; the only one that has no name is `out`."""
        graph = self._graph
        return dict(zip(graph.output_names or ("out",), graph.output_shapes, strict=True))

    @property
    def input(self) -> Shape:
        """The shape of the first input, without the batch axis."""
        return self._graph.inputs[0]

    @property
    def output(self) -> Shape:
        """The shape of the first output, without the batch axis."""
        return self._graph.output_shapes[0]

    @cached_property
    def _owned(self) -> Owned:
        return owned(self._graph)

    @property
    def parameters(self) -> int:
        """How many numbers are learned; shared and tied ones count once."""
        return self._owned.parameters

    @property
    def tensors(self) -> int:
        """How many tensors hold them."""
        return self._owned.tensors

    @property
    def state(self) -> int:
        """How many numbers are kept and not learned, such as the running mean of a batch norm."""
        return self._owned.state

    @property
    def stored(self) -> int:
        """How many tensors a model has in its file: those that are learned, and state."""
        return self._owned.tensors + self._owned.state_tensors

    @property
    def capacity(self) -> Size:
        """Hidden units: the elements of every activation's output, the network's own output left out."""
        return self._sum.capacity

    @cached_property
    def depth(self) -> int:
        """Hidden layers on the longest path."""
        known: dict[int, Lengths] = {}
        found = lengths(self._graph, known)
        return max((length - self._activated(self._graph.outputs[i]) for (_, i), length in found.items()), default=0)

    @property
    def macs(self) -> Size:
        """Multiply-accumulates for one example."""
        return self._sum.macs

    @property
    def flops(self) -> Size:
        """Floating-point operations for one example."""
        return self._sum.flops

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the parameters in the network's dtype."""
        return self.parameters * ITEM_BYTES[self._dtype]

    @cached_property
    def activation_bytes(self) -> Size | None:
        """Bytes of activations at their peak, for one example; None where free sizes decide what the peak is."""
        try:
            from netspec.graph.peak import Peak  # a fact is loaded when it is asked for

            return Peak(self._values, _more).of(self._graph) * ITEM_BYTES[self._dtype]
        except _UndecidedError:
            return None

    @cached_property
    def receptive_field(self) -> tuple[int, ...] | None:
        """How many positions of the input one position of the output sees, on each axis.

        None where it is no matter of windows: where there are no axes of positions, or one layer sees them all.
        """
        from netspec.graph.receptive import receptive_field

        return receptive_field(self._graph)

    @cached_property
    def regions(self) -> "RegionBounds | None":
        """Proven bounds on linear regions; None where the network is not piecewise linear, or is not a chain.

        The formulas are theorems on layers that each read the one before: where ways part and meet again, what they
        take for a dimension of the signal or for a layer's own breakpoints is not one.

        The upper bound holds for any affine maps, convolutions among them. The constructions behind the lower bound
        choose each layer's weights freely: where tensors are used more than once, or a map is no full matrix, it is 1;
        but for a convolution that is the one hidden layer.
        """
        from netspec.bounds.bounds import Bound, region_bounds  # only who asks for the bounds loads them

        stages = self.stages
        if stages is None:
            return None
        bounds = region_bounds(prod(_numbers(self._graph.inputs[0])), stages)
        if self.free:
            return bounds
        bounds = bounds._replace(lower=Bound(1, 0.0, NO_CONSTRUCTION))
        if self.filters is None:
            return bounds
        from netspec.bounds.shared import closer

        return closer(bounds, self.filters.windows, stages[0].breakpoints, free=self.filters.free)

    @cached_property
    def stages(self) -> "list[Stage] | None":
        """The hidden layers as the bounds on regions ask for them; None where there are no bounds."""
        fixed = not any(isinstance(size, Polynomial) for size in self._graph.inputs[0])
        return _stages(self._graph) if fixed and is_chain(self._graph) else None

    @cached_property
    def free(self) -> bool:
        """Whether each layer of a chain has weights of its own, all of them free: what constructions choose."""
        return _free(self._graph)

    @cached_property
    def filters(self) -> "Filters | None":
        """The convolution that is the one hidden layer; None where there are others, or what it reads is not known."""
        stages = self.stages
        if self.free or stages is None or len(stages) != 1 or stages[0].count != 1 or stages[0].steps:
            return None
        from netspec.graph.filters import filters_of

        return filters_of(self._graph)

    @cached_property
    def fingerprint(self) -> str:
        """The identity of the architecture."""
        from netspec.graph.fingerprint import fingerprint

        return fingerprint(self._graph, self._dtype)


def _sums(graph: Graph, known: dict[int, _Sum]) -> _Sum:
    """Return the sums over a graph; `known` holds those of the graphs already summed."""
    if id(graph) not in known:
        total = _Sum()
        for index, node in enumerate(graph.operations):
            if isinstance(node, Repeat):
                total = total.plus(_sums(node.body, known), node.times)
            elif isinstance(node, Call):
                total = total.plus(_sums(node.body, known))
            else:
                _, macs, flops = total
                cost = node.cost(*graph.operand_shapes(index))
                units = volume(graph.shapes[graph.result(index)]) if isinstance(node, Elementwise) else 0
                total = _Sum(total.capacity + units, macs + cost.macs, flops + cost.flops)
        known[id(graph)] = total
    return known[id(graph)]


Lengths = dict[tuple[int, int], int]
"""The most activations on a path from an input to an output, each by its number; a pair without a path is left out."""
_FROM_NOWHERE = -1  # where a path begins that leads from no input


def lengths(graph: Graph, known: "dict[int, Lengths]") -> "Lengths":
    """Return the longest paths of a graph; `known` holds those of the graphs already measured."""
    if id(graph) in known:
        return known[id(graph)]
    # For each tensor the longest path from each input that leads to it.
    paths: list[dict[int, int]] = [{i: 0} for i in range(len(graph.inputs))]
    for index, node in enumerate(graph.operations):
        operands = [paths[tensor] for tensor in graph.operands[index]]
        if isinstance(node, Repeat):
            paths.append(_rounds(operands, lengths(node.body, known), node.times))
        elif isinstance(node, Call):
            inner = lengths(node.body, known)
            for result in range(len(node.body.outputs)):
                within = {i: length for (i, out), length in inner.items() if out == result}
                paths.append(_through(operands, within))
        else:
            found = _longest(operands) or {_FROM_NOWHERE: 0}
            step = isinstance(node, Elementwise)
            paths.append({i: length + step for i, length in found.items()} if step else found)
    known[id(graph)] = {(i, k): length for k, out in enumerate(graph.outputs) for i, length in paths[out].items()}
    return known[id(graph)]


def _longest(paths: list[dict[int, int]]) -> dict[int, int]:
    """Return for each input the longest of several paths from it."""
    if len(paths) == 1:
        return paths[0]
    found: dict[int, int] = {}
    for each in paths:
        for i, length in each.items():
            found[i] = max(length, found.get(i, 0))
    return found


def _through(operands: list[dict[int, int]], within: dict[int, int]) -> dict[int, int]:
    """Return the longest paths through a part; `within` are those from its inputs to one result."""
    ways = [
        {_FROM_NOWHERE: length} if i == _FROM_NOWHERE else {j: n + length for j, n in operands[i].items()}
        for i, length in within.items()
    ]
    return _longest(ways) if ways else {}


def _rounds(operands: list[dict[int, int]], within: Lengths, times: int) -> dict[int, int]:
    """Return the longest paths through the rounds of a repeat; its first operand goes from round to round."""
    each = {i: length for (i, _), length in within.items()}
    again = each.get(0)
    if again is None:
        return _through(operands, each)
    ways = [{j: n + again * times for j, n in operands[0].items()}]
    for i, length in each.items():
        if i == _FROM_NOWHERE:
            ways.append({_FROM_NOWHERE: length + again * (times - 1)})
        elif i:
            ways.append({j: n + length + again * (times - 1) for j, n in operands[i].items()})
    return _longest(ways)


class _UndecidedError(Exception):
    """Which of two amounts is more hangs on free sizes."""


def _more(one: Size, other: Size) -> Size:
    """Return the larger of two amounts."""
    if not isinstance(one, Polynomial) and not isinstance(other, Polynomial):
        return max(one, other)
    if positive(one - other + 1):
        return one
    if positive(other - one + 1):
        return other
    raise _UndecidedError


def _numbers(shape: Shape) -> list[int]:
    """Return the sizes of a shape that has no free ones."""
    return [size for size in shape if not isinstance(size, Polynomial)]


def _free(graph: Graph) -> bool:
    """Whether each layer of a chain has weights of its own, all of them free: what constructions choose."""
    for step in steps(graph):
        nodes = [(step.graph, step.position)]
        while nodes:
            within, index = nodes.pop()
            node = within.operations[index]
            if isinstance(node, Repeat | Call):
                if isinstance(node, Call) and node.shared:
                    return False
                nodes.extend((node.body, inner) for inner in range(len(node.body)))
            elif isinstance(node, Affine):
                if not step.first or len(within.shapes[within.result(index)]) > 1:
                    return False
                if any(each.tied for each in within.parameters[index]):
                    return False
            elif not isinstance(node, Elementwise):
                return False
    return True


def _stages(graph: Graph) -> "list[Stage] | None":
    """Return the hidden layers as the bounds on regions ask for them; None where one is not piecewise linear."""
    from netspec.bounds.stages import Stage

    stages: list[Stage] = []
    rank = prod(_numbers(graph.inputs[0]))

    def apply(graph: Graph, index: int) -> bool:
        nonlocal rank
        node = graph.operations[index]
        if isinstance(node, Repeat):
            return repeat(node)
        if isinstance(node, Call):
            return all(apply(node.body, inner) for inner in range(len(node.body)))
        units = prod(_numbers(graph.shapes[graph.result(index)]))
        rank = min(rank, units)
        if not isinstance(node, Elementwise):
            return node.linearity == "affine"
        function = node.function
        if node.linearity == "piecewise linear":
            stages.append(Stage(1, units, rank, function.breakpoints, node.collapses, function.steps))
            rank = units
        return node.linearity != "smooth" and len(stages) <= _MOST_STAGES

    def repeat(node: Repeat) -> bool:
        """The second round stands for all that follow: it begins with the rank that each ends with."""
        if not all(apply(node.body, inner) for inner in range(len(node.body))):
            return False
        before = len(stages)
        if node.times > 1:
            for inner in range(len(node.body)):
                apply(node.body, inner)
            following = stages[before:]
            del stages[before:]
            if len(following) == 1:
                stages.append(following[0]._replace(count=node.times - 1))
            elif len(following) * (node.times - 1) > _MOST_STAGES:
                return False
            else:
                stages.extend(following * (node.times - 1))
        return True

    return stages if all(apply(graph, index) for index in range(len(graph))) else None
