"""From a tape and its schedule to the text of a program: memory placed, arrays named, and the lines of every event.

What enters the text are names by the language's grammar, sizes, and numbers by `repr`; no other text of a spec.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Final, NamedTuple

from netspec.compiler.library import kernel_lines, needs_math
from netspec.compiler.names import Names
from netspec.files.parameters import label
from netspec.gradients.arena import Arena, Joint
from netspec.gradients.memory import Memory
from netspec.gradients.rule import Rule
from netspec.gradients.schedule import Event, Life, Schedule
from netspec.gradients.site import EntrySite
from netspec.gradients.tape import Entry, Phase, Ref, Sizes, Tape
from netspec.operations import Affine, Elementwise, written
from netspec.spec.recipe import Loss
from netspec.version import __version__

_RESERVED: Final = (
    "np", "math", "bind", "step", "memory", "scratch", "parameters", "gradients", "state", "momentum", "weights",
    "key", "loss", "seen", "class_weights", "dtype", "EXAMPLES", "MEMORY", "SCRATCH", "DTYPE",
)  # fmt: skip


class Goal(NamedTuple):
    """A loss and the value that it reads; `target` is what its targets are called."""

    loss: Loss
    ref: Ref
    target: str


class TrainingPage:
    """The text of one program for one batch, as far as it is written."""

    def __init__(
        self,
        tape: Tape,
        rules: Mapping[int, Rule],
        arena: Arena,
        goals: Sequence[Goal],
        *,
        name: str,
        inputs: Sequence[str],
        batch: int,
        dtype: str,
        training: bool,
        backward: bool,
        reserved: Sequence[str],
        input_gradients: bool = False,
        recompute: bool = False,
    ) -> None:
        self.tape, self.rules, self.arena, self.goals = tape, rules, arena, goals
        self.name, self.batch, self.dtype, self.training = name, batch, dtype, training
        self.backward, self.input_gradients = backward, input_gradients
        self.schedule = Schedule(
            tape,
            rules,
            [goal.ref for goal in goals],
            backward=backward,
            inputs=input_gradients,
            recompute=recompute,
        )
        self.kernels: set[str] = set()
        self.names = Names((*_RESERVED, *reserved))
        self.inputs = [self.names.take("x" if given == "in" else given) for given in inputs]
        self.targets = {goal.target: self.names.take(goal.target) for goal in goals}
        self._head: list[str] = []  # of `bind`, in order
        self._bound: dict[str, str] = {}
        self._arrays: dict[Life, str] = {}
        self._views: dict[tuple[str, Sizes], str] = {}
        self._bases: dict[int, str] = {}
        self._input_ones: dict[int, str] = {}
        self._place = ""
        self._tensors: dict[str, str] = {}
        self._begun: set[str] = set()  # tensors whose gradients some lines have written
        self._saved: dict[int, str] = {}
        self.scratch = 0
        self._ones = {
            entry.operands[index].value
            for entry in tape.entries
            for index in rules[entry.number].ones(entry)
            if self.joint_of(entry) is not None and backward
        }
        self.joined: set[tuple[int, str, int]] = set()
        self.memory = Memory()
        self._plan()

    @property
    def bytes(self) -> int:
        """What a program takes: values, gradients and scratch, which is counted while the text is written."""
        return self.memory.size + (self.scratch if self.text else 0)

    @property
    def item_bytes(self) -> int:
        """The bytes of a number of the program's dtype."""
        return 4 if self.dtype == "float32" else 8

    # -- memory ------------------------------------------------------------------------------------------------------

    def item(self, value: int) -> int:
        """Return the bytes of an element of a value."""
        return 8 if value in self.tape.integers else self.item_bytes

    def _volume(self, value: int) -> int:
        return prod(self.tape.shapes[value]) * self.batch

    def _size(self, life: Life) -> int:
        value = life.value
        more = self.batch if life.kind != "gradient" and value in self._ones and self.tape.upright[value] else 0
        return (self._volume(value) + more) * self.item(value)

    def _plan(self) -> None:
        """Give every life its cell: one of its own, or that of what it takes the place of."""
        schedule, memory = self.schedule, self.memory
        for at, (phase, entry) in enumerate(schedule.events):
            if entry is None:
                for life, (begin, end) in schedule.spans.items():
                    if life.kind == "gradient" and begin == at:
                        memory.add(life, self._size(life), begin, end)
                continue
            if phase == "backward":
                self._plan_backward(at, entry)
                continue
            life = schedule.life(phase, entry.result) if phase == "again" else Life("value", entry.result)
            begin, end = schedule.spans[life]
            other = self._in_place_of(at, phase, entry)
            if other is None:
                memory.add(life, self._size(life), begin, end)
            else:
                memory.join(life, other, self._size(life), begin, end)
                self.joined.add((at, "value", 0))
        memory.place()

    def _in_place_of(self, at: int, phase: Phase | None, entry: Entry) -> Life | None:
        """Return the life of the first operand where the result may lie in its place."""
        if not entry.operands or not self.rules[entry.number].in_place(entry):
            return None
        ref = entry.operands[0]
        life = self.schedule.life(phase, ref.value)
        alone = [other.value for other in entry.operands].count(ref.value) == 1
        fits = self._volume(ref.value) == self._volume(entry.result) and self.item(ref.value) == self.item(entry.result)
        if ref.value >= self.tape.inputs and alone and fits and self.schedule.spans[life][1] == at:
            return life
        return None

    def _plan_backward(self, at: int, entry: Entry) -> None:
        schedule, memory = self.schedule, self.memory
        values = [ref.value for ref in entry.operands if ref.value in schedule.flowing]
        for index, value in enumerate(values):
            life = Life("gradient", value)
            if not schedule.first_contribution(value, at) or life in memory.cells:
                continue
            begin, end = schedule.spans[life]
            fits = self._volume(value) == self._volume(entry.result) and values.count(value) == 1
            own = entry.operands[0].value == value and index == 0
            if own and fits and self.rules[entry.number].back_in_place(entry):
                memory.join(life, Life("gradient", entry.result), self._size(life), begin, end)
                self.joined.add((at, "gradient", 0))
            else:
                memory.add(life, self._size(life), begin, end)

    # -- names -------------------------------------------------------------------------------------------------------

    def joint_of(self, entry: Entry) -> Joint | None:
        """Return [Ω β] of an entry, where they lie together."""
        return self.arena.joints.get((entry.tensors.get("Omega", ""), entry.tensors.get("beta", "")))

    def array(self, life: Life, shape: Sizes | None = None) -> str:
        """Return the name of a value or a gradient, in a shape of an example or its own."""
        value = life.value
        own = self.tape.shapes[value]
        if life.kind != "gradient" and value < self.tape.inputs:
            base = self.inputs[value]
            return base if shape in (None, own) else f"{base}.reshape({self.sizes_of(value, shape)})"
        base = self._arrays.get(life, "")
        if not base:
            base = self._arrays[life] = self.names.take(self._base(life))
            self._head.append(f"{base} = {self._memory(life)}")
            self._views[base, own] = base
        shape = own if shape is None else shape
        known = self._views.get((base, shape))
        if known is None:
            known = self._views[base, shape] = self.names.take(f"{base}_as_{'x'.join(map(str, shape)) or 1}")
            self._head.append(f"{known} = {base}.reshape({self.sizes_of(value, shape)})")
        return known

    def sizes_of(self, value: int, shape: Sizes | None) -> str:
        """Return a shape with the batch axis, as arguments."""
        sizes = self.tape.shapes[value] if shape is None else shape
        whole = (*sizes, self.batch) if self.tape.upright[value] else (self.batch, *sizes)
        return ", ".join(map(str, whole))

    def _memory(self, life: Life, more: int = 0) -> str:
        """Return the expression of an array in memory; with a row of ones below it where `more` is 1."""
        value, cell = life.value, self.memory.cells[life]
        item = self.item_bytes
        begin = cell.offset // item
        count = self._volume(value) + more * self.batch
        if self.item(value) != item:
            end = begin + count * self.item(value) // item
            return f"memory[{begin}:{end}].view(np.int64).reshape({self.sizes_of(value, None)})"
        shape = f"{self._volume(value) // self.batch + 1}, {self.batch}" if more else self.sizes_of(value, None)
        return f"memory[{begin}:{begin + count}].reshape({shape})"

    def with_ones(self, phase: Phase | None, ref: Ref) -> str:
        """Return the name of a value with its ones."""
        value = ref.value
        if value not in self._ones:
            return ""
        if self.tape.upright[value]:
            life = self.schedule.life(phase, value)
            base = self.array(life)
            known = self._bound.get(f"{base} with ones")
            if known is None:
                known = self._bound[f"{base} with ones"] = self.names.take(f"{base}_ones")
                self._head.append(f"{known} = {self._memory(life, 1)}")
            return known
        return self._input_ones.get(value, "")

    def _base(self, life: Life) -> str:
        """Return what a value is called: by the book where it has no layer of its own, z_k = β_k + Ω_k h_k."""
        base = self._bases.get(life.value, "") or (self.inputs[life.value] if life.value < self.tape.inputs else "h")
        return {"value": base, "again": f"{base}_again", "gradient": f"d{base}"}[life.kind]

    def _name_bases(self) -> None:
        for entry in self.tape.entries:
            place = entry.place.strip(".")
            number = _number(entry.tensors.get("Omega", ""))
            reads = self._bases.get(entry.operands[0].value, "") if entry.operands else ""
            if isinstance(entry.operation, Affine) and number is not None:
                self._bases[entry.result] = f"z_{number}"
            elif isinstance(entry.operation, Elementwise) and reads.startswith("z_") and reads[2:].isdigit():
                self._bases[entry.result] = f"h_{int(reads[2:]) + 1}"
            elif entry.operation.keyword == "turn":
                self._bases[entry.result] = f"{reads or self.inputs[0]}_turned"
            elif isinstance(entry.operation, Elementwise):
                self._bases[entry.result] = f"{place or 'h'}_{entry.operation.name}"
            else:
                self._bases[entry.result] = place or "h"

    def tensor(self, name: str) -> str:
        """Return the name of a tensor in the spec's layout."""
        known = self._tensors.get(name)
        if known is None:
            known = self._tensors[name] = self.names.take(name)
            where = "parameters" if name in self.tape.learned else "state"
            shape = " × ".join(map(str, self.tape.tensors[name]))
            self._head.append(f'{known} = {where}["{name}"]  # {label(name)} {shape}')
        return known

    def own(self, where: str, key: str, wanted: str, remark: str) -> str:
        """Return the name of what `where` has under a key."""
        known = self._tensors.get(f"{where} {key}")
        if known is None:
            known = self._tensors[f"{where} {key}"] = self.names.take(wanted)
            self._head.append(f'{known} = {where}["{key}"]  # {remark}')
        return known

    def claim(self, names: tuple[str, ...]) -> bool:
        """Take the gradients of tensors as written from here on; return whether those of any were before."""
        begun = not self._begun.isdisjoint(names)
        self._begun.update(names)
        return begun

    def saved(self, entry: Entry) -> str:
        """Return the name of what the forward lines of an entry leave to its backward lines."""
        known = self._saved.get(entry.number)
        if known is None:
            base = self._bases.get(entry.result, "h")
            known = self._saved[entry.number] = self.names.take(f"saved_{base}")
        return known

    def bind(self, text: str, name: str) -> str:
        """Return the name of what a text makes before the first step."""
        known = self._bound.get(text)
        if known is None:
            known = self._bound[text] = self.names.take(name)
            self._head.append(f"{known} = {text}")
        return known

    # -- text --------------------------------------------------------------------------------------------------------

    @cached_property
    def text(self) -> str:
        """The module: EXAMPLES, DTYPE, MEMORY and SCRATCH (numbers that `bind` is to be given), and
        `bind(parameters, gradients, state, memory, scratch, class_weights, momentum)`.
        """
        self._name_bases()
        for goal in self.goals:
            self.kernels.add(goal.loss.kind)
        opening = list(self._opening())
        events = [line for at, event in enumerate(self.schedule.events) for line in self._event(at, event)]
        arguments = ", ".join([*self.inputs, *self.targets.values(), "weights", "key"])
        item = self.item_bytes
        seen = ""
        if self.input_gradients and self.backward:
            pairs = [
                f'"{given}": {self.array(Life("gradient", value))}'
                for value, given in enumerate(self.inputs)
                if value in self.schedule.flowing
            ]
            seen = ", ".join(pairs)
        what = "the loss and its gradient" if self.backward else "the loss and what the network gives"
        lines = [
            f'"""{self.name}: {what}, in {self.dtype}, for {self.batch} examples.',
            "",
            f"Emitted by netspec {__version__}; upright values have the batch axis last.",
            '"""',
            "",
            *(["import math", ""] if needs_math(self.kernels, derivatives=True) else []),
            "import numpy as np",
            "",
            f"EXAMPLES = {self.batch}",
            f'DTYPE = "{self.dtype}"',
            f"MEMORY = {-(-self.memory.size // item)}",
            f"SCRATCH = {-(-self.scratch // item)}",
            *kernel_lines(self.kernels, derivatives=True),
            "",
            "",
            "def bind(parameters, gradients, state, memory, scratch, class_weights, momentum):",
            f'    """Return step({arguments}), and the gradients of the inputs that are wanted.',
            "",
            "    Everything lies in memory that is kept from call to call: bind one for each thread.",
            '    """',
            *(f"    {line}" for line in self._head),
            "",
            f"    def step({arguments}):",
            *(f"        {line}" for line in (*opening, *events, *(["return loss"] if self.backward else []))),
            "",
            f"    return step, {{{seen}}}",
        ]
        return "\n".join(lines) + "\n"

    def _opening(self) -> Iterator[str]:
        """Yield the lines that put ones beside the inputs that affine maps read."""
        for value in range(self.tape.inputs):
            if value in self._ones and not self.tape.upright[value]:
                x = self.inputs[value]
                name = self._input_ones[value] = self.names.take(f"{x}_ones")
                width = prod(self.tape.shapes[value])
                self._head.append(f"{name} = np.ones(({self.batch}, {width + 1}), DTYPE)")
                rows = x if len(self.tape.shapes[value]) == 1 else f"{x}.reshape({self.batch}, {width})"
                yield f"np.copyto({name}[:, :-1], {rows})"

    def _event(self, at: int, event: Event) -> Iterator[str]:
        phase, entry = event
        if entry is None:
            yield from self._losses(at)
            return
        site = EntrySite(self, at, phase, entry)
        rule = self.rules[entry.number]
        if phase == "backward":
            place = entry.place.strip(".")
            if place and place != self._place:
                yield f"# back through {place}"
            self._place = place
            yield from site.backward()
            if rule.saves(entry):
                yield f"{site.saved()} = None"
            return
        place = entry.place.strip(".")
        if place and place != self._place:
            yield f"# {place}: {written(entry.shape)}{', once more' if phase == 'again' else ''}"
        self._place = place
        yield from rule.forward(site)
        if entry.result in self._ones and entry.upright:
            yield f"{self.with_ones(phase, Ref(entry.result, entry.shape))}[-1].fill(1.0)"
        lost = phase == "forward" and (entry.number in self.schedule.again or not site.derived())
        if rule.saves(entry) and lost:
            yield f"{site.saved()} = None"

    def _losses(self, at: int) -> Iterator[str]:
        total: list[str] = []
        begun: set[int] = set()
        for number, goal in enumerate(self.goals):
            loss, ref = goal.loss, goal.ref
            life = Life("gradient", ref.value)
            y = self.array(Life("value", ref.value), ref.shape)
            flows = ref.value in self.schedule.flowing
            dy = self.array(life, ref.shape) if flows else "None"
            more = flows and ref.value in begun
            if more:
                dy = self.scratch_array(0, self._volume(ref.value), self.sizes_of(ref.value, ref.shape))
            begun.add(ref.value)
            words = [y, self.targets[goal.target], dy, "weights"]
            if loss.kind in ("cross_entropy", "binary_cross_entropy"):
                words.append(f"class_weights[{number}]")
            words.append(repr(self.tape.upright[ref.value]))
            words += [repr(loss.smoothing)] if loss.kind == "cross_entropy" else []
            words.append(repr(loss.weight))
            words += [repr(loss.delta)] if loss.kind == "huber" else []
            name = "loss" if len(self.goals) == 1 else self.names.take(f"loss_{goal.target}")
            total.append(name)
            yield f"{name} = {loss.kind}({', '.join(words)})"
            if more:
                first = self.array(life, ref.shape)
                yield f"np.add({first}, {dy}, out={first})"
        for life, (begin, _) in self.schedule.spans.items():
            if life.kind == "gradient" and begin == at and life.value not in begun:
                yield f"{self.array(life)}.fill(0.0)"
        if len(total) > 1:
            yield f"loss = {' + '.join(total)}"
        if not self.backward:
            yield f"return loss, [{', '.join(self._leaving(goal.ref) for goal in self.goals)}]"

    def _leaving(self, ref: Ref) -> str:
        """Return the expression of a copy of a value with the batch axis first."""
        y = self.array(Life("value", ref.value), ref.shape)
        return f"np.moveaxis({y}, -1, 0).copy()" if self.tape.upright[ref.value] else f"{y}.copy()"

    def scratch_array(self, begin: int, count: int, shape: str) -> str:
        """Return the name of scratch memory from byte `begin` on, in a shape."""
        item = self.item_bytes
        self.scratch = max(self.scratch, begin + count * item)
        first = begin // item
        return self.bind(f"scratch[{first}:{first + count}].reshape({shape})", "room")


def _number(name: str) -> int | None:
    """Return the k of Ω_k, where the tensor is one of a fully connected network that stands alone."""
    head, _, tail = name.partition("_")
    return int(tail) if head == "Omega" and tail.isdigit() else None
