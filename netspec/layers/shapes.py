"""What several layers do to shapes: the same elements in another one, and stretches of an axis."""

from netspec.operations import Builder, OperationFault, Shape, Tensor, volume, written
from netspec.operations.reshape import Reshape
from netspec.operations.slice import Slice
from netspec.sizes import equal


def reshaped(net: Builder, x: Tensor, sizes: Shape) -> Tensor:
    """Return x in another shape, or x itself where it has that one.

    Raises OperationFault where the elements are not as many, under what the spec says of its free sizes.
    """
    shape = net.shape(x)
    if shape == sizes:
        return x
    before, after = volume(shape), volume(sizes)
    if not (equal if net.settled is None else net.settled.equal)(before, after):
        raise OperationFault(f"it reads {written(shape)}, {before} elements, and {written(sizes)} has {after}")
    return net.apply(Reshape(sizes), x)


def sliced(net: Builder, x: Tensor, axis: int, start: int, stop: int | None, step: int = 1) -> Tensor:
    """Return x[start:stop:step] on an axis, or x itself where that is all of it.

    Places on an axis of a known size are counted from its beginning, so that each stretch is written in one way.
    Raises OperationFault where they are not on the axis.
    """
    size = net.shape(x)[axis]
    operation = Slice(axis, start, stop, step)
    operation.shape(net.shape(x))
    if isinstance(size, int):
        end = size if stop is None else stop % size if stop < 0 else stop
        operation = Slice(axis, start % size, None if end == size else end, step)
    if operation[1:] == (0, None, 1):
        return x
    return net.apply(operation, x)
