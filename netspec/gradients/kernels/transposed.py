"""The transposed convolution and its gradients, for any number of axes, as torch.nn.ConvTranspose2d has it.

Layout: upright, x and dx (C, *positions, batch), y and dy (channels, *positions', batch); Ω (C, channels / groups,
*kernel), β (channels,). All positions and examples are in one product; to go some lines at a time, or an element of the
window at a time, was tried and is slower. Nothing is saved: the gradients are told from x and Ω. The text is copied
into programs, so these functions need nothing but NumPy, `math`, each other and those of `pools`.
"""

import math

import numpy as np

from netspec.gradients.kernels.pools import taps_of_windows


def convolve_transposed_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    Omega: np.ndarray,
    beta: np.ndarray | None = None,
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    output_padding: tuple[int, ...],  # noqa: ARG001 - y has these positions
    dilation: tuple[int, ...],
    groups: int,
) -> None:
    """Write β + Ωᵀ x into y, where Ω ⋆ leads from y's shape to that of x. Nothing has to be saved."""
    within, kernel = Omega.shape[1], Omega.shape[2:]
    size = math.prod(kernel)
    weights = Omega.reshape(groups, Omega.shape[0] // groups, within * size).transpose(0, 2, 1)
    signals = x.reshape(groups, x.shape[0] // groups, math.prod(x.shape[1:]))
    columns = np.matmul(weights, signals).reshape(groups * within, size, *x.shape[1:])
    if beta is None:
        y.fill(0.0)
    else:
        y.reshape(len(beta), math.prod(y.shape[1:]))[...] = beta[:, None]
    for number, at, read in taps_of_windows(y.shape[1:-1], x.shape[1:-1], kernel, stride, padding, dilation):
        goal = y[read]
        goal += columns[:, number][at]


def convolve_transposed_backward(
    dy: np.ndarray,
    _saved: None,
    x: np.ndarray,
    *,
    Omega: np.ndarray,
    beta: np.ndarray | None = None,  # noqa: ARG001 - its gradient does not depend on it
    dx: np.ndarray | None = None,
    dOmega: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    output_padding: tuple[int, ...],  # noqa: ARG001 - dy has these positions
    dilation: tuple[int, ...],
    groups: int,
) -> None:
    """Write Ω ⋆ dy into dx, x ⋆ dy into dΩ, and the sum of dy at all positions into dβ."""
    within, kernel = Omega.shape[1], Omega.shape[2:]
    size, many = math.prod(kernel), math.prod(x.shape[1:])
    if dbeta is not None:
        np.add.reduce(dy.reshape(dy.shape[0], math.prod(dy.shape[1:])), 1, out=dbeta)
    if dx is None and dOmega is None:
        return
    columns = np.empty((groups * within, size, *x.shape[1:]), dy.dtype)
    missed = set(range(size))
    for number, at, read in taps_of_windows(dy.shape[1:-1], x.shape[1:-1], kernel, stride, padding, dilation):
        missed.remove(number)
        column = columns[:, number]
        goal = column[at]
        if goal.shape != column.shape:
            column.fill(0.0)
        goal[...] = dy[read]
    for number in missed:
        columns[:, number].fill(0.0)
    columns = columns.reshape(groups, within * size, many)
    if dx is not None:
        weights = Omega.reshape(groups, Omega.shape[0] // groups, within * size)
        np.matmul(weights, columns, out=dx.reshape(groups, dx.shape[0] // groups, many))
    if dOmega is not None:
        signals = x.reshape(groups, x.shape[0] // groups, many)
        dOmega[...] = np.matmul(signals, columns.transpose(0, 2, 1)).reshape(dOmega.shape)
