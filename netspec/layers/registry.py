"""The kinds of layers by their keywords, each in a module of its own that is loaded when the keyword occurs."""

from functools import cache
from importlib import import_module
from typing import Final

from netspec.layers.layer import Layer
from netspec.operations import FUNCTIONS

KINDS: Final[dict[str, str]] = {
    "abs_difference": "abs_difference.AbsDifference",
    "adaptive_average_pool": "adaptive_average_pool.AdaptiveAveragePool",
    "adaptive_max_pool": "adaptive_max_pool.AdaptiveMaxPool",
    "add": "add.Add",
    "attention": "attention.Attention",
    "average_pool": "average_pool.AveragePool",
    "batch_norm": "batch_norm.BatchNorm",
    "concat": "concat.Concat",
    "conv": "conv.Conv",
    "conv_transpose": "conv_transpose.ConvTranspose",
    "crop": "crop.Crop",
    "dense": "dense.Dense",
    "depthwise_conv": "depthwise_conv.DepthwiseConv",
    "dropout": "dropout.Dropout",
    "embedding": "embedding.Embedding",
    "flatten": "flatten.Flatten",
    "global_average_pool": "global_average_pool.GlobalAveragePool",
    "global_max_pool": "global_max_pool.GlobalMaxPool",
    "group_norm": "group_norm.GroupNorm",
    "gru": "gru.Gru",
    "instance_norm": "instance_norm.InstanceNorm",
    "layer_norm": "layer_norm.LayerNorm",
    "learned": "learned.Learned",
    "log_softmax": "log_softmax.LogSoftmax",
    "lstm": "lstm.Lstm",
    "matmul": "matmul.Matmul",
    "max": "max.Max",
    "max_pool": "max_pool.MaxPool",
    "mean": "mean.Mean",
    "mlp": "mlp.Mlp",
    "multiply": "multiply.Multiply",
    "pad": "pad.Pad",
    "pointwise_conv": "pointwise_conv.PointwiseConv",
    "positional_embedding": "positional_embedding.PositionalEmbedding",
    "prelu": "prelu.Prelu",
    "reshape": "reshape.Reshape",
    "rms_norm": "rms_norm.RmsNorm",
    "rnn": "rnn.Rnn",
    "rotary": "rotary.Rotary",
    "sinusoidal_embedding": "sinusoidal_embedding.SinusoidalEmbedding",
    "slice": "slice.Slice",
    "softmax": "softmax.Softmax",
    "split": "split.Split",
    "stack": "stack.Stack",
    "subtract": "subtract.Subtract",
    "sum": "sum.Sum",
    "transpose": "transpose.Transpose",
    "upsample": "upsample.Upsample",
}
"""Keyword to module and class. The names are the language's, so a name is never taken back."""

KEYWORDS: Final[tuple[str, ...]] = tuple(sorted({*KINDS, *FUNCTIONS}))
"""Every word that an item of `layers` may begin with, activations included."""


@cache
def kind(keyword: str) -> type[Layer]:
    """Return the kind of layer that a keyword of KEYWORDS names. An activation is a layer of its own."""
    if keyword in KINDS:
        module, name = KINDS[keyword].split(".")
        found: type[Layer] = vars(import_module(f"netspec.layers.{module}"))[name]
        assert issubclass(found, Layer)  # noqa: S101  the table is closed, and a test loads all of it
        return found
    from netspec.layers.activation import activation_kind

    return activation_kind(keyword)
