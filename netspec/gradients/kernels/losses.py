"""Losses of a batch from what a network gives before a last softmax or sigmoid, each with its gradient.

y: classes first and the rest behind them, (C, *others, batch), where `upright`; else (batch, *others), classes last.
Targets have the batch axis first. `weights`, one for each example, or None; the loss is the mean of the examples
by their weights, times `factor`, and its gradient is written into dy unless that is None. The text is copied into
emitted programs, so these functions need nothing but NumPy and each other.
"""

import math

import numpy as np


def cross_entropy(
    y: np.ndarray,
    target: np.ndarray,
    dy: np.ndarray | None,
    weights: np.ndarray | None,
    class_weights: np.ndarray | None,
    upright: bool,
    smoothing: float,
    factor: float,
) -> float:
    """Return the mean of -Σ q log softmax(y) over the examples and positions, q being the class that is the target,
    moved by `smoothing` towards all, or the probabilities that it has. As torch.nn.functional.cross_entropy.

    target: integers (batch, *others), or numbers of the shape of y with the batch axis first, classes where y has them.
    Raises IndexError where a class is none of the C.
    """
    classes = y.shape[0] if upright else y.shape[-1]
    z = y.reshape(classes, -1) if upright else y.reshape(-1, classes).T
    batch = y.shape[-1] if upright else len(y)
    each = z.shape[1] // max(1, batch)
    p = np.empty(z.shape, y.dtype) if dy is None else (dy.reshape(z.shape) if upright else dy.reshape(-1, classes).T)
    np.subtract(z, np.maximum.reduce(z, 0), out=p)
    w = _example_weights(weights, each, upright, y.dtype)
    if target.dtype.kind == "f":
        q = target.reshape(batch, -1).T.reshape(z.shape) if upright else target.reshape(-1, classes).T
        return _soft(p, q, w, class_weights, smoothing, factor, dy is not None)
    t = target.reshape(-1) if each == 1 or not upright else target.reshape(batch, each).T.reshape(-1)
    columns = np.arange(z.shape[1])
    if class_weights is not None:
        w = class_weights[t] if w is None else w * class_weights[t]
    total_weight = float(z.shape[1]) if w is None else float(np.add.reduce(w))
    if smoothing:
        chosen = class_weights if class_weights is not None else np.ones(classes, y.dtype)
        q = np.empty(z.shape, y.dtype)
        q[...] = (smoothing / classes) * chosen[:, None]
        if w is not None and weights is not None:
            q *= _example_weights(weights, each, upright, y.dtype)
        q[t, columns] += (1.0 - smoothing) if w is None else (1.0 - smoothing) * w
        return _against(p, q, loss_share(factor, total_weight), dy is not None)
    # By one index where p lies in order, in half the time; a class too large is beyond the end by that as well.
    whole, at = (p.reshape(-1), t * z.shape[1] + columns) if p.flags.c_contiguous else (p, (t, columns))
    picked = whole[at]
    np.exp(p, out=p)
    sums = np.add.reduce(p, 0)
    losses = np.log(sums)
    losses -= picked
    share = loss_share(factor, total_weight)
    loss = float(np.add.reduce(losses) if w is None else np.dot(losses, w)) * share
    if dy is not None:
        np.divide(share, sums, out=sums)
        if w is not None:
            sums *= w
        np.multiply(p, sums, out=p)
        whole[at] -= share if w is None else w * share
    return loss


def _soft(
    p: np.ndarray,
    q: np.ndarray,
    w: np.ndarray | None,
    class_weights: np.ndarray | None,
    smoothing: float,
    factor: float,
    wanted: bool,
) -> float:
    """Return the loss against probabilities, whose mean is over the examples, whatever the weights of classes."""
    classes, count = p.shape
    q = q * (1.0 - smoothing) + smoothing / classes if smoothing else q
    q = q if class_weights is None else q * class_weights[:, None]
    q = q if w is None else q * w
    return _against(p, q, loss_share(factor, count if w is None else float(np.add.reduce(w))), wanted)


def _against(p: np.ndarray, q: np.ndarray, share: float, wanted: bool) -> float:
    """Return share · -Σ q log softmax, p being logits below 0; the gradient is written over p where wanted."""
    sums = np.log(np.add.reduce(np.exp(p), 0))
    np.subtract(p, sums, out=p)
    loss = -float(np.einsum("cn,cn->", p, q)) * share
    if wanted:
        np.exp(p, out=p)
        p *= np.add.reduce(q, 0)
        p -= q
        p *= share
    return loss


def squared_error(
    y: np.ndarray, target: np.ndarray, dy: np.ndarray | None, weights: np.ndarray | None, upright: bool, factor: float
) -> float:
    """Return the mean of (y - t)² over elements and examples, as torch.nn.functional.mse_loss."""
    d, w, share = _difference(y, target, dy, weights, upright, factor)
    loss = float(np.einsum("nb,nb,b->", d, d, w) if w is not None else np.einsum("nb,nb->", d, d)) * share
    if dy is not None:
        d *= 2.0 * share if w is None else w * (2.0 * share)
    return loss


def absolute_error(
    y: np.ndarray, target: np.ndarray, dy: np.ndarray | None, weights: np.ndarray | None, upright: bool, factor: float
) -> float:
    """Return the mean of |y - t| over elements and examples, as torch.nn.functional.l1_loss."""
    d, w, share = _difference(y, target, dy, weights, upright, factor)
    sizes = np.add.reduce(np.abs(d), 0)
    loss = float(np.add.reduce(sizes) if w is None else np.dot(sizes, w)) * share
    if dy is not None:
        np.sign(d, out=d)
        d *= share if w is None else w * share
    return loss


def huber(
    y: np.ndarray,
    target: np.ndarray,
    dy: np.ndarray | None,
    weights: np.ndarray | None,
    upright: bool,
    factor: float,
    delta: float,
) -> float:
    """Return the mean of d²/2 where |d| is at most delta, and else of delta (|d| - delta/2), d = y - t: Huber 1964; as
    torch.nn.functional.huber_loss.
    """
    d, w, share = _difference(y, target, dy, weights, upright, factor)
    near = np.minimum(np.maximum(d, -delta), delta)
    sizes = np.einsum("nb,nb->b", near, d) - 0.5 * np.einsum("nb,nb->b", near, near)
    loss = float(np.add.reduce(sizes) if w is None else np.dot(sizes, w)) * share
    if dy is not None:
        np.multiply(near, share if w is None else w * share, out=d)
    return loss


def binary_cross_entropy(
    y: np.ndarray,
    target: np.ndarray,
    dy: np.ndarray | None,
    weights: np.ndarray | None,
    class_weights: np.ndarray | None,
    upright: bool,
    factor: float,
) -> float:
    """Return the mean of -t log σ(y) - (1 - t) log(1 - σ(y)) = max(y, 0) - y t + log(1 + exp(-|y|)) over elements and
    examples, as torch.nn.functional.binary_cross_entropy_with_logits.

    `class_weights` are those of 0 and of 1: an element has the one that its target is nearer to; the mean is by weight.
    """
    batch = y.shape[-1] if upright else len(y)
    z = y.reshape(-1, batch) if upright else y.reshape(batch, -1).T
    t = target.reshape(batch, -1).T.astype(y.dtype, copy=False)
    w: np.ndarray | None = None if weights is None else np.broadcast_to(weights.astype(y.dtype), z.shape)
    if class_weights is not None:
        own = class_weights[(t > 0.5).astype(np.int64)]
        w = own if w is None else own * w
    share = loss_share(factor, z.size if w is None else float(np.sum(w)))
    tail = np.exp(-np.abs(z))
    losses = np.maximum(z, 0.0) - z * t + np.log1p(tail)
    loss = float(np.sum(losses) if w is None else np.sum(losses * w)) * share
    if dy is not None:
        d = dy.reshape(z.shape) if upright else dy.reshape(batch, -1).T
        np.divide(np.where(z >= 0.0, 1.0, tail), 1.0 + tail, out=d)
        d -= t
        d *= share if w is None else w * share
    return loss


def _difference(
    y: np.ndarray, target: np.ndarray, dy: np.ndarray | None, weights: np.ndarray | None, upright: bool, factor: float
) -> "tuple[np.ndarray, np.ndarray | None, float]":
    """Return y - t as (elements, batch), in the memory of dy if there is such, weights, and a term's share."""
    batch = y.shape[-1] if upright else len(y)
    z = y.reshape(-1, batch) if upright else y.reshape(batch, -1).T
    d = np.empty(z.shape, y.dtype)
    if dy is not None:
        d = dy.reshape(z.shape) if upright else dy.reshape(batch, -1).T
    np.subtract(z, target.reshape(batch, -1).T, out=d)
    w = None if weights is None else weights.astype(y.dtype, copy=False)
    total = float(batch) if w is None else math.fsum(w.tolist())
    return d, w, loss_share(factor, total * z.shape[0])


def _example_weights(weights: np.ndarray | None, each: int, upright: bool, dtype: "np.dtype") -> np.ndarray | None:
    """Return the weight of each example at each of its positions, in the order of the columns."""
    if weights is None:
        return None
    given = weights.astype(dtype, copy=False)
    return np.tile(given, each) if upright else np.repeat(given, each)


def loss_share(factor: float, total: float) -> float:
    """Return the share of a term in a mean whose weights sum up to `total`: none where nothing weighs anything."""
    return factor / total if total else 0.0
