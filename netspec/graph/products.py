"""The largest single product of a network: what threads of BLAS divide among them."""

from typing import Final

from netspec.operations import Affine, Call, Graph, Repeat, Shape
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.scan import Scan
from netspec.sizes.polynomial import evaluate, symbols

FREE: Final = 64
"""What stands for each free size."""


def largest_product(graph: Graph, batch: int) -> int:
    """Return the multiply-accumulates of the largest product for `batch` examples, free sizes being 64.

    An affine map and a convolution are one product of the whole batch, and so is the affine map of the inputs in a
    recurrent network; what multiplies values by values, as attention does, does so for each example.
    """
    most, known = 0, {id(graph)}
    waiting = [graph]
    while waiting:
        here = waiting.pop()
        for index, node in enumerate(here.operations):
            if isinstance(node, Repeat | Call):
                if id(node.body) not in known:
                    known.add(id(node.body))
                    waiting.append(node.body)
                continue
            shapes = [_fixed(shape) for shape in here.operand_shapes(index)]
            macs = node.cost(*shapes).macs
            if isinstance(node, Scan):
                positions, size = shapes[0]
                macs = positions * size * node.gates * node.width
            shared = isinstance(node, Affine | Convolve | ConvolveTransposed | Scan)
            most = max(most, evaluate(macs, {}) * (batch if shared else 1))
    return most


def _fixed(shape: Shape) -> Shape:
    """Return the shape with a number for each size."""
    return tuple([evaluate(size, dict.fromkeys(symbols(size), FREE)) for size in shape])
