"""A spec file as read: its text, its tree with places, its faults."""

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.source.decoding import decode
from netspec.source.reader import Reader
from netspec.source.tree import Mapping, Node, Path, Scalar, Sequence, plain

_START = Span(1, 1, 1, 2)


class Source:
    """One spec file. `text` has LF line ends; `tree` is None where nothing in the file can be relied on."""

    __slots__ = ("faults", "file", "text", "tree")

    def __init__(self, file: str, text: str, tree: Mapping | None, faults: list[Diagnostic]) -> None:
        self.file, self.text, self.tree, self.faults = file, text, tree, faults

    def data(self) -> dict[str, object]:
        """Return the tree as plain Python: dict, list, bool, int, float, str; `REFUSED` where a fault stands."""
        return {} if self.tree is None else {key: plain(node) for key, node in self.tree.values.items()}

    def node(self, path: Path) -> Node | None:
        """Return the node at the path, or None where nothing is written there."""
        nodes, _ = self._along(path)
        return nodes[-1] if len(nodes) == len(path) + 1 else None

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where the value at the path stands, or with `key` where its key does.

        A path that goes past what is written leads to its deepest part that is: the key of it, if that part takes
        several lines. An item of a list has no key and stands for itself. The empty path leads to the first key.
        """
        nodes, keys = self._along(path)
        if len(nodes) < 2:
            first = None if self.tree is None else next(iter(self.tree.keys.values()), None)
            return Place(self.file, _START if first is None else first.span)
        node, name = nodes[-1], keys[-1]
        past = len(nodes) <= len(path) and node.span.line != node.span.end_line
        if name is not None and (past or (key and len(nodes) > len(path))):
            return Place(self.file, name.span)
        return Place(self.file, node.span)

    def _along(self, path: Path) -> tuple[list[Node], list[Scalar | None]]:
        """Return the nodes on the path as far as it is written, the tree first, and the key of each."""
        nodes: list[Node] = [] if self.tree is None else [self.tree]
        keys: list[Scalar | None] = [None] * len(nodes)
        for step in path if nodes else ():
            node = nodes[-1]
            if isinstance(node, Mapping) and isinstance(step, str) and step in node.values:
                nodes.append(node.values[step])
                keys.append(node.keys[step])
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                nodes.append(node.items[step])
                keys.append(None)
            else:
                break
        return nodes, keys


def read_source(data: bytes, file: str, *, pure: bool = False) -> Source:
    """Return the source made of a file's bytes, whatever they are; its faults are placed and in the order of the file.

    `file` is the name that the user knows it by; `pure` asks for the parser in Python, slower and of the same verdict.
    """
    text, faults = decode(data, file)
    if faults:
        return Source(file, text, None, faults)
    reader = Reader(text, file, pure=pure)
    tree = reader.read()
    if reader.faults and "<<<<<<<" in text:
        from netspec.source.conflicts import conflict_fault  # loaded where a merge has left its marks

        conflict = conflict_fault(text, file)
        if conflict is not None:
            return Source(file, text, None, [conflict])
    return Source(file, text, tree, sorted(dict.fromkeys(reader.faults), key=Diagnostic.order))
