"""Attention and positions: (N, T, features), as torch.nn.functional.scaled_dot_product_attention has the attention.

The text is copied into emitted programs, so these functions need nothing but NumPy, each other and those of
`buffers` and `products`.
"""

import numpy as np

from netspec.compiler.kernels.buffers import scratch
from netspec.compiler.kernels.products import _UNPACKED

_SCORE_BYTES = 2**19  # of scores at a time: what a core's own cache holds beside keys and values
_STEPS = 64  # queries at a time, or up to half as many again each where it makes them even; columns of a panel of keys
_SMALL_SCORE = 40.0  # whose exponential, and e to the minus that, are far from the ends of float32


def attend(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    heads: int,
    key_heads: int,
    causal: bool,
    scale: float,
    out: np.ndarray | None = None,
    room: dict[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Return softmax(scale Q Kᵀ) V, some heads at a time (Vaswani et al. 2017), (N, T, heads dv).

    query: (N, T, heads d), key: (N, S, key_heads d), value: (N, S, key_heads dv), which may be columns of one array.
    Neighbouring heads share a key (Ainslie et al. 2023). `causal`: step t reads the keys up to t, and no later key or
    value has an effect on it, whatever they are.
    """
    room = {} if room is None else room
    dtype = query.dtype.name
    count, length, _ = query.shape
    keys, group = key.shape[1], heads // key_heads
    d, dv = query.shape[2] // heads, value.shape[2] // key_heads
    out = np.empty((count, length, heads * dv), dtype) if out is None else out
    whole = keys - keys % _STEPS
    size = keys * (heads * min(length, _STEPS) + key.shape[2] + value.shape[2]) * query.itemsize
    examples = max(1, _SCORE_BYTES // max(1, size))
    some = max(1, min(key_heads, key_heads * _SCORE_BYTES // max(1, size)))
    parts = max(1, length // _STEPS)
    block = _STEPS if causal else max(4, -(-length // (4 * parts)) * 4)
    ahead = np.arange(_STEPS) > np.arange(_STEPS)[:, None]
    last_seen = np.minimum(np.arange(length), keys - 1)
    ones = np.ones(keys, dtype)
    finite = not causal or bool(np.isfinite(value).all())
    for first in range(0, count, examples):
        few = slice(first, min(count, first + examples))
        n = few.stop - few.start
        q = query[few].reshape(n, length, key_heads, group, d).transpose(0, 2, 3, 1, 4)
        y = out[few].reshape(n, length, key_heads, group, dv).transpose(0, 2, 3, 1, 4)
        k = key[few].reshape(n, keys, key_heads, d)
        v = value[few].reshape(n, keys, key_heads, dv)
        panels = scratch(room, "keys in panels", (n, key_heads, whole // _STEPS, d, _STEPS), dtype)
        left, values = k[:, whole:].transpose(0, 2, 3, 1), v.transpose(0, 2, 1, 3)
        large = None
        if whole:
            blocks = k[:, :whole].reshape(n, -1, _STEPS, key_heads, d).transpose(0, 3, 1, 4, 2)
            np.multiply(blocks, scale, out=panels)
            left = np.multiply(left, scale)
            values = scratch(room, "values by heads", (n, key_heads, keys, dv), dtype)
            values[...] = v.transpose(0, 2, 1, 3)
            # |q·k| is at most |q| |k|, and where that is small a row needs not its largest score taken from it
            reach = _lengths(key[few], key_heads)
            reach = np.maximum.accumulate(reach, 2)[..., last_seen] if causal else np.max(reach, 2, keepdims=True)
            bounds = _lengths(query[few], heads).reshape(n, key_heads, group, length) * reach[:, :, None]
            large = np.logical_not(bounds * abs(scale) < _SMALL_SCORE)
        for head in range(0, key_heads, some):
            part = slice(head, head + some)
            for start in range(0, length, block):
                rows = slice(start, min(start + block, length))
                seen = min(keys, start + block) if causal else keys
                full = min(seen, whole)
                queries = q[:, part, :, rows]
                before, steps = queries.shape[:3], queries.shape[3]
                weights = scratch(room, "scores", (*before, steps, seen), dtype)
                if full:
                    np.matmul(
                        queries[:, :, :, None],
                        panels[:, part, None, : full // _STEPS],
                        out=weights[..., :full].reshape(*before, steps, -1, _STEPS).transpose(0, 1, 2, 4, 3, 5),
                        order="C",
                    )
                if full < seen:
                    np.matmul(queries, left[:, part, None], out=weights[..., full:])
                if causal and start + 1 < seen:
                    np.copyto(weights[..., start:], -np.inf, where=ahead[:steps, : seen - start])
                if large is None:
                    if scale != 1.0:
                        weights *= scale
                    weights -= np.max(weights, 4, keepdims=True)
                elif np.any(large[:, part, :, rows]):
                    weights -= (np.max(weights, 4) * large[:, part, :, rows])[..., None]
                np.exp(weights, out=weights)
                sums = np.matmul(weights, ones[:seen])
                mixed = y[:, part, :, rows]
                tile = next(
                    (t for t in (steps, 64, 32, 16, 8, 4) if not steps % t and t * seen * dv <= _UNPACKED), steps
                )
                np.matmul(
                    weights.reshape(*before, -1, tile, seen),
                    values[:, part, None, None, :seen],
                    out=mixed.reshape(*before, -1, tile, dv),
                    order="C",
                )
                if not finite:
                    _mix_step_by_step(weights, values[:, part, None, :seen], mixed, start)
                mixed *= np.divide(1.0, sums, out=sums)[..., None]
    return out


def _mix_step_by_step(weights: np.ndarray, values: np.ndarray, mixed: np.ndarray, start: int) -> None:
    """Write weights · values for steps from `start` on, of which each reads the values up to its own.

    Beyond it the weights are 0, and 0 times what is not finite would be NaN. weights: (…, steps, S), values: (…, S,
    dv), mixed: (…, steps, dv).
    """
    for step in range(min(weights.shape[-2], weights.shape[-1] - 1 - start)):
        seen = start + step + 1
        np.matmul(weights[..., step : step + 1, :seen], values[..., :seen, :], out=mixed[..., step : step + 1, :])


def _lengths(x: np.ndarray, heads: int) -> np.ndarray:
    """Return |x| of each head's vectors, (N, heads, T). x: (N, T, heads d)."""
    vectors = x.reshape(*x.shape[:2], heads, x.shape[2] // heads).transpose(0, 2, 1, 3)
    with np.errstate(over="ignore"):
        lengths: np.ndarray = np.sqrt(np.matmul(vectors[..., None, :], vectors[..., None])[..., 0, 0])
    return lengths


def rotate(x: np.ndarray, heads: int, base: float) -> np.ndarray:
    """Return x with its features turned by their step's angles (Su et al. 2021). x: (N, T, heads d).

    Feature i of a head's first half and feature i of its second are a pair, turned at step t by t base^(-2i / d).
    """
    count, length, width = x.shape
    half = width // heads // 2
    angles = np.arange(length)[:, None, None] * base ** (-np.arange(half) / half)
    cosine, sine = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    pairs = x.reshape(count, length, heads, 2, half)
    one, other = pairs[..., 0, :], pairs[..., 1, :]
    y = np.empty_like(pairs)
    y[..., 0, :] = one * cosine - other * sine
    y[..., 1, :] = other * cosine + one * sine
    return y.reshape(x.shape)


def sinusoidal(length: int, width: int, dtype: str) -> np.ndarray:
    """Return sin and cos of t / 10000^(2i / width) in columns 2i and 2i + 1 (Vaswani et al. 2017). (length, width)."""
    columns = np.arange(width)
    angles = np.arange(length)[:, None] / 10000.0 ** ((columns - columns % 2) / width)
    return np.where(columns % 2, np.cos(angles), np.sin(angles)).astype(dtype)
