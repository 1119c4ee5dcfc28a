"""Which loss suits an output and its targets where nobody says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from netspec.gradients.shapes import fitted_shape
from netspec.spec.recipe import LossKind, class_axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUM_TOLERANCE: Final = 1e-3
"""By which probabilities may miss 1: they are often written in a few digits."""

TargetWord = Literal["classes", "binary", "numbers"]
"""What targets are: classes, two classes that one number tells apart, or numbers."""

_Size = TypeVar("_Size")
_OF_ENDINGS: Final[dict[str, LossKind]] = {
    "softmax": "cross_entropy",
    "log_softmax": "cross_entropy",
    "sigmoid": "binary_cross_entropy",
}
_OF_TARGETS: Final[dict[TargetWord, LossKind]] = {
    "classes": "cross_entropy",
    "binary": "binary_cross_entropy",
    "numbers": "squared_error",
}


def class_shape(shape: Sequence[_Size]) -> tuple[_Size, ...]:
    """Return the shape of the classes that are the target of an output: without the axis of classes."""
    axis = class_axis(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def ending_loss(ending: str) -> LossKind | None:
    """Return the loss that takes in what a network ends with; None where it ends in no probabilities."""
    return _OF_ENDINGS.get(ending)


def obvious_loss(ending: str, target: TargetWord) -> LossKind:
    """Return the loss: by what the output ends with, and else by what the targets are.

    Cross-entropy behind a softmax, and for classes; binary cross-entropy behind a sigmoid, and for two classes of one
    number; else the squared error.
    """
    return ending_loss(ending) or _OF_TARGETS[target]


def target_word(shape: Sequence[int | str], target: "NDArray[Any]") -> TargetWord:
    """Return what an array of targets (batch, …) is for an output, whose free sizes are words.

    Numbers in the place of several classes are classes, as nothing else fits; integers and booleans that are all 0 or 1
    are two classes where the output is one number.
    """
    several = len(shape) > 0 and shape[class_axis(shape)] != 1
    if several and fitted_shape(class_shape(shape), target.shape[1:]) is not None:
        return "classes"
    sharp = target.dtype.kind in "biu" and target.size and 0 <= int(target.min()) <= int(target.max()) <= 1
    return "binary" if sharp and is_single(shape) else "numbers"


def is_single(shape: Sequence[int | str]) -> bool:
    """Return whether an output is one number."""
    return all(size == 1 for size in shape)
