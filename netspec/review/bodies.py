"""Blocks and networks that one list calls otherwise than another one, told by what they compute."""

from collections.abc import Sequence
from copy import copy
from hashlib import sha256

from netspec.operations import Call, Graph, Node, Repeat
from netspec.review.outline import Layer


def as_called(old: Sequence[Layer], new: Sequence[Layer]) -> list[Layer]:
    """Return the old layers, those of a block whose name went with the word of the one that came and is the same.

    Each name that went is one that came at most, the first that computes the same at one place.
    """
    ours, theirs = (
        list(dict.fromkeys(layer.word for layer in layers if layer.call is not None)) for layers in (old, new)
    )
    gone, come = [word for word in ours if word not in theirs], [word for word in theirs if word not in ours]
    if not gone or not come:
        return list(old)
    marks = _Marks()
    bodies = [marks.of(layers, words) for layers, words in ((old, gone), (new, come))]
    words: dict[str, str] = {}
    for word in gone:
        other = next((each for each in come if bodies[0][word] & bodies[1][each] and each not in words.values()), None)
        if other is not None:
            words[word] = other
    return [_said(layer, words) for layer in old]


def _said(layer: Layer, words: dict[str, str]) -> Layer:
    if layer.call is None or layer.word not in words:
        return layer
    other = copy(layer)
    other.kin = words[layer.word]
    return other


class _Marks:
    """Marks of what graphs compute, whatever their tensors, their layers and the parts in them are called."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def of(self, layers: Sequence[Layer], words: Sequence[str]) -> dict[str, set[str]]:
        """Return the marks of all bodies that the layers of each word have."""
        found: dict[str, set[str]] = {word: set() for word in words}
        for layer in layers:
            if layer.call is not None and layer.word in found:
                found[layer.word].add(self._mark(layer.call.body))
        return found

    def _mark(self, graph: Graph) -> str:
        """Return the mark of a graph; each body is entered once."""
        if id(graph) not in self._known:
            digest = sha256()
            for node, operands in zip(graph.operations, graph.operands, strict=True):
                digest.update(f"{self._said(node)}<{operands}\n".encode())
            digest.update(f"{graph.outputs}".encode())
            self._known[id(graph)] = digest.hexdigest()
        return self._known[id(graph)]

    def _said(self, node: Node) -> str:
        if isinstance(node, Call):
            return f"call {self._mark(node.body)}"
        if isinstance(node, Repeat):
            return f"{node.times} times {self._mark(node.body)}"
        return node.record()


__all__ = ["as_called"]
