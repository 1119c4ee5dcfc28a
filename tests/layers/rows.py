"""The kinds of layers in one table, for laws over all of them: what each is given, and what it reads."""

from typing import Any, Final, NamedTuple

from netspec.layers.layer import Result
from netspec.layers.registry import kind
from netspec.layers.scope import Scope
from netspec.operations import Builder, Graph, Shape
from netspec.sizes import Size, symbol

NUMBERS: Final = {"H": 12, "W": 8, "T": 6, "S": 10}
"""What the free sizes of the rows are where they are known."""


class Row(NamedTuple):
    """A kind, its fields as YAML has them, and the shapes that it reads, such as `3 H W`: letters may be free."""

    keyword: str
    fields: dict[str, Any]
    shapes: tuple[str, ...]
    integers: bool = False

    def __str__(self) -> str:
        fields = ", ".join(f"{name}: {value}" for name, value in self.fields.items())
        return f"{self.keyword} {{{fields}}} of {' and '.join(self.shapes) or 'nothing'}"

    def reads(self, *, free: bool) -> tuple[Shape, ...]:
        """Return the shapes with their letters free, or as numbers."""
        return tuple([tuple([_size(word, free=free) for word in shape.split()]) for shape in self.shapes])


def _size(word: str, *, free: bool) -> Size:
    if word.isdigit():
        return int(word)
    return symbol(word) if free else NUMBERS[word]


def built(keyword: str, fields: dict[str, Any], *shapes: Shape, integers: bool = False) -> tuple[Graph, Result]:
    """Return the graph of one layer that reads values of these shapes, and what the layer gives."""
    layer = kind(keyword).model_validate(fields, context=Scope({}))
    graph = Graph(shapes)
    if integers:
        graph.integers = set(range(len(shapes)))
    result = layer.build(Builder(graph), *range(len(shapes)))
    graph.outputs = tuple(result.values()) if isinstance(result, dict) else (result,)
    return graph, result


ROWS: Final = (
    Row("abs_difference", {}, ("4 T", "4 T")),
    Row("adaptive_average_pool", {"size": [3, 2]}, ("4 H W",)),
    Row("adaptive_max_pool", {"size": 5}, ("4 T",)),
    Row("add", {}, ("4 H W", "4 1 1", "4 H W")),
    Row("attention", {"heads": 2}, ("T 8",)),
    Row("attention", {"heads": 4, "key_heads": 2, "causal": True, "rotary": True, "bias": False}, ("T 8",)),
    Row("attention", {"heads": 2, "width": 3, "output": 5, "rotary": False}, ("T 8", "S 7")),
    Row("average_pool", {"kernel": 2}, ("4 H W",)),
    Row("average_pool", {"kernel": 3, "stride": 2, "padding": 1, "ceil": True, "count_padding": False}, ("4 H W",)),
    Row("batch_norm", {}, ("4 H W",)),
    Row("batch_norm", {"affine": False, "epsilon": 0.001}, ("4",)),
    Row("concat", {}, ("4 H W", "2 H W")),
    Row("concat", {"axis": -1}, ("4 T", "4 S")),
    Row("conv", {"channels": 6, "kernel": 3}, ("4 T",)),
    Row(
        "conv",
        {"channels": 6, "kernel": [3, 2], "stride": [2, 1], "padding": [1, [0, 1]], "dilation": [1, 2], "groups": 2},
        ("4 H W",),
    ),
    Row("conv", {"channels": 6, "kernel": 2, "padding": "same", "bias": False, "activation": "relu"}, ("4 H W 5",)),
    Row("conv_transpose", {"channels": 6, "kernel": 4, "stride": 2, "padding": 1}, ("4 H W",)),
    Row(
        "conv_transpose",
        {"channels": 6, "kernel": 3, "stride": 3, "output_padding": 2, "groups": 2, "dilation": 2, "bias": False},
        ("4 T",),
    ),
    Row("crop", {"widths": [0, 1, [1, 2]]}, ("4 H W",)),
    Row("dense", {"width": 3, "activation": {"leaky_relu": {"slope": 0.1}}}, ("T 5",)),
    Row("depthwise_conv", {"kernel": 3, "multiplier": 2, "padding": "same"}, ("4 H W",)),
    Row("dropout", {}, ("4 T",)),
    Row("embedding", {"vocabulary": 20, "width": 3}, ("T",), integers=True),
    Row("flatten", {}, ("4 H W",)),
    Row("flatten", {"start": 1}, ("4 H W",)),
    Row("global_average_pool", {}, ("4 H W",)),
    Row("global_max_pool", {"keep": True}, ("4 H W",)),
    Row("group_norm", {"groups": 2}, ("4 H W",)),
    Row("gru", {"width": 3, "bidirectional": True}, ("T 5",)),
    Row("instance_norm", {}, ("4 H W",)),
    Row("instance_norm", {"affine": True}, ("4 T",)),
    Row("layer_norm", {}, ("T 5",)),
    Row("layer_norm", {"axes": 2, "scale": False, "bias": False}, ("4 H W",)),
    Row("learned", {"shape": [1, 8]}, ()),
    Row("log_softmax", {}, ("T 5",)),
    Row("lstm", {"width": 3, "give": "last", "bidirectional": True}, ("T 5",)),
    Row("matmul", {"transpose_second": True}, ("T 4", "S 4")),
    Row("matmul", {"transpose_first": True}, ("3 4 H", "1 4 W")),
    Row("max", {"axes": [0, -1]}, ("T 5 3",)),
    Row("max_pool", {"kernel": 2}, ("4 H W",)),
    Row("max_pool", {"kernel": 2, "stride": 3, "ceil": True, "dilation": 2}, ("4 H W 12",)),
    Row("max_pool", {"kernel": 5, "stride": 3, "ceil": True}, ("4 3 4",)),
    Row("average_pool", {"kernel": 5, "stride": 3, "ceil": True}, ("4 3 4",)),
    Row("mean", {"axes": 0}, ("T 5",)),
    Row("mlp", {"widths": [4, 4], "output": 2}, ("T 5",)),
    Row("multiply", {}, ("4 H W", "4 1 1")),
    Row("pad", {"widths": [0, 1, [1, 2]], "value": 0.5}, ("4 H W",)),
    Row("pointwise_conv", {"channels": 6, "stride": 2}, ("4 H W",)),
    Row("positional_embedding", {"length": 12}, ("T 5",)),
    Row("prelu", {}, ("T 5",)),
    Row("prelu", {"each": "channel"}, ("4 H W",)),
    Row("reshape", {"shape": [2, "rest"]}, ("4 H W",)),
    Row("rms_norm", {}, ("T 5",)),
    Row("rms_norm", {"scale": False}, ("4 T",)),
    Row("rnn", {"width": 3, "function": "relu", "bias": False}, ("T 5",)),
    Row("rotary", {"heads": 2, "base": 500}, ("T 8",)),
    Row("sinusoidal_embedding", {}, ("T 5",)),
    Row("slice", {"axis": 0, "start": 1, "stop": -1, "step": 2}, ("T 5",)),
    Row("slice", {"axis": 1, "index": -1}, ("3 T",)),
    Row("softmax", {"axis": 0}, ("4 H W",)),
    Row("split", {"into": ["a", "b"]}, ("4 H W",)),
    Row("split", {"sizes": {"a": 1, "b": "rest", "c": 2}, "axis": -1}, ("4 H W",)),
    Row("stack", {"axis": 1}, ("4 T", "4 T")),
    Row("subtract", {}, ("4 T", "4 T")),
    Row("sum", {"axes": 1, "keep": True}, ("4 T",)),
    Row("transpose", {}, ("4 T",)),
    Row("transpose", {"axes": [1, 2, 0]}, ("4 H W",)),
    Row("upsample", {"factor": [2, 3]}, ("4 H W",)),
    Row("upsample", {"factor": 2, "mode": "bilinear"}, ("4 H W",)),
)
