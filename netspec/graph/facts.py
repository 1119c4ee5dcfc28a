"""What is inferred of a network, as exact integers and without an array being made."""

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from netspec.graph.fingerprint import fingerprint
from netspec.graph.walk import NO_CALL, is_chain, steps, tensor_count
from netspec.operations import Call, Elementwise, Graph, Repeat, Shape

if TYPE_CHECKING:
    from netspec.regions.bounds import RegionBounds, Stage

ITEM_BYTES = {"float32": 4, "float64": 8}
NO_CONSTRUCTION = "no construction is known where tensors are shared"
"""The source of a lower bound of 1 that stands where no other is proven."""


class _Sum(NamedTuple):
    """Sums over a stretch of operations, repeats multiplied out."""

    capacity: int = 0
    macs: int = 0
    flops: int = 0

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

    @cached_property
    def _sum(self) -> _Sum:
        total = _Sum()
        for step in steps(self._graph):
            total = total.plus(_operation(step.graph, step.position))
        if self._activated_output:
            total = total._replace(capacity=total.capacity - sum(map(prod, self._graph.output_shapes)))
        return total

    @cached_property
    def _activated_output(self) -> bool:
        """Whether the network's own output comes out of an activation, which then is no hidden unit."""
        return isinstance(_last(self._graph), Elementwise)

    @property
    def input(self) -> Shape:
        """The shape of the input, without the batch axis."""
        return self._graph.inputs[0]

    @property
    def output(self) -> Shape:
        """The shape of the output, without the batch axis."""
        return self._graph.output_shapes[0]

    @cached_property
    def parameters(self) -> int:
        """How many numbers are learned; shared ones count once."""
        return sum(_parameters(step.graph, step.position) for step in steps(self._graph) if step.first)

    @cached_property
    def tensors(self) -> int:
        """How many tensors hold them."""
        return tensor_count(self._graph)

    @property
    def capacity(self) -> int:
        """Hidden units: the elements of every activation's output, the network's own output left out."""
        return self._sum.capacity

    @cached_property
    def depth(self) -> int:
        """Hidden layers on the longest path."""
        return _depth(self._graph, {}) - self._activated_output

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one example."""
        return self._sum.macs

    @property
    def flops(self) -> int:
        """Floating-point operations for one example."""
        return self._sum.flops

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the parameters in the network's dtype."""
        return self.parameters * ITEM_BYTES[self._dtype]

    @cached_property
    def activation_bytes(self) -> int:
        """Bytes of activations at their peak, for one example."""
        return _peak(self._graph, {}) * ITEM_BYTES[self._dtype]

    @cached_property
    def regions(self) -> "RegionBounds | None":
        """Proven bounds on linear regions; None where the network is not piecewise linear, or is not a chain.

        The formulas are theorems on layers that each read the one before: where ways part and meet again, what they
        take for a dimension of the signal or for a layer's own breakpoints is not one.

        Where tensors are used more than once, the constructions behind the lower bound need not be at hand, since they
        choose each layer's own: it is 1 then.
        """
        from netspec.regions.bounds import Bound, region_bounds  # only who asks for the bounds loads them

        stages = _stages(self._graph) if is_chain(self._graph) else None
        if stages is None:
            return None
        bounds = region_bounds(prod(self._graph.inputs[0]), stages)
        if all(step.first or not _parameters(step.graph, step.position) for step in steps(self._graph)):
            return bounds
        return bounds._replace(lower=Bound(1, 0.0, NO_CONSTRUCTION))

    @cached_property
    def fingerprint(self) -> str:
        """The identity of the architecture."""
        return fingerprint(self._graph, self._dtype)


def _parameters(graph: Graph, index: int) -> int:
    """Return how many numbers one operation owns, all rounds of a repeat included."""
    node = graph.operations[index]
    if isinstance(node, Repeat):
        return node.times * sum(_parameters(node.body, inner) for inner in range(len(node.body)))
    if isinstance(node, Call):
        raise TypeError(NO_CALL)
    return sum(prod(parameter.shape) for parameter in graph.parameters[index])


def _operation(graph: Graph, index: int) -> _Sum:
    """Return the sums of one operation, all rounds of a repeat included."""
    node = graph.operations[index]
    if isinstance(node, Repeat):
        body = _Sum()
        for inner in range(len(node.body)):
            body = body.plus(_operation(node.body, inner))
        return _Sum().plus(body, node.times)
    if isinstance(node, Call):
        raise TypeError(NO_CALL)
    cost = node.cost(*graph.operand_shapes(index))
    units = prod(graph.shapes[graph.result(index)]) if isinstance(node, Elementwise) else 0
    return _Sum(units, cost.macs, cost.flops)


def _last(graph: Graph) -> object:
    """Return the operation that the network's output comes out of."""
    index = graph.outputs[0] - len(graph.inputs)
    node = graph.operations[index] if index >= 0 else None
    return _last(node.body) if isinstance(node, Call | Repeat) else node


def _depth(graph: Graph, known: dict[int, int]) -> int:
    """Return the most activations on a path from input to output. `known` holds the graphs already measured."""
    if id(graph) not in known:
        depth = [0] * len(graph.shapes)
        for index, node in enumerate(graph.operations):
            below = max(depth[tensor] for tensor in graph.operands[index])
            if isinstance(node, Repeat):
                below += node.times * _depth(node.body, known)
            elif isinstance(node, Call):
                below += _depth(node.body, known)
            depth[graph.result(index)] = below + isinstance(node, Elementwise)
        known[id(graph)] = max(depth[tensor] for tensor in graph.outputs)
    return known[id(graph)]


def _peak(graph: Graph, known: dict[int, int]) -> int:
    """Return the most elements alive at once: a tensor lives from its making to its last reading, an output on."""
    if id(graph) not in known:
        last = dict.fromkeys(graph.outputs, len(graph))
        for index in range(len(graph) - 1, -1, -1):
            for tensor in graph.operands[index]:
                last.setdefault(tensor, index)
        sizes = [prod(shape) for shape in graph.shapes]
        alive = peak = sum(sizes[: len(graph.inputs)])
        for index, node in enumerate(graph.operations):
            result = graph.result(index)
            ending = sum(sizes[tensor] for tensor in set(graph.operands[index]) if last.get(tensor) == index)
            if isinstance(node, Repeat | Call):
                # What it reads lives within it, as long as it does there; what is read after it too, around it as well.
                peak = max(peak, alive - ending + _peak(node.body, known))
            else:
                peak = max(peak, alive + sizes[result])
            alive += sizes[result] - ending
        known[id(graph)] = peak
    return known[id(graph)]


def _stages(graph: Graph) -> "list[Stage] | None":
    """Return the hidden layers as the bounds on regions ask for them; None where one is not piecewise linear."""
    from netspec.regions.stages import Stage

    stages: list[Stage] = []
    rank = prod(graph.inputs[0])

    def apply(graph: Graph, index: int) -> bool:
        nonlocal rank
        node = graph.operations[index]
        if isinstance(node, Repeat):
            return repeat(node)
        units = prod(graph.shapes[graph.result(index)])
        rank = min(rank, units)
        if not isinstance(node, Elementwise):
            return True
        function = node.function
        if node.linearity == "piecewise linear":
            stages.append(Stage(1, units, rank, function.breakpoints, node.collapses, function.steps))
            rank = units
        return node.linearity != "smooth"

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
            else:
                stages.extend(following * (node.times - 1))
        return True

    return stages if all(apply(step.graph, step.position) for step in steps(graph)) else None
