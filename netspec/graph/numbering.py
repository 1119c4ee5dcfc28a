"""The numbering of a graph's operations, depth-first from what leaves, with rounds of a repeat that are left out.

Rounds that read nothing but the round before give equal bytes. Others give equal bytes but for distances that grow from
each round to the next by the same number: the first ones and the last are numbered, and those between follow from them.
Rounds that compute something before they need the round before are gone through twice: from the last to the first up to
there, and back for what is left.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from netspec.graph.first_read import FirstRead
from netspec.graph.records import Records
from netspec.graph.recurrence import HOLE, Again
from netspec.graph.round_ties import RoundTies
from netspec.graph.rounds import (
    Descent,
    Later,
    Rounds,
    Scope,
    Turns,
    Used,
    can_be_copied,
    counted_on,
    round_of,
    times_of,
)
from netspec.graph.walk import called, graphs_within
from netspec.operations import Call, Graph, Repeat
from netspec.sizes import Size

_LONGEST_ROUND: Final = 1 << 20  # bytes of a round that is kept as one text
_FEW: Final = 12  # rounds that are numbered one by one
_FEW_IN_TURN: Final = 5
_MARK: Final = "\x00"


class _Round(NamedTuple):
    """A round that follows another: its bytes, with a mark where its own tensors' last use is told, and its records."""

    text: str
    records: int


class Numbering:
    """Numbers operations in their order and hands on their records."""

    def __init__(
        self,
        write: Callable[[bytes], object],
        renamed: dict[str, Size],
        *,
        ties: "RoundTies | None",
        known: "dict[int, _Round | None] | None" = None,
        mark: str = "",
    ) -> None:
        self.records = Records(write, renamed, ties=ties is not None, mark=mark)
        self.first_read: int | None = None  # how many records there were when input 0 of the outermost graph was read
        self._renamed, self._ties = renamed, ties
        self._producers: dict[int, dict[int, int]] = {}
        self._rounds: dict[int, _Round | None] = {} if known is None else known
        self._sharing: dict[int, bool] = {}
        self._first = FirstRead()

    def follow(self, scope: Scope, tensors: list[int]) -> None:
        """Number all that the tensors need, one after the other, by a stack of our own: graphs are deep."""
        for wanted in tensors:
            stack = [(scope, wanted)]
            while stack:
                needed = self._needed(*stack[-1])
                if needed is None:
                    stack.pop()
                else:
                    stack.append(needed)

    def _needed(self, scope: Scope, tensor: int) -> tuple[Scope, int] | None:
        """Number the tensor, or return what has to be numbered before it."""
        numbers, graph = scope.numbers, scope.graph
        if tensor in numbers:
            self._note(scope, tensor)
            return None
        if tensor < len(graph.inputs):
            if scope.outer is None:
                raise KeyError(tensor)
            if tensor == 0 and scope.descent is not None:
                return self._before(scope, scope.descent)
            outer, other = scope.outer(tensor)
            if other not in outer.numbers:
                return outer, other
            self._note(outer, other)
            numbers[tensor] = outer.numbers[other]
            return None
        index = self._producer(graph, tensor)
        node = graph.operations[index]
        if isinstance(node, Call):
            return self._called(scope, index, node, tensor)
        if isinstance(node, Repeat):
            return self._repeated(scope, index, node, tensor)
        for operand in graph.operands[index]:
            if operand not in numbers:
                return scope, operand
            self._note(scope, operand)
        self.records.add(scope, index, node)
        return None

    def _note(self, scope: Scope, tensor: int) -> None:
        """Remember when the first input of the outermost graph was first read."""
        if scope.outer is None and tensor == 0 and self.first_read is None:
            self.first_read = self.records.next

    def _called(self, scope: Scope, index: int, node: Call, tensor: int) -> tuple[Scope, int] | None:
        inner = scope.inner.get(index)
        if not isinstance(inner, Scope):
            operands = scope.graph.operands[index]
            inner = scope.inner[index] = Scope(node.body, {}, called(scope.frames, node, scope.rounds), ())
            inner.outer = lambda other: (scope, operands[other])
            inner.shared = scope.shared or node.shared
        output = node.body.outputs[scope.graph.results[index].index(tensor)]
        if output not in inner.numbers:
            return inner, output
        scope.numbers[tensor] = inner.numbers[output]
        return None

    def _repeated(self, scope: Scope, index: int, node: Repeat, tensor: int) -> tuple[Scope, int] | None:
        following = self._following(node) if node.times > 1 else None
        if following is None and self._turns(node):
            return self._turned(scope, index, node, tensor)
        if following is None and node.times > _FEW and (self._ties is None or not self._ties.reach(node.body)):
            return self._descended(scope, index, node, tensor)
        rounds = scope.inner.get(index)
        if not isinstance(rounds, Rounds):
            rounds = scope.inner[index] = Rounds(scope, index)
        output = node.body.outputs[0]
        last = rounds.scope(node.times - 1 if following is None else 0)
        if output not in last.numbers:
            return last, output
        if following is not None:
            if last.numbers[output] != self.records.next - 1:  # the round is not the last thing that was numbered
                self._rounds[id(node.body)] = None
                return rounds.scope(node.times - 1), output
            self._stream(scope, index, following, node.times - 1)
            scope.numbers[tensor] = self.records.next - 1
            return None
        scope.numbers[tensor] = last.numbers[output]
        return None

    def _turns(self, node: Repeat) -> bool:
        """Whether rounds can be numbered one after the other: each begins with what the one before gave."""
        first = self._first.of(node.body, node.body.outputs[0])
        return 0 in first.inputs

    def _turned(self, scope: Scope, index: int, node: Repeat, tensor: int) -> tuple[Scope, int] | None:
        """Number the rounds in turn; of many, the first ones and the last."""
        turns = scope.inner.get(index)
        if not isinstance(turns, Turns):
            turns = scope.inner[index] = Turns(round_of(scope, index, 0, {}), self._settled(scope, node.body))
        output = node.body.outputs[0]
        while output in turns.scope.numbers:
            given = turns.scope.numbers[output]
            if turns.number in (turns.settled, turns.settled + 1) and self._few(node):
                turns.kept.append(self.records.kept())
                if turns.number == turns.settled + 1:
                    given = self._between(turns, node, given)
            turns.result = given
            if turns.number == node.times - 1:
                scope.numbers[tensor] = given
                del scope.inner[index]
                return None
            turns.number += 1
            turns.scope = round_of(scope, index, turns.number, {0: given})
            if turns.number in (turns.settled, turns.settled + 1) and self._few(node):
                turns.starts.append(self.records.next)
                self.records.keep()
        return turns.scope, output

    def _descended(self, scope: Scope, index: int, node: Repeat, tensor: int) -> tuple[Scope, int] | None:
        """Number the rounds from the last one, which asks for those before it where it needs them."""
        descent = scope.inner.get(index)
        if not isinstance(descent, Descent):
            descent = scope.inner[index] = Descent(scope, index, self._settled(scope, node.body))
            self._descend(descent, node.times - 1)
        last, output = descent.down[node.times - 1], node.body.outputs[0]
        if output not in last.numbers:
            return last, output
        scope.numbers[tensor] = last.numbers[output]
        del scope.inner[index]
        return None

    def _descend(self, descent: Descent, number: int) -> Scope:
        """Begin with a round; of two that are alike, the first ones but two, the records are kept."""
        found = descent.down[number] = round_of(descent.around, descent.index, number, {})
        found.descent = descent if number else None
        descent.lowest = number
        if times_of(descent) - 1 - number in (descent.settled, descent.settled + 1):
            descent.begun.append(self.records.next)
            self.records.keep()
        return found

    def _before(self, scope: Scope, descent: Descent) -> tuple[Scope, int] | None:
        """Number what a round reads of the one before it, or return what has to be numbered before that."""
        times, number, output = times_of(descent), scope.rounds[-1], scope.graph.outputs[0]
        if number == descent.lowest:  # it is asked for the first time
            if times - 1 - number in (descent.settled, descent.settled + 1):
                descent.kept.append(self.records.kept())
                if times - 1 - number == descent.settled + 1:
                    self._leave_out(descent, scope)
            return self._descend(descent, 0 if descent.template is scope else number - 1), output
        if descent.template is scope:
            return self._ascend(descent, scope, output)
        before = descent.down[number - 1]
        if output not in before.numbers:
            return before, output
        scope.numbers[0] = before.numbers[output]
        del descent.down[number - 1]
        return None

    def _leave_out(self, descent: Descent, scope: Scope) -> None:
        """Hand on the first parts of all rounds but the first one, where those follow from two."""
        one, other = descent.kept
        descent.kept = []
        alike = len(one.uses) == len(other.uses) and can_be_copied(scope)
        steps = self.records.growth(one, other, alike=alike)
        if steps is None:
            return
        left_out = scope.rounds[-1] - 1
        self.records.hand((Again(left_out + 2, one.pattern(), steps),), one.numbers)
        descent.template, descent.records = scope, self.records.next - descent.begun[1]
        descent.names = [(a, b, self.records.used[b]) for a, b in zip(one.uses, other.uses, strict=True) if a != b]
        more = descent.records * left_out
        self.records.next += more
        self.records.use_later(one, other, more)

    def _ascend(self, descent: Descent, scope: Scope, output: int) -> tuple[Scope, int] | None:
        """Number what is left of the rounds that were left out, from the first one on."""
        last = scope.rounds[-1] - 1
        up = descent.down[0] if descent.up is None else descent.up
        while output in up.numbers:
            given = up.numbers[output]
            if descent.number in (descent.settled, descent.settled + 1):
                descent.kept.append(self.records.kept())
                if descent.number == descent.settled + 1:
                    given = self._skip(descent, last, given)
            descent.result = given
            if descent.number == last:
                scope.numbers[0] = given
                return None
            descent.number += 1
            up = descent.up = self._like(descent, descent.number)
            up.numbers[0] = given
            if descent.number in (descent.settled, descent.settled + 1):
                descent.begun[0] = self.records.next
                self.records.keep()
        return up, output

    def _skip(self, descent: Descent, last: int, given: int) -> int:
        """Hand on what is left of all rounds up to the last, and return what it gave."""
        one, other = descent.kept
        steps = self.records.growth(one, other)
        if steps is None:
            return given
        skipped = last - descent.number
        self.records.hand((Again(skipped + 2, one.pattern(), steps),), one.numbers)
        more = (self.records.next - descent.begun[0]) * skipped
        self.records.next += more
        self.records.use_later(one, other, more)
        descent.number = last
        return given + (given - descent.result) * skipped

    def _like(self, descent: Descent, number: int) -> Scope:
        """Return the scope of a round that was left out, as far as it was numbered: as that of the template, later."""
        template = descent.template
        if template is None:
            raise TypeError("no round was left out")
        back = template.rounds[-1] - number
        later = Later(descent.begun[1], descent.records * back)
        found = round_of(descent.around, descent.index, number, later.numbers(template.numbers))
        later.fill(found, template)
        for a, b, used in descent.names:
            self.records.used[counted_on(a, b, back)] = Used(later.of(used.number), used.role)
        return found

    def _settled(self, scope: Scope, body: Graph) -> int:
        """Return the first round that those behind it are like: the second, once values from around have their numbers;
        where tensors are used again, the third, whose last uses are in a round.
        """
        if id(body) not in self._sharing:
            self._sharing[id(body)] = _shares(body)
        return 2 if self._ties is not None or scope.shared or self._sharing[id(body)] else 1

    def _few(self, node: Repeat) -> bool:
        """Whether few rounds of a repeat are numbered, as the others follow from them: no tie is to one of its own."""
        return node.times > _FEW_IN_TURN and (self._ties is None or not self._ties.reach(node.body))

    def _between(self, turns: Turns, node: Repeat, given: int) -> int:
        """Hand on all rounds up to the last one, and return what the one before it gave."""
        one, other = turns.kept
        steps = self.records.growth(one, other)
        if steps is None:
            return given
        times = node.times - 1 - turns.settled
        self.records.hand((Again(times, one.pattern(), steps),), one.numbers)
        records = self.records.next - turns.starts[1]
        self.records.next += records * (times - 2)
        self.records.use_later(one, other, records * (times - 2))
        turns.number = node.times - 2
        return given + (given - turns.result) * (times - 2)

    def _following(self, node: Repeat) -> _Round | None:
        """Return what every round but the first gives where it is the same bytes each time; else None.

        That is so where a round reads nothing but the one before it, and reads that before it computes anything.
        """
        body = node.body
        if id(body) not in self._rounds:
            self._rounds[id(body)] = None
            if len(body.inputs) == 1 and self._ties is None and not _shares(body):
                parts: list[str] = []
                length = 0

                def keep(data: bytes) -> None:
                    nonlocal length
                    length += len(data)
                    if length > _LONGEST_ROUND:
                        raise _TooLong
                    parts.append(data.decode())

                inner = Numbering(keep, self._renamed, ties=None, known=self._rounds, mark=_MARK)
                start = Scope(body, {0: -1}, ("",), (0,) * 33)
                try:
                    inner.follow(start, list(body.outputs))
                except _TooLong:
                    return None
                if (
                    inner.first_read == 0 < inner.records.next
                    and start.numbers[body.outputs[0]] == inner.records.next - 1
                ):
                    self._rounds[id(body)] = _Round("".join(parts), inner.records.next)
        return self._rounds[id(body)]

    def _stream(self, scope: Scope, index: int, following: _Round, times: int) -> None:
        """Hand on so many equal rounds; in a shared network each tensor was last used as far back as every other."""
        text = following.text.replace(_MARK, self.records.mark)
        if scope.shared:
            key = f"{scope.frames[-1]} {scope.rounds} {id(scope.graph)} {index}"
            used = self.records.use(key, self.records.next)
            if used is not None:
                text, numbers = following.text.replace(_MARK, f"={HOLE}"), following.text.count(_MARK)
                self.records.hand((Again(times, (text,), (0,) * numbers),), [self.records.next - used.number] * numbers)
                self.records.next += times * following.records
                return
        self.records.hand((Again(times, (text,), ()),), ())
        self.records.next += times * following.records

    def _producer(self, graph: Graph, tensor: int) -> int:
        """Return the operation that gives a tensor."""
        found = self._producers.get(id(graph))
        if found is None:
            found = {each: index for index, results in enumerate(graph.results) for each in results}
            self._producers[id(graph)] = found
        return found[tensor]


class _TooLong(Exception):
    """A round has more bytes than are kept."""


def _shares(graph: Graph) -> bool:
    """Whether a shared network is called anywhere within."""
    return any(isinstance(node, Call) and node.shared for one in graphs_within(graph) for node in one.operations)
