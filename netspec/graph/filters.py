"""The convolution that is a network's one hidden layer, as the bounds on regions ask for it."""

from typing import NamedTuple

from netspec.bounds.windows import Axis, Windows
from netspec.graph.walk import steps
from netspec.operations import Affine, Elementwise, Graph, Repeat, Shape
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve
from netspec.operations.operation import fixed
from netspec.operations.pool import Pool
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.transpose import Transpose


class Filters(NamedTuple):
    """A convolution of the inputs themselves; `free` says whether its weights and biases can be chosen freely, and
    weights behind it so that every unit counts in some output.
    """

    windows: Windows
    free: bool


def filters_of(graph: Graph) -> Filters | None:
    """Return the convolution of a chain with one hidden layer; None where what its units see is not known to be windows
    over the inputs. An affine map at each of several positions is one with a window of one position.
    """
    windows: Windows | None = None
    behind = biased = False
    free, channels_first = True, False
    for step in steps(graph):
        node = step.node
        if isinstance(node, Repeat):
            return None
        x, y = step.graph.shapes[step.position], step.graph.shapes[step.graph.result(step.position)]
        own = step.first and not any(each.tied for each in step.graph.parameters[step.position])
        if isinstance(node, Elementwise) and node.linearity == "affine":
            continue
        if behind:
            free = free and own and _carries(node, x, y)
        elif isinstance(node, Reshape | Transpose):
            channels_first = False
        elif windows is None:
            windows = _windows(node, x, y)
            if windows is None:
                return None
            channels_first = isinstance(node, Convolve)
            free, biased = own, isinstance(node, Affine | Convolve) and node.bias
        elif isinstance(node, BatchNorm) and channels_first:
            free, biased = free and own, biased or node.affine
        elif isinstance(node, Elementwise):
            behind = True
        else:
            return None
    return None if windows is None else Filters(windows, free and biased)


def _windows(node: object, x: Shape, y: Shape) -> Windows | None:
    """Return the windows of what reads the inputs."""
    if isinstance(node, Affine):
        return Windows(
            1,
            node.width,
            fixed(x[-1], "the last axis"),
            tuple(Axis(fixed(n, "an axis"), fixed(n, "an axis"), 1) for n in x[:-1] or (1,)),
        )
    if isinstance(node, Convolve):
        groups = node.groups
        return Windows(
            groups, node.channels // groups, fixed(x[0], "the axis of channels") // groups, _axes(node, x, y)
        )
    return None


def _axes(node: Convolve | Pool, x: Shape, y: Shape) -> tuple[Axis, ...]:
    """Return the windows on each axis of positions."""
    numbers = zip(x[1:], y[1:], node.kernel, node.stride, node.dilation, node.padding, strict=True)
    return tuple(
        Axis(fixed(n, "an axis"), fixed(out, "an axis"), k, s, d, before) for n, out, k, s, d, (before, _) in numbers
    )


def _carries(node: object, x: Shape, y: Shape) -> bool:
    """Whether with positive weights every element counts in some result, and none counts against another."""
    if isinstance(node, Convolve | Pool):
        return all(axis.covered for axis in _axes(node, x, y))
    return isinstance(node, Affine | BatchNorm | Reshape | Transpose | Reduce | AdaptivePool)
