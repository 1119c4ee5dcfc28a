"""Scaled dot-product attention of several heads, and its gradients.

Values are rows: query (N, T, heads d), key (N, S, key_heads d), value (N, S, key_heads e), y (N, T, heads e).
Neighbouring heads share a key. The text is copied into emitted programs, so these functions need nothing but NumPy,
each other and those of `sequence`.

Saved are y by heads and two numbers of each row, from which the backward pass makes the weights once more by a product
and an exponential. To keep the weights spares a fifth of the time of both passes, and takes S / e times the memory of
y: they are kept where they are few, and of a long sequence they would be more than all else that a network saves.
"""

from collections.abc import Iterator

import numpy as np

from netspec.compiler.kernels.sequence import _SMALL_SCORE, _lengths

_KEPT_BYTES = 2**23  # of weights that are kept, of all examples and heads together
_ATTEND_BYTES = 2**19  # of scores at a time: what is larger leaves the caches near a core
_ATTEND_STEPS = 128  # queries at a time, and at least a quarter of these
_CAUSAL_STEPS = 64  # queries at a time where what they do not see is left out
_SHORT_TILE = 32  # rows of weights times values at a time: with the values in the first cache


def attend_forward(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    y: np.ndarray,
    heads: int,
    key_heads: int,
    causal: bool,
    scale: float,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]]:
    """Write softmax(scale Q Kᵀ) V into y, some heads and steps at a time, and return what `attend_backward` needs.

    `causal`: step t reads the keys up to t. For each tile of heads and steps, these are: y, (n, h, group, steps, e),
    group being the heads that share a key; 1 / Σ exp(score), (n, h, group, steps); the largest score, which is taken
    from the others, or None where none needs to be; and exp(score), (n, h, group, steps, S), where it is kept.
    """
    q, results = _by_heads(query, heads, key_heads), _by_heads(y, heads, key_heads)
    k, v = _by_heads(key, key_heads, key_heads)[:, :, 0], _by_heads(value, key_heads, key_heads)[:, :, 0]
    length, keys = query.shape[1], key.shape[1]
    is_kept = len(query) * heads * length * keys * query.itemsize <= _KEPT_BYTES
    fence, ones = _fence(query.dtype) if causal else None, np.ones(keys, query.dtype)
    # |q·k| is at most |q| |k|, and where that is small a row needs not its largest score taken from it
    reach = np.max(_lengths(key, key_heads), 2)[:, :, None] * np.max(_lengths(query, heads), 2).reshape(q.shape[:3])
    is_large = not bool((reach * abs(scale) < _SMALL_SCORE).all())
    saved = []
    for few, part, rows in _score_tiles(q.shape, keys, query.itemsize, causal):
        seen = min(keys, rows.stop) if causal else keys
        queries = np.multiply(q[few, part, :, rows], scale, order="C")
        weights = _scores(queries, k[few, part, :seen], rows.start, fence)
        largest = np.max(weights, 4) if is_large else None
        if largest is not None:
            weights -= largest[..., None]
        np.exp(weights, out=weights)
        share = np.matmul(weights, ones[:seen])
        np.divide(1.0, share, out=share)
        mixed = np.empty((*queries.shape[:4], v.shape[3]), query.dtype)
        _mix(weights, v[few, part, :seen], mixed)
        mixed *= share[..., None]
        results[few, part, :, rows] = mixed
        saved.append((mixed, share, largest, weights if is_kept else None))
    return saved


def attend_backward(
    dy: np.ndarray,
    saved: list[tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]],
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    dquery: np.ndarray | None = None,
    dkey: np.ndarray | None = None,
    dvalue: np.ndarray | None = None,
    heads: int,
    key_heads: int,
    causal: bool,
    scale: float,
) -> None:
    """Write the gradients of `attend_forward`: dV = Pᵀ dy, dK = scale dSᵀ Q and dQ = scale dS K.

    P are the weights and dS = P ∘ (dy Vᵀ - Σ dy y), as the sum of a row of P ∘ dy Vᵀ is that of dy y, which is shorter
    (Dao et al. 2022). The sum of a row's exponentials, by which P is divided, divides the row of dy instead.
    """
    q, g = _by_heads(query, heads, key_heads), _by_heads(dy, heads, key_heads)
    k, v = _by_heads(key, key_heads, key_heads)[:, :, 0], _by_heads(value, key_heads, key_heads)[:, :, 0]
    dq = None if dquery is None else _by_heads(dquery, heads, key_heads)
    dk = None if dkey is None else _by_heads(dkey, key_heads, key_heads)[:, :, 0]
    dv = None if dvalue is None else _by_heads(dvalue, key_heads, key_heads)[:, :, 0]
    length, keys = query.shape[1], key.shape[1]
    fence, ones = _fence(dy.dtype) if causal else None, np.ones(v.shape[3], dy.dtype)
    tiles = _score_tiles(q.shape, keys, query.itemsize, causal)
    for (few, part, rows), (mixed, share, largest, weights) in zip(tiles, saved, strict=True):
        seen = min(keys, rows.stop) if causal else keys
        queries = np.multiply(q[few, part, :, rows], scale, order="C")
        if weights is None:
            weights = _scores(queries, k[few, part, :seen], rows.start, fence)
            if largest is not None:
                weights -= largest[..., None]
            np.exp(weights, out=weights)
        given = np.multiply(g[few, part, :, rows], share[..., None], order="C")
        if dv is not None:
            _add_products(weights, given, dv[few, part], rows.stop == length)
        if dq is None and dk is None:
            continue
        slopes = np.empty_like(weights)
        _multiply_heads(given, v[few, part, :seen], slopes)
        given *= mixed
        slopes -= np.matmul(given, ones)[..., None]
        slopes *= weights
        if dk is not None:
            _add_products(slopes, queries, dk[few, part], rows.stop == length)
        if dq is not None:
            _mix(slopes, k[few, part, :seen], queries)
            np.multiply(queries, scale, out=dq[few, part, :, rows])


def _by_heads(x: np.ndarray, heads: int, key_heads: int) -> np.ndarray:
    """Return a view of x, (N, T, heads d), by heads, (N, key_heads, group, T, d)."""
    count, length, width = x.shape
    return x.reshape(count, length, key_heads, heads // key_heads, width // heads).transpose(0, 2, 3, 1, 4)


def _score_tiles(
    shape: tuple[int, ...], keys: int, itemsize: int, causal: bool
) -> "Iterator[tuple[slice, slice, slice]]":
    """Yield examples, heads of keys and steps whose scores are computed at a time, the last steps first.

    shape: that of queries by heads. The last steps read all keys that any reads, so they begin the sums over steps.
    """
    count, key_heads, group, length, _ = shape
    most = _ATTEND_BYTES // max(1, keys * itemsize)
    block = _CAUSAL_STEPS if causal else max(_ATTEND_STEPS // 4, min(_ATTEND_STEPS, most // _SHORT_TILE * _SHORT_TILE))
    block = min(block, length)
    some = max(1, min(key_heads, most // max(1, group * block)))
    examples = max(1, most // max(1, key_heads * group * block)) if some == key_heads else 1
    for first in range(0, count, examples):
        for head in range(0, key_heads, some):
            for start in reversed(range(0, length, max(1, block))):
                yield slice(first, first + examples), slice(head, head + some), slice(start, min(start + block, length))


def _fence(dtype: np.dtype) -> np.ndarray:
    """Return what is added to the scores of steps and of keys from the first of these on: -∞ where a key is later."""
    return np.triu(np.full((_CAUSAL_STEPS, _CAUSAL_STEPS), -np.inf, dtype), 1)


def _scores(queries: np.ndarray, keys: np.ndarray, start: int, fence: np.ndarray | None) -> np.ndarray:
    """Return Q Kᵀ, (n, h, group, steps, S).

    queries: (n, h, group, steps, d), from step `start` on; keys: (n, h, S, d).
    """
    seen = keys.shape[2]
    scores = np.empty((*queries.shape[:4], seen), queries.dtype)
    _multiply_heads(queries, keys, scores)
    if fence is not None and start + 1 < seen:
        scores[..., start:] += fence[: queries.shape[3], : seen - start]
    return scores


def _multiply_heads(rows: np.ndarray, keys: np.ndarray, out: np.ndarray) -> None:
    """Write the products of rows, (n, h, group, steps, d), and keys, (n, h, S, d), into `out`, all contiguous."""
    n, h, seen, d = keys.shape
    np.matmul(rows.reshape(n, h, -1, d), keys.transpose(0, 1, 3, 2), out=out.reshape(n, h, -1, seen))


def _mix(weights: np.ndarray, values: np.ndarray, out: np.ndarray) -> None:
    """Write weights times values into `out`, (n, h, group, steps, e). values: (n, h, S, e)."""
    *before, steps, seen = weights.shape
    tile = steps if steps % _SHORT_TILE else _SHORT_TILE
    np.matmul(
        weights.reshape(*before, -1, tile, seen),
        values[:, :, None, None],
        out=out.reshape(*before, -1, tile, values.shape[3]),
    )


def _add_products(weights: np.ndarray, rows: np.ndarray, out: np.ndarray, is_first: bool) -> None:
    """Add the sum over all rows of a head, weights transposed times rows, to `out`, (n, h, S, w), or begin it there."""
    n, h, _, width = out.shape
    seen = weights.shape[4]
    left, right = weights.reshape(n, h, -1, seen).transpose(0, 1, 3, 2), rows.reshape(n, h, -1, width)
    if is_first:
        np.matmul(left, right, out=out[:, :, :seen])
        out[:, :, seen:] = 0.0
    else:
        out[:, :, :seen] += np.matmul(left, right)
