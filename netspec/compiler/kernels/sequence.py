"""Attention and positions: (N, T, features), as torch.nn.functional.scaled_dot_product_attention has the attention.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np

_SCORE_BYTES = 2**20  # of scores at a time: what a core's own cache holds, whatever the length


def attend(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    heads: int,
    key_heads: int,
    causal: bool,
    scale: float,
) -> np.ndarray:
    """Return softmax(scale Q Kᵀ) V head by head (Vaswani et al. 2017), (N, T, heads dv).

    query: (N, T, heads d), key: (N, S, key_heads d), value: (N, S, key_heads dv). Neighbouring heads share a key
    (Ainslie et al. 2023). `causal`: step t reads the keys up to t.
    """
    count, length, width = query.shape
    keys = key.shape[1]
    group = heads // key_heads
    q = (query * scale).reshape(count, length, key_heads, group, width // heads).transpose(0, 2, 3, 1, 4)
    k = key.reshape(count, keys, key_heads, 1, width // heads).transpose(0, 2, 3, 4, 1)
    v = value.reshape(count, keys, key_heads, 1, value.shape[2] // key_heads).transpose(0, 2, 3, 1, 4)
    y = np.empty((count, length, key_heads, group, v.shape[4]), query.dtype)
    room = _SCORE_BYTES // max(1, group * keys * query.itemsize)
    rows = max(1, min(length, room))
    some_heads = max(1, min(key_heads, room // max(1, length)))
    examples = max(1, room // max(1, length * key_heads))
    for first in range(0, count, examples):
        for head in range(0, key_heads, some_heads):
            for start in range(0, length, rows):
                part = (slice(first, first + examples), slice(head, head + some_heads))
                seen = slice(0, min(keys, start + rows) if causal else keys)
                scores = np.matmul(q[*part, :, start : start + rows], k[*part, ..., seen])
                if causal:
                    ahead = np.arange(scores.shape[4]) > np.arange(start, start + scores.shape[3])[:, None]
                    np.copyto(scores, -np.inf, where=ahead)
                scores -= np.max(scores, -1, keepdims=True)
                np.exp(scores, out=scores)
                mixed = np.matmul(scores, v[*part, :, seen])
                mixed /= np.sum(scores, -1, keepdims=True)
                y[first : first + examples, start : start + rows, head : head + some_heads] = mixed.transpose(
                    0, 3, 1, 2, 4
                )
    return y.reshape(count, length, heads * v.shape[4])


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
