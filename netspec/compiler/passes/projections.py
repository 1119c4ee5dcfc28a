"""Maps that read the same value are one product, whose columns are their results.

before: q = Ω_q x; k = Ω_k x; v = Ω_v x        after: a = [Ω_q; Ω_k; Ω_v] x; q, k, v = columns of a
"""

from typing import NamedTuple

from netspec.compiler.flow import Flow, Made, Task, Tensor
from netspec.operations import Affine, Shape
from netspec.operations.attend import Attend


class Columns(NamedTuple):
    """Some of the last axis of a value, in place: from `start` up to `stop`."""

    start: int
    stop: int

    def shape(self, *operands: Shape) -> Shape:
        """Return the shape of what it gives."""
        return (*operands[0][:-1], self.stop - self.start)


def join_projections(flow: Flow) -> None:
    """Join the affine maps of one value that attention alone reads."""
    readers = flow.readers()
    groups: dict[int, list[Task]] = {}
    for task in flow.tasks:
        read_by = readers.get(task.result, [])
        attends = bool(read_by) and all(isinstance(reader.operation, Attend) for reader in read_by)
        if isinstance(task.operation, Affine) and attends and not task.functions and task.result not in flow.left:
            groups.setdefault(task.operands[0], []).append(task)
    for value, tasks in groups.items():
        if len(tasks) > 1:
            _join(flow, value, tasks)


def _join(flow: Flow, value: int, tasks: list[Task]) -> None:
    widths = [task.operation.width for task in tasks]
    shape = (*tasks[0].shape[:-1], sum(widths))
    whole = flow.value(shape)
    bias = any(task.operation.bias for task in tasks)
    reads = tasks[0].tensors["Omega"].shape[1]
    tensors: dict[str, Tensor] = {
        "Omega": Made("stacked", tuple(task.tensors["Omega"] for task in tasks), (sum(widths), reads))
    }
    if bias:
        parts = (task.tensors.get("beta") or Made("no_offset", (task.tensors["Omega"],)) for task in tasks)
        tensors["beta"] = Made("stacked", tuple(parts), (sum(widths),))
    joined = Task(Affine(sum(widths), bias), (value,), whole, shape, tensors, tasks[0].place)
    at = min(index for index, task in enumerate(flow.tasks) if any(task is each for each in tasks))
    flow.tasks.insert(at, joined)
    start = 0
    for task, width in zip(tasks, widths, strict=True):
        task.operation, task.operands = Columns(start, start + width), (whole,)
        start += width
