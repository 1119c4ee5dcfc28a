"""What is worked out of the tensors once, before the first step, where operations are folded into each other.

Sums and products are of float64, and what comes out has the dtype of the tensors. The text is copied into emitted
programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np


def scale_of(gamma: np.ndarray | None, variance: np.ndarray, epsilon: float) -> np.ndarray:
    """Return s = γ / √(variance + ε), (C,), the scale of a batch norm."""
    scale = 1.0 / np.sqrt(variance.astype(np.float64) + epsilon)
    return (scale if gamma is None else scale * gamma).astype(variance.dtype)


def scaled_outputs(Omega: np.ndarray, gamma: np.ndarray | None, variance: np.ndarray, epsilon: float) -> np.ndarray:
    """Return Ω with what leads to each output times the scale of a batch norm. Ω: (out, …)."""
    scale = 1.0 / np.sqrt(variance.astype(np.float64) + epsilon)
    scale = (scale if gamma is None else scale * gamma).reshape(-1, *(1,) * (Omega.ndim - 1))
    scaled: np.ndarray = Omega * scale
    return scaled.astype(Omega.dtype)


def moved_outputs(
    beta: np.ndarray | None,
    mean: np.ndarray,
    offset: np.ndarray | None,
    gamma: np.ndarray | None,
    variance: np.ndarray,
    epsilon: float,
) -> np.ndarray:
    """Return s (β - mean) + offset, (out,): the β of a map and the batch norm behind it."""
    scale = 1.0 / np.sqrt(variance.astype(np.float64) + epsilon)
    moved = (scale if gamma is None else scale * gamma) * ((0.0 if beta is None else beta) - mean.astype(np.float64))
    return (moved if offset is None else moved + offset).astype(mean.dtype)


def gained_inputs(Omega: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Return Ω with what comes from each input times its gain. Ω: (out, in), γ: (in,)."""
    gained: np.ndarray = Omega * gamma
    return gained


def carried_on(beta: np.ndarray | None, Omega: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return β + Ω offset, (out,): what an offset of the inputs adds to the outputs."""
    carried = Omega.astype(np.float64) @ offset
    moved: np.ndarray = carried if beta is None else carried + beta
    return moved.astype(Omega.dtype)


def one_after_another(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Ω₂ Ω₁, (out, in), of two maps of which the first is done first."""
    both: np.ndarray = second.astype(np.float64) @ first.astype(np.float64)
    return both.astype(first.dtype)


def stacked(*tensors: np.ndarray) -> np.ndarray:
    """Return the outputs of several maps, one behind the other: Ω (out, in) each, or β (out,)."""
    return np.concatenate(tensors)


def no_offset(Omega: np.ndarray) -> np.ndarray:
    """Return β = 0, (out,), for a map without any."""
    return np.zeros(len(Omega), Omega.dtype)
