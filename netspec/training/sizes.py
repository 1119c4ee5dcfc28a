"""Whether the free sizes of examples are those of a network, asked before the first step."""

from collections.abc import Sequence

import numpy as np

from netspec.gradients.obvious import class_shape
from netspec.model import Model
from netspec.model.sizes import Sizes, named_sizes, output_shapes
from netspec.runtime.ports import Port
from netspec.spec.recipe import class_axis
from netspec.training.data.columns import Column
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind


class UnfitSizes(ValueError):
    """Examples whose sizes do not fit a network; `held`: those that are held back, `aimed`: by their targets."""

    def __init__(self, reason: str, *, held: bool, aimed: bool) -> None:
        super().__init__(reason)
        self.held, self.aimed = held, aimed


def check_sizes(model: Model, outputs: Sequence[Port], examples: Examples, *, held: bool = False) -> None:
    """Refuse examples whose free sizes do not hold together. Raises UnfitSizes.

    `outputs` are those that have targets. Inputs have to agree, and hold what the spec checks and what its windows and
    positions need; targets have the shape of what the network then gives, and classes along a free axis are some of
    those that are there.
    """
    inputs = [column.shape for column in examples.inputs]
    try:
        shapes = dict(zip(model.outputs, output_shapes(model, inputs), strict=True))
    except ValueError as refused:
        raise UnfitSizes(str(refused), held=held, aimed=False) from None
    for port, kind, column in zip(outputs, examples.kinds, examples.targets, strict=True):
        shape = shapes[port]
        expected = class_shape(shape) if kind.kind == "classes" and column.dtype == np.int64 else shape
        if column.shape != expected and not all(isinstance(size, int) for size in port.shape):
            found, wanted = (port._replace(shape=each).example for each in (column.shape, expected))
            reason = f"{port.label} has examples of shape {found}; expected {wanted} where {named_sizes(model, inputs)}"
            raise UnfitSizes(reason, held=held, aimed=True)
        _check_classes(port, shape, kind, column, held=held)


def _check_classes(port: Port, shape: Sizes, kind: TargetKind, column: Column, *, held: bool) -> None:
    """Refuse a class beyond a free axis, of whose size nothing was known when the classes were read."""
    if kind.kind != "classes" or kind.classes or column.dtype != np.int64:
        return
    most, start = shape[class_axis(shape)], 0
    for block in column.blocks(np.arange(len(column))):
        if block.size and int(block.max()) >= most:
            row, *_ = (int(at[0]) for at in np.nonzero(block >= most))
            reason = f"{port.label}: row {start + row + 1:,} has the class {block.max()}; expected 0 to {most - 1:,}"
            raise UnfitSizes(reason, held=held, aimed=True)
        start += len(block)
