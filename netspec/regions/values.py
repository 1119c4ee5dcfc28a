"""What a step gives at homogeneous points."""

from typing import Any

import numpy as np

from netspec.regions.overflow import finite
from netspec.regions.steps import Array, Linear, chosen


def result_at(step: Any, operands: list[Array], far: Array) -> Array:
    """Return the result of a step, (points, *shape), at points with x_0 = `far`: constants and offsets times x_0."""
    if isinstance(step, Linear):
        acted = finite(step.act(operands))
        return acted if step.constant is None else acted + np.multiply.outer(far, step.constant)
    (z,) = operands
    weight = far.reshape(-1, *(1,) * (z.ndim - 1))
    piece = np.zeros(z.shape, np.int64)
    for point in step.points:
        piece += z > point * weight
    y: Array = chosen(step.slopes, piece) * z
    return y + chosen(step.offsets, piece) * weight if step.offsets.any() else y
