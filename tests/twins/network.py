"""The plain network: the graph's operations as they are visited, each by its twin."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netspec.graph.walk import outputs_of, visits
from netspec.operations import Affine, Elementwise, Graph
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.embed import Embed
from netspec.operations.group_norm import GroupNorm
from netspec.operations.index import Index
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.merge import Merge
from netspec.operations.pad import Pad
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.slice import Slice
from netspec.operations.softmax import Softmax
from netspec.operations.stack import Stack
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample
from netspec.sizes import Polynomial, evaluate
from tests.twins import convolution, normalisation, pooling, recurrent, resampling, sequence, shapes
from tests.twins import softmax as softmaxes
from tests.twins.activations import activation
from tests.twins.affine import affine

Array = NDArray[np.float64]
Tensors = Mapping[str, NDArray[Any]]


def twin(graph: Graph, parameters: Tensors, x: ArrayLike) -> Array:
    """Return y for the rows of x in float64, of a network with one input and one output."""
    (y,) = twins(graph, parameters, x)
    return y


def twins(graph: Graph, parameters: Tensors, *inputs: ArrayLike) -> list[Array]:
    """Return the outputs in float64, the batch axis first; `parameters` by their full names."""
    kinds = [np.int64 if index in graph.integers else np.float64 for index in range(len(inputs))]
    given: list[Any] = [np.asarray(x, kind) for x, kind in zip(inputs, kinds, strict=True)]
    sizes = {
        str(size): n
        for shape, x in zip(graph.inputs, given, strict=True)
        for size, n in zip(shape, x.shape[1:], strict=True)
        if isinstance(size, Polynomial)
    }
    values: dict[int, Array] = dict(enumerate(given))
    for visit in visits(graph):
        operands = [values[value] for value in visit.operands]
        own = {parameter.role: np.asarray(parameters[name], np.float64) for name, parameter in visit.tensors}
        node: Any = visit.operation
        if isinstance(node, Reshape):
            (x,) = operands
            values[visit.results[0]] = x.reshape(len(x), *(evaluate(size, sizes) for size in node.sizes))
        elif isinstance(node, Learned):
            values[visit.results[0]] = (
                np.stack([own["Omega"]] * len(given[0])) if len(given[0]) else np.empty((0, *node.sizes))
            )
        else:
            values[visit.results[0]] = _TWINS[type(node)](node, own, *operands)
    return [values[value] for value in outputs_of(graph)]


def _affine(node: Affine, own: Tensors, x: Array) -> Array:
    rows = x.reshape(prod(x.shape[:-1]), x.shape[-1])
    return affine(own["Omega"], own.get("beta"), rows).reshape(*x.shape[:-1], node.width)


def _convolve(node: Convolve, own: Tensors, x: Array) -> Array:
    numbers = (node.stride, node.padding, node.dilation, node.groups)
    return convolution.convolve(x, own["Omega"], own.get("beta"), *numbers)


def _convolve_transposed(node: ConvolveTransposed, own: Tensors, x: Array) -> Array:
    numbers = (node.stride, node.padding, node.output_padding, node.dilation, node.groups)
    return convolution.convolve_transposed(x, own["Omega"], own.get("beta"), *numbers)


def _pool(node: Pool, own: Tensors, x: Array) -> Array:
    if node.kind == "max":
        return pooling.max_pool(x, node.kernel, node.stride, node.padding, node.dilation, node.ceil)
    return pooling.average_pool(x, node.kernel, node.stride, node.padding, node.ceil, node.count_padding)


def _adaptive_pool(node: AdaptivePool, own: Tensors, x: Array) -> Array:
    return (pooling.adaptive_max_pool if node.kind == "max" else pooling.adaptive_average_pool)(x, node.sizes)


def _merge(node: Merge, own: Tensors, *operands: Array) -> Array:
    if node.kind == "abs_difference":
        one, other = operands
        return np.asarray(abs(one - other))
    function = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}[node.kind]
    return np.asarray(reduce(function, operands))


def _scan(node: Scan, own: Tensors, x: Array) -> Array:
    tensors = (own["Omega_input"], own["Omega_hidden"], own.get("beta_input"), own.get("beta_hidden"))
    if node.kind == "rnn":
        return recurrent.rnn(x, *tensors, node.reverse, node.function)
    return (recurrent.lstm if node.kind == "lstm" else recurrent.gru)(x, *tensors, node.reverse)


def _matmul(node: Matmul, own: Tensors, a: Array, b: Array) -> Array:
    first, second = "ki" if node.transpose_first else "ik", "jk" if node.transpose_second else "kj"
    return np.asarray(np.einsum(f"...{first},...{second}->...ij", a, b))


def _reduce(node: Reduce, own: Tensors, x: Array) -> Array:
    function: Any = {"mean": np.mean, "sum": np.sum, "max": np.max}[node.kind]
    for axis in reversed(node.axes):
        x = function(x, axis + 1, keepdims=node.keep)
    return x


def _prelu(node: Prelu, own: Tensors, x: Array) -> Array:
    slope = own["slope"].reshape(-1, *(1,) * (x.ndim - 2)) if node.channels else own["slope"]
    return np.where(x > 0, x, slope * x)


def _sinusoidal(node: Sinusoidal, own: Tensors, x: Array) -> Array:
    return x + sequence.sinusoidal(*x.shape[-2:])


def _slice(node: Slice, own: Tensors, x: Array) -> Array:
    return np.take(x, range(x.shape[node.axis + 1])[node.start : node.stop : node.step], node.axis + 1)


_TWINS: Final[dict[type, Callable[..., Array]]] = {
    AdaptivePool: _adaptive_pool,
    Affine: _affine,
    Attend: lambda node, own, q, k, v: sequence.attend(q, k, v, node.heads, node.key_heads, node.causal, node.scale),
    BatchNorm: lambda node, own, x: normalisation.batch_norm(
        x, own.get("gamma"), own.get("beta"), own["mean"], own["variance"], node.epsilon
    ),
    Concat: lambda node, own, *x: np.concatenate(x, node.axis + 1),
    Convolve: _convolve,
    ConvolveTransposed: _convolve_transposed,
    Elementwise: lambda node, own, x: activation(node.name, node.arguments, x),
    Embed: lambda node, own, x: own["Omega"][x],
    GroupNorm: lambda node, own, x: normalisation.group_norm(
        x, own.get("gamma"), own.get("beta"), node.groups, node.epsilon
    ),
    Index: lambda node, own, x: np.take(x, node.place, node.axis + 1),
    LayerNorm: lambda node, own, x: normalisation.layer_norm(
        x, own.get("gamma"), own.get("beta"), node.axes, node.epsilon
    ),
    Matmul: _matmul,
    Merge: _merge,
    Pad: lambda node, own, x: shapes.pad(x, node.widths, node.value),
    Pool: _pool,
    Positions: lambda node, own, x: x + own["Omega"][: x.shape[-2]],
    Prelu: _prelu,
    Reduce: _reduce,
    RmsNorm: lambda node, own, x: normalisation.rms_norm(x, own.get("gamma"), node.epsilon),
    Rotate: lambda node, own, x: sequence.rotate(x, node.heads, node.base),
    Scan: _scan,
    Sinusoidal: _sinusoidal,
    Slice: _slice,
    Softmax: lambda node, own, x: (softmaxes.log_softmax if node.log else softmaxes.softmax)(x, node.axis + 1),
    Stack: lambda node, own, *x: np.stack(x, node.axis + 1),
    Transpose: lambda node, own, x: x.transpose(0, *(axis + 1 for axis in node.axes)),
    Upsample: lambda node, own, x: (
        resampling.upsample_nearest if node.kind == "nearest" else resampling.upsample_linear
    )(x, node.factors),
}
