"""The identity of an architecture: SHA-256 over its operations, whatever the text that said them.

The operations are numbered depth-first from what leaves, in the order of the outputs' names, what an operation reads
before it and in the order in which it reads it; parts are entered where they are called and repeats are unrolled. The
stream is one record for each operation in this order. What it reads is hashed as distances, from its number back to
that of each operand; the inputs have the numbers below 0, in the order of their names; the one distance 1 is left out.
Tensors that were used before are hashed as how many records back their last use stands. So neither the order of a list
nor the split into parts and files is hashed; names are hashed only where several inputs or outputs have to be told
apart.

Rounds of a repeat that give equal bytes are hashed without being unrolled in memory: a million take milliseconds.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from netspec.graph.walk import Frames, Rounds, called, full_name
from netspec.operations import Call, Graph, Operation, Repeat
from netspec.sizes import Polynomial, Size, substitute, symbol, symbols

VERSION = "netspec-fingerprint-1"
_CHUNK: Final = 1 << 16
_LONGEST_ROUND: Final = 1 << 20  # bytes of a round that is kept as one text


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
    stream = _Stream(digest.update, renamed, follows=_ties(graph))
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
        self.inner: dict[int, _Scope | _Rounds] = {}
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
            around = self.around
            body = _repeat(around.graph, self.index).body
            operands = around.graph.operands[self.index]
            found = self.scopes[number] = _Scope(body, {}, around.frames, (*around.rounds, number))
            found.shared = around.shared

            def outer(tensor: int) -> tuple[_Scope, int]:
                if tensor == 0 and number > 0:
                    return self.scope(number - 1), body.outputs[0]
                return around, operands[tensor]

            found.outer = outer
        return found


def _repeat(graph: Graph, index: int) -> Repeat:
    node = graph.operations[index]
    if not isinstance(node, Repeat):
        raise TypeError("a scope of rounds belongs to a repeat")
    return node


class _Round(NamedTuple):
    """A round that follows another: its bytes, with a mark where its own tensors' last use is told, and its records."""

    text: str
    records: int


_MARK: Final = "\x00"


class _Stream:
    """Numbers operations in their order and hands on their records.

    Where it `follows` tensors, each use of one is remembered, since any may be used again; else only those of shared
    networks are.
    """

    def __init__(self, write: Callable[[bytes], object], renamed: dict[str, Size], *, follows: bool) -> None:
        self.next = 0
        self._write, self._renamed, self._follows = write, renamed, follows
        self._used: dict[str, int] = {}
        self._producers: dict[int, dict[int, int]] = {}
        self._rounds: dict[int, _Round | None] = {}
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
        rounds = scope.inner.get(index)
        if not isinstance(rounds, _Rounds):
            rounds = scope.inner[index] = _Rounds(scope, index)
        output = node.body.outputs[0]
        following = self._following(node) if node.times > 1 else None
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

    def _following(self, node: Repeat) -> _Round | None:
        """Return what every round but the first gives where it is the same bytes each time; else None.

        That is so where a round reads nothing but the one before it, and reads that before it computes anything.
        """
        body = node.body
        if id(body) not in self._rounds:
            self._rounds[id(body)] = None
            if len(body.inputs) == 1 and not self._follows and not _shares(body):
                parts: list[str] = []
                length = 0

                def keep(data: bytes) -> None:
                    nonlocal length
                    length += len(data)
                    if length > _LONGEST_ROUND:
                        raise _TooLong
                    parts.append(data.decode())

                inner = _Stream(keep, self._renamed, follows=False)
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
        back = ""
        if scope.shared:
            key = f"{scope.frames[-1]} {scope.rounds} {id(scope.graph)} {index}"
            back = f"={self.next - self._used[key]}" if key in self._used else ""
            self._used[key] = self.next
        record = following.text.replace(_MARK, back or self._mark).encode()
        whole, rest = divmod(times, max(1, _CHUNK // len(record)))
        if whole:
            chunk = record * max(1, _CHUNK // len(record))
            for _ in range(whole):
                self._write(chunk)
        self._write(record * rest)
        self.next += times * following.records

    def _record(self, scope: _Scope, index: int, node: Operation) -> None:
        """Number one operation, and hand on its record."""
        graph = scope.graph
        number = self.next
        distances = [number - scope.numbers[tensor] for tensor in graph.operands[index]]
        operands = "" if distances == [1] else f"<{','.join(map(str, distances))}"
        own = graph.parameters[index]
        backs: list[str] = []
        if own and (scope.shared or self._follows):
            for parameter in own:
                name = full_name(parameter, scope.frames, scope.rounds)
                backs.append(f"{number - self._used[name]}" if name in self._used else "")
                self._used[name] = number
        told = backs[:1] if len(set(backs)) == 1 else backs
        back = f"={','.join(told)}" if any(backs) else self._mark if own else ""
        text = (_renamed(node, self._renamed) if self._renamed else node).record()
        self._write(f"{text}{operands}{back};".encode())
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


def _ties(graph: Graph) -> bool:
    """Whether any tensor of the network is tied to another's."""
    return any(each.tied for one in _graphs(graph) for own in one.parameters for each in own)


def _shares(graph: Graph) -> bool:
    """Whether a shared network is called anywhere within."""
    return any(isinstance(node, Call) and node.shared for one in _graphs(graph) for node in one.operations)


__all__ = ["VERSION", "fingerprint"]
