"""The records of operations as they are handed on, and the uses of tensors that they tell."""

from collections.abc import Callable, Sequence

from netspec.graph.recurrence import HOLE, Pattern, Stretch, growth, write
from netspec.graph.rounds import Scope, Used
from netspec.graph.walk import full_name
from netspec.operations import Operation, Parameter
from netspec.sizes import Polynomial, Size, substitute


class Records:
    """Hands on one record for each operation, or keeps those of rounds that are to be compared.

    Where there are `ties`, each use of a tensor is remembered, since any may be used again; else only those of shared
    networks are. `next` is the number of the next record; `mark` stands where tensors are used for the first time.
    """

    def __init__(self, write: Callable[[bytes], object], renamed: dict[str, Size], *, ties: bool, mark: str) -> None:
        self.next = 0
        self.used: dict[str, Used] = {}
        self.mark = mark
        self._write, self._renamed, self._ties = write, renamed, ties
        self._kept: list[Stretch] = []  # rounds that are being numbered, the innermost last, to be compared

    def keep(self) -> None:
        """Keep what is handed on from here, until it is `kept`."""
        self._kept.append(Stretch())

    def kept(self) -> Stretch:
        """Return what was handed on since it was to be kept."""
        return self._kept.pop()

    def growth(self, one: Stretch, other: Stretch, *, alike: bool = True) -> tuple[int, ...] | None:
        """Return by how much the numbers grow from one round to the next, where that is all in which they differ.

        Where it is not, or they are not `alike` in another way, hand on both.
        """
        if self._kept:
            self._kept[-1].uses |= one.uses | other.uses
        steps = growth(one, other) if alike else None
        if steps is None:
            self.hand(one.pattern(), one.numbers)
            self.hand(other.pattern(), other.numbers)
        return steps

    def use_later(self, one: Stretch, other: Stretch, more: int) -> None:
        """What each of two rounds uses was used as well in the last one that follows from them."""
        for name in one.uses.keys() & other.uses.keys():
            number, role = self.used[name]
            self.used[name] = Used(number + more, role)

    def use(self, name: str, number: int, role: str = "") -> Used | None:
        """Remember a use of tensors, and return the last one before it."""
        used = self.used.get(name)
        self.used[name] = Used(number, role)
        if self._kept:
            self._kept[-1].uses[name] = None
        return used

    def hand(self, pattern: Pattern, numbers: Sequence[int]) -> None:
        """Hand on a pattern, or keep it with the round that it belongs to."""
        if self._kept:
            self._kept[-1].add(pattern, numbers)
        else:
            write(pattern, numbers, self._write)

    def add(self, scope: Scope, index: int, node: Operation) -> None:
        """Number one operation, and hand on its record."""
        graph = scope.graph
        number = self.next
        told = [number - scope.numbers[tensor] for tensor in graph.operands[index]]
        operands = "" if told == [1] else f"<{','.join([HOLE] * len(told))}"
        if not operands:
            told = []
        own = graph.parameters[index]
        backs: list[tuple[str, int]] = []
        if own and (scope.shared or self._ties):
            for parameter in own:
                name = full_name(parameter, scope.frames, scope.rounds)
                backs.append(_back(parameter, self.use(name, number, parameter.role), number))
        if len(set(backs)) == 1:
            del backs[1:]
        back = f"={','.join(text for text, _ in backs)}" if any(text for text, _ in backs) else self.mark if own else ""
        told += [distance for text, distance in backs if text]
        text = (renamed(node, self._renamed) if self._renamed else node).record()
        self.hand((f"{text}{operands}{back};",), told)
        self.next = number + 1
        for tensor in graph.results[index]:
            scope.numbers[tensor] = number


def _back(parameter: Parameter, used: Used | None, number: int) -> tuple[str, int]:
    """Return how far back a tensor was used last, as text and number; the role that it had there where it differs."""
    if used is None:
        return "", 0
    return (HOLE if used.role == parameter.role else f"{HOLE}.{used.role}"), number - used.number


def renamed(operation: Operation, names: dict[str, Size]) -> Operation:
    """Return an operation with its free sizes called otherwise, so that their own names do not matter."""

    def rename(value: object) -> object:
        if isinstance(value, Polynomial):
            return substitute(value, names)
        if type(value) is tuple:
            return tuple(rename(each) for each in value)
        return value

    if not isinstance(operation, tuple):
        return operation
    renamed: Operation = type(operation)(*[rename(value) for value in operation])  # type: ignore[arg-type]  # its own fields
    return renamed
