"""Steps put together one by one; what hangs on no input is worked out at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from netspec.compiler.flow import Stored, Task
from netspec.model.tensors import Held, Source
from netspec.regions.actions import Action
from netspec.regions.numbers import Array, rationals, zeros
from netspec.regions.steps import Bend, Chain, Largest, Linear, Step, evaluated
from netspec.sizes import Polynomial


class NoRegions(Exception):
    """An operation is not piecewise linear, or is not counted: one short clause."""


@dataclass(slots=True)
class Assembly:
    """Takes one operation after the other; what does not hang on the input is worked out at once."""

    parameters: Mapping[str, Array]
    sources: Mapping[str, Source]
    exact: bool
    decimal: bool
    inputs: int = 0
    steps: list[Step] = field(default_factory=list)
    constants: dict[int, Array] = field(default_factory=dict)
    renamed: dict[int, int] = field(default_factory=dict)
    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    values: int = 1
    own: int = 0

    def begin(self, shapes: list[tuple[int, ...]], integers: set[int]) -> None:
        """Cut the flat input into the network's inputs."""
        if integers & set(range(len(shapes))):
            raise NoRegions("an input is whole numbers")
        sizes = [math.prod(shape) for shape in shapes]
        self.inputs = sum(sizes)
        start = 0
        if [*map(len, shapes)] == [1]:
            self.renamed[0], self.shapes[0] = 0, shapes[0]
            return
        for value, (shape, size) in enumerate(zip(shapes, sizes, strict=True)):
            stop = start + size
            self.renamed[value] = self._linear((0,), shape, _cut(start, stop, shape), None)
            start = stop

    def end(self, left: list[int]) -> Chain:
        """Join the outputs to one row."""
        sizes = [math.prod(self.shape(value)) for value in left]
        operands = [value for value in left if value not in self.constants]
        if operands == left and len(left) == 1 and len(self.shape(left[0])) == 1:
            result = self.renamed[left[0]]
        elif operands:
            moving = tuple(self.renamed[value] for value in operands)
            result = self._joined(left, moving)
        else:
            whole = np.concatenate([self.constants[value].reshape(-1) for value in left])
            result = self._linear((0,), whole.shape, _nothing(whole.shape, self.exact), whole)
        read: dict[int, int] = {}
        for index, step in enumerate(self.steps):
            for operand in step.operands:
                read[operand] = index
        last: list[list[int]] = [[] for _ in self.steps]
        for value, index in read.items():
            if value != result:
                last[index].append(value)
        for index, step in enumerate(self.steps):
            if step.result not in read and step.result != result:
                last[index].append(step.result)
        return Chain(self.inputs, sum(sizes), tuple(self.steps), result, tuple(map(tuple, last)), self.exact)

    def _joined(self, left: list[int], moving: tuple[int, ...]) -> int:
        places: list[tuple[int, int, int]] = []  # start, stop, operand
        start = 0
        constant = zeros((sum(math.prod(self.shape(value)) for value in left),), self.exact)
        for value in left:
            stop = start + math.prod(self.shape(value))
            if value in self.constants:
                constant[start:stop] = self.constants[value].reshape(-1)
            else:
                places.append((start, stop, len(places)))
            start = stop

        def act(operands: Any) -> Array:
            y = np.full((len(operands[0]), start), 0, operands[0].dtype)
            for begin, end, index in places:
                y[:, begin:end] = operands[index].reshape(len(y), -1)
            return y

        return self._linear(moving, (start,), act, constant if self.constants else None)

    def shape(self, value: int) -> tuple[int, ...]:
        """Return the shape of a value of the flow."""
        return self.constants[value].shape if value in self.constants else self.shapes[self.renamed[value]]

    def number(self, value: Any) -> Any:
        """Return a number of the operation in the arithmetic."""
        return rationals(value, decimal=True)[()] if self.exact else float(value)

    def tensor(self, task: Task, role: str) -> Array:
        """Return a tensor of the operation in the arithmetic. Raises NoRegions where it has what is no number."""
        name = cast(Stored, task.tensors[role]).name  # no pass has run that makes tensors of others
        array = self.parameters[name]
        source = self.sources.get(name)
        if self.exact and self.decimal and isinstance(source, Held) and source.written:
            return rationals(source.as_written()).reshape(array.shape)
        if not np.isfinite(array).all():
            raise NoRegions(f"{name} holds what is no finite number")
        return rationals(array) if self.exact else array.astype(np.float64)

    def linear(
        self,
        task: Task,
        act: Action,
        constant: Array | None = None,
        *,
        matrix: Array | None = None,
        size: Action | None = None,
        terms: int = 0,
    ) -> None:
        """Append a linear step as `Linear` has it; operands that are constants go into its constant."""
        moving = tuple(value for value in task.operands if value not in self.constants)
        if len(moving) < len(task.operands):
            given = [
                self.constants[value][None] if value in self.constants else zeros((1, *self.shape(value)), self.exact)
                for value in task.operands
            ]
            offset = act(given)[0]
            constant = offset if constant is None else offset + constant
            if not moving:
                self.constants[task.result] = constant
                return
            still = [value in self.constants for value in task.operands]
            act = _with_zeros(act, still, given)
            size = None if size is None else _with_zeros(size, still, given)
        self.renamed[task.result] = self._linear(
            tuple(self.renamed[value] for value in moving),
            fixed(task.shape),
            act,
            constant,
            place=task.place,
            matrix=matrix,
            size=size,
            terms=terms,
        )

    def _linear(
        self,
        operands: tuple[int, ...],
        shape: tuple[int, ...],
        act: Action,
        constant: Array | None,
        *,
        place: str = "",
        matrix: Array | None = None,
        size: Action | None = None,
        terms: int = 0,
    ) -> int:
        self.steps.append(Linear(operands, self._value(shape), act, constant, place, matrix, size, terms))
        return self.steps[-1].result

    def _value(self, shape: tuple[int, ...]) -> int:
        value = self.values
        self.shapes[value] = shape
        self.values += 1
        return value

    def fresh(self) -> int:
        """Return a value for what an operation makes on its way; those of the flow are not negative."""
        self.own -= 1
        return self.own

    def bend(self, task: Task, points: tuple[Any, ...], slopes: Array, offsets: Array) -> None:
        """Append a bend of the operand."""
        self._chosen(task, Bend((0,), 0, points, slopes, offsets, task.place), self.shape(task.operands[0]))

    def largest(self, task: Task, places: Array) -> None:
        """Append the largest elements of the operand's windows."""
        shape = fixed(task.shape)
        self._chosen(task, Largest((0,), 0, places, shape, task.place), shape)

    def _chosen(self, task: Task, step: Bend | Largest, shape: tuple[int, ...]) -> None:
        (value,) = task.operands
        if value in self.constants:
            self.constants[task.result] = evaluated(step, [self.constants[value][None]])[0]
            return
        self.renamed[task.result] = self._value(shape)
        self.steps.append(step._replace(operands=(self.renamed[value],), result=self.renamed[task.result]))


def fixed(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape of known sizes. Raises NoRegions where one is free."""
    if any(isinstance(size, Polynomial) for size in shape):
        raise NoRegions("a size is known only when it runs: make it a number")
    return tuple(shape)


def _cut(start: int, stop: int, shape: tuple[int, ...]) -> Action:
    return lambda operands: operands[0][:, start:stop].reshape(-1, *shape)


def _nothing(shape: tuple[int, ...], exact: bool) -> Action:
    return lambda operands: zeros((len(operands[0]), *shape), exact)


def _with_zeros(act: Action, constant: list[bool], given: list[Array]) -> Action:
    """Return an action of the operands that move, the others being zero."""
    nothing = [each - each for each in given]

    def within(operands: Any) -> Array:
        rows, moving = len(operands[0]), iter(operands)
        return act(
            [
                np.broadcast_to(zero, (rows, *zero.shape[1:])) if still else next(moving)
                for still, zero in zip(constant, nothing, strict=True)
            ]
        )

    return within
