"""Convolutions of 3 × 3 positions, each with its offset and ReLU: the layers that image networks are made of."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.alone import measured, note
from benchmarks.bars import NETSPEC, Bar, goals
from benchmarks.grid import rows
from benchmarks.harness import Samples, Settings, interleave
from benchmarks.onnx_graph import OnnxGraph
from benchmarks.peers import CHANNELS_LAST, ONNX, TORCH, Array, Peer, installed, runtime, torch_eager
from benchmarks.results import Result, Table

_BLOCK: Final = 0.01


class Point(NamedTuple):
    """Square images of `side`, and `depth` convolutions, the first `inputs` -> `outputs`, those behind it as wide."""

    batch: int
    side: int
    inputs: int
    outputs: int
    depth: int = 1

    @property
    def title(self) -> str:
        """Such as `1 × 56 × 56, 64 → 64`."""
        times = f", {self.depth} layers" if self.depth > 1 else ""
        return f"{self.batch} × {self.side} × {self.side}, {self.inputs} → {self.outputs}{times}"

    @property
    def spec(self) -> str:
        """The spec of the network."""
        layer = f"  - conv: {{channels: {self.outputs}, kernel: 3, padding: 1}}\n  - relu\n"
        shapes = [f"[{channels}, {self.side}, {self.side}]" for channels in (self.inputs, self.outputs)]
        head = f"netspec: 1\nname: convolutions\ninput: {shapes[0]}\n"
        return f"{head}layers:\n{layer * self.depth}output: {shapes[1]}\n"


POINTS: Final = (
    Point(1, 56, 64, 64),
    Point(1, 28, 16, 16),
    Point(32, 28, 16, 32),
    Point(1, 32, 32, 64),
    Point(1, 32, 64, 64),
    Point(32, 32, 64, 64),
    Point(1, 50, 100, 100),
    Point(1, 28, 128, 128),
    Point(32, 16, 128, 128),
    Point(8, 24, 96, 192),
    Point(1, 14, 256, 256),
    Point(8, 14, 256, 256),
    Point(1, 7, 512, 512),
    Point(1, 112, 64, 64),
    Point(1, 56, 64, 64, depth=4),
    Point(1, 14, 256, 256, depth=4),
)
_WIDE: Final = [point.title for point in POINTS if min(point.inputs, point.outputs) >= 64]
BARS: Final = (
    Bar("3 × 3, at least 64 channels", ONNX, 1.0, _WIDE),
    Bar("3 × 3, at least 64 channels", TORCH, 1.3, _WIDE),
)


def measure(settings: Settings) -> Result:
    """Return what convolutions cost, and how many times as long they take the others."""
    samples = measured("convolutions", settings)
    peers = [peer for peer in (ONNX, TORCH, CHANNELS_LAST) if peer in next(iter(samples.values()))]
    return Result(
        "Convolutions",
        "3 × 3, as many positions out as in, an offset and a ReLU, float32, on one processor with one thread. Images "
        "go in and come out as (batch, channels, height, width) and so for torch; channels last is its other order, "
        "in which input and weights then are, as nobody has to convert them.",
        [Table(("images, channels", NETSPEC, *peers), rows(samples, peers))],
        goals(BARS, samples),
        samples,
    )


def points(settings: Settings) -> dict[str, Samples]:
    """Return the samples of every point; RuntimeError where a peer computes another function."""
    from benchmarks.filled import filled
    from benchmarks.peers import here, systems, torch_threads
    from netspec import loads

    if installed(TORCH):
        torch_threads(1)
    found: dict[str, Samples] = {}
    for point in settings.choose(POINTS, 4):
        note(point.title)
        model = filled(loads(point.spec), settings.scratch).build()
        shape = (point.batch, point.inputs, point.side, point.side)
        x = np.random.default_rng(0).standard_normal(shape, np.float32)
        others = peers(point, list(model.parameters.values()))
        found[point.title] = interleave(systems({NETSPEC: here(model), **others}, x, _BLOCK), settings.rounds)
    return found


def peers(point: Point, parameters: list[Array]) -> dict[str, Peer]:
    """Return the peers that are installed. `parameters`: β (outputs,) and Ω (outputs, inputs, 3, 3), layer by layer."""
    pairs = list(zip(parameters[1::2], parameters[::2], strict=True))
    makers: dict[str, Callable[[], Peer]] = {
        ONNX: lambda: runtime(_onnx_bytes(point, pairs)),
        TORCH: lambda: torch_eager(torch_module(pairs)),
        CHANNELS_LAST: lambda: torch_eager(torch_module(pairs), channels_last=True),
    }
    return {name: make() for name, make in makers.items() if installed(name)}


def _onnx_bytes(point: Point, pairs: list[tuple[Array, Array]]) -> bytes:
    graph, at = OnnxGraph(), "x"
    for k, (weight, bias) in enumerate(pairs):
        at = graph.node("Conv", at, graph.tensor(f"w{k}", weight), graph.tensor(f"b{k}", bias), pads=[1, 1, 1, 1])
        at = graph.node("Relu", at)
    side = [point.side, point.side]
    return graph.model(["batch", point.inputs, *side], ["batch", point.outputs, *side])


def torch_module(pairs: list[tuple[Array, Array]]) -> Any:
    """Return the layers as torch's `nn.Sequential`; `pairs`: (Ω, β) of each."""
    import torch

    modules: list[Any] = []
    for weight, bias in pairs:
        with torch.device("meta"):
            conv = torch.nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
        conv.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)}, assign=True)
        modules += [conv, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules)
