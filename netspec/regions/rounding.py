"""How far forms in float64 may be from the truth: estimates that are carried along with them.

An error of a form is one for each of its numbers, (n + 1, *shape), the same on all cells. What a linear step adds to it
is in the size of the sum of squares of the products that it adds up, and that is found by asking the step for results
of random signs: its numbers need not be known. Rows of zeros have no error, and small rows small ones.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.regions.steps import Forms, Linear

Errors: TypeAlias = NDArray[np.float64]

EPSILON: Final = float(np.finfo(np.float64).eps)

TOLERANCE: Final = 32.0
"""How many times its error a form is away from zero, where it is taken to be away from zero at a corner of a cell."""

DOUBT: Final = 2.0
"""How many times its error a form is away from zero in the middle of a cell that it is not zero on."""

_ASKED: Final = 16


def largest(forms: Forms) -> Errors:
    """Return the largest size of each number over all cells: (n + 1, *shape)."""
    found: Errors = np.maximum(forms.max(1), -forms.min(1))
    return found


def after_linear(step: Linear, before: Sequence[Errors], sizes: Sequence[Errors]) -> Errors:
    """Return the error of a linear step's result, given those of its operands and the sizes of their numbers."""
    generator = np.random.default_rng(0)
    rows = len(sizes[0])
    scales = [np.hypot(error, EPSILON * size) for error, size in zip(before, sizes, strict=True)]
    signs = [generator.choice([-1.0, 1.0], (_ASKED, 1, *scale.shape[1:])) for scale in scales]
    asked = [(sign * scale).reshape(_ASKED * rows, *scale.shape[1:]) for sign, scale in zip(signs, scales, strict=True)]
    acted = step.act(asked)
    largest_of_all = np.abs(acted).max(initial=0.0) or 1.0  # squares of it would be beyond float64, or below
    shares = (acted / largest_of_all).reshape(_ASKED, rows, *acted.shape[1:])
    found: Errors = largest_of_all * np.sqrt(np.mean(np.square(shares), 0))
    if step.constant is not None:
        found[0] = np.hypot(found[0], EPSILON * np.abs(step.constant))
    return found


def doubt(errors: Errors, points: NDArray[Any]) -> Errors:
    """Return how near to zero a form at a point counts as zero. errors: (n + 1, m), points: (cells, n)."""
    sizes = np.abs(points)
    found: Errors = DOUBT * (errors[0] + sizes @ errors[1:])
    return found
