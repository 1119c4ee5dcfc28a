"""The shapes that outputs have when free sizes are known: what does not fit is found by one example."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from netspec.model.model import Model

Sizes = tuple[int, ...]


def output_shapes(model: "Model", inputs: Sequence[Sizes]) -> list[Sizes]:
    """Return the shapes of an example of each output, for those of each input, which have the axes of their ports.

    Where sizes are free, one example of zeros is run: so what two inputs call alike, the checks of the spec, and
    windows and positions that sizes must suffice for are asked as `model(x)` asks them. Raises ValueError in its words.
    """
    ports = model.inputs
    if all(isinstance(size, int) for port in ports for size in port.shape):
        return [tuple([size for size in port.shape if isinstance(size, int)]) for port in model.outputs]
    from netspec.runtime.graph_program import GraphProgram

    program = model.program
    if not isinstance(program, GraphProgram):
        raise ValueError(f"{model.name} has no free sizes")
    zeros = [np.zeros((1, *shape), port.dtype) for shape, port in zip(inputs, ports, strict=True)]
    with np.errstate(all="ignore"):
        return [y.shape[1:] for y in program.compute(zeros)]


def named_sizes(model: "Model", inputs: Sequence[Sizes]) -> str:
    """Return what the free sizes are for shapes of inputs, in words: `T = 6, S = 2`."""
    found = {
        size: n
        for port, shape in zip(model.inputs, inputs, strict=True)
        for size, n in zip(port.shape, shape, strict=True)
        if isinstance(size, str)
    }
    return ", ".join(f"{size} = {n:,}" for size, n in found.items())
