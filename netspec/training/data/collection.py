"""From a source to examples: every number is checked on its way, once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.gradients.obvious import SUM_TOLERANCE, is_single
from netspec.model.memory import available
from netspec.runtime.faults import DataFault
from netspec.runtime.feeds import is_integer, narrowed
from netspec.runtime.ports import Port
from netspec.training.data.columns import Array, Column, Store, rewritten
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind
from netspec.training.data.source import Source, Target

_UNKNOWN: Final = 1 << 30  # bytes kept in memory where the system does not say how many there are


def collect(
    source: Source,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    limit: int | None = None,
    vocabularies: Mapping[str, int] | None = None,
) -> Examples:
    """Return the examples of a source, in memory up to `limit` bytes; left out, it is half of what is free.

    `vocabularies` bound the integers of inputs by their names. Raises DataFault, and SystemFault `no-space`.
    """
    if limit is None:
        free = available()
        limit = _UNKNOWN if free is None else free // 2
    looks = [_InputLook(port, (vocabularies or {}).get(port.name)) for port in inputs]
    aims = [_TargetLook(port, target) for port, target in zip(outputs, source.targets, strict=True)]
    every: list[_InputLook | _TargetLook] = [*looks, *aims]
    shapes = [*source.inputs, *(target.shape for target in source.targets)]
    with Store(shapes, [look.dtype for look in every], limit) as store:
        rows = 0
        for block in source.blocks():
            rows += len(block[0])
            store.add(
                [look.checked(part, source, at) for at, (look, part) in enumerate(zip(every, block, strict=True))]
            )
        if not rows:
            raise DataFault("data-empty", "there are no examples in it", source.file)
        columns = store.columns()
    ended = [aim.ended(column, limit) for aim, column in zip(aims, columns[len(inputs) :], strict=True)]
    labels = [() if target.words is None else target.words.labels for target in source.targets]
    targets, kinds = [column for column, _ in ended], [kind for _, kind in ended]
    return Examples(columns[: len(inputs)], targets, kinds, labels, columns=source.columns)


class _InputLook:
    """Looks at the numbers of an input."""

    def __init__(self, port: Port, vocabulary: int | None) -> None:
        self.dtype = np.dtype(port.dtype)
        self._port, self._vocabulary = port, vocabulary

    def checked(self, part: Array, source: Source, at: int) -> Array:
        """Return the block in the dtype of the network."""
        if self.dtype != np.int64:
            return finite(part, self.dtype, source, at)
        if part.dtype.kind != "i":
            _refuse_first(~is_integer(part), part, source, at, f"and {self._port.label} is of integers")
        whole = np.ascontiguousarray(part, np.int64)
        if self._vocabulary is not None:
            wrong = (whole < 0) | (whole >= self._vocabulary)
            _refuse_first(wrong, whole, source, at, f"expected 0 to {self._vocabulary - 1:,}")
        return whole


class _TargetLook:
    """Looks at the numbers of a target, and remembers what they have in common."""

    def __init__(self, port: Port, target: Target) -> None:
        self._target, self._kind = target, target.kind
        numbered = self._kind.kind == "classes" and not target.is_spread
        self.dtype = np.dtype(np.int64 if numbered else port.dtype)
        self._sharp = True  # each is the integer 0 or 1, and of spread classes one is 1

    def checked(self, part: Array, source: Source, at: int) -> Array:
        """Return the block in the dtype it is kept in."""
        if self._target.is_spread:
            return self._probabilities(part, source, at)
        if self._kind.kind == "classes":
            return self._classes(part, source, at)
        kept = finite(part, self.dtype, source, at)
        if self._kind.kind == "binary":
            wrong = (kept < 0) | (kept > 1)
            _refuse_first(wrong, part, source, at, "expected 0, 1 or a probability between them")
        elif self._sharp:
            whole = part.dtype.kind == "i" or not source.typed  # floats of 0 and 1 are perhaps measured
            self._sharp = whole and bool(((kept == 0) | (kept == 1)).all())
        return kept

    def _classes(self, part: Array, source: Source, at: int) -> Array:
        _refuse_first(~is_integer(part), part, source, at, "and a class is an integer")
        most = self._kind.classes
        wrong = (part < 0) | ((part >= most) if most else False)
        if wrong.any():
            found = float(part.flat[int(np.argmax(wrong))])
            advice = "number the classes from 0" if found == most else ""
            clause = f"and the classes of an output of {most:,} numbers are 0 to {most - 1:,}"
            _refuse_first(wrong, part, source, at, clause if most else "and classes count from 0", advice)
        return np.ascontiguousarray(part, np.int64)

    def _probabilities(self, part: Array, source: Source, at: int) -> Array:
        kept = finite(part, self.dtype, source, at)
        _refuse_first((kept < 0) | (kept > 1), part, source, at, "expected a probability")
        classes, first = self._kind.classes, self._kind.axis == 0
        sums = kept.reshape(len(kept), *((classes, -1) if first else (-1, classes))).sum(axis=1 if first else 2)
        wrong = np.argwhere(np.abs(sums - 1) > SUM_TOLERANCE)
        if len(wrong):
            row, group = map(int, wrong[0])
            clause = f"sums to {sums[row, group]:g} over the classes, expected 1"
            raise source.fault("data-dtype", clause, at, row, None, "give a class, or the probability of each")
        self._sharp = self._sharp and bool(((kept == 0) | (kept == 1)).all())
        return kept

    def ended(self, column: Column, limit: int) -> tuple[Column, TargetKind]:
        """Return the column as the training takes it, and what it turned out to be."""
        target, kind = self._target, self._kind
        if target.is_spread and self._sharp:
            axis = kind.axis
            shape = (*target.shape[:axis], *target.shape[axis + 1 :])
            return rewritten(column, lambda block: block.argmax(axis + 1), shape, np.dtype(np.int64), limit), kind
        if target.words is not None:
            order = np.array(target.words.order(), self.dtype)
            named = rewritten(column, lambda block: order[block.astype(np.int64)], target.shape, self.dtype, limit)
            return named, kind
        if target.open and kind.kind == "numbers" and is_single(kind.shape) and self._sharp:
            return column, kind._replace(kind="binary")
        return column, kind


def finite(part: Array, dtype: np.dtype[Any], source: Source, at: int) -> Array:
    """Return the block in a dtype of floats. Raises DataFault at the first number that is not finite in it."""
    kept = narrowed(part, dtype.name)
    if not np.isfinite(kept).all():
        wrong = ~np.isfinite(kept)
        row, number = map(int, np.argwhere(wrong)[0])
        if np.isfinite(part[row, number]):
            clause = f"is {part[row, number]!s}, which is too large for {dtype.name}"
        else:
            clause = f"is {part[row, number]!s}"
        advice = "fill the numbers that are missing, or leave out their rows"
        raise source.fault("data-not-finite", clause, at, row, number, advice)
    return kept


def _refuse_first(
    wrong: NDArray[np.bool_], part: Array, source: Source, at: int, clause: str, advice: str = ""
) -> None:
    """Raise the fault of the first number that is wrong, if one is."""
    if wrong.any():
        row, number = map(int, np.argwhere(wrong)[0])
        value = part[row, number]
        shown = f"{int(value)}" if float(value).is_integer() and abs(value) < 1e15 else f"{value!s}"
        raise source.fault("data-dtype", f"is {shown}, {clause}", at, row, number, advice)
