"""What is mostly a slip in a list of layers, though it fits: found where a layer has been built."""

from bisect import bisect_left
from typing import Final

from netspec.graph.place import Value
from netspec.graph.telling import Telling
from netspec.operations import Builder, Elementwise, Graph, Node, Shape, Tensor, written
from netspec.spec import Item

_LAST_AXIS: Final = ("dense", "mlp", "softmax", "log_softmax")
"""Layers that act on the last axis, which on an image is its width."""

Operands = list[tuple[Value | None, Tensor]]


def find_habits(told: Telling, item: Item, net: Builder, operands: Operands) -> None:
    """Find a dense layer on an image, and an activation at the end of a residual branch."""
    if item.word in _LAST_AXIS:
        (_, x), *_ = operands
        if len(net.shape(x)) == 3:
            words = f"`{item.name}` acts on the last axis of {written(net.shape(x))}, at each place before it"
            told.finding("forgotten-flatten", item.path, words, "put a `flatten` before it, if all of it is meant")
    elif item.word == "add":
        _activated_branch(told, net.graph, operands)


def _activated_branch(told: Telling, graph: Graph, operands: Operands) -> None:
    """Find a branch that can only add: it ends in an activation that is never negative, beside a way around it."""
    given = [(value, giver(graph, x)) for value, x in operands if value is not None]
    skips = [value for value, node in given if not isinstance(node, Elementwise)]
    for value, node in given:
        if isinstance(node, Elementwise) and node.collapses and any(skip.path < value.path for skip in skips):
            words = f"`{value.name}` ends in {node}, so that what it adds is never negative"
            told.finding("activated-branch", value.path, words, "leave it out there, or put it behind the sum")


def giver(graph: Graph, tensor: Tensor) -> Node | None:
    """Return what gives a tensor of a graph; None for an input."""
    if tensor < len(graph.inputs):
        return None
    return graph.operations[bisect_left(graph.results, (tensor + 1,)) - 1]


def shortcut(item: Item, shapes: list[Shape], names: list[str]) -> str:
    """Return the help for an `add` whose shortcut, of two values the one that comes first, has another shape."""
    if item.word != "add" or len(shapes) != 2:
        return ""
    (a, b), name = shapes, names[0]
    if len(a) != len(b) or not all(isinstance(size, int) for size in (*a, *b)):
        return ""
    if len(a) < 3 and a[:-1] == b[:-1]:
        return f"give the shortcut that width, `dense: {{from: {name}, width: {b[-1]}, as: shortcut}}`, and add that"
    for stride in (1, 2, 4):
        if len(a) > 1 and all((size - 1) // stride + 1 == other for size, other in zip(a[1:], b[1:], strict=True)):
            also = f", stride: {stride}" if stride > 1 else ""
            layer = f"conv: {{from: {name}, channels: {b[0]}, kernel: 1{also}, as: shortcut}}"
            return f"give the shortcut that shape, `{layer}`, and add that"
    return ""
