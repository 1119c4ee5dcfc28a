"""Normalisations: (x - mean) / √(variance + ε), as torch.nn.BatchNorm2d, LayerNorm, GroupNorm and RMSNorm have them.

Variances are those of the values themselves (divided by n). The text is copied into emitted programs, so these
functions need nothing but NumPy and each other.
"""

import math

import numpy as np


def batch_norm(
    x: np.ndarray,
    gamma: np.ndarray | None,
    beta: np.ndarray | None,
    mean: np.ndarray,
    variance: np.ndarray,
    epsilon: float,
) -> np.ndarray:
    """Return γ (x - mean) / √(variance + ε) + β by stored statistics, all (C,). x: (N, C, *positions)."""
    per_channel = (-1, *(1,) * (x.ndim - 2))
    scale = 1.0 / np.sqrt(variance + epsilon)
    if gamma is not None:
        scale *= gamma
    y: np.ndarray = x - mean.reshape(per_channel)
    y *= scale.reshape(per_channel)
    if beta is not None:
        y += beta.reshape(per_channel)
    return y


def layer_norm(
    x: np.ndarray, gamma: np.ndarray | None, beta: np.ndarray | None, axes: int, epsilon: float
) -> np.ndarray:
    """Return γ (x - mean) / √(variance + ε) + β over the last `axes` axes, whose shape γ and β have."""
    y = _standardised(x, tuple(range(-axes, 0)), epsilon)
    if gamma is not None:
        y *= gamma
    if beta is not None:
        y += beta
    return y


def group_norm(
    x: np.ndarray, gamma: np.ndarray | None, beta: np.ndarray | None, groups: int, epsilon: float
) -> np.ndarray:
    """Return γ (x - mean) / √(variance + ε) + β over each group of channels. x: (N, C, *positions), γ, β: (C,)."""
    per_channel = (-1, *(1,) * (x.ndim - 2))
    grouped = x.reshape(x.shape[0], groups, math.prod(x.shape[1:]) // groups)
    y = _standardised(grouped, (2,), epsilon).reshape(x.shape)
    if gamma is not None:
        y *= gamma.reshape(per_channel)
    if beta is not None:
        y += beta.reshape(per_channel)
    return y


def rms_norm(x: np.ndarray, gamma: np.ndarray | None, epsilon: float) -> np.ndarray:
    """Return γ x / √(mean of x² + ε) over the last axis (Zhang & Sennrich 2019). x: (N, …, D), γ: (D,)."""
    y: np.ndarray = x / np.sqrt(np.mean(np.square(x), -1, keepdims=True) + epsilon)
    if gamma is not None:
        y *= gamma
    return y


def _standardised(x: np.ndarray, axes: tuple[int, ...], epsilon: float) -> np.ndarray:
    """Return (x - mean) / √(variance + ε) over some axes."""
    y: np.ndarray = x - np.mean(x, axes, keepdims=True)
    y /= np.sqrt(np.mean(np.square(y), axes, keepdims=True) + epsilon)
    return y
