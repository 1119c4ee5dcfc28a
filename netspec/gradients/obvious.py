"""Which loss suits an output and its targets where nobody says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from netspec.spec.recipe import Loss, class_axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUM_TOLERANCE: Final = 1e-3
"""By which probabilities may miss 1: they are often written in a few digits."""

_Size = TypeVar("_Size")


def class_shape(shape: Sequence[_Size]) -> tuple[_Size, ...]:
    """Return the shape of the classes that are the target of an output: without the axis of classes."""
    axis = class_axis(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def obvious_loss(shape: Sequence[int], ending: str, target: "NDArray[Any]") -> Loss:
    """Return the loss: by what the output ends with, and by what the targets are.

    Cross-entropy behind a softmax, and where targets are integers in the place of several classes; binary
    cross-entropy behind a sigmoid, and where an output of one number has the targets 0 and 1 as integers or booleans;
    else the squared error. shape: of one example's output; target: (batch, …).
    """
    if ending in ("softmax", "log_softmax"):
        return Loss("cross_entropy")
    if ending == "sigmoid":
        return Loss("binary_cross_entropy")
    if target.dtype.kind not in "biu":
        return Loss("squared_error")
    if shape[class_axis(shape)] > 1 and target.shape[1:] == class_shape(shape):
        return Loss("cross_entropy")
    if target.size and int(target.min()) >= 0 and int(target.max()) <= 1:
        return Loss("binary_cross_entropy")
    return Loss("squared_error")
