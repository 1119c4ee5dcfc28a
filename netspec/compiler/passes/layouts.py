"""Channels stand behind positions from the first convolution on, and before them where something else asks for it.

before: a = conv[x]; b = relu[a]; y = flatten[b]
after: x' = channels last[x]; a' = conv[x']; b' = relu[a']; b = channels first[b']; y = flatten[b]

A product has the channels of a window side by side then, and a batch norm or a bias is a row that repeats.
"""

from typing import Any, NamedTuple

from netspec.compiler.flow import Flow, Task
from netspec.operations import Elementwise, Shape
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.merge import Merge
from netspec.operations.pool import Pool
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce


class Turn(NamedTuple):
    """The same value with its channels behind its positions, or before them again."""

    last: bool

    def shape(self, *operands: Shape) -> Shape:
        """Return the shape of what it gives."""
        return turned(operands[0]) if self.last else (operands[0][-1], *operands[0][:-1])


def turned(shape: Shape) -> Shape:
    """Return a shape with its channels behind its positions."""
    return (*shape[1:], shape[0])


def put_channels_last(flow: Flow) -> None:
    """Compute convolutions, and what follows them and can, with the channels behind the positions."""
    if any(isinstance(task.operation, Convolve) for task in flow.tasks):
        _Turning(flow).run()


class _Turning:
    """Goes through the tasks once, with the values that there are in each of the two orders."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.tasks: list[Task] = []
        self.first = set(range(len(flow.graph.inputs)))
        self.last: dict[int, int] = {}

    def run(self) -> None:
        """Rewrite the flow."""
        for task in self.flow.tasks:
            operation = self._follows(task)
            if operation is None:
                for value in task.reads:
                    self._as_first(value, task.place)
                self.tasks.append(task)
                self.first.add(task.result)
                continue
            task.operands = tuple([self._as_last(value, task.place) for value in task.operands])
            task.operation, task.last = operation, True
            if len(task.shape) == 1:  # a reduction over all positions is in both orders at once
                self.first.add(task.result)
            else:
                value, task.result = task.result, self.flow.value(turned(task.shape))
                task.shape = turned(task.shape)
                self.last[value] = task.result
            self.tasks.append(task)
        for value in self.flow.left:
            self._as_first(value, "")
        self.flow.tasks = self.tasks

    def _follows(self, task: Task) -> Any:
        """Return the operation for channels behind positions, or None where it is better, or must be, before them."""
        operation = task.operation
        if isinstance(operation, Convolve):
            return operation
        if not any(value in self.last for value in task.operands):
            return None
        if isinstance(operation, Elementwise | Merge | BatchNorm | Prelu | Pool):
            return operation
        axes = len(self.flow.shapes[task.operands[0]])
        if isinstance(operation, Concat):
            return Concat((operation.axis - 1) % axes)
        if isinstance(operation, Reduce) and operation.axes == tuple(range(1, axes)) and not operation.keep:
            return operation._replace(axes=tuple(range(axes - 1)))
        return None

    def _as_first(self, value: int, place: str) -> int:
        if value not in self.first:
            self.tasks.append(Task(Turn(False), (self.last[value],), value, self.flow.shapes[value], {}, place))
            self.first.add(value)
        return value

    def _as_last(self, value: int, place: str) -> int:
        if value not in self.last:
            shape = turned(self.flow.shapes[value])
            self.last[value] = self.flow.value(shape)
            self.tasks.append(Task(Turn(True), (value,), self.last[value], shape, {}, place))
        return self.last[value]
