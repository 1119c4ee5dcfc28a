"""Which tensors of a graph are one value, and what is read of them: as where parts are written in place.

A part may give back what it reads, as a block of `dropout` alone does, or leave an input unread.
"""

from bisect import bisect_left

from netspec.operations import Call, Graph, Operation, Repeat


class Values:
    """The values of the graphs of one network, each graph looked through once."""

    def __init__(self) -> None:
        self._roots: dict[int, list[int]] = {}
        self._read: dict[int, frozenset[int]] = {}

    def roots(self, graph: Graph) -> list[int]:
        """Return for each tensor the first tensor of the graph that is the same value."""
        if id(graph) not in self._roots:
            roots = list(range(len(graph.shapes)))
            for node, operands, results in zip(graph.operations, graph.operands, graph.results, strict=True):
                if isinstance(node, Call | Repeat):
                    within = self.roots(node.body)
                    given: dict[int, int] = {}
                    for result, output in zip(results, node.body.outputs, strict=True):
                        root = within[output]
                        own = root >= len(node.body.inputs)
                        roots[result] = given.setdefault(root, result) if own else roots[operands[root]]
            self._roots[id(graph)] = roots
        return self._roots[id(graph)]

    def read(self, graph: Graph) -> frozenset[int]:
        """Return the values that operations read, each as its first tensor; what only leaves again is not read."""
        if id(graph) not in self._read:
            roots = self.roots(graph)
            self._read[id(graph)] = frozenset(
                roots[tensor] for index in range(len(graph)) for tensor in self.read_at(graph, index)
            )
        return self._read[id(graph)]

    def read_at(self, graph: Graph, index: int) -> list[int]:
        """Return the operands that an operation reads."""
        node, operands = graph.operations[index], graph.operands[index]
        if not isinstance(node, Call | Repeat):
            return list(operands)
        read = {root for root in self.read(node.body) if root < len(operands)}
        if isinstance(node, Repeat) and node.times > 1 and 0 in read:
            read.add(min(self.roots(node.body)[node.body.outputs[0]], len(operands)))  # a round may give what it reads
        return [operand for i, operand in enumerate(operands) if i in read]

    def is_read(self, graph: Graph, tensor: int) -> bool:
        """Whether any operation reads the value of a tensor, be it within the part that gives it."""
        root = self.roots(graph)[tensor]
        if root in self.read(graph):
            return True
        within = self._within(graph, root)
        return within is not None and self.is_read(*within)

    def giver(self, graph: Graph, tensor: int) -> Operation | None:
        """Return the operation that a value comes out of; None for what comes in."""
        root = self.roots(graph)[tensor]
        if root < len(graph.inputs):
            return None
        within = self._within(graph, root)
        if within is not None:
            return self.giver(*within)
        node = graph.operations[_producer(graph, root)]
        return None if isinstance(node, Call | Repeat) else node

    def _within(self, graph: Graph, tensor: int) -> tuple[Graph, int] | None:
        """Return the tensor of a part that a result of it is; None for a result of an operation, and for an input."""
        if tensor < len(graph.inputs):
            return None
        index = _producer(graph, tensor)
        node = graph.operations[index]
        if not isinstance(node, Call | Repeat):
            return None
        return node.body, node.body.outputs[graph.results[index].index(tensor)]


def _producer(graph: Graph, tensor: int) -> int:
    return bisect_left(graph.results, (tensor + 1,)) - 1
