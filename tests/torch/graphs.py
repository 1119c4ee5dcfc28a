"""A network's graph in PyTorch: its operations as they are visited, each by PyTorch's own function or module."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from netspec.graph.walk import outputs_of, visits
from netspec.operations import Affine, Elementwise, Graph
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.drop import Drop
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
from tests.torch.activations import ACTIVATIONS

Tensors = Mapping[str, torch.Tensor]


def run(
    graph: Graph, tensors: Tensors, inputs: list[torch.Tensor], *, trains: bool = False, momentum: float = 0.1
) -> list[torch.Tensor]:
    """Return the outputs of a graph whose free sizes are known; where it `trains`, batch norms normalise by the batch
    and move what they keep in place. Dropout changes nothing.
    """
    values: dict[int, torch.Tensor] = dict(enumerate(inputs))
    for visit in visits(graph):
        operands = [values[value] for value in visit.operands]
        own = {parameter.role: tensors[name] for name, parameter in visit.tensors}
        node: Any = visit.operation
        if isinstance(node, Learned):
            found = own["Omega"].expand(len(inputs[0]), *node.sizes)
        elif isinstance(node, BatchNorm):
            share = momentum if trains else 0.0
            kept, affine = (own["mean"], own["variance"]), (own.get("gamma"), own.get("beta"))
            found = F.batch_norm(operands[0], *kept, *affine, trains, share, node.epsilon)
        else:
            found = _FUNCTIONS[type(node)](node, own, *operands)
        values[visit.results[0]] = found
    return [values[value] for value in outputs_of(graph)]


def _activate(node: Elementwise, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    if node.name == "identity":
        return x
    if node.name == "hard_sigmoid":
        return F.relu6(x + 3) / 6  # the gradient of F.hardsigmoid has 1/6 as a float32
    function, _ = ACTIVATIONS[node.name]
    return torch.as_tensor(function(x.detach() if node.name == "heaviside" else x, *node.arguments))


def _convolve(node: Convolve, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    function: Any = (F.conv1d, F.conv2d, F.conv3d)[len(node.kernel) - 1]
    widths = [width for pair in reversed(node.padding) for width in pair]
    padded = F.pad(x, widths)
    found: torch.Tensor = function(padded, own["Omega"], own.get("beta"), node.stride, 0, node.dilation, node.groups)
    return found


def _convolve_transposed(node: ConvolveTransposed, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    function: Any = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[len(node.kernel) - 1]
    numbers = (node.stride, _alike(node.padding), node.output_padding, node.groups, node.dilation)
    found: torch.Tensor = function(x, own["Omega"], own.get("beta"), *numbers)
    return found


def _pool(node: Pool, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    axes, padding = len(node.kernel) - 1, _alike(node.padding)
    function: Any
    if node.kind == "max":
        function = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes]
        found = function(x, node.kernel, node.stride, padding, node.dilation, node.ceil)
    else:
        function = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[axes]
        found = function(x, node.kernel, node.stride, padding, node.ceil, node.count_padding)
    return torch.as_tensor(found)


def _alike(padding: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """Return the padding of each axis, which has to be the same at both ends."""
    assert all(low == high for low, high in padding), padding
    return tuple(low for low, _ in padding)


def _adaptive_pool(node: AdaptivePool, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    largest = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)
    mean = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)
    function: Any = (largest if node.kind == "max" else mean)[len(node.sizes) - 1]
    return torch.as_tensor(function(x, node.sizes))


def _attend(node: Attend, own: Tensors, *operands: torch.Tensor) -> torch.Tensor:
    heads = (node.heads, node.key_heads, node.key_heads)
    query, key, value = (
        each.unflatten(-1, (count, each.shape[-1] // count)).transpose(1, 2)
        for each, count in zip(operands, heads, strict=True)
    )
    mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool).tril() if node.causal else None
    grouped = node.heads != node.key_heads
    mixed = F.scaled_dot_product_attention(query, key, value, mask, scale=node.scale, enable_gqa=grouped)
    return mixed.transpose(1, 2).flatten(2)


def _layer_norm(node: LayerNorm, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, x.shape[-node.axes :], own.get("gamma"), own.get("beta"), node.epsilon)


def _merge(node: Merge, own: Tensors, *operands: torch.Tensor) -> torch.Tensor:
    if node.kind == "abs_difference":
        return (operands[0] - operands[1]).abs()
    function = {"add": torch.add, "subtract": torch.subtract, "multiply": torch.multiply}[node.kind]
    return reduce(function, operands)


def _reduce(node: Reduce, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    function: Any = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax}[node.kind]
    return torch.as_tensor(function(x, [axis + 1 for axis in node.axes], keepdim=node.keep))


def _rotate(node: Rotate, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    """Return the pairs (feature i, feature d/2 + i) of each head as complex numbers, turned by t base^(-2i/d)."""
    pairs = x.unflatten(-1, (node.heads, 2, -1))
    half = pairs.shape[-1]
    angles = torch.outer(torch.arange(x.shape[1]), node.base ** (-torch.arange(half, dtype=x.dtype) / half))
    turned = torch.complex(pairs[:, :, :, 0], pairs[:, :, :, 1]) * torch.polar(torch.ones_like(angles), angles)[:, None]
    return torch.stack([turned.real, turned.imag], 3).flatten(2)


def _scan(node: Scan, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    """Return what PyTorch's module of one direction gives, along the reversed steps where it goes that way."""
    features, more = x.shape[-1], {"bias": node.bias, "batch_first": True, "dtype": x.dtype}
    module: nn.RNNBase
    if node.kind == "rnn":
        module = nn.RNN(features, node.width, nonlinearity=node.function, **more)
    else:
        module = (nn.LSTM if node.kind == "lstm" else nn.GRU)(features, node.width, **more)
    given = {"weight_ih_l0": own["Omega_input"], "weight_hh_l0": own["Omega_hidden"]}
    if node.bias:
        given |= {"bias_ih_l0": own["beta_input"], "bias_hh_l0": own["beta_hidden"]}
    steps = x.flip(1) if node.reverse else x
    every: torch.Tensor = torch.func.functional_call(module, given, (steps,))[0]
    return every.flip(1) if node.reverse else every


def _sinusoidal(node: Sinusoidal, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    length, width = x.shape[-2:]
    columns = torch.arange(width)
    angles = torch.arange(length)[:, None] / 10_000 ** (2 * (columns // 2).to(x.dtype) / width)
    return x + torch.where(columns % 2 == 1, angles.cos(), angles.sin())


def _slice(node: Slice, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    places = range(x.shape[node.axis + 1])[node.start : node.stop : node.step]
    return x.index_select(node.axis + 1, torch.tensor(list(places)))


def _pad(node: Pad, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.pad(x, [width for pair in reversed(node.widths) for width in pair], value=node.value)


def _matmul(node: Matmul, own: Tensors, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a.mT if node.transpose_first else a) @ (b.mT if node.transpose_second else b)


def _upsample(node: Upsample, own: Tensors, x: torch.Tensor) -> torch.Tensor:
    linear = ("linear", "bilinear", "trilinear")[len(node.factors) - 1]
    return F.interpolate(x, scale_factor=list(node.factors), mode="nearest" if node.kind == "nearest" else linear)


_FUNCTIONS: Final[dict[type, Callable[..., torch.Tensor]]] = {
    AdaptivePool: _adaptive_pool,
    Affine: lambda node, own, x: F.linear(x, own["Omega"], own.get("beta")),
    Attend: _attend,
    Concat: lambda node, own, *x: torch.cat(x, node.axis + 1),
    Convolve: _convolve,
    ConvolveTransposed: _convolve_transposed,
    Drop: lambda node, own, x: x,
    Elementwise: _activate,
    Embed: lambda node, own, x: F.embedding(x, own["Omega"]),
    GroupNorm: lambda node, own, x: F.group_norm(x, node.groups, own.get("gamma"), own.get("beta"), node.epsilon),
    Index: lambda node, own, x: x.select(node.axis + 1, node.place),
    LayerNorm: _layer_norm,
    Matmul: _matmul,
    Merge: _merge,
    Pad: _pad,
    Pool: _pool,
    Positions: lambda node, own, x: x + own["Omega"][: x.shape[-2]],
    Prelu: lambda node, own, x: F.prelu(x, own["slope"]),
    Reduce: _reduce,
    Reshape: lambda node, own, x: x.reshape(len(x), *node.sizes),
    RmsNorm: lambda node, own, x: F.rms_norm(x, x.shape[-1:], own.get("gamma"), node.epsilon),
    Rotate: _rotate,
    Scan: _scan,
    Sinusoidal: _sinusoidal,
    Slice: _slice,
    Softmax: lambda node, own, x: (torch.log_softmax if node.log else torch.softmax)(x, node.axis + 1),
    Stack: lambda node, own, *x: torch.stack(x, node.axis + 1),
    Transpose: lambda node, own, x: x.permute(0, *(axis + 1 for axis in node.axes)),
    Upsample: _upsample,
}
