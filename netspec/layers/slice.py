"""A stretch of an axis, or one element of it."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axis, Place, axis_of
from netspec.layers.fields import Count
from netspec.layers.layer import Layer
from netspec.layers.shapes import sliced
from netspec.operations import Builder, OperationFault, Tensor
from netspec.operations.index import Index


class Slice(Layer):
    """y = x[start:stop:step] on the axis, or x[index], the axis then being gone.

    Places count from 0, or from the end by -1. x: (…, n, …), y: (…, ⌈(stop - start) / step⌉, …), or without the axis.
    Of an axis whose size is free the elements that are named are taken to be there.

    Source: elementary. As slicing a torch.Tensor, but what is not there is a fault.

    Example:
        - slice: {axis: 0, start: 1}
        - slice: {axis: 0, index: -1}
    """

    keyword: ClassVar[str] = "slice"

    axis: Axis = Field(description="the axis that is cut")
    start: Place = Field(0, description="the first element that is taken")
    stop: Place | None = Field(None, description="the first element behind that is not; all to the end unless given")
    step: Count = Field(1, description="every how many-th element is taken")
    index: Place | None = Field(None, description="the only element that is taken, in place of a stretch")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        shape = net.shape(x)
        axis = axis_of(self.axis, shape)
        if self.index is None:
            return sliced(net, x, axis, self.start, self.stop, self.step)
        if (self.start, self.stop, self.step) != (0, None, 1):
            raise OperationFault("`index` takes one element, and `start`, `stop` and `step` a stretch: only one can be")
        size = shape[axis]
        Index(axis, self.index).shape(shape)
        return net.apply(Index(axis, self.index % size if isinstance(size, int) else self.index), x)
