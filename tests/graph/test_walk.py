"""Walks over graphs: every tensor by its name, what is owned without listing it, and which graphs are chains."""

import tracemalloc
from collections.abc import Callable
from math import prod
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from netspec.graph import Facts, is_chain, tensor_count, tensors
from netspec.graph.walk import is_plain, outputs_of, owned, unrolled, visits
from netspec.network import Network, loads
from netspec.operations import Builder, Elementwise, Graph, Round, Shape
from netspec.operations.merge import Merge
from netspec.sizes import Size
from tests.compiler.random_specs import EXAMPLES, specs
from tests.graph.random_layers import networks

RELU: Final = Elementwise("relu")


def layer(width: int = 2, *, inputs: int = 2) -> Graph:
    """Return one hidden layer."""
    graph = Graph(((inputs,),))
    net = Builder(graph)
    graph.outputs = (net.activate(net.affine(0, width, init="zeros", tag=0), RELU),)
    return graph


def residual() -> Graph:
    """Return a hidden layer with a way around it."""
    graph = layer()
    graph.outputs = (Builder(graph).apply(Merge("add"), 2, 0),)
    return graph


def in_a_part() -> Graph:
    graph = Graph(((2,),))
    graph.outputs = Builder(graph).call((0,), ("part",), residual())
    return graph


def in_a_repeat() -> Graph:
    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).repeated(0, 3, residual()),)
    return graph


def with_outputs(*outputs: int) -> Graph:
    graph = layer()
    graph.outputs = outputs
    return graph


def unread() -> Graph:
    graph = layer()
    net = Builder(graph)
    net.activate(1, RELU)
    return graph


NO_CHAINS: Final[dict[str, Callable[[], Graph]]] = {
    "a residual block": residual,
    "two outputs": lambda: with_outputs(2, 1),
    "an output before the end": lambda: with_outputs(1),
    "an operation nobody reads": unread,
    "a branch in a part": in_a_part,
    "a branch in a repeat": in_a_repeat,
}


@pytest.mark.parametrize("name", NO_CHAINS)
def test_of_what_is_no_chain_no_regions_are_known(name: str) -> None:
    graph = NO_CHAINS[name]()
    assert not is_chain(graph)
    assert not is_plain(graph)
    assert Facts(graph, "float32").regions is None


@EXAMPLES
@given(specs())
def test_the_bodies_without_layers_are_plain_chains(keys: dict[str, Any]) -> None:
    graph = Network(**keys).operations
    assert is_chain(graph)
    assert is_plain(graph)


def test_a_part_that_is_used_often_is_looked_at_once() -> None:
    graph = layer()
    for _ in range(64):  # 2^64 uses
        outer = Graph(graph.inputs)
        net = Builder(outer)
        outer.outputs = net.call(net.call((0,), ("a",), graph), ("b",), graph)
        graph = outer
    assert is_chain(graph)
    assert owned(graph).tensors == 2**65
    assert unrolled(graph) == 2**65


def test_tensors_of_blocks_in_a_repeat_are_numbered_by_their_rounds() -> None:
    text = """netspec: 1
input: 3
blocks:
  res:
    layers:
      - dense: {width: 3, as: branch}
      - repeat: {times: 2, layers: [{dense: {width: 3, bias: false}}]}
      - add: [branch, in]
layers:
  - repeat: {times: 2, layers: [res, {repeat: {times: 2, layers: [{dense: {width: 3, bias: false, as: last}}]}}]}
output: 3
"""
    names = [tensor.name for tensor in loads(text.replace("      - add: [branch, in]\n", "")).tensors()]
    assert names == [
        "res.0.branch.beta", "res.0.branch.Omega", "res.0.dense.0.Omega", "res.0.dense.1.Omega",
        "last.0.0.Omega", "last.0.1.Omega",
        "res.1.branch.beta", "res.1.branch.Omega", "res.1.dense.0.Omega", "res.1.dense.1.Omega",
        "last.1.0.Omega", "last.1.1.Omega",
    ]  # fmt: skip


@EXAMPLES
@given(networks())
def test_what_is_owned_is_the_sum_over_the_tensors(keys: dict[str, Any]) -> None:
    graph = Network(**keys).operations
    listed = list(tensors(graph))
    assert len({tensor.name for tensor in listed}) == len(listed) == tensor_count(graph)
    assert owned(graph).parameters == sum(prod(tensor.shape) for tensor in listed)


@EXAMPLES
@given(networks())
def test_each_operation_is_visited_once_with_tensors_that_are_there(keys: dict[str, Any]) -> None:
    graph = Network(**keys).operations
    names = {tensor.name for tensor in tensors(graph)}
    given_: set[int] = set(range(len(graph.inputs)))
    count = 0
    for visit in visits(graph):
        assert given_.issuperset(visit.operands)
        assert given_.isdisjoint(visit.results)
        given_.update(visit.results)
        assert {name for name, _ in visit.tensors} <= names
        count += 1
    assert count == unrolled(graph)
    assert given_.issuperset(outputs_of(graph))


@settings(EXAMPLES)
@given(networks())
def test_facts_are_sums_over_the_operations_that_are_visited(keys: dict[str, Any]) -> None:
    net = Network(**keys)
    macs: Size = 0
    flops: Size = 0
    capacity = 0
    shapes: dict[int, tuple[Any, ...]] = dict(enumerate(net.operations.inputs))
    depth = dict.fromkeys(range(len(net.operations.inputs)), 0)
    last = None
    for visit in visits(net.operations):
        operands = [shapes[value] for value in visit.operands]
        (result,) = visit.results
        shapes[result] = visit.operation.shape(*operands)
        cost = visit.operation.cost(*operands)
        macs, flops = macs + cost.macs, flops + cost.flops
        hidden = isinstance(visit.operation, Elementwise)
        depth[result] = max(depth[value] for value in visit.operands) + hidden
        capacity += prod(shapes[result]) if hidden else 0
        last = visit
    (out,) = outputs_of(net.operations)
    assert last is not None
    givers = {visit.results[0]: visit.operation for visit in visits(net.operations)}
    activated = isinstance(givers.get(out), Elementwise)
    facts = net.facts
    assert (facts.macs, facts.flops) == (macs, flops)
    assert facts.capacity == capacity - (prod(shapes[out]) if activated else 0)
    assert facts.depth == depth[out] - activated
    assert facts.output == shapes[out]


def test_a_round_of_a_repeat_reads_what_stands_around_it() -> None:
    text = """netspec: 1
input: 3
layers:
  - dense: {width: 3, as: once}
  - repeat: {times: 3, layers: [{dense: {width: 3, activation: relu, as: step}}, {add: [step, once]}]}
output: 3
"""
    net = loads(text)
    assert net.facts.depth == 3
    assert [visit.place for visit in visits(net.operations)] == [
        "once", "step.0", "step.0", "add.0", "step.1", "step.1", "add.1", "step.2", "step.2", "add.2",
    ]  # fmt: skip


def test_names_of_rounds_count_from_where_the_repeat_begins() -> None:
    def body(net: Builder, x: int, level: int) -> int:
        return net.affine(x, 2, init="zeros", tag=Round(level, 5))

    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).repeat(0, 2, body),)
    assert [tensor.name for tensor in tensors(graph)] == ["beta_5", "Omega_5", "beta_6", "Omega_6"]


@pytest.mark.parametrize(
    "text",
    [
        (
            "input: 400\nlayers:\n  - dense: {width: 300, activation: relu}\n  - dense: {width: 400, as: b}\n"
            "  - add: [b, in]\noutput: 400\n"
        ),
        (
            "input: [3, 20, 20]\nlayers:\n  - conv: {channels: 8, kernel: 3, padding: same, activation: relu, as: a}\n"
            "  - max_pool: 2\n  - upsample: {factor: 2, as: b}\n  - concat: [a, b]\n  - repeat: {times: 3, layers: "
            "[{conv: {channels: 16, kernel: 3, padding: 1, activation: relu, as: c}}, {add: [c, in]}]}\n"
            "  - global_average_pool\noutput: 16\n"
        ),
    ],
)
def test_activation_bytes_are_what_is_held_when_each_value_goes_after_its_last_reading(text: str) -> None:
    net = loads(f"netspec: 1\n{text}")
    order = list(visits(net.operations))
    left = set(outputs_of(net.operations))
    last = {value: i for i, visit in enumerate(order) for value in visit.operands}
    shapes = dict(enumerate(net.operations.inputs))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    def array(shape: Shape) -> NDArray[np.float32]:
        return np.zeros((64, *[size for size in shape if isinstance(size, int)]), np.float32)

    held = {value: array(shape) for value, shape in shapes.items()}
    for i, visit in enumerate(order):
        (result,) = visit.results
        shapes[result] = visit.operation.shape(*[shapes[value] for value in visit.operands])
        held[result] = array(shapes[result])
        for value in set(visit.operands) - left:
            if last[value] == i:
                del held[value]
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert net.facts.activation_bytes is not None
    assert peak == pytest.approx(64 * net.facts.activation_bytes, rel=0.02)
