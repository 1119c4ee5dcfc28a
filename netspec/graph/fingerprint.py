"""The identity of an architecture: SHA-256 over its operations, whatever the text that said them.

The operations are numbered depth-first from what leaves, in the order of the outputs' names, what an operation reads
before it and in the order in which it reads it; parts are entered where they are called and repeats are unrolled. The
stream is one record for each operation in this order. What it reads is hashed as distances, from its number back to
that of each operand; the inputs have the numbers below 0, in the order of their names; the one distance 1 is left out.
Tensors that were used before are hashed as how many records back their last use stands. So neither the order of a list
nor the split into parts and files is hashed; names are hashed only of several inputs, which have to be told apart, and of
outputs that were given one, by which they come out.

Rounds of a repeat are hashed without being unrolled in memory. Those that read nothing but the round before give equal
bytes. Of others, those that begin with the round before give equal bytes but for distances that grow from each round to
the next by the same number: the first ones and the last are numbered, and those between follow from them.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from netspec.graph.recurrence import HOLE, Again, Pattern, Stretch, growth, write
from netspec.graph.walk import Frames, Rounds, called, full_name
from netspec.operations import Call, Graph, Name, Operation, Parameter, Repeat
from netspec.sizes import Polynomial, Size, substitute, symbol, symbols

VERSION = "netspec-fingerprint-1"
_LONGEST_ROUND: Final = 1 << 20  # bytes of a round that is kept as one text
_SETTLED: Final = 2  # the first round that those behind it are like: what it uses again was last used in a round


def fingerprint(graph: Graph, dtype: str) -> str:
    """Return `sha256:` and 64 hexadecimal digits, equal for equal streams of records and only for those.

    Names within, comments, the order of keys, sugar and the split into files do not matter; shapes, the dtype,
    operations, their wiring and the sharing of tensors do.
    """
    order = sorted(range(len(graph.inputs)), key=graph.intake)
    free = dict.fromkeys(name for i in order for size in graph.inputs[i] for name in sorted(symbols(size)))
    renamed: dict[str, Size] = {name: symbol(f"s{number}") for number, name in enumerate(free)}
    inputs = ",".join(_input(graph, i, renamed) for i in order)
    digest = hashlib.sha256(f"{VERSION};{dtype};{inputs};".encode())
    stream = _Stream(digest.update, renamed, ties=_ties(graph))
    root = _Scope(graph, {tensor: rank - len(order) for rank, tensor in enumerate(order)}, ("",), ())
    stream.follow(root, [graph.outputs[i] for i in sorted(range(len(graph.outputs)), key=graph.outcome)])
    if graph.output_names or len(graph.outputs) != 1 or root.numbers[graph.outputs[0]] != stream.next - 1:
        for i in sorted(range(len(graph.outputs)), key=graph.outcome):
            distance = stream.next - root.numbers[graph.outputs[i]]
            digest.update(f">{graph.output_names[i] if graph.output_names else ''}<{distance};".encode())
    return f"sha256:{digest.hexdigest()}"


def _input(graph: Graph, index: int, renamed: dict[str, Size]) -> str:
    """Return the text of one input: its name where there are several, its shape, and whether it is integers."""
    name = f"{graph.input_names[index]}:" if len(graph.inputs) > 1 else ""
    shape = "x".join(str(substitute(size, renamed)) for size in graph.inputs[index])
    return f"{name}{shape}{':int' if index in graph.integers else ''}"


class _Scope:
    """One use of a graph: the numbers of its tensors as far as they are known, and where its inputs come from."""

    __slots__ = ("frames", "graph", "inner", "numbers", "outer", "rounds", "shared")

    def __init__(self, graph: Graph, numbers: dict[int, int], frames: Frames, rounds: Rounds) -> None:
        self.graph, self.numbers, self.frames, self.rounds = graph, numbers, frames, rounds
        self.outer: Callable[[int], tuple[_Scope, int]] | None = None
        self.inner: dict[int, _Scope | _Rounds | _Turns] = {}
        self.shared = False


class _Rounds:
    """The rounds of one repeat: a scope for each, made when it is reached."""

    __slots__ = ("around", "index", "scopes")

    def __init__(self, around: _Scope, index: int) -> None:
        self.around, self.index = around, index
        self.scopes: dict[int, _Scope] = {}

    def scope(self, number: int) -> _Scope:
        """Return the scope of one round, whose first input is what the round before gave."""
        found = self.scopes.get(number)
        if found is None:
            found = self.scopes[number] = _round(self.around, self.index, number, {})
            around, operands = self.around, self.around.graph.operands[self.index]

            def outer(tensor: int) -> tuple[_Scope, int]:
                if tensor == 0 and number > 0:
                    before = self.scope(number - 1)
                    return before, before.graph.outputs[0]
                return around, operands[tensor]

            found.outer = outer
        return found


class _Turns:
    """The rounds of one repeat, one after the other: the round that is at hand, and those kept to be compared."""

    __slots__ = ("kept", "number", "result", "scope", "starts")

    def __init__(self, scope: _Scope) -> None:
        self.number, self.scope = 0, scope
        self.kept: list[Stretch] = []
        self.starts: list[int] = []  # where each of those began, and what the last one gave
        self.result = 0


def _round(around: _Scope, index: int, number: int, numbers: dict[int, int]) -> _Scope:
    """Return the scope of one round; its inputs without numbers are those of the repeat."""
    node = around.graph.operations[index]
    if not isinstance(node, Repeat):
        raise TypeError("a scope of rounds belongs to a repeat")
    operands = around.graph.operands[index]
    found = _Scope(node.body, numbers, around.frames, (*around.rounds, number))
    found.shared = around.shared
    found.outer = lambda tensor: (around, operands[tensor])
    return found


class _Round(NamedTuple):
    """A round that follows another: its bytes, with a mark where its own tensors' last use is told, and its records."""

    text: str
    records: int


_MARK: Final = "\x00"


class _Used(NamedTuple):
    """The last use of a tensor: the number of the record, and the tensor's role there."""

    number: int
    role: str


class _Stream:
    """Numbers operations in their order and hands on their records.

    Where there are `ties`, each use of a tensor is remembered, since any may be used again; else only those of shared
    networks are.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        renamed: dict[str, Size],
        *,
        ties: "_Ties | None",
        known: "dict[int, _Round | None] | None" = None,
    ) -> None:
        self.next = 0
        self._write, self._renamed, self._ties = write, renamed, ties
        self._used: dict[str, _Used] = {}
        self._producers: dict[int, dict[int, int]] = {}
        self._rounds: dict[int, _Round | None] = {} if known is None else known
        self._first: dict[int, list[_First]] = {}
        self._kept: list[Stretch] = []  # rounds that are being numbered, the innermost last, to be compared
        self.first_read: int | None = None  # how many records there were when input 0 of the outermost graph was read

    def follow(self, scope: _Scope, tensors: list[int]) -> None:
        """Number all that the tensors need, one after the other, by a stack of our own: graphs are deep."""
        for wanted in tensors:
            stack = [(scope, wanted)]
            while stack:
                needed = self._needed(*stack[-1])
                if needed is None:
                    stack.pop()
                else:
                    stack.append(needed)

    def _needed(self, scope: _Scope, tensor: int) -> tuple[_Scope, int] | None:
        """Number the tensor, or return what has to be numbered before it."""
        numbers, graph = scope.numbers, scope.graph
        if tensor in numbers:
            self._note(scope, tensor)
            return None
        if tensor < len(graph.inputs):
            if scope.outer is None:
                raise KeyError(tensor)
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
        self._record(scope, index, node)
        return None

    def _note(self, scope: _Scope, tensor: int) -> None:
        """Remember when the first input of the outermost graph was first read."""
        if scope.outer is None and tensor == 0 and self.first_read is None:
            self.first_read = self.next

    def _called(self, scope: _Scope, index: int, node: Call, tensor: int) -> tuple[_Scope, int] | None:
        inner = scope.inner.get(index)
        if not isinstance(inner, _Scope):
            operands = scope.graph.operands[index]
            inner = scope.inner[index] = _Scope(node.body, {}, called(scope.frames, node, scope.rounds), ())
            inner.outer = lambda other: (scope, operands[other])
            inner.shared = scope.shared or node.shared
        output = node.body.outputs[scope.graph.results[index].index(tensor)]
        if output not in inner.numbers:
            return inner, output
        scope.numbers[tensor] = inner.numbers[output]
        return None

    def _repeated(self, scope: _Scope, index: int, node: Repeat, tensor: int) -> tuple[_Scope, int] | None:
        following = self._following(node) if node.times > 1 else None
        if following is None and self._turns(node):
            return self._turned(scope, index, node, tensor)
        rounds = scope.inner.get(index)
        if not isinstance(rounds, _Rounds):
            rounds = scope.inner[index] = _Rounds(scope, index)
        output = node.body.outputs[0]
        last = rounds.scope(node.times - 1 if following is None else 0)
        if output not in last.numbers:
            return last, output
        if following is not None:
            if last.numbers[output] != self.next - 1:  # the round is not the last thing that was numbered
                self._rounds[id(node.body)] = None
                return rounds.scope(node.times - 1), output
            self._stream(scope, index, following, node.times - 1)
            scope.numbers[tensor] = self.next - 1
            return None
        scope.numbers[tensor] = last.numbers[output]
        return None

    def _turns(self, node: Repeat) -> bool:
        """Whether rounds can be numbered one after the other: each begins with what the one before gave."""
        first = self._reads_first(node.body, node.body.outputs[0])
        return 0 in first.inputs

    def _turned(self, scope: _Scope, index: int, node: Repeat, tensor: int) -> tuple[_Scope, int] | None:
        """Number the rounds in turn; of many, the first ones and the last."""
        turns = scope.inner.get(index)
        if not isinstance(turns, _Turns):
            turns = scope.inner[index] = _Turns(_round(scope, index, 0, {}))
        output = node.body.outputs[0]
        while output in turns.scope.numbers:
            given = turns.scope.numbers[output]
            if turns.number in (_SETTLED, _SETTLED + 1) and self._few(node):
                turns.kept.append(self._kept.pop())
                if turns.number == _SETTLED + 1:
                    given = self._between(turns, node, given)
            turns.result = given
            if turns.number == node.times - 1:
                scope.numbers[tensor] = given
                del scope.inner[index]
                return None
            turns.number += 1
            turns.scope = _round(scope, index, turns.number, {0: given})
            if turns.number in (_SETTLED, _SETTLED + 1) and self._few(node):
                turns.starts.append(self.next)
                self._kept.append(Stretch())
        return turns.scope, output

    def _few(self, node: Repeat) -> bool:
        """Whether few rounds of a repeat are numbered, as the others follow from them: no tie is to one of its own."""
        return node.times > _SETTLED + 3 and (self._ties is None or not self._ties.reach(node.body))

    def _between(self, turns: _Turns, node: Repeat, given: int) -> int:
        """Hand on all rounds up to the last one, and return what the one before it gave."""
        one, other = turns.kept
        if self._kept:
            self._kept[-1].uses |= one.uses | other.uses
        steps = growth(one, other)
        if steps is None:
            self._hand(one.pattern(), one.numbers)
            self._hand(other.pattern(), other.numbers)
            return given
        times = node.times - 1 - _SETTLED
        self._hand((Again(times, one.pattern(), steps),), one.numbers)
        records = self.next - turns.starts[1]
        self.next += records * (times - 2)
        for name in one.uses & other.uses:  # what each round uses was used in the last one
            number, role = self._used[name]
            self._used[name] = _Used(number + records * (times - 2), role)
        turns.number = node.times - 2
        return given + (given - turns.result) * (times - 2)

    def _reads_first(self, graph: Graph, tensor: int) -> "_First":
        """Return which inputs are read before anything is computed, and whether anything is."""
        found = self._first.get(id(graph))
        if found is None:
            found = self._first[id(graph)] = [_First((i,), False) for i in range(len(graph.inputs))]
            for node, operands in zip(graph.operations, graph.operands, strict=True):
                if isinstance(node, Call | Repeat):
                    inner = [self._reads_first(node.body, output) for output in node.body.outputs]
                else:
                    inner = [_First(tuple(range(len(operands))), True)]
                found += [_beginning(each, [found[operand] for operand in operands]) for each in inner]
        return found[tensor]

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

                inner = _Stream(keep, self._renamed, ties=None, known=self._rounds)
                inner._mark = _MARK
                start = _Scope(body, {0: -1}, ("",), (0,) * 33)
                try:
                    inner.follow(start, list(body.outputs))
                except _TooLong:
                    return None
                if inner.first_read == 0 < inner.next and start.numbers[body.outputs[0]] == inner.next - 1:
                    self._rounds[id(body)] = _Round("".join(parts), inner.next)
        return self._rounds[id(body)]

    _mark = ""

    def _stream(self, scope: _Scope, index: int, following: _Round, times: int) -> None:
        """Hand on so many equal rounds; in a shared network each tensor was last used as far back as every other."""
        text = following.text.replace(_MARK, self._mark)
        if scope.shared:
            key = f"{scope.frames[-1]} {scope.rounds} {id(scope.graph)} {index}"
            used = self._use(key, self.next)
            if used is not None:
                text, numbers = following.text.replace(_MARK, f"={HOLE}"), following.text.count(_MARK)
                self._hand((Again(times, (text,), (0,) * numbers),), [self.next - used.number] * numbers)
                self.next += times * following.records
                return
        self._hand((Again(times, (text,), ()),), ())
        self.next += times * following.records

    def _use(self, name: str, number: int, role: str = "") -> _Used | None:
        """Remember a use of tensors, and return the last one before it."""
        used = self._used.get(name)
        self._used[name] = _Used(number, role)
        if self._kept:
            self._kept[-1].uses.add(name)
        return used

    def _hand(self, pattern: Pattern, numbers: Sequence[int]) -> None:
        """Hand on a pattern, or keep it with the round that it belongs to."""
        if self._kept:
            self._kept[-1].add(pattern, numbers)
        else:
            write(pattern, numbers, self._write)

    def _record(self, scope: _Scope, index: int, node: Operation) -> None:
        """Number one operation, and hand on its record."""
        graph = scope.graph
        number = self.next
        told = [number - scope.numbers[tensor] for tensor in graph.operands[index]]
        operands = "" if told == [1] else f"<{','.join([HOLE] * len(told))}"
        if not operands:
            told = []
        own = graph.parameters[index]
        backs: list[tuple[str, int]] = []
        if own and (scope.shared or self._ties is not None):
            for parameter in own:
                name = full_name(parameter, scope.frames, scope.rounds)
                backs.append(_back(parameter, self._use(name, number, parameter.role), number))
        if len(set(backs)) == 1:
            del backs[1:]
        back = (
            f"={','.join(text for text, _ in backs)}" if any(text for text, _ in backs) else self._mark if own else ""
        )
        told += [distance for text, distance in backs if text]
        text = (_renamed(node, self._renamed) if self._renamed else node).record()
        self._hand((f"{text}{operands}{back};",), told)
        self.next = number + 1
        for tensor in graph.results[index]:
            scope.numbers[tensor] = number

    def _producer(self, graph: Graph, tensor: int) -> int:
        """Return the operation that gives a tensor."""
        found = self._producers.get(id(graph))
        if found is None:
            found = {each: index for index, results in enumerate(graph.results) for each in results}
            self._producers[id(graph)] = found
        return found[tensor]


class _First(NamedTuple):
    """Which inputs a tensor is made of before anything is computed, in order, and whether anything is computed."""

    inputs: tuple[int, ...]
    computes: bool


def _beginning(inner: _First, operands: list[_First]) -> _First:
    """Return what is read first where the inputs within are the operands."""
    read: list[int] = []
    for i in inner.inputs:
        read += operands[i].inputs
        if operands[i].computes:
            return _First(tuple(dict.fromkeys(read)), True)
    return _First(tuple(dict.fromkeys(read)), inner.computes)


def _back(parameter: Parameter, used: _Used | None, number: int) -> tuple[str, int]:
    """Return how far back a tensor was used last, as text and number; the role that it had there where it differs."""
    if used is None:
        return "", 0
    return (HOLE if used.role == parameter.role else f"{HOLE}.{used.role}"), number - used.number


class _TooLong(Exception):
    """A round has more bytes than are kept."""


def _renamed(operation: Operation, names: dict[str, Size]) -> Operation:
    """Return an operation with its free sizes called s0, s1 …, so that their own names do not matter."""

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


def _graphs(graph: Graph) -> Iterator[Graph]:
    """Yield a graph and all that it holds, each once."""
    met = {id(graph)}
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        for node in one.operations:
            if isinstance(node, Call | Repeat) and id(node.body) not in met:
                met.add(id(node.body))
                waiting.append(node.body)


class _Ties:
    """The ties of a network: whether one may be to a tensor of one round of a repeat, called by the round's number."""

    def __init__(self, tied: Iterator[Parameter]) -> None:
        self._ends: set[str] = set()
        for parameter in tied:
            name = "".join(re.sub(r"\d+", "#", part) if isinstance(part, str) else "@" for part in parameter.name)
            while "#" in name:
                self._ends.add(name)
                name = name.partition(".")[2]
        self._known: dict[int, frozenset[str]] = {}

    def reach(self, body: Graph) -> bool:
        """Whether a tie may be to a tensor of one round of a repeat of the body."""
        return bool(self._ends) and not self._ends.isdisjoint(self._names(body))

    def _names(self, graph: Graph) -> frozenset[str]:
        """Return what the tensors of a graph are called, each number as `#`."""
        if id(graph) not in self._known:
            found: set[str] = set()
            for node, own in zip(graph.operations, graph.parameters, strict=True):
                found.update(_numberless(each.name) for each in own)
                if isinstance(node, Repeat):
                    found |= self._names(node.body)
                elif isinstance(node, Call):
                    before = f"{_numberless(node.name)}."
                    found.update(before + name for name in self._names(node.body))
            self._known[id(graph)] = frozenset(found)
        return self._known[id(graph)]


def _numberless(name: Name) -> str:
    return "".join(re.sub(r"\d+", "#", part) if isinstance(part, str) else "#" for part in name)


def _ties(graph: Graph) -> _Ties | None:
    """Return the ties of the network, None where there are none."""
    tied = [each for one in _graphs(graph) for own in one.parameters for each in own if each.tied]
    return _Ties(iter(tied)) if tied else None


def _shares(graph: Graph) -> bool:
    """Whether a shared network is called anywhere within."""
    return any(isinstance(node, Call) and node.shared for one in _graphs(graph) for node in one.operations)


__all__ = ["VERSION", "fingerprint"]
