"""The tape of a network: its operations one after the other with all sizes known, each value in one of two layouts.

*rows* is (batch, *shape); *upright* is (*shape, batch): with the batch axis last, whatever is computed element by
element or gathered runs along a row of examples, and a product of matrices needs no turning. A reshape is no operation
here, since both layouts keep the elements of an example in C order: it is the same value in another shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final, Literal, NamedTuple

from netspec.compiler.flow import Flow, Stored
from netspec.operations import Affine, Shape
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.embed import Embed
from netspec.operations.group_norm import GroupNorm
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.reshape import Reshape
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.upsample import Upsample
from netspec.sizes import Polynomial, evaluate

Sizes = tuple[int, ...]

_UPRIGHT: Final = (AdaptivePool, BatchNorm, Convolve, ConvolveTransposed, GroupNorm, Pool, Upsample)
_ROWS: Final = (Attend, Embed, LayerNorm, Learned, Matmul, Positions, RmsNorm, Rotate, Scan, Sinusoidal)


class Ref(NamedTuple):
    """A value as an operation reads it: its elements in a shape, without the batch axis."""

    value: int
    shape: Sizes


class Turn(NamedTuple):
    """The same value in the other layout."""

    upright: bool

    @property
    def keyword(self) -> str:
        return "turn"


@dataclass(slots=True, eq=False)
class Entry:
    """result = operation(operands). `tensors` are the names of the operation's own by their roles, of which `learned`
    are learned; `place` is the name of its layer.
    """

    number: int
    operation: Any
    operands: tuple[Ref, ...]
    result: int
    shape: Sizes
    tensors: dict[str, str]
    learned: frozenset[str]
    place: str
    upright: bool


@dataclass(slots=True)
class Tape:
    """`shapes` and `upright` are those of each value, the network's inputs first."""

    entries: list[Entry] = field(default_factory=list)
    shapes: list[Sizes] = field(default_factory=list)
    upright: list[bool] = field(default_factory=list)
    integers: set[int] = field(default_factory=set)
    inputs: int = 0
    tensors: dict[str, Sizes] = field(default_factory=dict)
    learned: set[str] = field(default_factory=set)

    def value(self, shape: Sizes, upright: bool) -> int:
        """Return a new value."""
        self.shapes.append(shape)
        self.upright.append(upright)
        return len(self.shapes) - 1


def make_tape(flow: Flow, sizes: Mapping[str, int], reads: Sequence[int] = ()) -> tuple[Tape, list[Ref]]:
    """Return the tape of a flow whose free sizes are `sizes`, and the values that losses are to read, by the flow's
    numbers: rows where they are rows of classes, (T, C), and else upright. What no loss hangs on is left out then.
    """
    taping = _Taping(flow, sizes)
    refs = [taping.read(value) for value in reads]
    if refs:
        tape = taping.tape
        tape.entries = _needed(tape.entries, refs)
        names = {name for entry in tape.entries for name in entry.tensors.values()}
        tape.tensors = {name: shape for name, shape in tape.tensors.items() if name in names}
        tape.learned &= names
    return taping.tape, refs


def _needed(entries: list[Entry], refs: Sequence[Ref]) -> list[Entry]:
    """Return the entries that values hang on, numbered anew."""
    needed = {ref.value for ref in refs}
    kept: list[Entry] = []
    for entry in reversed(entries):
        if entry.result in needed:
            needed.update(ref.value for ref in entry.operands)
            kept.append(entry)
    kept.reverse()
    for number, entry in enumerate(kept):
        entry.number = number
    return kept


class _Taping:
    def __init__(self, flow: Flow, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.tape = tape = Tape(inputs=len(flow.graph.inputs), integers=set(flow.graph.integers))
        self._refs: dict[int, Ref] = {}
        self._turned: dict[tuple[int, bool], int] = {}
        for index, shape in enumerate(flow.graph.inputs):
            self._refs[index] = Ref(tape.value(self._known(shape), False), self._known(shape))
        tape.integers &= set(range(tape.inputs))
        for task in flow.tasks:
            self._add(task)

    def _known(self, shape: Shape) -> Sizes:
        return tuple([evaluate(size, self.sizes) if isinstance(size, Polynomial) else size for size in shape])

    def _add(self, task: Any) -> None:
        operation, shape = task.operation, self._known(task.shape)
        operands = [self._refs[value] for value in task.operands]
        if isinstance(operation, Reshape):
            self._refs[task.result] = Ref(operands[0].value, shape)
            return
        upright = self._layout(operation, operands)
        as_it_is = isinstance(operation, Affine) and upright  # which reads either
        if not as_it_is:
            operands = [self._in(ref, upright) for ref in operands]
        tensors = {role: tensor.name for role, tensor in task.tensors.items() if isinstance(tensor, Stored)}
        for role, tensor in task.tensors.items():
            self.tape.tensors.setdefault(tensors[role], tensor.shape)
        state = {"mean", "variance"} if isinstance(operation, BatchNorm) else set()
        learned = frozenset(tensors) - state
        self.tape.learned |= {tensors[role] for role in learned}
        self._refs[task.result] = self._entry(operation, operands, shape, upright, tensors, learned, task.place)

    def _entry(
        self,
        operation: Any,
        operands: list[Ref],
        shape: Sizes,
        upright: bool,
        tensors: dict[str, str],
        learned: frozenset[str],
        place: str,
    ) -> Ref:
        tape = self.tape
        result = tape.value(shape, upright)
        tape.entries.append(
            Entry(len(tape.entries), operation, tuple(operands), result, shape, tensors, learned, place, upright)
        )
        return Ref(result, shape)

    def _layout(self, operation: Any, operands: list[Ref]) -> bool:
        """Return whether an operation computes upright."""
        if isinstance(operation, Affine):
            return len(operands[0].shape) == 1
        if isinstance(operation, _UPRIGHT):
            return True
        if isinstance(operation, _ROWS):
            return False
        return any(self.tape.upright[ref.value] for ref in operands)

    def read(self, value: int) -> Ref:
        """Return a value as a loss reads it."""
        ref = self._refs[value]
        return ref if len(ref.shape) == 1 else self._in(ref, len(ref.shape) != 2)

    def _in(self, ref: Ref, upright: bool) -> Ref:
        """Return a value in a layout, turned where it is in the other one."""
        tape = self.tape
        if tape.upright[ref.value] == upright or prod(ref.shape) == 0:
            return ref
        key = (ref.value, upright)
        if key not in self._turned:
            whole = Ref(ref.value, tape.shapes[ref.value])
            turned = self._entry(Turn(upright), [whole], whole.shape, upright, {}, frozenset(), "")
            self._turned[key] = turned.value
        return Ref(self._turned[key], ref.shape)


Phase = Literal["forward", "again", "backward"]
