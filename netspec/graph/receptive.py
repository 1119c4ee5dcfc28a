"""The receptive field: how much of the input one position of the output sees.

Over layers in a row, each with windows of k positions that are dilation apart and move by stride, the field r and the
jump j between neighbouring positions grow as r ← r + (k - 1) · dilation · j and j ← j · stride; where ways meet, the
largest field counts. Source: Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks".
"""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
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
    """For each axis of positions: how many positions of the input are seen, and how far apart neighbours are there."""

    sizes: tuple[Fraction, ...]
    jumps: tuple[Fraction, ...]


def receptive_field(graph: Graph) -> tuple[int, ...] | None:
    """Return the receptive field of the first output on each axis of positions of the first input.

    None where there are no such axes, or where a layer on the way reads all positions at once.
    """
    shape = graph.inputs[0]
    if len(shape) < 2 or len(graph.inputs) > 1 or unrolled(graph) > MOST:
        return None
    one = (Fraction(1),) * (len(shape) - 1)
    fields: dict[int, Field | None] = {0: Field(one, one)}
    for visit in visits(graph):
        read = [fields[value] for value in visit.operands]
        fields.update(dict.fromkeys(visit.results, _seen(visit.operation, read)))
    found = fields[outputs_of(graph)[0]]
    return None if found is None or found.sizes == one else tuple(ceil(size) for size in found.sizes)


def _seen(operation: Operation, read: list[Field | None]) -> Field | None:
    """Return the field behind an operation; None where it reads all positions, or has none."""
    if not read or any(each is None for each in read):
        return None
    fields = [each for each in read if each is not None]
    field = fields[0]
    if isinstance(operation, Merge | Concat):
        if isinstance(operation, Concat) and operation.axis != 0:
            return None
        same = all(each.jumps == field.jumps for each in fields)
        return (
            Field(tuple(max(sizes) for sizes in zip(*(each.sizes for each in fields), strict=True)), field.jumps)
            if same
            else None
        )
    if isinstance(operation, Elementwise | BatchNorm | Prelu):
        return field
    if isinstance(operation, Convolve):
        return _windows(field, operation.kernel, operation.stride, operation.dilation)
    if isinstance(operation, Pool):
        return _windows(field, operation.kernel, operation.stride, operation.dilation)
    if isinstance(operation, Upsample):
        wider = operation.kind != "nearest"
        return _each(field, lambda size, jump, i: (size + jump * wider, jump / operation.factors[i]))
    return None


def _windows(field: Field, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Field:
    return _each(field, lambda size, jump, i: (size + (kernel[i] - 1) * dilation[i] * jump, jump * stride[i]))


def _each(field: Field, step: Callable[[Fraction, Fraction, int], tuple[Fraction, Fraction]]) -> Field:
    pairs = [step(size, jump, i) for i, (size, jump) in enumerate(zip(field.sizes, field.jumps, strict=True))]
    return Field(tuple(size for size, _ in pairs), tuple(jump for _, jump in pairs))
