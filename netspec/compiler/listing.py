"""The plan of a network of any form: its operations one after the other, each result under a name of its own.

What is read for the last time is let go, or written over where the operation works in place. Results of the larger
operations lie in slots, memory that is kept from call to call: a slot is free again when its value is let go.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any, Final, NamedTuple

from netspec.compiler.flow import Flow, Task, Tensor
from netspec.compiler.names import Names
from netspec.compiler.passes.layouts import Turn
from netspec.compiler.passes.projections import Columns
from netspec.operations import Affine, Check, Elementwise, Shape
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve
from netspec.operations.index import Index
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.merge import Merge
from netspec.operations.pool import Pool
from netspec.operations.reshape import Reshape
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.slice import Slice
from netspec.operations.transpose import Transpose

_SUMS: Final = 16
"""Sums of shapes that are written out, where sizes are free."""

VIEWS: Final = (Reshape, Transpose, Slice, Index, Columns)
"""Operations whose result may be their operand's own memory."""

_IN_PLACE: Final = (Elementwise, Merge, BatchNorm)
"""Operations whose result may be written over an operand that is not read again."""

_PLACED: Final = (Affine, Attend, Convolve, LayerNorm, Pool, RmsNorm, Turn)
"""Operations that write their result where they are told."""


class Step(NamedTuple):
    """target = operation(operands). `place` is the layer's name, `tensors` are the operation's own by their roles.

    `spare` says of each operand whether it may be written over; what is `freed` is not read again; `slot` is where the
    result lies, or empty for fresh memory.
    """

    operation: Any
    target: str
    operands: tuple[str, ...]
    shape: Shape
    operand_shapes: tuple[Shape, ...]
    tensors: Mapping[str, Tensor]
    place: str
    spare: tuple[bool, ...]
    freed: tuple[str, ...]
    functions: tuple[Elementwise, ...] = ()
    onto: str = ""
    last: bool = False
    slot: str = ""


class Terminal(NamedTuple):
    """What enters or leaves: its name for callers, Python's name for it, its shape and dtype."""

    name: str
    variable: str
    shape: Shape
    dtype: str


class Listing(NamedTuple):
    """What is run for one tile of examples. `symbols` are Python's names for the free sizes, in the inputs' order.

    `held` are the sums of shapes that are in memory at once; the largest is the most. `names` gives out Python's names.
    """

    name: str
    dtype: str
    inputs: tuple[Terminal, ...]
    outputs: tuple[Terminal, ...]
    symbols: Mapping[str, str]
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    held: tuple[tuple[Shape, ...], ...]
    exact: bool
    names: Names
    choices: Mapping[str, str | int]


def make_listing(
    flow: Flow, name: str, dtype: str, reserved: Iterable[str], choices: Mapping[str, str | int] | None = None
) -> Listing:
    """Return the plan of a flow. `reserved` are names that the text needs for itself, `choices` what was measured."""
    return _Lister(flow, dtype, Names(reserved)).listing(name, choices or {})


class _Lister:
    """Walks the tasks once, with what is alive at each."""

    def __init__(self, flow: Flow, dtype: str, names: Names) -> None:
        self.flow, self.graph, self.dtype, self.names = flow, flow.graph, dtype, names
        free = [str(size) for shape in self.graph.inputs for size in shape if not isinstance(size, int)]
        self.symbols = {text: names.take(text) for text in dict.fromkeys(free)}
        self._last = {value: index for index, task in enumerate(flow.tasks) for value in task.reads}
        self._last |= dict.fromkeys(flow.left, len(flow.tasks))
        self._ends = {task.place: index for index, task in enumerate(flow.tasks)}
        self._fresh = _leaving(flow)
        self._variables: dict[int, str] = {}
        self._memory: dict[int, frozenset[int]] = {}  # value to the values whose memory it may share
        self._slots: dict[int, str] = {}  # value to the slot that its memory is
        self._taken: set[str] = set()
        self._alive: set[int] = set()
        self._kept: set[int] = set()  # memory that is not the program's to write to
        self._bases: dict[str, str] = {}
        self._nameless = 0

    def listing(self, name: str, choices: Mapping[str, str | int]) -> Listing:
        """Return the plan."""
        flow = self.flow
        inputs = tuple([self._enter(index) for index in range(len(self.graph.inputs))])
        held = {tuple(flow.shapes[value] for value in sorted(self._alive))}
        steps: list[Step] = []
        for index, task in enumerate(flow.tasks):
            steps.append(self._step(index, task))
            held.add(self._held(task))
        outputs = tuple(
            [
                Terminal(
                    self.graph.output_names[i] if self.graph.output_names else "out",
                    self._variables[value],
                    self.graph.output_shapes[i],
                    "int64" if self.graph.outputs[i] in self.graph.integers else self.dtype,
                )
                for i, value in enumerate(flow.left)
            ]
        )
        return Listing(
            name,
            self.dtype,
            inputs,
            outputs,
            self.symbols,
            self.graph.checks,
            tuple(steps),
            _largest(held),
            flow.exact,
            self.names,
            choices,
        )

    def _enter(self, index: int) -> Terminal:
        """Return an input. Its memory is the caller's."""
        graph = self.graph
        variable = self.names.take(graph.input_names[index] if graph.input_names else "x")
        name = graph.input_names[index] if graph.input_names else "in"
        self._variables[index], self._memory[index] = variable, frozenset({index})
        self._kept.add(index)
        self._alive.add(index)
        return Terminal(name, variable, graph.inputs[index], "int64" if index in graph.integers else self.dtype)

    def _step(self, index: int, task: Task) -> Step:
        reads, result = task.reads, task.result
        dying = {value for value in reads if self._last[value] == index}
        spare = tuple([reads.count(value) == 1 and self._spare(value, dying) for value in task.operands])
        target = self._name(index, task, dying)
        slot = self._slot(task)
        step = Step(
            task.operation,
            target,
            tuple([self._variables[value] for value in task.operands]),
            task.shape,
            tuple([self.flow.shapes[value] for value in task.operands]),
            task.tensors,
            task.place,
            spare,
            tuple(sorted({self._variables[value] for value in dying} - {target})),
            task.functions,
            "" if task.onto is None else self._variables[task.onto],
            task.last,
            slot,
        )
        self._variables[result] = target
        self._memory[result] = self._shared(task, spare)
        if slot:
            self._slots[result] = slot
        if isinstance(task.operation, Learned):
            self._kept.add(result)
        self._alive -= dying
        self._alive.add(result)
        used = {root for value in self._alive for root in self._memory[value]}
        self._taken = {self._slots[root] for root in used if root in self._slots}
        return step

    def _shared(self, task: Task, spare: tuple[bool, ...]) -> frozenset[int]:
        """Return the values whose memory a result may be."""
        if isinstance(task.operation, VIEWS):
            return self._memory[task.operands[0]]
        own = frozenset({task.result})
        if isinstance(task.operation, _IN_PLACE):
            return own.union(*(self._memory[v] for v, free in zip(task.operands, spare, strict=True) if free))
        return own

    def _slot(self, task: Task) -> str:
        """Return a slot that nobody uses for a result that is written where it is told, and does not leave."""
        if not isinstance(task.operation, _PLACED) or task.result in self._fresh:
            return ""
        number = 1
        while f"slot {number}" in self._taken:
            number += 1
        return f"slot {number}"

    def _spare(self, value: int, dying: set[int]) -> bool:
        """Return whether nobody else reads the memory of a value that dies."""
        memory = self._memory[value]
        shared = any(other != value and self._memory[other] & memory for other in self._alive)
        return value in dying and not memory & self._kept and not shared

    def _held(self, task: Task) -> tuple[Shape, ...]:
        """Return the shapes in memory while a task is computed, its operands among them."""
        values = {*self._alive, *task.reads}
        roots = {min(self._memory[value]) for value in values}
        return tuple([self.flow.shapes[root] for root in sorted(roots)])

    def _name(self, index: int, task: Task, dying: set[int]) -> str:
        """Return the name of a result: its layer's, unless an earlier result of that layer still has it.

        The only operand gives its name up where it dies; of several, none does, as the first line may not be the last.
        """
        operands = task.operands
        alone = len(task.reads) == 1 and operands[0] in dying and not isinstance(task.operation, _PLACED)
        if not task.place or task.place.endswith("."):
            if alone and isinstance(task.operation, Elementwise) and operands[0] >= len(self.graph.inputs):
                return self._variables[operands[0]]
            self._nameless += 1
            return self.names.take(f"h_{self._nameless}")
        taken = {self._variables[value] for value in self._alive if not alone or value != operands[0]}
        tag = "" if self._ends[task.place] == index else _tag(task)
        wanted = f"{task.place}.{tag}" if tag else task.place
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


def _leaving(flow: Flow) -> set[int]:
    """Return the values whose memory may leave, as their own or through views and what is written over them."""
    makers = flow.makers()
    found: set[int] = set()
    waiting = [*flow.left]
    while waiting:
        value = waiting.pop()
        if value in found:
            continue
        found.add(value)
        maker = makers.get(value)
        if maker is not None and isinstance(maker.operation, (*VIEWS, *_IN_PLACE)):
            waiting += maker.operands
    return found


def _tag(task: Task) -> str:
    """Return what tells apart the results of a layer: `query` for `attended.Omega_query`; empty for a number."""
    for tensor in task.tensors.values():
        name = getattr(tensor, "name", "")
        tag = name.rpartition(".")[2].partition("_")[2]
        if tag and not tag.isdecimal():
            return str(tag)
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
