"""What each operation is in steps."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np

from netspec.compiler.flow import Task
from netspec.compiler.kernels.sequence import rotate, sinusoidal
from netspec.operations import Affine, Elementwise
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.index import Index
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.merge import Merge
from netspec.operations.pad import Pad
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.slice import Slice
from netspec.operations.stack import Stack
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample
from netspec.regions.actions import (
    Action,
    adaptive_average,
    average,
    bins,
    convolution,
    scaled,
    summed,
    transposed_convolution,
    upsampling,
    window_places,
)
from netspec.regions.assembly import Assembly, NoRegions, fixed
from netspec.regions.bending import pieces
from netspec.regions.numbers import Array, ratio

Rule: TypeAlias = Callable[[Assembly, Task], None]


def _affine(to: Assembly, task: Task) -> None:
    Omega = to.tensor(task, "Omega")
    turned, sizes = np.ascontiguousarray(Omega.T), np.ascontiguousarray(abs(Omega).T)
    flat = len(fixed(task.shape)) == 1
    to.linear(
        task,
        lambda x: np.matmul(x[0], turned),
        _beta(to, task, task.operation.bias),
        matrix=Omega if flat else None,
        size=lambda x: np.matmul(x[0], sizes),
        terms=_terms(Omega),
    )


def _terms(Omega: Array) -> int:
    """Return how many roundings an element of Ω x has: none where each row copies one element, or changes its sign."""
    rows = Omega.reshape(len(Omega), -1)
    used = rows != 0
    copies = (used.sum(1) <= 1).all() and (abs(rows[used]) == 1).all()
    return 0 if copies else int(used.sum(1).max()) + 2


def _beta(to: Assembly, task: Task, there: bool, axes: int = 0) -> Array | None:
    return to.tensor(task, "beta").reshape(-1, *(1,) * axes) if there else None


def _convolve(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    shape = fixed(task.shape)
    node: Convolve = task.operation
    Omega = to.tensor(task, "Omega")
    act, size = (convolution(node, weights, x, shape) for weights in (Omega, abs(Omega)))
    to.linear(task, act, _beta(to, task, node.bias, len(node.kernel)), size=size, terms=_terms(Omega))


def _convolve_transposed(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    shape = fixed(task.shape)
    node: ConvolveTransposed = task.operation
    Omega = to.tensor(task, "Omega")
    act, size = (transposed_convolution(node, weights, x, shape, to.exact) for weights in (Omega, abs(Omega)))
    to.linear(task, act, _beta(to, task, node.bias, len(node.kernel)), size=size, terms=Omega.size + 2)


def _batch_norm(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    node: BatchNorm = task.operation
    mean, variance = to.tensor(task, "mean"), to.tensor(task, "variance")
    _no_rationals(to, "square roots")
    factor = 1 / np.sqrt(variance + node.epsilon)
    shift = -mean * factor
    if node.affine:
        gamma = to.tensor(task, "gamma")
        factor, shift = factor * gamma, shift * gamma + to.tensor(task, "beta")
    along = (-1, *(1,) * (len(shape) - 1))
    factor = factor.reshape(along)
    to.linear(task, scaled(factor), shift.reshape(along), size=scaled(abs(factor)), terms=6)


def _pool(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    shape = fixed(task.shape)
    node: Pool = task.operation
    if node.kind == "average":
        to.linear(task, average(node, x, shape, to.exact), terms=math.prod(node.kernel) + 4)
        return
    places = window_places(x[1:], node.kernel, node.stride, node.padding, node.dilation, shape[1:])
    to.largest(task, _in_channels(places, x))


def _in_channels(places: Array, x: tuple[int, ...]) -> Array:
    """Return the places of windows in every channel. x: (C, *positions)."""
    first = (np.arange(x[0]) * math.prod(x[1:]))[:, None, None]
    return np.where(places >= 0, places + first, -1).reshape(-1, places.shape[1])


def _adaptive_pool(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    node: AdaptivePool = task.operation
    if node.kind == "average":
        to.linear(task, adaptive_average(node.sizes, x, to.exact), terms=math.prod(x[1:]) + 4)
        return
    parts = [bins(n, size) for n, size in zip(x[1:], node.sizes, strict=True)]
    numbers = np.arange(math.prod(x[1:])).reshape(x[1:])
    windows = [
        numbers[np.ix_(*(list(part[i]) for part, i in zip(parts, index, strict=True)))].reshape(-1)
        for index in np.ndindex(*node.sizes)
    ]
    to.largest(task, _in_channels(_padded(windows), x))


def _padded(windows: list[Any]) -> Array:
    """Return windows of any lengths as rows, -1 behind the shorter."""
    places = np.full((len(windows), max(map(len, windows))), -1)
    for row, window in zip(places, windows, strict=True):
        row[: len(window)] = window
    return places


def _reduce(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    node: Reduce = task.operation
    count = math.prod(x[axis] for axis in node.axes)
    if node.kind != "max":
        factor = ratio(1, count, to.exact) if node.kind == "mean" else 1
        to.linear(task, summed(node.axes, node.keep, factor), terms=count + 2)
        return
    numbers = np.arange(math.prod(x)).reshape(x)
    rest = [axis for axis in range(len(x)) if axis not in node.axes]
    to.largest(task, numbers.transpose(*rest, *node.axes).reshape(-1, count))


def _upsample(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    terms = 0 if task.operation.kind == "nearest" else 4 * len(x)
    to.linear(task, upsampling(task.operation, x, to.exact), terms=terms)


def _pad(to: Assembly, task: Task) -> None:
    x = to.shape(task.operands[0])
    shape = fixed(task.shape)
    node: Pad = task.operation
    inside = tuple(slice(low, low + n) for n, (low, _) in zip(x, node.widths, strict=True))
    constant = None
    if node.value:
        constant = np.full(shape, to.number(node.value), object if to.exact else np.float64)
        constant[inside] = to.number(0)

    def act(operands: Any) -> Array:
        y = np.full((len(operands[0]), *shape), 0, operands[0].dtype)
        y[(slice(None), *inside)] = operands[0]
        return y

    to.linear(task, act, constant)


def _merge(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    node: Merge = task.operation
    sums: dict[str, Any] = {"size": lambda x: _folded(np.add, x), "terms": len(task.operands)}
    if node.kind == "add":
        to.linear(task, lambda x: _folded(np.add, x), **sums)
    elif node.kind == "subtract":
        to.linear(task, lambda x: _folded(np.subtract, x), **sums)
    elif node.kind == "multiply":
        moving = [value for value in task.operands if value not in to.constants]
        if len(moving) > 1:
            raise NoRegions("it multiplies what hangs on the input with what does too")
        factor = _folded(np.multiply, [to.constants[value] for value in task.operands if value in to.constants])
        if moving:
            to.linear(replace(task, operands=tuple(moving)), scaled(factor), size=scaled(abs(factor)), terms=2)
        else:
            to.constants[task.result] = factor
    else:
        difference = replace(task, result=to.fresh())
        to.linear(difference, lambda x: _folded(np.subtract, x), **sums)
        slopes = _table([to.number(-1), to.number(1)], to.exact, len(shape))
        to.bend(replace(task, operands=(difference.result,)), (to.number(0),), slopes, slopes - slopes)


def _folded(function: Any, operands: Any) -> Array:
    found = operands[0]
    for operand in operands[1:]:
        found = function(found, operand)
    whole: Array = found
    return whole


def _table(numbers: Any, exact: bool, axes: int) -> Array:
    """Return one number for each piece, to broadcast over shapes of so many axes."""
    return np.array(list(numbers), object if exact else np.float64).reshape(-1, *(1,) * axes)


def _elementwise(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    found = pieces(task.operation, to.number)
    if found is None:
        raise NoRegions(f"{task.operation.name} is smooth, and has none")
    if not found.points and found.slopes == (1,) and found.offsets == (0,):
        to.linear(task, lambda x: x[0])
        return
    if task.operation.name == "hard_shrink":
        _hard_shrink(to, task, found.points[-1])
        return
    axes = len(shape)
    to.bend(task, found.points, _table(found.slopes, to.exact, axes), _table(found.offsets, to.exact, axes))


def _hard_shrink(to: Assembly, task: Task, bound: Any) -> None:
    """Take a[z] = b[z] - b[-z], b[z] being z above the bound and else 0: at a point a bend has the value below it, and
    a[z] is 0 at both.
    """
    turned, above, below = to.fresh(), to.fresh(), to.fresh()
    slopes = _table([to.number(0), to.number(1)], to.exact, len(fixed(task.shape)))
    to.linear(replace(task, result=turned), lambda z: -z[0], size=lambda z: z[0])
    to.bend(replace(task, result=above), (bound,), slopes, slopes - slopes)
    to.bend(replace(task, operands=(turned,), result=below), (bound,), slopes, slopes - slopes)
    joined = replace(task, operands=(above, below))
    to.linear(joined, lambda b: b[0] - b[1], size=lambda b: b[0] + b[1])


def _prelu(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    slope = to.tensor(task, "slope").reshape(-1, *(1,) * (len(shape) - 1))
    one = slope - slope + to.number(1)
    to.bend(task, (to.number(0),), np.stack([slope, one]), np.stack([slope - slope, slope - slope]))


def _concat(to: Assembly, task: Task) -> None:
    axis = task.operation.axis + 1
    to.linear(task, lambda x: np.concatenate(list(x), axis))


def _stack(to: Assembly, task: Task) -> None:
    axis = task.operation.axis + 1
    to.linear(task, lambda x: np.stack(list(x), axis))


def _reshape(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    to.linear(task, lambda x: x[0].reshape(len(x[0]), *shape))


def _transpose(to: Assembly, task: Task) -> None:
    axes = (0, *(axis + 1 for axis in task.operation.axes))
    to.linear(task, lambda x: x[0].transpose(axes))


def _slice(to: Assembly, task: Task) -> None:
    node: Slice = task.operation
    part = (*(slice(None),) * (node.axis + 1), slice(node.start, node.stop, node.step))
    to.linear(task, lambda x: x[0][part])


def _index(to: Assembly, task: Task) -> None:
    part = (*(slice(None),) * (task.operation.axis + 1), task.operation.place)
    to.linear(task, lambda x: x[0][part])


def _learned(to: Assembly, task: Task) -> None:
    to.constants[task.result] = to.tensor(task, "Omega")


def _positions(to: Assembly, task: Task) -> None:
    shape = fixed(task.shape)
    to.linear(task, lambda x: x[0].copy(), to.tensor(task, "Omega")[: shape[-2]], terms=1)


def _matmul(to: Assembly, task: Task) -> None:
    node: Matmul = task.operation
    first, second = task.operands
    if first not in to.constants and second not in to.constants:
        raise NoRegions("it multiplies what hangs on the input with what does too")
    turn = (node.transpose_first, node.transpose_second)

    def product(a: Array, b: Array) -> Array:
        y: Array = np.matmul(np.swapaxes(a, -1, -2) if turn[0] else a, np.swapaxes(b, -1, -2) if turn[1] else b)
        return y

    if first in to.constants and second in to.constants:
        to.constants[task.result] = product(to.constants[first], to.constants[second])
    elif first in to.constants:
        left = to.constants[first]
        rest = replace(task, operands=(second,))
        to.linear(rest, lambda x: product(left, x[0]), size=lambda x: product(abs(left), x[0]), terms=left.size + 2)
    else:
        right = to.constants[second]
        rest = replace(task, operands=(first,))
        to.linear(rest, lambda x: product(x[0], right), size=lambda x: product(x[0], abs(right)), terms=right.size + 2)


def _rotate(to: Assembly, task: Task) -> None:
    _no_rationals(to, "cosines")
    node: Rotate = task.operation

    def size(operands: Sequence[Array]) -> Array:
        """Return no less than |cos a| |x| + |sin a| |x'|, x' the other of the pair."""
        pairs = operands[0].reshape(*operands[0].shape[:2], node.heads, 2, -1)
        return np.broadcast_to(pairs.sum(3, keepdims=True), pairs.shape).reshape(operands[0].shape)

    to.linear(task, lambda x: rotate(x[0], node.heads, node.base), size=size, terms=6)


def _sinusoidal(to: Assembly, task: Task) -> None:
    _no_rationals(to, "sines")
    length, width = fixed(task.shape)[-2:]
    to.linear(task, lambda x: x[0].copy(), sinusoidal(length, width, "float64"), terms=1)


def _no_rationals(to: Assembly, what: str) -> None:
    if to.exact:
        raise NoRegions(f"it takes {what}, which are no rationals; count without `--rational`")


def _scan(to: Assembly, task: Task) -> None:
    """Take the positions one by one: h_t bends an affine map of x_t and h_{t-1}."""
    node: Scan = task.operation
    if node.linearity == "smooth":
        raise NoRegions(f"{node.keyword} is smooth, and has none")
    (x,) = task.operands
    inward, onward = (np.ascontiguousarray(to.tensor(task, f"Omega_{role}").T) for role in ("input", "hidden"))
    beta = to.tensor(task, "beta_input") + to.tensor(task, "beta_hidden") if node.bias else None
    length = to.shape(x)[0]
    states: list[int] = []
    rectified = Elementwise("relu")
    for t in reversed(range(length)) if node.reverse else range(length):
        before, bent = to.fresh(), to.fresh()
        operands = (x, *states[-1:])
        step = replace(task, operands=operands, result=before, shape=(node.width,))
        size = _step(t, abs(inward), abs(onward))
        to.linear(step, _step(t, inward, onward), beta, size=size, terms=len(inward) + node.width + 4)
        _elementwise(to, replace(task, operation=rectified, operands=(before,), result=bent, shape=(node.width,)))
        states.append(bent)
    ordered = states[::-1] if node.reverse else states
    to.linear(replace(task, operands=tuple(ordered)), lambda h: np.stack(list(h), 1))


def _step(t: int, inward: Array, onward: Array) -> Action:
    """Return Ω_input x_t + Ω_hidden h, without h where there is none yet."""

    def act(operands: Sequence[Array]) -> Array:
        u: Array = np.matmul(operands[0][:, t], inward)
        return u if len(operands) == 1 else u + np.matmul(operands[1], onward)

    return act


RULES: Final[dict[type[Any], Rule]] = {
    AdaptivePool: _adaptive_pool,
    Affine: _affine,
    BatchNorm: _batch_norm,
    Concat: _concat,
    Convolve: _convolve,
    ConvolveTransposed: _convolve_transposed,
    Elementwise: _elementwise,
    Index: _index,
    Learned: _learned,
    Matmul: _matmul,
    Merge: _merge,
    Pad: _pad,
    Pool: _pool,
    Positions: _positions,
    Prelu: _prelu,
    Reduce: _reduce,
    Reshape: _reshape,
    Rotate: _rotate,
    Scan: _scan,
    Sinusoidal: _sinusoidal,
    Slice: _slice,
    Stack: _stack,
    Transpose: _transpose,
    Upsample: _upsample,
}
"""What lowers each operation; a test says of every other operation why it has no regions or is not counted."""
