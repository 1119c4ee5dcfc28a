"""Random cases of every kernel, with the same operation of PyTorch."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from netspec.compiler.kernels import (
    convolution,
    normalisation,
    pooling,
    recurrent,
    resampling,
    sequence,
    shapes,
    softmax,
)
from tests.compiler.kernels import as_emitted

Random = np.random.Generator
Arguments = tuple[Any, ...]


class Operation(NamedTuple):
    """A kernel, PyTorch's function of the same arguments with tensors for arrays, and what draws the arguments.

    A drawing takes the most positions, steps or features that an axis may have.
    """

    kernel: Callable[..., NDArray[Any]]
    reference: Callable[..., Any]
    draw: Callable[[Random, int], Arguments]


# -- drawing ----------------------------------------------------------------------------------------------------------


def _normal(random: Random, *shape: int) -> NDArray[np.float64]:
    return random.normal(0, 1.5, shape).round(3)


def _some(random: Random, *shape: int) -> NDArray[np.float64] | None:
    """Return an array, or None as often."""
    return _normal(random, *shape) if random.random() < 0.5 else None


def _sizes(random: Random, axes: int, least: int, most: int) -> tuple[int, ...]:
    return tuple(random.integers(least, most + 1, axes).tolist())


def _axes(random: Random) -> int:
    return int(random.integers(1, 4))


def _positions(random: Random, axes: int, most: int) -> tuple[int, ...]:
    return _sizes(random, axes, 1, max(2, most if axes < 3 else round(most ** (2 / 3))))


def _flag(random: Random) -> bool:
    return bool(random.random() < 0.5)


def _pairs(padding: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((n, n) for n in padding)


def _room(positions: tuple[int, ...], kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """Return positions of which a window has its place among, whatever the padding."""
    return tuple(max(n, d * (k - 1) + 1) for n, k, d in zip(positions, kernel, dilation, strict=True))


def _convolution(random: Random, most: int) -> Arguments:
    axes = _axes(random)
    kernel, stride, dilation = (_sizes(random, axes, 1, n) for n in (4, 3, 2))
    padding = tuple(zip(_sizes(random, axes, 0, 2), _sizes(random, axes, 0, 2), strict=True))
    groups = int(random.integers(1, 4))
    inputs, outputs = (groups * int(random.integers(1, 4)) for _ in range(2))
    if random.random() < 0.25:
        groups, outputs = inputs, inputs * int(random.integers(1, 3))
    x = _normal(random, 2, inputs, *_room(_positions(random, axes, most), kernel, dilation))
    Omega = _normal(random, outputs, inputs // groups, *kernel)
    return x, Omega, _some(random, outputs), stride, padding, dilation, groups


def _transposed_convolution(random: Random, most: int) -> Arguments:
    axes = _axes(random)
    kernel, stride, dilation = (_sizes(random, axes, 1, n) for n in (4, 3, 2))
    extra = tuple(int(random.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
    padding = tuple(int(random.integers(0, d * (k - 1) // 2 + 1)) for k, d in zip(kernel, dilation, strict=True))
    groups = int(random.integers(1, 4))
    inputs, outputs = groups * int(random.integers(1, 4)), int(random.integers(1, 4))
    x = _normal(random, 2, inputs, *_positions(random, axes, most))
    Omega = _normal(random, inputs, outputs, *kernel)
    return x, Omega, _some(random, outputs * groups), stride, _pairs(padding), extra, dilation, groups


def _pool(random: Random, most: int, most_dilation: int) -> Arguments:
    axes = _axes(random)
    kernel, stride, dilation = (_sizes(random, axes, 1, n) for n in (4, 4, most_dilation))
    padding = tuple(int(random.integers(0, k // 2 + 1)) for k in kernel)
    x = _normal(random, 2, 2, *_room(_positions(random, axes, most), kernel, dilation))
    return x, kernel, stride, _pairs(padding), dilation


def _max_pool(random: Random, most: int) -> Arguments:
    return (*_pool(random, most, 2), _flag(random))


def _average_pool(random: Random, most: int) -> Arguments:
    return (*_pool(random, most, 1)[:-1], _flag(random), _flag(random))


def _adaptive_pool(random: Random, most: int) -> Arguments:
    axes = _axes(random)
    return _normal(random, 2, 2, *_positions(random, axes, most)), _sizes(random, axes, 1, 5)


def _batch_norm(random: Random, most: int) -> Arguments:
    channels = int(random.integers(1, 5))
    x = _normal(random, 2, channels, *_positions(random, int(random.integers(0, 4)), most))
    variance = np.abs(_normal(random, channels))
    return x, _some(random, channels), _some(random, channels), _normal(random, channels), variance, 1e-5


def _layer_norm(random: Random, most: int) -> Arguments:
    shape = _sizes(random, _axes(random), 2, max(2, most // 2))
    axes = int(random.integers(1, len(shape) + 1))
    gamma = _some(random, *shape[-axes:])
    return _normal(random, 2, *shape), gamma, None if gamma is None else _some(random, *shape[-axes:]), axes, 1e-5


def _group_norm(random: Random, most: int) -> Arguments:
    groups = int(random.integers(1, 4))
    channels = groups * int(random.integers(1, 4))
    x = _normal(random, 2, channels, *_positions(random, _axes(random), most))
    return x, _some(random, channels), _some(random, channels), groups, 1e-5


def _rms_norm(random: Random, most: int) -> Arguments:
    shape = _sizes(random, int(random.integers(1, 3)), 1, most)
    return _normal(random, 2, *shape), _some(random, shape[-1]), 1e-6


def _softmax(random: Random, most: int) -> Arguments:
    shape = _sizes(random, _axes(random), 1, most)
    return 10 * _normal(random, 2, *shape), int(random.integers(1, len(shape) + 1))


def _upsampling(random: Random, most: int) -> Arguments:
    axes = _axes(random)
    return _normal(random, 2, 2, *_positions(random, axes, most)), _sizes(random, axes, 1, 3)


def _attention(random: Random, most: int) -> Arguments:
    key_heads, group, width, value_width = (int(n) for n in random.integers(1, 4, 4))
    steps, keys = (int(n) for n in random.integers(1, 2 * most, 2))
    heads = key_heads * group
    query, key = _normal(random, 2, steps, heads * width), _normal(random, 2, keys, key_heads * width)
    value = _normal(random, 2, keys, key_heads * value_width)
    return query, key, value, heads, key_heads, _flag(random), float(random.choice([width**-0.5, 0.3]))


def _rotation(random: Random, most: int) -> Arguments:
    heads, half = (int(n) for n in random.integers(1, 4, 2))
    x = _normal(random, 2, int(random.integers(1, 3 * most)), heads * 2 * half)
    return x, heads, float(random.choice([10_000.0, 500_000.0]))


def _recurrent(gates: int, *more: str) -> Callable[[Random, int], Arguments]:
    def draw(random: Random, most: int) -> Arguments:
        features, width = _sizes(random, 2, 1, 5)
        tensors = _normal(random, gates * width, features), _normal(random, gates * width, width) / 2
        biases = (_normal(random, gates * width), _normal(random, gates * width)) if _flag(random) else (None, None)
        x = _normal(random, 2, int(random.integers(1, most)), features)
        return (x, *tensors, *biases, _flag(random), *((str(random.choice(more)),) if more else ()))

    return draw


def _padding(random: Random, most: int) -> Arguments:
    shape = _sizes(random, _axes(random), 1, most)
    widths = tuple(zip(_sizes(random, len(shape), 0, 3), _sizes(random, len(shape), 0, 3), strict=True))
    return _normal(random, 2, *shape), widths, float(random.choice([0.0, -1.5]))


# -- PyTorch ----------------------------------------------------------------------------------------------------------


def _of_axes(name: str, x: Any) -> Any:
    """Return the function of one, two or three axes of positions: conv2d for conv."""
    return getattr(F, f"{name}{x.ndim - 2}d")


def _flat(pairs: tuple[tuple[int, int], ...]) -> list[int]:
    """Return what F.pad takes: the last axis first."""
    return [n for pair in reversed(pairs) for n in pair]


def _firsts(padding: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    return tuple(low for low, _ in padding)


def _torch_convolve(x: Any, Omega: Any, beta: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return _of_axes("conv", x)(F.pad(x, _flat(padding)), Omega, beta, stride, 0, dilation, groups)


def _torch_convolve_transposed(
    x: Any, Omega: Any, beta: Any, stride: Any, padding: Any, extra: Any, dilation: Any, groups: int
) -> Any:
    return _of_axes("conv_transpose", x)(x, Omega, beta, stride, _firsts(padding), extra, groups, dilation)


def _torch_max_pool(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Any:
    return _of_axes("max_pool", x)(x, kernel, stride, _firsts(padding), dilation, ceil)


def _torch_average_pool(x: Any, kernel: Any, stride: Any, padding: Any, ceil: bool, count_padding: bool) -> Any:
    return _of_axes("avg_pool", x)(x, kernel, stride, _firsts(padding), ceil, count_padding)


def _torch_upsample_linear(x: Any, factors: Any) -> Any:
    mode = ("linear", "bilinear", "trilinear")[x.ndim - 3]
    return F.interpolate(x, scale_factor=factors, mode=mode, align_corners=False)


def _torch_attend(query: Any, key: Any, value: Any, heads: int, key_heads: int, causal: bool, scale: float) -> Any:
    q, k, v = (
        signal.reshape(*signal.shape[:2], count, -1).transpose(1, 2)
        for signal, count in ((query, heads), (key, key_heads), (value, key_heads))
    )
    y = F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale, enable_gqa=True)
    return y.transpose(1, 2).flatten(2)


def _torch_rotate(x: Any, heads: int, base: float) -> Any:
    """Return q cos + rotate_half(q) sin, as the Llama of transformers has it."""
    q = x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)
    width = q.shape[-1]
    frequencies = 1.0 / base ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.outer(torch.arange(x.shape[1], dtype=torch.float64), frequencies)
    both = torch.cat((angles, angles), -1)
    half = torch.cat((-q[..., width // 2 :], q[..., : width // 2]), -1)
    return (q * both.cos().to(x.dtype) + half * both.sin().to(x.dtype)).transpose(1, 2).flatten(2)


def _torch_recurrent(module: Any) -> Callable[..., Any]:
    def run(x: Any, wi: Any, wh: Any, bi: Any, bh: Any, reverse: bool, *more: str) -> Any:
        arguments = {"nonlinearity": more[0]} if more else {}
        layer = module(
            x.shape[2],
            wh.shape[1],
            bias=bi is not None,
            batch_first=True,
            bidirectional=True,
            dtype=x.dtype,
            **arguments,
        )
        suffix = "_l0_reverse" if reverse else "_l0"
        with torch.no_grad():
            for name, tensor in (("weight_ih", wi), ("weight_hh", wh), ("bias_ih", bi), ("bias_hh", bh)):
                if tensor is not None:
                    getattr(layer, name + suffix).copy_(tensor)
            y = layer(x)[0]
        return y[..., wh.shape[1] :] if reverse else y[..., : wh.shape[1]]

    return run


OPERATIONS: Final[dict[str, Operation]] = {
    "convolve": Operation(as_emitted.convolve, _torch_convolve, _convolution),
    "convolve_transposed": Operation(
        convolution.convolve_transposed, _torch_convolve_transposed, _transposed_convolution
    ),
    "max_pool": Operation(pooling.max_pool, _torch_max_pool, _max_pool),
    "average_pool": Operation(pooling.average_pool, _torch_average_pool, _average_pool),
    "adaptive_max_pool": Operation(
        pooling.adaptive_max_pool, lambda x, sizes: _of_axes("adaptive_max_pool", x)(x, sizes), _adaptive_pool
    ),
    "adaptive_average_pool": Operation(
        pooling.adaptive_average_pool, lambda x, sizes: _of_axes("adaptive_avg_pool", x)(x, sizes), _adaptive_pool
    ),
    "batch_norm": Operation(
        as_emitted.batch_norm,
        lambda x, gamma, beta, mean, variance, epsilon: F.batch_norm(
            x, mean, variance, gamma, beta, False, 0.0, epsilon
        ),
        _batch_norm,
    ),
    "layer_norm": Operation(
        normalisation.layer_norm,
        lambda x, gamma, beta, axes, epsilon: F.layer_norm(x, x.shape[-axes:], gamma, beta, epsilon),
        _layer_norm,
    ),
    "group_norm": Operation(
        normalisation.group_norm,
        lambda x, gamma, beta, groups, epsilon: F.group_norm(x, groups, gamma, beta, epsilon),
        _group_norm,
    ),
    "rms_norm": Operation(
        normalisation.rms_norm,
        lambda x, gamma, epsilon: F.rms_norm(x, x.shape[-1:], gamma, epsilon),
        _rms_norm,
    ),
    "softmax": Operation(softmax.softmax, torch.softmax, _softmax),
    "log_softmax": Operation(softmax.log_softmax, torch.log_softmax, _softmax),
    "upsample_nearest": Operation(
        resampling.upsample_nearest, lambda x, factors: F.interpolate(x, scale_factor=factors), _upsampling
    ),
    "upsample_linear": Operation(resampling.upsample_linear, _torch_upsample_linear, _upsampling),
    "attend": Operation(sequence.attend, _torch_attend, _attention),
    "rotate": Operation(sequence.rotate, _torch_rotate, _rotation),
    "rnn": Operation(recurrent.rnn, _torch_recurrent(nn.RNN), _recurrent(1, "tanh", "relu")),
    "lstm": Operation(recurrent.lstm, _torch_recurrent(nn.LSTM), _recurrent(4)),
    "gru": Operation(recurrent.gru, _torch_recurrent(nn.GRU), _recurrent(3)),
    "pad": Operation(shapes.pad, lambda x, widths, value: F.pad(x, _flat(widths), value=value), _padding),
}
"""Every kernel but `sinusoidal`, of which PyTorch has no equal."""
