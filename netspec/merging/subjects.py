"""What a fault is about, told so that it is the same in another version of the spec: what stands there, not where."""

from bisect import bisect_right
from collections.abc import Hashable

from netspec.diagnostics import Diagnostic
from netspec.merging.telling import Path, names_of
from netspec.source import Mapping, Node, Scalar, read_source


class Subjects:
    """Tells what faults of a spec are about. `file` is what its faults call it; other files are as they are."""

    def __init__(self, data: bytes, file: str) -> None:
        self._file = file
        self._tree = read_source(data, file).tree
        self._inner: dict[int, tuple[list[tuple[int, int]], list[str], list[Node]]] = {}

    def of(self, fault: Diagnostic) -> Hashable:
        """Return what a fault is about: the path to it, by the names of layers, and the value, where it is one."""
        span = fault.place.span
        if fault.place.file != self._file or span is None or self._tree is None:
            return fault.code, fault.place
        path, value = self._at(span.line, span.column)
        return fault.code, path, value

    def _at(self, line: int, column: int) -> tuple[Path, str | None]:
        """Return the path to the innermost thing that stands at a place, and its text where it is a scalar."""
        node: Node | None = self._tree
        path: list[str] = []
        while node is not None and not isinstance(node, Scalar):
            starts, names, nodes = self._entries(node)
            place = bisect_right(starts, (line, column)) - 1
            if place < 0:
                return tuple(path), None
            path.append(names[place])
            node = nodes[place]
        return tuple(path), None if node is None else node.text

    def _entries(self, node: Node) -> tuple[list[tuple[int, int]], list[str], list[Node]]:
        """Return where the entries of a collection begin, what they are called, and their values."""
        if id(node) not in self._inner:
            if isinstance(node, Mapping):
                keys, names, nodes = list(node.keys.values()), list(node.values), list(node.values.values())
                spans = [key.span for key in keys]
            elif isinstance(node, Scalar):
                spans, names, nodes = [], [], []
            else:
                names, nodes = names_of(node.items), list(node.items)
                spans = [each.span for each in nodes]
            self._inner[id(node)] = [(span.line, span.column) for span in spans], names, nodes
        return self._inner[id(node)]
