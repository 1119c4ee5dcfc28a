"""Positions as sines and cosines."""

from typing import ClassVar

from netspec.layers.layer import Layer
from netspec.operations import Builder, Tensor
from netspec.operations.sinusoidal import Sinusoidal


class SinusoidalEmbedding(Layer):
    """y[t, 2i] = x[t, 2i] + sin(t / 10000^(2i / D)), y[t, 2i + 1] = x[t, 2i + 1] + cos(t / 10000^(2i / D)).

    x and y: (T, D), of any length. There is nothing to learn.

    Source: Vaswani et al. 2017, section 3.5. PyTorch has no such layer.

    Example:
        - sinusoidal_embedding
    """

    keyword: ClassVar[str] = "sinusoidal_embedding"

    def build(self, net: Builder, x: Tensor) -> Tensor:
        return net.apply(Sinusoidal(), x)
