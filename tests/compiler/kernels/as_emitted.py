"""Operations by the kernels that programs call for them, where those are prepared first: channels before the positions.

They take the arguments of the plain operation.
"""

import numpy as np

from netspec.compiler.kernels.channels_last import convolve_unfolded, unfolded_weights
from netspec.compiler.kernels.folding import moved_outputs, scale_of
from netspec.compiler.kernels.matrices import bias_rows
from tests.compiler.kernels.laws import Array, Padding, Sizes


def convolve(
    x: Array, Omega: Array, beta: Array | None, stride: Sizes, padding: Padding, dilation: Sizes, groups: int
) -> Array:
    """Return β + Ω ⋆ x, (N, out, *positions), by the kernel that can compute every convolution."""
    weights, rows = unfolded_weights(Omega, groups), None if beta is None else bias_rows(beta)
    last, kernel = np.moveaxis(x, 1, -1), Omega.shape[2:]
    y = convolve_unfolded(last, weights, rows, kernel, stride, padding, dilation, groups, None, {})
    return np.moveaxis(y, -1, 1)


def batch_norm(
    x: Array, gamma: Array | None, beta: Array | None, mean: Array, variance: Array, epsilon: float
) -> Array:
    """Return γ (x - mean) / √(variance + ε) + β as a scale and a shift."""
    channels = (-1, *(1,) * (x.ndim - 2))
    scale = scale_of(gamma, variance, epsilon)
    shift = moved_outputs(None, mean, beta, gamma, variance, epsilon)
    y: Array = x * scale.reshape(channels) + shift.reshape(channels)
    return y
