"""Graphs that no spec says yet: what is not known of them is refused, never guessed."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings

from netspec.compiler import make_plan
from netspec.graph import Facts, is_chain, tensor_count, tensors
from netspec.graph.fingerprint import fingerprint
from netspec.graph.view import view
from netspec.graph.walk import owned
from netspec.operations import Builder, Elementwise, Graph, Repeat, Round
from netspec.summary.totals import totals
from tests.pictures.networks import branched, checked, specs

RELU: Final = Elementwise("relu")


def layer(width: int = 2, *, inputs: int = 2) -> Graph:
    """Return one hidden layer."""
    graph = Graph(((inputs,),))
    net = Builder(graph)
    graph.outputs = (net.activate(net.affine(0, width, init="zeros", index=0), RELU),)
    return graph


def calling(times: int = 3, *, around: int = 0) -> Graph:
    """Return a repeat whose body calls a part, `around` repeats about it."""

    def body(net: Builder, x: int, level: int) -> int:
        if level < around:
            return net.repeat(x, times, body)
        return net.call(net.affine(x, 2, init="zeros", index=Round(level, 0)), ("part",), layer())

    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).repeat(0, times, body),)
    return graph


REFUSE: Final[dict[str, Callable[[Graph], object]]] = {
    "its tensors": lambda graph: list(tensors(graph)),
    "their count": tensor_count,
    "what one operation owns": lambda graph: list(owned(graph, 0, "", ())),
    "its parameters": lambda graph: Facts(graph, "float32").parameters,
    "its fingerprint": lambda graph: fingerprint(graph, "float32"),
    "its plan": lambda graph: make_plan(graph, "repeated", "float32"),
    "its view": view,
    "its view, unrolled": lambda graph: view(graph, unrolled=True),
}


@pytest.mark.parametrize("asked", REFUSE)
@pytest.mark.parametrize("around", [0, 1])
def test_a_call_within_a_repeat_is_refused_whatever_is_asked(asked: str, around: int) -> None:
    with pytest.raises(TypeError, match=r"^a (call|repeat) "):
        REFUSE[asked](calling(around=around))


def test_a_call_owns_no_tensors_that_could_be_asked_for() -> None:
    graph = Graph(((2,),))
    graph.outputs = (Builder(graph).call(0, ("part",), layer()),)
    assert [tensor.name for tensor in tensors(graph)] == ["part.beta_0", "part.Omega_0"]
    with pytest.raises(TypeError, match="a call"):
        list(owned(graph, 0, "", ()))


def added(graph: Graph, operands: tuple[int, ...]) -> Graph:
    """Return the graph with one more operation, a stand-in for a merge, that gives its output."""
    graph.operations.append(Elementwise("identity"))
    graph.operands.append(operands)
    graph.parameters.append(())
    graph.paths.append(())
    graph.shapes.append(graph.shapes[operands[0]])
    graph.outputs = (len(graph.shapes) - 1,)
    return graph


def two_outputs() -> Graph:
    graph = layer()
    graph.outputs = (2, 1)
    return graph


def early_output() -> Graph:
    graph = layer()
    graph.outputs = (1,)
    return graph


def unread() -> Graph:
    graph = layer()
    return added(graph, (1,))


def in_a_part() -> Graph:
    graph = Graph(((4,),))
    graph.outputs = (Builder(graph).call(0, ("part",), branched(1)),)
    return graph


def in_a_repeat() -> Graph:
    graph = Graph(((4,),))
    net = Builder(graph)
    net.repeat(0, 3, lambda inner, x, _: inner.activate(x, RELU))
    graph.operations[0] = Repeat(3, branched(1))
    graph.outputs = (1,)
    return graph


NO_CHAINS: Final[dict[str, Callable[[], Graph]]] = {
    "a residual block": lambda: branched(1),
    "a merge of one input twice": lambda: added(layer(), (2, 2)),
    "two inputs": lambda: Graph(((2,), (2,))),
    "two outputs": two_outputs,
    "an output before the end": early_output,
    "an operation nobody reads": unread,
    "a branch in a part": in_a_part,
    "a branch in a repeat": in_a_repeat,
}


@pytest.mark.parametrize("name", NO_CHAINS)
def test_what_is_no_chain_has_no_plan_and_no_bounds(name: str) -> None:
    graph = NO_CHAINS[name]()
    assert not is_chain(graph)
    assert Facts(graph, "float32").regions is None
    with pytest.raises(TypeError, match="no chain"):
        make_plan(graph, "branched", "float32")


def test_a_summary_does_not_call_a_branch_smooth() -> None:
    graph = branched(2)
    last = totals(graph, Facts(graph, "float32"))[-1]
    assert last == ("regions", "–", "nothing is known where ways through a network part and meet")


@settings(max_examples=60, deadline=None)
@given(specs())
def test_all_that_a_spec_says_is_a_chain(text: str) -> None:
    graph = checked(text).graph
    assert is_chain(graph)
    assert make_plan(graph, "chain", "float32").kernels


def test_a_part_that_is_used_often_is_looked_at_once() -> None:
    graph = layer()
    for _ in range(64):  # 2^64 uses
        outer = Graph(graph.inputs)
        net = Builder(outer)
        outer.outputs = (net.call(net.call(0, ("a",), graph), ("b",), graph),)
        graph = outer
    assert is_chain(graph)


def test_a_fingerprint_tells_what_an_operation_reads() -> None:
    """In the order of the list: each of these reads other results, or the same in another order."""
    found = [fingerprint(added(layer(), operands), "float32") for operands in ((2,), (1,), (2, 0), (2, 1), (1, 2))]
    assert len(set(found)) == len(found)


def test_a_fingerprint_is_of_the_list_and_each_order_of_a_graph_has_its_own() -> None:
    def two(first: int, second: int) -> Graph:
        graph = Graph(((2,),))
        net = Builder(graph)
        widths = {index: net.affine(0, width, init="zeros", index=index) for index, width in enumerate((first, second))}
        return added(graph, (widths[0], widths[1]) if first == 2 else (widths[1], widths[0]))

    assert fingerprint(two(2, 3), "float32") != fingerprint(two(3, 2), "float32")
