"""The fully connected network as a file's body: the fields of `mlp` at the top, and the width of x."""

from pydantic import Field

from netspec.layers.fields import Width
from netspec.layers.mlp import Mlp


class FullyConnected(Mlp):
    """h_0 = x, h_{k+1} = a[β_k + Ω_k h_k], y = β_K + Ω_K h_K.

    Source: Prince, *Understanding Deep Learning*, equations 4.15 to 4.17.

    Example:
        netspec: 1
        input: 1
        widths: [3, 3]
        output: 1
    """

    input: Width = Field(description="D_i, the width of x")
