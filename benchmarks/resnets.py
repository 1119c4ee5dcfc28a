"""ResNets of `specs/vision` for onnxruntime and torch, of the parameters by their names in the spec."""

from typing import Any, NamedTuple

from benchmarks.onnx_graph import OnnxGraph
from benchmarks.peers import Parameters
from benchmarks.torch_weights import batch_norm, convolution, linear


class Conv(NamedTuple):
    """A convolution and the batch norm behind it, by the name that both begin with."""

    name: str
    stride: int = 1


class Block(NamedTuple):
    """Convolutions, a ReLU between each two; then what comes in is added, itself or convolved, and a ReLU ends it."""

    convs: tuple[Conv, ...]
    shortcut: Conv | None


def blocks(parameters: Parameters) -> list[Block]:
    """Return the blocks in the order of the parameters, which is the spec's.

    A stage behind the first begins with a block that halves the positions.
    """
    found: dict[str, list[str]] = {}
    for name in parameters:
        unit, dot, _ = name.partition(".conv.Omega")
        if dot and unit != "stem":
            block = unit.removesuffix(f".{unit.rpartition('.')[2]}").removesuffix(".residual")
            found.setdefault(block, []).append(unit)
    made = []
    seen_width = parameters["stem.conv.Omega"].shape[0]
    for units in found.values():
        *convs, shortcut = units if units[-1].endswith(".shortcut") else (*units, "")
        # The first stage keeps its positions; where a later one begins, the narrow width grows. The stride is in the
        # window of 3: the first convolution of two, the second of three.
        width = parameters[f"{convs[0]}.conv.Omega"].shape[0]
        stride = 2 if width > seen_width else 1
        seen_width = width
        strided = next(unit for unit in convs if parameters[f"{unit}.conv.Omega"].shape[-1] == 3)
        steps = tuple(Conv(unit, stride if unit == strided else 1) for unit in convs)
        made.append(Block(steps, Conv(shortcut, stride) if shortcut else None))
    return made


def onnx_bytes(parameters: Parameters) -> bytes:
    """Return the network as an ONNX file: Conv, BatchNormalization, Relu, and what ends it."""
    graph = OnnxGraph()

    def convolve(at: str, conv: Conv) -> str:
        weight = parameters[f"{conv.name}.conv.Omega"]
        pad, stride = weight.shape[-1] // 2, conv.stride
        name = graph.tensor(f"{conv.name}.conv.Omega", weight)
        at = graph.node("Conv", at, name, pads=[pad] * 4, strides=[stride, stride])
        roles = (f"{conv.name}.batch_norm.{role}" for role in ("gamma", "beta", "mean", "variance"))
        return graph.node("BatchNormalization", at, *(graph.tensor(role, parameters[role]) for role in roles))

    at = graph.node("Relu", convolve("x", Conv("stem", 2)))
    at = graph.node("MaxPool", at, kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    for block in blocks(parameters):
        start = at
        for number, conv in enumerate(block.convs):
            at = convolve(graph.node("Relu", at) if number else at, conv)
        at = graph.node("Add", at, convolve(start, block.shortcut) if block.shortcut else start)
        at = graph.node("Relu", at)
    at = graph.node("Flatten", graph.node("GlobalAveragePool", at))
    weight, bias = (graph.tensor(name, parameters[name]) for name in ("head.Omega", "head.beta"))
    graph.node("Gemm", at, weight, bias, transB=1)
    return graph.model(["batch", 3, "height", "width"], ["batch", parameters["head.beta"].shape[0]])


def torch_module(parameters: Parameters) -> Any:
    """Return the network as torchvision has it."""
    from torch import nn

    def convolve(conv: Conv) -> Any:
        name = f"{conv.name}.conv.Omega"
        padding = parameters[name].shape[-1] // 2
        made = convolution(parameters, name, stride=conv.stride, padding=padding)
        return nn.Sequential(made, batch_norm(parameters, f"{conv.name}.batch_norm"))

    class Residual(nn.Module):  # type: ignore[misc]  # torch is not there where types are checked
        def __init__(self, block: Block) -> None:
            super().__init__()
            layers = [layer for conv in block.convs for layer in (convolve(conv), nn.ReLU(inplace=True))]
            self.branch = nn.Sequential(*layers[:-1])
            self.shortcut = None if block.shortcut is None else convolve(block.shortcut)
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x: Any) -> Any:
            return self.relu(self.branch(x) + (x if self.shortcut is None else self.shortcut(x)))

    return nn.Sequential(
        convolve(Conv("stem", 2)),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
        *(Residual(block) for block in blocks(parameters)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        linear(parameters, "head.Omega", "head.beta"),
    )
