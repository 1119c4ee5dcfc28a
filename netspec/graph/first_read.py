"""Which inputs a tensor is made of before anything is computed on the way to it."""

from typing import NamedTuple

from netspec.operations import Call, Graph, Repeat


class First(NamedTuple):
    """Which inputs a tensor is made of before anything is computed, in order, and whether anything is computed."""

    inputs: tuple[int, ...]
    computes: bool


class FirstRead:
    """What is read first in graphs, each gone through once."""

    def __init__(self) -> None:
        self._found: dict[int, list[First]] = {}

    def of(self, graph: Graph, tensor: int) -> First:
        """Return which inputs are read before anything is computed, and whether anything is."""
        found = self._found.get(id(graph))
        if found is None:
            found = self._found[id(graph)] = [First((i,), False) for i in range(len(graph.inputs))]
            for node, operands in zip(graph.operations, graph.operands, strict=True):
                if isinstance(node, Call | Repeat):
                    inner = [self.of(node.body, output) for output in node.body.outputs]
                else:
                    inner = [First(tuple(range(len(operands))), True)]
                found += [_beginning(each, [found[operand] for operand in operands]) for each in inner]
        return found[tensor]


def _beginning(inner: First, operands: list[First]) -> First:
    """Return what is read first where the inputs within are the operands."""
    read: list[int] = []
    for i in inner.inputs:
        read += operands[i].inputs
        if operands[i].computes:
            return First(tuple(dict.fromkeys(read)), True)
    return First(tuple(dict.fromkeys(read)), inner.computes)
