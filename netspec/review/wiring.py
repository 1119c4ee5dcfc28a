"""Which layer gives a value in each of two lists that are compared."""

from collections.abc import Sequence

from netspec.review.changes import Field
from netspec.review.scopes import Scope


class Wiring:
    """Which layer gives a value in each of two lists, those that only one has passed over."""

    def __init__(self, old: Scope, new: Scope, partner: dict[int, int]) -> None:
        self.scopes = (old, new)
        self.partner = partner
        self.matched = (set(partner), set(partner.values()))
        self.givers = tuple(
            {
                tensor: i
                for i, layer in enumerate(s.layers)
                for index in layer.stretch
                for tensor in s.graph.results[index]
            }
            for s in (old, new)
        )

    def of(self, i: int, j: int) -> list[Field]:
        """Return how what a layer reads is another value than before."""
        if self.scopes[0].layers[i].connected:
            return []
        ours, theirs = self.scopes[0].layers[i].reads, self.scopes[1].layers[j].reads
        if len(ours) != len(theirs):
            return [Field("from", self._names(0, ours), self._names(1, theirs))]
        if all(self._one(a, b) for a, b in zip(ours, theirs, strict=True)):
            return []
        return [Field("from", self._names(0, ours), self._names(1, theirs))]

    def compare(self, a: int, b: int, name: str) -> Field | None:
        """Return how a value is given by another layer than before; None where it is not."""
        return None if self._one(a, b) else Field(name, self._names(0, [a]), self._names(1, [b]))

    def _one(self, a: int, b: int) -> bool:
        ours, theirs = self._origin(0, a), self._origin(1, b)
        if isinstance(ours, tuple) and isinstance(theirs, tuple):
            return self.partner.get(ours[0]) == theirs[0] and ours[1] == theirs[1]
        if isinstance(ours, int) and isinstance(theirs, int):
            return self._same_input(ours, theirs)
        return False

    def _same_input(self, a: int, b: int) -> bool:
        """Whether two inputs are one: by name, where there are several; the one that went became the one that came."""
        ours, theirs = (scope.graph.input_names for scope in self.scopes)
        if len(ours) < 2 or len(theirs) < 2:
            return a == b
        gone, come = [n for n in ours if n not in theirs], [n for n in theirs if n not in ours]
        return ours[a] == theirs[b] or (gone == [ours[a]] and come == [theirs[b]])

    def _origin(self, side: int, tensor: int) -> "tuple[int, int] | int":
        """Return the layer that both lists have, and which of its results; or the number of the input."""
        scope, givers = self.scopes[side], self.givers[side]
        while tensor in givers:
            i = givers[tensor]
            if i in self.matched[side]:
                last = scope.layers[i].stretch[-1]
                results = scope.graph.results[last]
                return i, results.index(tensor) if tensor in results else -1
            reads = scope.layers[i].reads
            if not reads:
                return i, 0
            tensor = reads[0]
        return tensor

    def _names(self, side: int, tensors: Sequence[int]) -> str:
        scope, givers = self.scopes[side], self.givers[side]
        inputs = scope.graph.input_names or ("in",)
        names = [
            scope.layers[givers[t]].name if t in givers else inputs[t] if t < len(inputs) else "around" for t in tensors
        ]
        return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
