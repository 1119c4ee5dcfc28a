"""What a target is: the number of a class, a probability, or numbers; told by the loss, or by what stands there."""

from collections.abc import Sequence
from typing import NamedTuple

from netspec.gradients.obvious import TargetWord, class_shape
from netspec.runtime.ports import Port
from netspec.spec.recipe import LossKind, class_axis

Shape = tuple[int | str, ...]


class TargetKind(NamedTuple):
    """What stands for one example.

    `classes`: integers from 0 to `classes` - 1 in an array of `shape`, which is that of the output without the axis
    along which the classes lie; instead of a class there may be a row of `classes` probabilities. `binary`:
    numbers between 0 and 1, or one of two words; `numbers`: any that are finite, both of the output's `shape`.
    """

    kind: TargetWord
    shape: Shape
    classes: int = 0

    @property
    def whole(self) -> Shape:
        """The shape where each class is a row of probabilities; else the shape."""
        if self.kind != "classes":
            return self.shape
        axis = self.axis
        return (*self.shape[:axis], self.classes, *self.shape[axis:])

    @property
    def axis(self) -> int:
        """The axis of an example, of probabilities, along which the classes lie."""
        return class_axis((*self.shape, self.classes))


def target_kind(loss: LossKind, shape: Shape) -> TargetKind:
    """Return what the targets of an output of this shape are under a loss."""
    if loss == "cross_entropy":
        return classes_of(shape)
    return TargetKind("binary" if loss == "binary_cross_entropy" else "numbers", shape)


def classes_of(shape: Shape) -> TargetKind:
    """Return the classes along their axis of an output. A free axis has no number: nothing bounds its classes."""
    size = shape[class_axis(shape)] if shape else 1
    return TargetKind("classes", class_shape(shape), size if isinstance(size, int) else 0)


def possible_kinds(wanted: TargetKind | None, port: Port) -> list[tuple[TargetKind, Shape]]:
    """Return what may stand for an output, each with the shape of it, the likeliest first.

    Where nothing is `wanted`, an output of two numbers or more has classes or numbers, and one of a single number has
    numbers; whether they are all 0 or 1 is seen when they have been read.
    """
    if wanted is not None:
        several = wanted.kind == "classes" and wanted.classes > 0
        return [(wanted, wanted.shape), *([(wanted, wanted.whole)] if several else [])]
    numbers = (TargetKind("numbers", port.shape), port.shape)
    classes = classes_of(port.shape)
    return [(classes, classes.shape), numbers] if classes.classes > 1 else [numbers]


def fixed_size(shape: Sequence[int | str]) -> int | None:
    """Return how many numbers a shape has; None where a size is free."""
    size = 1
    for one in shape:
        if isinstance(one, str):
            return None
        size *= one
    return size
