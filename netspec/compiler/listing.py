"""The plan of a network of any form: its operations one after the other, each result under a name of its own.

What is read for the last time is let go, or written over where the operation works in place. An operation whose result
nobody needs is left out, and one that changes nothing is its operand under another name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from typing import Final, NamedTuple

from netspec.compiler.extent import check_extent, is_free
from netspec.compiler.names import Names
from netspec.graph.walk import Visit, outputs_of, visits
from netspec.operations import Check, Elementwise, Graph, Operation, Parameter, Shape
from netspec.operations.index import Index
from netspec.operations.learned import Learned
from netspec.operations.reshape import Reshape
from netspec.operations.slice import Slice
from netspec.operations.transpose import Transpose

_SUMS: Final = 16
"""Sums of shapes that are written out, where sizes are free."""

_VIEWS: Final = (Reshape, Transpose, Slice, Index)
"""Operations whose result may be their operand's own memory."""


class Tensor(NamedTuple):
    """A tensor as the text binds it: the name that it is stored under, and Python's."""

    stored: str
    name: str
    shape: tuple[int, ...]


class Step(NamedTuple):
    """target = operation(operands). `place` is the layer's name, `tensors` are the operation's own by their roles.

    `spare` says of each operand whether it may be written over; what is `freed` is not read again.
    """

    operation: Operation
    target: str
    operands: tuple[str, ...]
    shape: Shape
    operand_shapes: tuple[Shape, ...]
    tensors: Mapping[str, str]
    place: str
    spare: tuple[bool, ...]
    freed: tuple[str, ...]


class Terminal(NamedTuple):
    """What enters or leaves: its name for callers, Python's name for it, its shape and dtype."""

    name: str
    variable: str
    shape: Shape
    dtype: str


class Listing(NamedTuple):
    """What is run for one tile of examples. `symbols` are Python's names for the free sizes, in the inputs' order.

    `held` are the sums of shapes that are in memory at once; the largest is the most.
    """

    name: str
    dtype: str
    inputs: tuple[Terminal, ...]
    outputs: tuple[Terminal, ...]
    symbols: Mapping[str, str]
    checks: tuple[Check, ...]
    tensors: tuple[Tensor, ...]
    steps: tuple[Step, ...]
    held: tuple[tuple[Shape, ...], ...]


def make_listing(graph: Graph, name: str, dtype: str, reserved: Iterable[str]) -> Listing:
    """Return the plan of a graph. `reserved` are names that the text needs for itself.

    Raises SystemFault `too-many-tensors` where it is too long.
    """
    check_extent(graph, loops=False)
    return _Lister(graph, dtype, Names(reserved)).listing(name)


class _Lister:
    """Walks the visits once, with what is alive at each."""

    def __init__(self, graph: Graph, dtype: str, names: Names) -> None:
        self.graph, self.dtype, self.names = graph, dtype, names
        free = [str(size) for shape in graph.inputs for size in shape if not isinstance(size, int)]
        self.symbols = {text: names.take(text) for text in dict.fromkeys(free)}
        self._same: dict[int, int] = {}  # value to the value that it is under another name
        self._visits = self._needed()
        self._last = self._last_reads()
        self._ends = {visit.place: index for index, visit in enumerate(self._visits)}
        self._tensors = self._bound()
        self._variables: dict[int, str] = {}
        self._shapes: dict[int, Shape] = {}
        self._roots: dict[int, int] = {}  # value to the value whose memory it may share
        self._alive: set[int] = set()
        self._kept: set[int] = set()  # roots that are not the program's to write to
        self._bases: dict[str, str] = {}
        self._nameless = 0

    def listing(self, name: str) -> Listing:
        """Return the plan."""
        inputs = tuple([self._enter(index) for index in range(len(self.graph.inputs))])
        held = {tuple(self._shapes[value] for value in sorted(self._alive))}
        steps: list[Step] = []
        for index, visit in enumerate(self._visits):
            steps.append(self._step(index, visit))
            held.add(self._held(visit))
        outputs = tuple(
            [
                Terminal(
                    self.graph.output_names[i] if self.graph.output_names else "out",
                    self._variables[self._canonical(value)],
                    self.graph.output_shapes[i],
                    "int64" if self.graph.outputs[i] in self.graph.integers else self.dtype,
                )
                for i, value in enumerate(self._left)
            ]
        )
        tensors = tuple(self._tensors.values())
        return Listing(
            name, self.dtype, inputs, outputs, self.symbols, self.graph.checks, tensors, tuple(steps), _largest(held)
        )

    def _canonical(self, value: int) -> int:
        while value in self._same:
            value = self._same[value]
        return value

    def _needed(self) -> list[Visit]:
        """Return the visits whose results reach an output, those left out that change nothing."""
        every = list(visits(self.graph))
        self._left = outputs_of(self.graph)
        for visit in every:
            if is_free(visit.operation):
                self._same[visit.results[0]] = visit.operands[0]
        needed = {self._canonical(value) for value in self._left}
        found: list[Visit] = []
        for visit in reversed(every):
            if visit.results[0] in needed:
                needed.update(map(self._canonical, visit.operands))
                found.append(visit)
        return found[::-1]

    def _last_reads(self) -> dict[int, int]:
        """Return for each value the last visit that reads it; those that leave are read after all."""
        last: dict[int, int] = {}
        for index, visit in enumerate(self._visits):
            for value in visit.operands:
                last[self._canonical(value)] = index
        return last | {self._canonical(value): len(self._visits) for value in self._left}

    def _bound(self) -> dict[str, Tensor]:
        """Return the tensors in the order in which they are first read."""
        found: dict[str, Tensor] = {}
        for visit in self._visits:
            for stored, parameter in visit.tensors:
                if stored not in found:
                    found[stored] = Tensor(stored, self.names.take(stored), parameter.shape)
        return found

    def _enter(self, index: int) -> Terminal:
        """Return an input. Its memory is the caller's."""
        graph = self.graph
        variable = self.names.take(graph.input_names[index] if graph.input_names else "x")
        name = graph.input_names[index] if graph.input_names else "in"
        self._variables[index], self._shapes[index], self._roots[index] = variable, graph.inputs[index], index
        self._kept.add(index)
        self._alive.add(index)
        return Terminal(name, variable, graph.inputs[index], "int64" if index in graph.integers else self.dtype)

    def _step(self, index: int, visit: Visit) -> Step:
        operands = [self._canonical(value) for value in visit.operands]
        (result,) = visit.results
        dying = {value for value in operands if self._last[value] == index}
        spare = tuple([operands.count(value) == 1 and self._spare(value, dying) for value in operands])
        shape = visit.graph.shapes[visit.graph.result(visit.position)]
        target = self._name(index, visit, dying, operands)
        step = Step(
            visit.operation,
            target,
            tuple([self._variables[value] for value in operands]),
            shape,
            tuple([self._shapes[value] for value in operands]),
            {parameter.role: self._tensors[stored].name for stored, parameter in visit.tensors},
            visit.place,
            spare,
            tuple(sorted({self._variables[value] for value in dying} - {target})),
        )
        self._variables[result], self._shapes[result] = target, shape
        viewed = isinstance(visit.operation, _VIEWS)
        self._roots[result] = self._roots[operands[0]] if viewed else result
        if isinstance(visit.operation, Learned):
            self._kept.add(result)
        self._alive -= dying
        self._alive.add(result)
        return step

    def _spare(self, value: int, dying: set[int]) -> bool:
        """Return whether nobody else reads the memory of a value that dies."""
        root = self._roots[value]
        shared = any(other != value and self._roots[other] == root for other in self._alive)
        return value in dying and root not in self._kept and not shared

    def _held(self, visit: Visit) -> tuple[Shape, ...]:
        """Return the shapes in memory while a visit is computed, its operands among them."""
        values = {*self._alive, *map(self._canonical, visit.operands)}
        roots = {self._roots[value] for value in values}
        return tuple([self._shapes[root] for root in sorted(roots)])

    def _name(self, index: int, visit: Visit, dying: set[int], operands: list[int]) -> str:
        """Return the name of a result: its layer's, unless an earlier result of that layer still has it.

        The only operand gives its name up where it dies; of several, none does, as the first line may not be the last.
        """
        alone = len(operands) == 1 and operands[0] in dying
        if not visit.place or visit.place.endswith("."):
            if alone and isinstance(visit.operation, Elementwise) and operands[0] >= len(self.graph.inputs):
                return self._variables[operands[0]]
            self._nameless += 1
            return self.names.take(f"h_{self._nameless}")
        taken = {self._variables[value] for value in self._alive if not alone or value != operands[0]}
        tag = "" if self._ends[visit.place] == index else _tag(visit.tensors)
        wanted = f"{visit.place}.{tag}" if tag else visit.place
        number = 1
        name = self._base(wanted)
        while name in taken:
            number += 1
            name = self._base(f"{wanted}__{number}")
        return name

    def _base(self, place: str) -> str:
        if place not in self._bases:
            self._bases[place] = self.names.take(place)
        return self._bases[place]


def _tag(tensors: tuple[tuple[str, Parameter], ...]) -> str:
    """Return what tells apart the tensors of a layer: `query` for `attended.Omega_query`; empty for a number."""
    for stored, _ in tensors:
        tag = stored.rpartition(".")[2].partition("_")[2]
        if tag and not tag.isdecimal():
            return tag
    return ""


def _largest(held: set[tuple[Shape, ...]]) -> tuple[tuple[Shape, ...], ...]:
    """Return the sums that may be the largest: one, where all shapes are known; else none that is part of another.

    Where many are left, as many of each shape as are ever held at once stand for them.
    """
    if all(isinstance(size, int) for shapes in held for shape in shapes for size in shape):
        return (max(held, key=_elements),)
    found: list[Counter[Shape]] = []
    for shapes in sorted(held, key=lambda shapes: (-len(shapes), str(shapes))):
        sums = Counter(shapes)
        if not any(sums <= other for other in found):
            found.append(sums)
    if len(found) > _SUMS:
        most = max(map(len, held))
        return tuple([(shape,) * most for shape in sorted({shape for shapes in held for shape in shapes}, key=str)])
    return tuple([tuple(sums.elements()) for sums in found])


def _elements(shapes: tuple[Shape, ...]) -> int:
    """Return the sum of what shapes hold, all of which are known."""
    return sum(prod(size for size in shape if isinstance(size, int)) for shape in shapes)
