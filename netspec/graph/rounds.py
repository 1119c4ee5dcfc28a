"""The rounds of a repeat while their operations are numbered: one after the other, or gone through twice.

Of many rounds only some are at hand; what those between have numbered follows from what two of them have.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from netspec.graph.recurrence import Stretch
from netspec.graph.walk import Frames, called
from netspec.graph.walk import Rounds as Numbers
from netspec.operations import Call, Graph, Repeat


class Used(NamedTuple):
    """The last use of a tensor: the number of the record, and the tensor's role there."""

    number: int
    role: str


class Scope:
    """One use of a graph: the numbers of its tensors as far as they are known, and where its inputs come from."""

    __slots__ = ("descent", "frames", "graph", "inner", "numbers", "outer", "rounds", "shared")

    def __init__(self, graph: Graph, numbers: dict[int, int], frames: Frames, rounds: Numbers) -> None:
        self.graph, self.numbers, self.frames, self.rounds = graph, numbers, frames, rounds
        self.outer: Callable[[int], tuple[Scope, int]] | None = None
        self.inner: dict[int, Scope | Rounds | Turns | Descent] = {}
        self.shared = False
        self.descent: Descent | None = None


class Rounds:
    """The rounds of one repeat: a scope for each, made when it is reached."""

    __slots__ = ("around", "index", "scopes")

    def __init__(self, around: Scope, index: int) -> None:
        self.around, self.index = around, index
        self.scopes: dict[int, Scope] = {}

    def scope(self, number: int) -> Scope:
        """Return the scope of one round, whose first input is what the round before gave."""
        found = self.scopes.get(number)
        if found is None:
            found = self.scopes[number] = round_of(self.around, self.index, number, {})
            around, operands = self.around, self.around.graph.operands[self.index]

            def outer(tensor: int) -> tuple[Scope, int]:
                if tensor == 0 and number > 0:
                    before = self.scope(number - 1)
                    return before, before.graph.outputs[0]
                return around, operands[tensor]

            found.outer = outer
        return found


class Turns:
    """The rounds of one repeat, one after the other: the round that is at hand, and those kept to be compared, the one
    called `settled` and the next.
    """

    __slots__ = ("kept", "number", "result", "scope", "settled", "starts")

    def __init__(self, scope: Scope, settled: int) -> None:
        self.number, self.scope, self.settled = 0, scope, settled
        self.kept: list[Stretch] = []
        self.starts: list[int] = []  # where each of those began, and what the last one gave
        self.result = 0


class Descent:
    """The rounds of one repeat that compute something before they need the round before: those that are at hand.

    `down` are the rounds that wait for the one before, to the `lowest`, and `up` is the one that is numbered for them;
    `begun` says where the rounds that are compared began. Once rounds were left out, `template` is the last one before
    them, whose first part has so many `records` and `names`; those that are left out are like it.
    """

    __slots__ = (
        "around", "begun", "down", "index", "kept", "lowest", "names", "number", "records", "result", "settled",
        "template", "up",
    )  # fmt: skip

    def __init__(self, around: Scope, index: int, settled: int) -> None:
        self.around, self.index, self.settled = around, index, settled
        self.down: dict[int, Scope] = {}
        self.begun: list[int] = []
        self.kept: list[Stretch] = []
        self.template: Scope | None = None
        self.lowest = self.records = self.number = self.result = 0
        self.names: list[tuple[str, str, Used]] = []
        self.up: Scope | None = None


def round_of(around: Scope, index: int, number: int, numbers: dict[int, int]) -> Scope:
    """Return the scope of one round; its inputs without numbers are those of the repeat."""
    node = around.graph.operations[index]
    if not isinstance(node, Repeat):
        raise TypeError("a scope of rounds belongs to a repeat")
    operands = around.graph.operands[index]
    found = Scope(node.body, numbers, around.frames, (*around.rounds, number))
    found.shared = around.shared
    found.outer = lambda tensor: (around, operands[tensor])
    return found


class Later(NamedTuple):
    """What stands where another use of a graph stands, so many records later: all that was numbered from `start` on."""

    start: int
    more: int

    def of(self, number: int) -> int:
        """Return the number there of what has a number here."""
        return number + self.more if number >= self.start else number

    def numbers(self, numbers: dict[int, int]) -> dict[int, int]:
        """Return the numbers of tensors there."""
        return {tensor: self.of(number) for tensor, number in numbers.items()}

    def fill(self, scope: Scope, like: Scope) -> None:
        """Give a scope what another one of the same graph holds within."""
        for index, inner in like.inner.items():
            node, operands = scope.graph.operations[index], scope.graph.operands[index]
            if isinstance(inner, Scope) and isinstance(node, Call):
                frames = called(scope.frames, node, scope.rounds)
                copy = scope.inner[index] = Scope(node.body, self.numbers(inner.numbers), frames, ())
                copy.outer = lambda other, operands=operands: (scope, operands[other])
                copy.shared = inner.shared
                self.fill(copy, inner)
            elif isinstance(inner, Turns):
                turns = scope.inner[index] = Turns(
                    round_of(scope, index, 0, self.numbers(inner.scope.numbers)), inner.settled
                )
                self.fill(turns.scope, inner.scope)
            elif isinstance(inner, Rounds):
                rounds = scope.inner[index] = Rounds(scope, index)
                for number, each in inner.scopes.items():
                    rounds.scope(number).numbers.update(self.numbers(each.numbers))
                    self.fill(rounds.scope(number), each)
            elif isinstance(inner, Descent):
                descent = scope.inner[index] = Descent(scope, index, inner.settled)
                descent.begun = [self.of(number) for number in inner.begun]
                descent.records, descent.lowest = inner.records, inner.lowest
                for number, each in inner.down.items():
                    found = descent.down[number] = round_of(scope, index, number, self.numbers(each.numbers))
                    found.descent = descent if number else None
                    self.fill(found, each)
                    if each is inner.template:
                        descent.template = found


def can_be_copied(scope: Scope) -> bool:
    """Whether what a round has numbered can be given to another: no repeat within is amidst rounds with own names."""
    for inner in scope.inner.values():
        if isinstance(inner, Descent):
            if inner.names or inner.up is not None or not all(map(can_be_copied, inner.down.values())):
                return False
        elif isinstance(inner, Rounds):
            if not all(map(can_be_copied, inner.scopes.values())):
                return False
        elif not can_be_copied(inner.scope if isinstance(inner, Turns) else inner):
            return False
    return True


def counted_on(one: str, other: str, rounds: int) -> str:
    """Return the name that follows after so many rounds on two names that stand for one thing in two rounds."""
    a, b = re.split(r"(\d+)", one), re.split(r"(\d+)", other)
    return "".join(
        text if text == before else str(int(text) + (int(text) - int(before)) * rounds)
        for before, text in zip(a, b, strict=True)
    )


def times_of(descent: Descent) -> int:
    """Return how many rounds there are."""
    node = descent.around.graph.operations[descent.index]
    return node.times if isinstance(node, Repeat) else 1
