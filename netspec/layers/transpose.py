"""The axes in another order."""

from typing import ClassVar

from pydantic import Field

from netspec.layers.axes import Axes, axis_of
from netspec.layers.layer import Layer
from netspec.operations import Builder, OperationFault, Tensor, written
from netspec.operations.transpose import Transpose as Operation


class Transpose(Layer):
    """y[i_0, i_1, …] = x[…] with the axes in another order: axis k of y is axis axes[k] of x.

    x: (n_0, n_1, …), y: (n_axes[0], n_axes[1], …). Of two axes each becomes the other unless `axes` are given.

    Source: elementary. As torch.permute, whose axes are numbered with the batch axis.

    Example:
        - transpose: [1, 2, 0]
    """

    keyword: ClassVar[str] = "transpose"
    shorthand: ClassVar[str] = "axes"

    axes: Axes | None = Field(None, description="the axes of x in the order that they have in y")

    def build(self, net: Builder, x: Tensor) -> Tensor:
        shape = net.shape(x)
        if self.axes is None:
            if len(shape) != 2:
                raise OperationFault(f"it exchanges two axes, and gets {written(shape)}: `axes` says their order")
            return net.apply(Operation((1, 0)), x)
        axes = tuple([axis_of(axis, shape) for axis in (self.axes if isinstance(self.axes, list) else [self.axes])])
        if sorted(axes) != list(range(len(shape))):
            raise OperationFault(f"`axes` names each of the {len(shape)} axes of {written(shape)} once")
        return x if axes == tuple(range(len(shape))) else net.apply(Operation(axes), x)
