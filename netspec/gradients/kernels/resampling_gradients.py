"""Upsampling by whole factors and its gradients, as torch.nn.Upsample has it with align_corners=False.

Layout: upright, x and dx (C, *positions, batch), y and dy (C, *(n · factor), batch). Nothing is saved: both are linear,
and the gradient is by the transposed map. The text is copied into programs, so these functions need nothing but NumPy
and each other.
"""

import numpy as np


def upsample_nearest_forward(x: np.ndarray, *, y: np.ndarray, factors: tuple[int, ...]) -> None:
    """Write every position as often as its axis' factor says into y. Nothing has to be saved."""
    apart = [size for pair in zip(x.shape[1:-1], factors, strict=True) for size in pair]
    ones = [size for n in x.shape[1:-1] for size in (n, 1)]
    channels, batch = x.shape[0], x.shape[-1]
    y.reshape(channels, *apart, batch)[...] = x.reshape(channels, *ones, batch)


def upsample_nearest_backward(dy: np.ndarray, _saved: None, *, dx: np.ndarray, factors: tuple[int, ...]) -> None:
    """Write the sum of dy over the copies of an element into dx."""
    for number, place in enumerate(np.ndindex(*factors)):
        copies = dy[:, *(slice(start, None, factor) for start, factor in zip(place, factors, strict=True))]
        if number == 0:
            np.copyto(dx, copies)
        else:
            dx += copies


def upsample_linear_forward(x: np.ndarray, *, y: np.ndarray, factors: tuple[int, ...]) -> None:
    """Write x between its positions, linearly along each axis, into y. Nothing has to be saved.

    Position i of the result lies at (i + 1/2) / factor - 1/2 of x, and beyond the outermost positions x goes on flat.
    """
    whole = x
    for axis, factor in enumerate(factors, 1):
        before = (slice(None),) * axis
        n = whole.shape[axis]
        shape = (*whole.shape[:axis], n * factor, *whole.shape[axis + 1 :])
        longer = y if axis == len(factors) else np.empty(shape, x.dtype)
        for phase in range(factor):
            share, near, far, end = _linear_taps(phase, factor, n)
            goal = longer[*before, phase::factor]
            np.multiply(whole, 1.0 - share, out=goal)
            if share:
                other = whole * share
                goal[*before, near] += other[*before, far]
                goal[*before, end] += other[*before, end]
        whole = longer


def upsample_linear_backward(dy: np.ndarray, _saved: None, *, dx: np.ndarray, factors: tuple[int, ...]) -> None:
    """Write the transposed interpolation of dy into dx, along one axis after the other."""
    whole = dy
    for axis, factor in zip(range(len(factors), 0, -1), reversed(factors), strict=True):
        before = (slice(None),) * axis
        n = whole.shape[axis] // factor
        shorter = dx if axis == 1 else np.empty((*whole.shape[:axis], n, *whole.shape[axis + 1 :]), dy.dtype)
        for phase in range(factor):
            share, near, far, end = _linear_taps(phase, factor, n)
            given = whole[*before, phase::factor]
            if phase == 0:
                np.multiply(given, 1.0 - share, out=shorter)
            else:
                shorter += given * (1.0 - share)
            if share:
                other = given * share
                shorter[*before, far] += other[*before, near]
                shorter[*before, end] += other[*before, end]
        whole = shorter


def _linear_taps(phase: int, factor: int, n: int) -> tuple[float, slice, slice, slice]:
    """Return the share of a neighbour in every factor-th position of the result, and where both are.

    The positions from p of x on have p with 1 - share. `near` have with `share` those of x at `far`, and the `end`,
    which has no neighbour, itself.
    """
    offset = (phase + 0.5) / factor - 0.5
    if offset < 0.0:
        return -offset, slice(1, n), slice(0, n - 1), slice(0, 1)
    return offset, slice(0, n - 1), slice(1, n), slice(n - 1, n)
