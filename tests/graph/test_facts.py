"""The facts against sums that know nothing of graphs that fold: over arrays, and over the layers one by one."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given, settings

from netspec.compiler import make_plan
from netspec.compiler.plan import Loop
from netspec.graph import Facts
from netspec.graph.walk import outputs_of, visits
from netspec.network import Network
from netspec.operations import Affine, Builder, Call, Elementwise, Graph, Repeat, Round, volume
from tests.compiler.random_specs import EXAMPLES, specs
from tests.graph.random_layers import wired_networks

Layer = Affine | Elementwise
BYTES: Final = {"float32": 4, "float64": 8}

BODIES: Final[dict[str, dict[str, Any]]] = {
    "one affine map": {"input": 3, "K": 0, "output": 2},
    "repeats": {"input": 3, "K": 40, "widths": 5, "output": 2},
    "repeats of two widths": {"input": 3, "widths": [4] * 9 + [2] * 8, "activation": "tanh", "output": 3},
    "an activated output": {"input": 2, "widths": [3], "output": 4, "output_activation": "sigmoid"},
    "no activation that costs": {"input": 2, "K": 9, "widths": 3, "activation": "identity", "output": 2},
    "a part that is narrow within": {
        "networks": {"a": {"input": 9, "widths": [2], "output": 9}},
        "compose": ["a", "a"],
    },
    "shared": {
        "networks": {
            "a": {"input": 2, "K": 9, "widths": 3, "output": 2, "output_activation": "tanh"},
            "b": {"networks": {"c": {"input": 2, "widths": [7], "output": 2}}, "compose": ["c", "a", "c"]},
        },
        "compose": ["a", "b", "a", "b"],
    },
}
EVERY_BODY: Final = pytest.mark.parametrize("keys", BODIES.values(), ids=BODIES)


def unrolled(graph: Graph, before: int | None = None) -> Iterator[tuple[Layer, int, int]]:
    """Yield every operation as it is run, with the widths that it reads and gives; rounds are written out."""
    first = graph.inputs[0][0]
    assert isinstance(first, int)
    width = first if before is None else before
    for node in graph.operations:
        if isinstance(node, Call | Repeat):
            for _ in range(node.times if isinstance(node, Repeat) else 1):
                for found in unrolled(node.body, width):
                    yield found
                    width = found[2]
        else:
            assert isinstance(node, Affine | Elementwise)
            after = node.width if isinstance(node, Affine) else width
            yield node, width, after
            width = after


def most_alive(widths: list[int]) -> int:
    """Return the most elements held at once by a chain of values of these widths, each gone when the next is there."""
    alive: dict[int, int] = {0: widths[0]}
    most = widths[0]
    for made in range(1, len(widths)):
        alive[made] = widths[made]
        most = max(most, sum(alive.values()))
        del alive[made - 1]
    return most


def assert_facts(net: Network) -> None:
    """Assert that every sum among the facts is that of the arrays, or of the layers."""
    facts, dtype = net.facts, net.dtype
    arrays = net.build().parameters
    assert facts.parameters == sum(array.size for array in arrays.values())
    assert facts.tensors == len(arrays)
    assert facts.parameter_bytes == sum(array.nbytes for array in arrays.values())

    layers = list(unrolled(net.operations))
    macs = flops = units = depth = 0
    for node, before, after in layers:
        if isinstance(node, Affine):
            macs += before * after
            flops += 2 * before * after + (after if node.bias else 0)
        else:
            depth, units = depth + 1, units + after
            slope = node.arguments[0] if node.name == "leaky_relu" else 0
            flops += 0 if node.name == "identity" or slope == 1 else after
    if isinstance(layers[-1][0], Elementwise):
        depth, units = depth - 1, units - layers[-1][2]
    assert (facts.macs, facts.flops, facts.capacity, facts.depth) == (macs, flops, units, depth)

    widths = [layers[0][1], *(after for _, _, after in layers)]
    assert facts.activation_bytes == most_alive(widths) * BYTES[dtype]
    assert most_alive(widths) == max(a + b for a, b in pairwise(widths))
    assert (facts.input, facts.output) == ((widths[0],), (widths[-1],))


@settings(EXAMPLES)
@given(specs())
def test_facts_are_the_sums_over_arrays_and_layers(keys: dict[str, Any]) -> None:
    assert_facts(Network(**keys))


@EVERY_BODY
@pytest.mark.parametrize("dtype", BYTES)
def test_facts_of_repeats_and_parts_are_the_sums_too(keys: dict[str, Any], dtype: str) -> None:
    def typed(keys: dict[str, Any]) -> dict[str, Any]:
        inner = {name: typed(part) for name, part in keys.get("networks", {}).items()}
        return keys | {"dtype": dtype} | ({"networks": inner} if inner else {})

    assert_facts(Network(**typed(keys)))


@settings(EXAMPLES)
@given(specs())
def test_the_work_is_that_of_the_program(keys: dict[str, Any]) -> None:
    """One multiply-accumulate for each element of a matrix, at each product of the plan that composes none."""
    net = Network(**keys)
    stages = make_plan(net.operations, net.name, net.dtype, exact=True).stages
    loops = [(stage.times, stage.layer) if isinstance(stage, Loop) else (1, stage) for stage in stages]
    assert net.facts.macs == sum(times * layer.width * layer.reads for times, layer in loops)


def in_one_piece(graph: Graph) -> Graph:
    """Return the graph with its parts and the rounds of its repeats written in place."""
    flat = Graph(graph.inputs)
    values = dict(enumerate(range(len(graph.inputs))))
    for visit in visits(graph):
        flat.operations.append(visit.operation)
        flat.operands.append(tuple(values[value] for value in visit.operands))
        results = tuple(range(len(flat.shapes), len(flat.shapes) + len(visit.results)))
        flat.results.append(results)
        flat.shapes.extend(visit.graph.shapes[tensor] for tensor in visit.graph.results[visit.position])
        flat.parameters.append(())
        values |= dict(zip(visit.results, results, strict=True))
    flat.outputs = tuple(values[value] for value in outputs_of(graph))
    return flat


def most_held(graph: Graph) -> int:
    """Return the most elements held at once, of a list of operations; each tensor is a value of its own."""
    last = {tensor: index for index, operands in enumerate(graph.operands) for tensor in operands}
    last |= dict.fromkeys(graph.outputs, len(graph))
    held = set(range(len(graph.inputs)))
    sizes = [size for size in map(volume, graph.shapes) if isinstance(size, int)]
    peaks = [sum(sizes[tensor] for tensor in held)]
    for index, results in enumerate(graph.results):
        held = {tensor for tensor in held if last.get(tensor, -1) >= index} | set(results)
        peaks.append(sum(sizes[tensor] for tensor in held))
        held = {tensor for tensor in held if last.get(tensor, -1) > index}
    return max(peaks)


@settings(EXAMPLES)
@given(wired_networks())
def test_parts_and_repeats_have_the_facts_of_what_they_are_written_in_place(keys: dict[str, Any]) -> None:
    graph = Network(**keys).operations
    flat = in_one_piece(graph)
    for word in ("capacity", "depth", "macs", "flops", "activation_bytes"):
        assert getattr(Facts(graph, "float32"), word) == getattr(Facts(flat, "float32"), word), word
    assert Facts(graph, "float32").activation_bytes == 4 * most_held(flat)


def test_repeats_within_repeats_multiply_and_count_as_their_layers() -> None:
    """What no spec says yet."""

    def body(net: Builder, x: int, level: int) -> int:
        h = net.activate(net.affine(x, 5, init="zeros", tag=Round(level, 0)), Elementwise("relu"))
        h = net.affine(h, 2, init="zeros", tag=Round(level, 4))
        return net.repeat(h, 3, lambda inner, z, _: inner.activate(z, Elementwise("tanh")))

    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).repeat(0, 4, body),)
    facts = Facts(graph, "float64")
    assert (facts.parameters, facts.tensors) == (4 * (5 * 3 + 2 * 6), 16)
    assert (facts.macs, facts.flops) == (4 * 20, 4 * (40 + 5 + 5 + 2 + 3 * 2))
    assert (facts.depth, facts.capacity) == (15, 4 * (5 + 3 * 2) - 2)
    assert facts.activation_bytes == 8 * (5 + 5)
