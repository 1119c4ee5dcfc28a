"""The receptive field: how much of the input one position of the output sees.

On each axis, position p of a value sees positions j p + low to j p + high of the input. A window of k positions that
are dilation apart, moves by stride and begins padding before, makes of them low - padding · j and high + (dilation
(k - 1) - padding) · j, and of the jump j stride · j; so the field high - low + 1 grows by dilation (k - 1) · j. Where
ways meet, the lowest and the highest position count. Source: Araujo, Norris & Sim 2019, "Computing receptive fields of
convolutional neural networks".

Behind an upsampling, positions see stretches that differ. The bounds are those of all of them, so that the field is
never too small, and may be larger than what any one position sees.
"""

from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

from netspec.graph.walk import outputs_of, unrolled, visits
from netspec.operations import Elementwise, Graph, Operation
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.merge import Merge
from netspec.operations.pool import Pool
from netspec.operations.prelu import Prelu
from netspec.operations.upsample import Upsample

MOST: Final = 20_000
"""Operations, all that repeats unrolled, of a network whose field is worked out."""


class Field(NamedTuple):
    """For each axis of positions: the jump, and the lowest and the highest position that position 0 sees."""

    jumps: tuple[Fraction, ...]
    lows: tuple[Fraction, ...]
    highs: tuple[Fraction, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many positions one sees at most: those between two bounds that need not be positions."""
        return tuple([floor(high - low) + 1 for low, high in zip(self.lows, self.highs, strict=True)])


def receptive_field(graph: Graph) -> tuple[int, ...] | None:
    """Return the receptive field of the first output on each axis of positions of the first input.

    None where there are no such axes, or where a layer on the way reads all positions at once.
    """
    shape = graph.inputs[0]
    if len(shape) < 2 or len(graph.inputs) > 1 or unrolled(graph) > MOST:
        return None
    one, zero = (Fraction(1),) * (len(shape) - 1), (Fraction(0),) * (len(shape) - 1)
    itself = Field(one, zero, zero)
    fields: dict[int, Field | None] = {0: itself}
    for visit in visits(graph):
        read = [fields[value] for value in visit.operands]
        fields.update(dict.fromkeys(visit.results, _seen(visit.operation, read)))
    found = fields[outputs_of(graph)[0]]
    return None if found is None or found.sizes == itself.sizes else found.sizes


def _seen(operation: Operation, read: list[Field | None]) -> Field | None:
    """Return the field behind an operation; None where it reads all positions, or has none."""
    if not read or any(each is None for each in read):
        return None
    fields = [each for each in read if each is not None]
    field = fields[0]
    if isinstance(operation, Merge | Concat):
        if isinstance(operation, Concat) and operation.axis != 0:
            return None
        if any(each.jumps != field.jumps for each in fields):
            return None
        lows = tuple(min(each) for each in zip(*(each.lows for each in fields), strict=True))
        return Field(field.jumps, lows, tuple(max(each) for each in zip(*(each.highs for each in fields), strict=True)))
    if isinstance(operation, Elementwise | BatchNorm | Prelu):
        return field
    if isinstance(operation, Convolve | Pool):
        kernel, stride, padding, dilation = operation[1:5]
        windows = zip(kernel, stride, padding, dilation, strict=True)
        steps = [
            _Step(Fraction(s), Fraction(-before), Fraction(d * (k - 1) - before)) for k, s, (before, _), d in windows
        ]
        return _behind(field, steps)
    if isinstance(operation, Upsample):
        return _behind(field, [_linear(f) if operation.kind == "linear" else _nearest(f) for f in operation.factors])
    return None


class _Step(NamedTuple):
    """What position p of a result reads: positions jump · p + low to jump · p + high."""

    jump: Fraction
    low: Fraction
    high: Fraction


def _window(kernel: int, stride: int, before: int, dilation: int) -> _Step:
    return _Step(Fraction(stride), Fraction(-before), Fraction(dilation * (kernel - 1) - before))


def _nearest(factor: int) -> _Step:
    """Position ⌊p / f⌋ is p / f or up to (f - 1) / f before."""
    return _Step(Fraction(1, factor), Fraction(1 - factor, factor), Fraction(0))


def _linear(factor: int) -> _Step:
    """The positions on both sides of q = (p + 1/2) / f - 1/2: a multiple of 1 / f; where f is even, one and a half."""
    least = Fraction(1, factor if factor % 2 else 2 * factor)
    middle = Fraction(1 - factor, 2 * factor)
    return _Step(Fraction(1, factor), middle - (1 - least), middle + (1 - least))


def _behind(field: Field, steps: list[_Step]) -> Field:
    bounds = [
        (jump * step.jump, low + jump * step.low, high + jump * step.high)
        for step, jump, low, high in zip(steps, *field, strict=True)
    ]
    jumps, lows, highs = zip(*bounds, strict=True)
    return Field(jumps, lows, highs)
