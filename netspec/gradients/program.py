"""A network's loss and gradient as a function: programs emitted for each batch that comes, bound to parameters."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from netspec.compiler.flow import Flow, make_flow
from netspec.compiler.kernels.buffers import aligned
from netspec.compiler.library import definitions
from netspec.compiler.passes.dead import drop_dead
from netspec.compiler.passes.identities import drop_identities
from netspec.gradients.arena import Arena
from netspec.gradients.heads import heads_of
from netspec.gradients.page import Goal, TrainingPage
from netspec.gradients.rules.table import rule_of
from netspec.gradients.tape import make_tape
from netspec.operations import Graph
from netspec.operations.batch_norm import BatchNorm
from netspec.runtime.execution import execute
from netspec.spec.recipe import Loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Mode = Literal["train", "evaluate"]
Sizes = tuple[tuple[int, ...], ...]


MOST_AT_ONCE: Final = 1024
"""Examples of a batch that are computed together, unless a batch norm needs them all: more gain nothing."""

_PART_BYTES: Final = 1 << 30
"""Of memory for the values of a part of a large batch."""

_PART_BITS: Final = 40  # of a step's number, behind which that of a part stands


class Bound(NamedTuple):
    """A program with its memory: `step`, and the gradients of the inputs that are wanted."""

    step: Any
    seen: "dict[str, Array]"


class GradientProgram:
    """The loss of a network by its parameters, which lie one after the other in a flat array.

    Attributes: `parameters` and `gradient`, (n,) in the dtype; `state`, what batch norms keep, by name. `losses` are by
    the names of the outputs, `values` all tensors; `training` is the graph with what only training does, where there is
    any; `allow` is asked before a program takes so many bytes. A batch of another size is another program, which is
    emitted when one first comes.
    """

    def __init__(
        self,
        graph: Graph,
        name: str,
        dtype: str,
        losses: Mapping[str, Loss],
        values: "Mapping[str, Array]",
        *,
        training: Graph | None = None,
        class_weights: "Mapping[str, Array] | None" = None,
        recompute: bool = False,
        momentum: float = 0.1,
        input_gradients: bool = False,
        allow: "Callable[[int], None] | None" = None,
    ) -> None:
        self.name, self.dtype, self.recompute, self.momentum = name, dtype, recompute, momentum
        self.input_gradients = input_gradients
        self._allow = allow
        self._graphs: dict[Mode, Graph] = {"train": graph if training is None else training, "evaluate": graph}
        self._flows = {mode: plain_flow(each) for mode, each in self._graphs.items()}
        self.heads = heads_of(self._flows["evaluate"], losses)
        self.losses = dict(losses)
        weights = class_weights or {}
        self._class_weights = [weights.get(head.output) for head in self.heads]
        self._normed = any(isinstance(task.operation, BatchNorm) for task in self._flows["train"].tasks)
        weighted = any(each is not None for each in self._class_weights)
        self._adds_up = not (weighted and len(self.heads) > 1)  # each loss would have a mean of its own
        sizes = dict.fromkeys(map(str, _free(graph)), 1)
        tape, _ = make_tape(self._flows["evaluate"], sizes, [head.value for head in self.heads])
        learned = {each: shape for each, shape in _ordered(tape.tensors, values) if each in tape.learned}
        self.arena = Arena(tape, learned)
        self.parameters, self.gradient = (aligned((self.arena.size,), dtype) for _ in range(2))
        self.gradient[:] = 0.0
        for each, view in self.views(self.parameters).items():
            view[...] = values[each]
        self._idle = {each: np.array(value, dtype) for each, value in values.items() if each not in tape.tensors}
        self._lock = Lock()
        self.state: dict[str, Array] = {
            each: np.array(values[each], dtype) for each in tape.tensors if each not in tape.learned
        }
        self._bound: dict[tuple[Mode, Sizes, bool], Bound] = {}
        self._at_once: dict[tuple[Mode, Sizes], int] = {}
        self._rooms: dict[str, Array] = {name: np.empty(0, dtype) for name in ("memory", "scratch")}
        self.memory_bytes = 0  # of the program that was bound last

    def views(self, flat: "Array") -> "dict[str, Array]":
        """Return the learned tensors by name, in the spec's layout, as views of a flat array of as many numbers."""
        return self.arena.views(flat)

    def tensors(self) -> "dict[str, Array]":
        """Return every tensor by name, as views of what training changes; those that no loss needs as they were."""
        return {**self.views(self.parameters), **self.state, **self._idle}

    def step(
        self, inputs: "Sequence[Array]", targets: "Sequence[Array]", weights: "Array | None", key: tuple[int, int]
    ) -> float:
        """Return the mean loss of a batch, and write its gradient; `key` is the seed and the step, for dropout.

        inputs: (batch, *shape) each, in the dtype or int64; targets likewise in the order of the losses; weights:
        (batch,) or None. Of more than 1024 examples they may be what is read slice by slice.
        """
        if len(inputs[0]) > MOST_AT_ONCE:
            if self._adds_up and not self._normed:
                return self._in_parts("train", inputs, targets, weights, key)[0]
            inputs, targets = [np.asarray(x) for x in inputs], [np.asarray(t) for t in targets]
        bound = self._bind("train", inputs, backward=True)
        loss: float = bound.step(*inputs, *targets, weights, key)
        return loss

    def _in_parts(
        self,
        mode: Mode,
        inputs: "Sequence[Array]",
        targets: "Sequence[Array]",
        weights: "Array | None",
        key: tuple[int, int],
    ) -> "tuple[float, dict[str, Array]]":
        """Return what a step does of a large batch, whose gradient is the sum over parts that memory has room for.

        A part's dropout is that of a step of its own.
        """
        found: dict[str, list[Array]] = {}
        rows, whole, loss = len(inputs[0]), np.zeros_like(self.gradient), 0.0
        size = self._rows_at_once(mode, inputs)
        parts = [slice(first, first + size) for first in range(0, rows, size)]
        shares = np.array(
            [self.weight_of([t[part] for t in targets], None if weights is None else weights[part]) for part in parts]
        )
        total = float(shares.sum())
        for number, (part, share) in enumerate(zip(parts, (shares / (total or 1.0)).tolist(), strict=True)):
            few = [x[part] for x in inputs]
            bound = self._bind(mode, few, backward=True)
            here = bound.step(
                *few, *(t[part] for t in targets), None if weights is None else weights[part],
                (key[0], key[1] | number << _PART_BITS),
            )  # fmt: skip
            loss += here * share
            np.multiply(self.gradient, share, out=self.gradient)
            np.add(whole, self.gradient, out=whole)
            for name, array in bound.seen.items():
                found.setdefault(name, []).append(array * array.dtype.type(share))
        np.copyto(self.gradient, whole)
        return loss, {name: np.concatenate(arrays) for name, arrays in found.items()}

    def weight_of(self, targets: "Sequence[Array]", weights: "Array | None") -> float:
        """Return what a batch, or a part of one, counts in a mean over several: its examples, by their weights and
        those of classes; the latter count for one output, since each of several has a mean of its own.
        """
        own = None if weights is None else np.asarray(weights, np.float64)
        classes, target = self._class_weights[0] if len(self.heads) == 1 else None, targets[0]
        binary = self.heads[0].loss.kind == "binary_cross_entropy"
        if classes is None or (target.dtype.kind == "f" and not binary):  # the mean over probabilities is plain
            return float(len(target) if own is None else own.sum())
        each = classes[(target > 0.5).astype(np.int64) if binary else target].reshape(len(target), -1).sum(1)
        return float(each.sum() if own is None else np.dot(each, own))

    def _rows_at_once(self, mode: Mode, inputs: "Sequence[Array]") -> int:
        """Return how many examples a part of a large batch has: as many as memory may be taken for, halved until so."""
        key = (mode, tuple([x.shape[1:] for x in inputs]))
        known = self._at_once.get(key)
        if known is None:
            sizes, known = self._sizes(mode, inputs), MOST_AT_ONCE
            while known > 1:
                if self.page(mode, known, sizes, backward=True).bytes <= _PART_BYTES:
                    break
                known //= 2
            self._at_once[key] = known
        return known

    def evaluate(
        self, inputs: "Sequence[Array]", targets: "Sequence[Array]", weights: "Array | None"
    ) -> "tuple[float, list[Array]]":
        """Return the mean loss of a batch when the network runs, and what the losses read: logits, (batch, *shape)."""
        bound = self._bind("evaluate", inputs, backward=False)
        loss, outputs = bound.step(*inputs, *targets, weights, (0, 0))
        return loss, outputs

    def derive(
        self, inputs: "Sequence[Array]", targets: "Sequence[Array]", weights: "Array | None"
    ) -> "tuple[float, dict[str, Array]]":
        """Return the mean loss of a batch when the network runs, dropout off and batch norms by what they keep; its
        gradient is written, and that of the inputs returned by name where they are wanted.
        """
        if len(inputs[0]) > MOST_AT_ONCE and self._adds_up:
            return self._in_parts("evaluate", inputs, targets, weights, (0, 0))
        bound = self._bind("evaluate", inputs, backward=True)
        return bound.step(*inputs, *targets, weights, (0, 0)), bound.seen

    def gradients(
        self, inputs: "Sequence[Array]", targets: "Sequence[Array]", weights: "Array | None"
    ) -> "tuple[float, dict[str, Array], dict[str, Array]]":
        """Return what `derive` does, by the learned tensors that losses need and by inputs, in arrays of their own; one
        thread at a time.
        """
        with self._lock:
            loss, seen = self.derive(inputs, targets, weights)
            found = {name: array.copy() for name, array in self.views(self.gradient).items()}
            return loss, found, {name: array.copy() for name, array in seen.items()}

    def source(self, batch: int, sizes: Mapping[str, int] | None = None, mode: Mode = "train") -> str:
        """Return the text of the program for a batch, free sizes being what `sizes` says."""
        return self.page(mode, batch, sizes or {}, backward=mode == "train").text

    def page(self, mode: Mode, batch: int, sizes: Mapping[str, int], *, backward: bool) -> TrainingPage:
        """Return the text of a program and what it takes: in training or in evaluation, with gradients or without."""
        flow = self._flows[mode]
        heads = heads_of(flow, self.losses)
        tape, refs = make_tape(flow, sizes, [head.value for head in heads])
        rules = {entry.number: rule_of(entry) for entry in tape.entries}
        single = len(heads) == 1
        goals = [
            Goal(head.loss, ref, "target" if single else f"target_{head.output}")
            for head, ref in zip(heads, refs, strict=True)
        ]
        names = flow.graph.input_names or ("in",)
        return TrainingPage(
            tape,
            rules,
            self.arena,
            goals,
            name=self.name,
            inputs=names,
            batch=batch,
            dtype=self.dtype,
            training=mode == "train",
            backward=backward,
            reserved=tuple(definitions(derivatives=True)),
            input_gradients=self.input_gradients,
            recompute=self.recompute and mode == "train",
        )

    def _bind(self, mode: Mode, inputs: "Sequence[Array]", *, backward: bool) -> Bound:
        shapes = tuple([x.shape for x in inputs])
        key = (mode, shapes, backward)
        found = self._bound.get(key)
        if found is not None:
            return found
        page = self.page(mode, len(inputs[0]), self._sizes(mode, inputs), backward=backward)
        module = execute(page.text, self.name)
        memory, scratch = self._room(module["MEMORY"], module["SCRATCH"])
        self.memory_bytes = page.bytes
        parameters = self._own(self.parameters)
        gradients = self._own(self.gradient)
        step, seen = module["bind"](
            parameters, gradients, self.state, memory, scratch, self._class_weights, self.momentum
        )
        if len(self._bound) > 8:
            self._bound.clear()
        found = self._bound[key] = Bound(step, seen)
        return found

    def _room(self, memory: int, scratch: int) -> "tuple[Array, Array]":
        """Return memory for so many numbers each, which programs share, as one runs at a time and none keeps anything.

        What is too small is replaced: programs that were bound to it keep it.
        """
        wanted = {"memory": memory, "scratch": scratch}
        more = {name: count for name, count in wanted.items() if self._rooms[name].size < count}
        if self._allow is not None and more:
            self._allow(sum(more.values()) * self.parameters.itemsize)
        self._rooms |= {name: aligned((count,), self.dtype) for name, count in more.items()}
        return self._rooms["memory"], self._rooms["scratch"]

    def _sizes(self, mode: Mode, inputs: "Sequence[Array]") -> dict[str, int]:
        """Return the free sizes that inputs have."""
        sizes: dict[str, int] = {}
        for shape, x in zip(self._graphs[mode].inputs, inputs, strict=True):
            sizes |= {str(size): n for size, n in zip(shape, x.shape[1:], strict=True) if not isinstance(size, int)}
        return sizes

    def _own(self, flat: "Array") -> "dict[str, Array]":
        """Return the tensors in a flat array by name, and each [Ω β] by both names."""
        joints = {f"{joint.Omega}, {joint.beta}": joint for joint in self.arena.joints.values()}
        return {**self.views(flat), **{name: self.arena.joint(flat, joint) for name, joint in joints.items()}}


def plain_flow(graph: Graph) -> Flow:
    """Return the flow of a graph without what changes nothing, and without what no output needs."""
    flow = make_flow(graph, exact=True)
    drop_identities(flow)
    drop_dead(flow)
    return flow


def _free(graph: Graph) -> list[Any]:
    return [size for shape in graph.inputs for size in shape if not isinstance(size, int)]


def _ordered(shapes: "Mapping[str, Any]", values: "Mapping[str, Array]") -> list[tuple[str, tuple[int, ...]]]:
    """Return the tensors in the order of the network's own list."""
    return [(name, tuple(value.shape)) for name, value in values.items() if name in shapes]
