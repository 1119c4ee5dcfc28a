"""A network's loss and gradient as a function: programs emitted for each batch that comes, bound to parameters."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

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
from netspec.runtime.execution import execute
from netspec.spec.recipe import Loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Mode = Literal["train", "evaluate"]
Sizes = tuple[tuple[int, ...], ...]


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
        sizes = dict.fromkeys(map(str, _free(graph)), 1)
        tape, _ = make_tape(self._flows["evaluate"], sizes)
        learned = {each: shape for each, shape in _ordered(tape.tensors, values) if each in tape.learned}
        self.arena = Arena(tape, learned)
        self.parameters, self.gradient = (aligned((self.arena.size,), dtype) for _ in range(2))
        self.gradient[:] = 0.0
        for each, view in self.views(self.parameters).items():
            view[...] = values[each]
        self.state: dict[str, Array] = {
            each: np.array(values[each], dtype) for each in tape.tensors if each not in tape.learned
        }
        self._bound: dict[tuple[Mode, Sizes, bool], Bound] = {}
        self.memory_bytes = 0  # of the program that was bound last

    def views(self, flat: "Array") -> "dict[str, Array]":
        """Return the learned tensors by name, in the spec's layout, as views of a flat array of as many numbers."""
        return self.arena.views(flat)

    def tensors(self) -> "dict[str, Array]":
        """Return every tensor by name, state among them, as views of what training changes."""
        return {**self.views(self.parameters), **self.state}

    def step(
        self, inputs: "Sequence[Array]", targets: "Sequence[Array]", weights: "Array | None", key: tuple[int, int]
    ) -> float:
        """Return the mean loss of a batch, and write its gradient; `key` is the seed and the step, for dropout.

        inputs: (batch, *shape) each, in the dtype or int64; targets likewise in the order of the losses; weights:
        (batch,) or None.
        """
        bound = self._bind("train", inputs, backward=True)
        loss: float = bound.step(*inputs, *targets, weights, key)
        return loss

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
        bound = self._bind("evaluate", inputs, backward=True)
        return bound.step(*inputs, *targets, weights, (0, 0)), bound.seen

    def source(self, batch: int, sizes: Mapping[str, int] | None = None, mode: Mode = "train") -> str:
        """Return the text of the program for a batch, free sizes being what `sizes` says."""
        return self._page(mode, batch, sizes or {}, backward=mode == "train").text()

    def _page(self, mode: Mode, batch: int, sizes: Mapping[str, int], *, backward: bool) -> TrainingPage:
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
        sizes: dict[str, int] = {}
        for shape, x in zip(self._graphs[mode].inputs, inputs, strict=True):
            sizes |= {str(size): n for size, n in zip(shape, x.shape[1:], strict=True) if not isinstance(size, int)}
        page = self._page(mode, len(inputs[0]), sizes, backward=backward)
        module = execute(page.text(), self.name)
        if self._allow is not None:
            self._allow((module["MEMORY"] + module["SCRATCH"]) * self.parameters.itemsize)
        memory, scratch = (aligned((module[name],), self.dtype) for name in ("MEMORY", "SCRATCH"))
        self.memory_bytes = memory.nbytes + scratch.nbytes
        parameters = self._own(self.parameters)
        gradients = self._own(self.gradient)
        step, seen = module["bind"](
            parameters, gradients, self.state, memory, scratch, self._class_weights, self.momentum
        )
        if len(self._bound) > 8:
            self._bound.clear()
        found = self._bound[key] = Bound(step, seen)
        return found

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
