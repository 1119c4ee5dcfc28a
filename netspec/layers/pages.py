"""The page of every kind of layer, made from its class, for `netspec explain conv` and for the documentation."""

import re
from importlib import import_module
from inspect import cleandoc
from textwrap import fill, indent
from typing import Any, Final, NamedTuple, get_args, get_type_hints

from pydantic import WithJsonSchema

from netspec.layers.activations import Activation, Activations
from netspec.layers.axes import Axes, Axis, Number, Place, Switch
from netspec.layers.bounds import Positive, Rate
from netspec.layers.fields import Amount, Count, LayerCount, Width, Widths
from netspec.layers.layer import Layer
from netspec.layers.registry import KEYWORDS, KINDS, kind
from netspec.layers.windows import Amounts, Borders, Counts, Padding
from netspec.operations import FUNCTIONS, Elementwise


class Entry(NamedTuple):
    """A kind in the overview: what PyTorch and Keras call it, and the small network that its example stands in.

    `takes` is that network's input and `gives` its output, as YAML; `after` is an item behind the example.
    """

    keyword: str
    torch: str
    keras: str
    takes: str
    gives: str
    after: str = ""


FAMILIES: Final[dict[str, tuple[Entry, ...]]] = {
    "Dense": (
        Entry("dense", "Linear", "Dense", "784", "120"),
        Entry("mlp", "", "", "784", "10"),
    ),
    "Convolution": (
        Entry("conv", "Conv1d, Conv2d, Conv3d", "Conv1D, Conv2D, Conv3D", "[3, 32, 32]", "[16, 32, 32]"),
        Entry(
            "depthwise_conv",
            "Conv2d with groups",
            "DepthwiseConv1D, DepthwiseConv2D",
            "[8, 32, 32]",
            "[8, 32, 32]",
        ),
        Entry(
            "pointwise_conv", "Conv2d with a kernel of 1", "Conv2D with a kernel of 1", "[8, 32, 32]", "[32, 32, 32]"
        ),
        Entry(
            "conv_transpose",
            "ConvTranspose1d, ConvTranspose2d, ConvTranspose3d",
            "Conv1DTranspose, Conv2DTranspose, Conv3DTranspose",
            "[16, 16, 16]",
            "[8, 32, 32]",
        ),
    ),
    "Pooling and resampling": (
        Entry("max_pool", "MaxPool1d, MaxPool2d, MaxPool3d", "MaxPooling1D, …", "[8, 32, 32]", "[8, 16, 16]"),
        Entry("average_pool", "AvgPool1d, AvgPool2d, AvgPool3d", "AveragePooling1D, …", "[8, 32, 32]", "[8, 16, 16]"),
        Entry("global_average_pool", "AdaptiveAvgPool2d(1)", "GlobalAveragePooling1D, …", "[64, 7, 7]", "64"),
        Entry("global_max_pool", "AdaptiveMaxPool2d(1)", "GlobalMaxPooling1D, …", "[64, 7, 7]", "64"),
        Entry("adaptive_average_pool", "AdaptiveAvgPool1d, …", "", "[64, 30, 20]", "[64, 7, 7]"),
        Entry("adaptive_max_pool", "AdaptiveMaxPool1d, …", "", "[64, 30, 20]", "[64, 7, 7]"),
        Entry("upsample", "Upsample", "UpSampling1D, …", "[8, 16, 16]", "[8, 32, 32]"),
    ),
    "Normalisation and dropout": (
        Entry(
            "batch_norm", "BatchNorm1d, BatchNorm2d, BatchNorm3d", "BatchNormalization", "[3, 32, 32]", "[16, 30, 30]"
        ),
        Entry("layer_norm", "LayerNorm", "LayerNormalization", "[12, 64]", "[12, 64]"),
        Entry("group_norm", "GroupNorm", "GroupNormalization", "[3, 32, 32]", "[16, 30, 30]"),
        Entry("instance_norm", "InstanceNorm1d, …", "GroupNormalization(groups=-1)", "[3, 32, 32]", "[3, 32, 32]"),
        Entry("rms_norm", "RMSNorm", "RMSNormalization", "[12, 64]", "[12, 64]"),
        Entry("dropout", "Dropout", "Dropout", "64", "64"),
    ),
    "Sequences": (
        Entry("embedding", "Embedding", "Embedding", "{shape: [12], dtype: int32}", "[12, 16]"),
        Entry("positional_embedding", "Embedding of 0 … T - 1, added", "", "[12, 16]", "[12, 16]"),
        Entry("sinusoidal_embedding", "", "", "[12, 16]", "[12, 16]"),
        Entry("attention", "MultiheadAttention", "MultiHeadAttention", "[12, 64]", "[12, 64]"),
        Entry("rotary", "", "", "[12, 16]", "[12, 16]"),
        Entry("rnn", "RNN", "SimpleRNN", "[12, 8]", "16"),
        Entry("gru", "GRU", "GRU", "[12, 8]", "16"),
        Entry("lstm", "LSTM", "LSTM", "[12, 8]", "16"),
    ),
    "Merges": (
        Entry("add", "`x + y`", "Add", "64", "64"),
        Entry("subtract", "`x - y`", "Subtract", "16", "8"),
        Entry("multiply", "`x * y`", "Multiply", "16", "8"),
        Entry("abs_difference", "`(x - y).abs()`", "", "16", "8"),
        Entry("concat", "cat", "Concatenate", "[3, 32, 32]", "[11, 32, 32]"),
        Entry("stack", "stack", "ops.stack", "16", "[2, 8]"),
        Entry("matmul", "matmul", "ops.matmul", "[12, 16]", "[12, 12]"),
    ),
    "Shapes": (
        Entry("flatten", "Flatten", "Flatten", "[16, 5, 5]", "400"),
        Entry("reshape", "reshape", "Reshape", "[16, 5]", "[4, 20]"),
        Entry("transpose", "permute", "Permute", "[3, 28, 32]", "[28, 32, 3]"),
        Entry("slice", "slicing a Tensor", "slicing a tensor", "[12, 8]", "8"),
        Entry("split", "chunk, split", "ops.split", "16", "2", "- add: [code.mean, code.log_variance]"),
        Entry("pad", "ConstantPad2d", "ZeroPadding1D, …", "[8, 5]", "[8, 8]"),
        Entry("crop", "ZeroPad2d", "Cropping1D, …", "[8, 5]", "[8, 2]"),
    ),
    "Reductions and softmax": (
        Entry("sum", "sum", "ops.sum", "[12, 8]", "8"),
        Entry("mean", "mean", "ops.mean", "[12, 8]", "8"),
        Entry("max", "amax", "ops.max", "[12, 8]", "8"),
        Entry("softmax", "Softmax", "Softmax", "10", "10"),
        Entry("log_softmax", "LogSoftmax", "ops.log_softmax", "10", "10"),
    ),
    "Learned": (
        Entry("prelu", "PReLU", "PReLU", "64", "64"),
        Entry("learned", "Parameter", "add_weight", "[12, 8]", "[13, 8]"),
    ),
    "Activations": tuple(Entry(name, "", "", "64", "64") for name in FUNCTIONS),
}
"""Every kind by its family, in the order of the overview."""

ENTRIES: Final = {entry.keyword: entry for entries in FAMILIES.values() for entry in entries}

_LINE: Final = 88
"""Characters of a formula on one line."""

_TYPES: Final = (
    (Width, "a size"),
    (Widths, "a size, or a list of them"),
    (Count, "a number from 1"),
    (Amount, "a number from 0"),
    (LayerCount, "a number from 0"),
    (Counts, "a number from 1, or one for each axis"),
    (Amounts, "a number from 0, or one for each axis"),
    (Padding, "a number, one for each axis, pairs, `same` or `valid`"),
    (Borders, "a list of numbers or pairs"),
    (Switch, "a switch"),
    (Activation, "an activation"),
    (Activations, "an activation, or a list of them"),
    (Axis, "an axis"),
    (Axes, "an axis, or a list of them"),
    (Place, "a place"),
    (Positive, "a number above 0"),
    (Rate, "a number from 0 to below 1"),
    (Number, "a number"),
)


def page(keyword: str) -> str | None:
    """Return the page of a kind of layer, in Markdown, or None for a word that is none."""
    if keyword not in KEYWORDS:
        return None
    of = kind(keyword)
    formula, words, source = _told(of)
    parts = [
        f"# {keyword}",
        summary(keyword),
        f"```text\n{_wrapped(formula)}\n```",
        *words,
        "## Arguments",
        _arguments(of),
        "## Source",
        source,
        "## Example",
        f"```yaml\n{example(keyword)}```",
    ]
    return "\n\n".join(parts) + "\n"


def summary(keyword: str) -> str:
    """Return what a kind of layer is, in a few words."""
    if keyword in FUNCTIONS:
        return f"The activation `{keyword}` as a layer of its own."
    module = import_module(f"netspec.layers.{KINDS[keyword].partition('.')[0]}")
    return cleandoc(module.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def example(keyword: str) -> str:
    """Return a small network with the example of a kind; its output is the shape that is inferred."""
    entry = ENTRIES[keyword]
    items = cleandoc(kind(keyword).__doc__ or "").partition("Example:\n")[2]
    items = indent(cleandoc("\n" + items + ("" if not entry.after else f"\n    {entry.after}")), "  ")
    return f"netspec: 1\ninput: {entry.takes}\nlayers:\n{items}\noutput: {entry.gives}\n"


def overview() -> str:
    """Return the list of all kinds by family, for a terminal."""
    width = max(map(len, KEYWORDS))
    rows: list[str] = []
    for family, entries in FAMILIES.items():
        rows += ["", family, ""]
        for entry in entries:
            words = FUNCTIONS[entry.keyword].formula if entry.keyword in FUNCTIONS else summary(entry.keyword)
            rows.append(f"  {entry.keyword:<{width}}  {words}")
    return "\n".join(rows[1:]) + "\n"


def _wrapped(formula: str) -> str:
    """Return a formula in lines that a page has room for."""
    return fill(formula, _LINE, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _told(of: type[Layer]) -> tuple[str, list[str], str]:
    """Return the formula, the paragraphs about shapes and tensors, and the source, as a class tells them."""
    formula, *words = cleandoc(of.__doc__ or "").partition("\nExample:")[0].strip().split("\n\n")
    source = next(each for each in words if each.startswith("Source: ")).removeprefix("Source: ")
    words = [each for each in words if not each.startswith("Source: ")]
    return formula.removesuffix("."), words, source[0].upper() + source[1:]


def _arguments(of: type[Layer]) -> str:
    hints = get_type_hints(of, include_extras=True)
    rows: list[str] = []
    for name, field in of.model_fields.items():
        default = "required" if field.is_required() else f"{_written(field.default)} unless given"
        if not field.is_required() and field.default is None:
            default = "optional"
        rows.append(f"* `{name}` ({_type(hints[name])}; {default}): {field.description}")
    rows.append(f"{'* ' if rows else ''}{_reads(of)}")
    return "\n".join(rows)


def _reads(of: type[Layer]) -> str:
    """Return what a layer reads, and what may stand alone behind its keyword."""
    reads = of.reads
    if reads == "many":
        words = f"`from`: the values that it reads, in a list, which may stand alone: `{of.keyword}: [branch, in]`"
    elif reads == "none":
        words = "It reads nothing, so it has no `from`"
    elif isinstance(reads, tuple):
        names = [name.removesuffix("?") for name in reads]
        listed = ", ".join(f"{name}: …" for name in names)
        words = f"`from`: the {names[0]}, the layer above unless given, or all by name: `{{{listed}}}`"
    else:
        words = "`from`: the value that it reads, the layer above unless given"
    if of.shorthand is not None:
        words += f". What stands alone behind `{of.keyword}` is `{of.shorthand}`"
    return f"{words}."


def _type(hint: Any) -> str:
    """Return what a field takes, in words."""
    for given, words in _TYPES:
        if hint == given or given in get_args(hint):
            return words
    for schema in _schemas(hint):
        if "enum" in schema:
            return " or ".join(f"`{word}`" for word in schema["enum"])
        types = schema.get("type")
        if types == "array":
            return f"a list of {'names' if schema['items'] == {'type': 'string'} else 'sizes'}"
        if types == "object":
            return "a mapping of names to sizes"
        if types == ["number", "string"]:
            return "a number"
        if types == ["boolean", "number", "string"]:
            return "a switch or a number above 0"
    return "a shape"


def _schemas(hint: Any) -> list[dict[str, Any]]:
    """Return the schemas that an annotation carries, those of its parts too."""
    own = [each.json_schema for each in getattr(hint, "__metadata__", ()) if isinstance(each, WithJsonSchema)]
    return [*(each for each in own if each), *(found for part in get_args(hint) for found in _schemas(part))]


def _written(value: object) -> str:
    """Return a default as a spec has it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Elementwise):
        return f"`{value.name}`"
    return f"`{value}`"


def torch_names(keyword: str) -> list[str]:
    """Return the names of PyTorch that a kind's source speaks of."""
    return re.findall(r"torch\.(?:\w+\.)*(\w+)", _told(kind(keyword))[2])
